//! From a directory to the last generation that was kept there.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::keeping::{Found, Newest};
use super::{EngineOptions, embed, random_key};
use crate::api::rules::rules_from_text;
use crate::generation::{Generation, HeldPlaces, read_hold, read_record, sources_from_bytes, tag};
use crate::model::{Embedder, Error, Hold, Result, Schema};
use crate::store::{Directory, Head, Journal, Snapshot, Tables};

/// What a directory held.
pub(super) struct Recovered {
    pub(super) generation: Generation,
    pub(super) embedder: Option<Arc<dyn Embedder>>,
    pub(super) found: Found,
}

/// The snapshots of a directory, looked at one after the other.
struct Snapshots {
    /// The newest that is whole.
    whole: Option<(u64, Generation)>,
    /// Those that are newer and are not.
    damaged: Vec<(u64, Error)>,
}

/// The newest good snapshot and every commit after it; without one, everything from the journal.
///
/// A damaged snapshot is passed over, with a warning, only where the journal reaches its generation: otherwise its
/// error is the answer, for changes would be lost in silence.
pub(super) fn recover(
    tables: Arc<dyn Tables>,
    path: &Path,
    options: &EngineOptions,
) -> Result<Recovered> {
    let directory = Directory::new(path);
    if !options.create {
        directory.check()?;
        if directory.snapshots()?.is_empty() && !tables.exists(&directory.journal()) {
            return Err(directory.not_an_index("the directory holds no snapshot and no journal"));
        }
    }
    let lock = directory.lock()?;
    let numbers = directory.snapshots()?;
    let newest = Newest {
        generation: numbers.last().map(|(number, _)| *number),
        oldest: numbers.first().map(|(number, _)| *number),
    };
    let mut snapshots = Snapshots { whole: None, damaged: Vec::new() };
    for (number, path) in numbers.into_iter().rev() {
        match Snapshot::open(&path).and_then(|snapshot| Generation::load(&snapshot)) {
            Ok(generation) => {
                snapshots.whole = Some((number, generation));
                break;
            }
            Err(error @ (Error::Damaged { .. } | Error::NotAnIndex { .. })) => {
                snapshots.damaged.push((number, error));
            }
            Err(error) => return Err(error),
        }
    }
    let mut found = Found {
        directory,
        lock,
        tables,
        journal: None,
        marked: false,
        newest,
        warnings: Vec::new(),
    };
    let generation = match snapshots {
        Snapshots { whole: None, damaged } if damaged.is_empty() => found.without(options)?,
        snapshots => found.with(snapshots)?,
    };
    let embedder = embed::of_opened(&generation.schema, options.embedder.clone())?;
    Ok(Recovered { generation, embedder, found })
}

impl Found {
    /// A directory without snapshots: everything from the journal, or a new index.
    fn without(&mut self, options: &EngineOptions) -> Result<Generation> {
        let path = self.directory.journal();
        if let Some(journal) = Journal::open(Arc::clone(&self.tables), &path)? {
            self.warnings.extend(journal.warning());
            let generation = rebuild(&journal)?;
            self.journal = Some(journal);
            return Ok(generation);
        }
        let (schema, _) = embed::of_new(options.schema.clone(), options.embedder.clone())?;
        let states = [(vec![tag::SCHEMA], schema.to_json().into_bytes())];
        let generation = Generation::empty(schema, random_key()?)?;
        let head = Head::of_new(generation.key);
        self.journal = Some(Journal::create(Arc::clone(&self.tables), &path, &head, &states)?);
        Ok(generation)
    }

    fn with(&mut self, snapshots: Snapshots) -> Result<Generation> {
        let Snapshots { whole, mut damaged } = snapshots;
        if let (Some((number, generation)), true) = (&whole, damaged.is_empty())
            && self.directory.is_closed(&generation.key, *number)
        {
            self.marked = true;
            return Ok(whole.map(|(_, generation)| generation).expect("it was matched"));
        }
        let journal = Journal::open(Arc::clone(&self.tables), &self.directory.journal())?;
        let Some(journal) = journal else {
            return match (damaged.is_empty(), whole) {
                (true, Some((_, generation))) => Ok(generation),
                _ => Err(damaged.swap_remove(0).1),
            };
        };
        self.warnings.extend(journal.warning());
        let last = journal.facts().last;
        if let Some((number, _)) = damaged.first()
            && *number > last
        {
            return Err(damaged.swap_remove(0).1);
        }
        for (_, error) in &damaged {
            self.warnings.push(format!("{error}; the journal has what it had"));
        }
        let head = journal.head();
        let generation = match whole {
            Some((_, generation)) if generation.key != head.key => {
                self.warnings.push("a journal of another index was removed".to_owned());
                drop(journal);
                self.tables.remove(&self.directory.journal())?;
                return Ok(generation);
            }
            Some((_, generation)) if generation.number > last => {
                self.warnings.push(format!(
                    "the journal ends at generation {last}, before the snapshot of {}: it is begun anew after it",
                    generation.number
                ));
                return Ok(generation);
            }
            Some((_, generation)) if generation.number >= head.kept_after => {
                match replay(generation, &journal) {
                    // Vectors are looked at when they are used: here by the first change beside them.
                    Err(error @ Error::Damaged { .. }) if head.folded.is_some() => {
                        self.warnings.push(format!("{error}; the journal has what it had"));
                        rebuild(&journal)?
                    }
                    replayed => replayed?,
                }
            }
            _ => rebuild(&journal)?,
        };
        self.journal = Some(journal);
        Ok(generation)
    }
}

/// Applies what the journal has after a generation.
fn replay(mut generation: Generation, journal: &Journal) -> Result<Generation> {
    let after = generation.number;
    journal.commits_after(after, &mut |_, commit| {
        generation = generation.soundly(|| generation.replay(commit))?;
        Ok(true)
    })?;
    Ok(generation)
}

/// Everything from the journal alone.
fn rebuild(journal: &Journal) -> Result<Generation> {
    let head = journal.head();
    let Some(folded) = head.folded else {
        return Err(Error::Internal {
            what: "a journal that leans on a snapshot was opened without one".to_owned(),
        });
    };
    let states = journal.states()?;
    let schema = states.iter().find(|(found, _)| *found == tag::SCHEMA);
    let schema = schema.map(|(_, schema)| String::from_utf8_lossy(schema));
    let schema = schema.map_or(Ok(Schema::default()), |schema| Schema::from_json(&schema))?;
    let rules = states.iter().find(|(found, _)| *found == tag::RULES);
    let rules = rules.map_or(Ok(BTreeMap::new()), |(_, rules)| rules_from_text(rules))?;
    let sources = states.iter().find(|(found, _)| *found == tag::SOURCES);
    let sources = sources.map_or(Some(BTreeMap::new()), |(_, kept)| sources_from_bytes(kept));
    let sources = sources.ok_or_else(|| journal.damaged("what sources keep is malformed"))?;
    let mut holds = HeldPlaces::default();
    for (_, held) in states.iter().filter(|(found, _)| *found == tag::HOLD) {
        let Hold { id, advisor_id, until } = read_hold(held)?;
        holds.insert(id, &advisor_id, until)?;
    }
    let mut generation = Generation::rebuilt(&schema, (rules, holds), head.key, folded, |each| {
        journal.profiles(&mut |record| each(read_record(record)?))
    })?;
    generation.sources = Arc::new(sources);
    replay(generation, journal)
}
