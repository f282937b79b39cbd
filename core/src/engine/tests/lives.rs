//! Random lives of an index against the slow twin: changes, requests, snapshots, crashes, power cuts. The seed of a
//! life that differs is printed; `SHORTLIST_LIFE=seed` lives that one again, `SHORTLIST_LIVES=n` lives so many.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use super::{directory, open};
use crate::api::alter::{NewAttribute, SchemaChange};
use crate::api::event::{ChangeKind, Event};
use crate::api::patch::ProfilePatch;
use crate::api::search::{Scope, SearchRequest};
use crate::engine::{Clock, Durability, Engine, EngineOptions, Subscription};
use crate::model::{AdvisorProfile, AttributeKind, Error, HoldId, Instant, Result};
use crate::store::memory::MemoryTables;
use crate::testing::{Generator, Twin, compare_match, compare_search, generated_schema};

const LIVES: u64 = 60;
const STEPS: u32 = 200;
const IDS: u64 = 12;
const DIMENSION: usize = 8;

/// A clock that only steps turn.
#[derive(Default)]
struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Instant {
        Instant::from_f64(self.0.load(Ordering::Relaxed) as f64)
    }
}

/// A step of a life is one draw from this.
struct Draws(u64);

impl Draws {
    fn below(&mut self, end: u64) -> u64 {
        // splitmix64
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (x ^ (x >> 31)) % end
    }
}

struct Life {
    draws: Draws,
    pool: Vec<AdvisorProfile>,
    tables: MemoryTables,
    kept: tempfile::TempDir,
    durability: Durability,
    clock: Arc<Hands>,
    engine: Option<Engine>,
    /// Somebody who follows the index from life to life, and the industries that they were told of.
    events: Option<Subscription>,
    told: BTreeMap<String, Vec<String>>,
    twin: Twin,
    searches: Vec<SearchRequest>,
    matches: Vec<crate::api::criteria::ClientCriteria>,
}

impl Life {
    fn new(seed: u64, shared: &Shared) -> Result<Self> {
        let mut draws = Draws(seed);
        let durability = [Durability::Synced, Durability::None][draws.below(2) as usize];
        let mut life = Self {
            draws,
            pool: shared.pool.clone(),
            tables: MemoryTables::default(),
            kept: directory(),
            durability,
            clock: Arc::default(),
            engine: None,
            events: None,
            told: BTreeMap::new(),
            twin: Twin::new(generated_schema(), Vec::new(), None)?,
            searches: shared.searches.clone(),
            matches: shared.matches.clone(),
        };
        life.open()?;
        Ok(life)
    }

    fn engine(&self) -> &Engine {
        self.engine.as_ref().expect("it was opened")
    }

    fn open(&mut self) -> Result<()> {
        let options = EngineOptions::with_schema(generated_schema())
            .with_durability(self.durability)
            .with_snapshots(None, None)
            .with_clock(Arc::clone(&self.clock) as _)
            .with_window(5)
            .with_background(self.draws.below(2) == 0);
        self.engine = None;
        self.engine = Some(open(&self.tables, self.kept.path(), options)?);
        let heard = self.events.as_ref().map_or(0, Subscription::generation);
        self.events = Some(self.engine().subscribe_after(heard));
        Ok(())
    }

    fn id(&mut self) -> String {
        let at = self.draws.below(IDS) as usize;
        self.pool[at].id.clone()
    }

    fn patch(&mut self) -> ProfilePatch {
        let mut patch = ProfilePatch::default();
        match self.draws.below(4) {
            0 => patch.current_clients = Some(self.draws.below(20) as u32),
            1 => patch.overall_rating = Some(self.draws.below(6) as f64),
            2 => patch.headline = Some(Some(format!("tax {}", self.draws.below(3)))),
            _ => patch.hourly_rate = Some(None),
        }
        patch
    }

    /// One step; what differs is an error in words.
    fn step(&mut self) -> std::result::Result<(), String> {
        let said = |error: Error| error.to_string();
        match self.draws.below(100) {
            0..1 => self.alter(),
            1..30 => {
                let count = 1 + self.draws.below(3);
                let mut ids = BTreeSet::new();
                let mut batch = Vec::new();
                for _ in 0..count {
                    let (whose, id) = (self.draws.below(self.pool.len() as u64), self.id());
                    if ids.insert(id.clone()) {
                        batch.push(AdvisorProfile { id, ..self.pool[whose as usize].clone() });
                    }
                }
                let (engine, twin) = (self.engine().upsert(batch.clone()), self.twin.upsert(batch));
                same(&engine.is_ok(), &twin.is_ok(), "upsert")
            }
            30..60 => {
                let patches: Vec<_> =
                    (0..=self.draws.below(2)).map(|_| (self.id(), self.patch())).collect();
                let engine = self.engine().patch(patches.clone()).err();
                same(&engine, &self.twin.patch(patches).err(), "patch")
            }
            60..66 => self.reserve(),
            66..70 => self.end_hold(),
            70..72 => {
                let seconds = 1 + self.draws.below(30) as i64;
                self.clock.0.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
                self.engine().maintain().map_err(said)?;
                self.twin.lapse(self.clock.now());
                self.same_holds()
            }
            72..76 => {
                let id = self.id();
                same(&self.engine().remove(&[&id]).err(), &self.twin.remove(&[&id]).err(), "remove")
            }
            76..80 => self.ask(),
            80..84 => self.engine().snapshot(self.kept.path()).map(|_| ()).map_err(said),
            84..88 => {
                let (keeping, generation) =
                    (self.engine().inner.keeping.as_ref(), self.engine().generation());
                let keeping = keeping.expect("a directory");
                let Some(journal) = keeping.open_journal() else { return Ok(()) };
                journal.sync().map_err(said)?;
                keeping.keep_small(&journal, &generation).map_err(said)
            }
            88..94 => {
                // The process dies; what it had written is there.
                self.engine = None;
                self.tables.crash(false);
                self.open().map_err(said)?;
                self.ask()
            }
            94..97 if self.durability == Durability::Synced => {
                self.engine = None;
                self.tables.crash(true);
                self.open().map_err(said)?;
                self.ask()
            }
            _ => {
                self.engine.take().map_or(Ok(()), Engine::close).map_err(said)?;
                self.open().map_err(said)?;
                self.ask()
            }
        }
    }

    /// An attribute comes with values from the details, or goes; the process may die on the way.
    fn alter(&mut self) -> std::result::Result<(), String> {
        let said = |error: Error| error.to_string();
        let sources = [
            (AttributeKind::Number, "extra.count"),
            (AttributeKind::Keywords, "extra.tags"),
            (AttributeKind::Text, "extra.note"),
        ];
        let (kind, from) = sources[self.draws.below(3) as usize];
        let name = "extra".to_owned();
        let mut change = SchemaChange::default();
        if self.twin.schema().attribute(&name).is_some() {
            change.remove.push(name);
        } else {
            change.add.push(NewAttribute { name, kind, from: Some(from.to_owned()) });
        }
        let (engine, twin) = (self.engine().alter(change.clone()).err(), self.twin.alter(&change));
        same(&engine, &twin.err(), "alter")?;
        for _ in 0..self.draws.below(5) {
            let inner = &self.engine().inner;
            let _one = inner.upkeep.lock();
            inner.alter_some(3, 1).map_err(said)?;
        }
        match self.draws.below(4) {
            0 => self.engine().snapshot(self.kept.path()).map(|_| ()).map_err(said)?,
            1 => {
                let power = self.durability == Durability::Synced && self.draws.below(2) == 0;
                self.engine = None;
                self.tables.crash(power);
                self.open().map_err(said)?;
            }
            _ => {}
        }
        self.engine().maintain().map_err(said)?;
        same(&self.engine().schema().attributes(), &self.twin.schema().attributes(), "schema")?;
        for request in [
            r#"{"scope": "all", "filter": {"attributes.extra": {"exists": true}}}"#,
            r#"{"scope": "all", "text": "remarkable"}"#,
        ] {
            let request = SearchRequest::from_json(request).map_err(said)?;
            match (self.twin.search(&request), self.engine().search(&request)) {
                (Ok(twin), Ok(engine)) => compare_search(&twin, &request, &engine, 0)?,
                (twin, engine) => {
                    let code = |error: Option<Error>| error.map(|error| error.code());
                    same(&code(engine.err()), &code(twin.err()), "what is asked of it")?;
                }
            }
        }
        self.ask()
    }

    fn reserve(&mut self) -> std::result::Result<(), String> {
        let (id, seconds) = (self.id(), 1 + self.draws.below(60));
        let engine = self.engine().reserve(&id, Duration::from_secs(seconds));
        let until = Instant::from_f64(self.clock.now().as_f64() + seconds as f64 * 1e6);
        let name = engine.as_ref().map_or(HoldId(0), |hold| hold.id);
        let twin = self.twin.reserve(&id, name, until);
        same(&engine.err(), &twin.err(), "reserve")?;
        self.same_holds()
    }

    fn end_hold(&mut self) -> std::result::Result<(), String> {
        let (at, confirmed) = (self.draws.below(5) as usize, self.draws.below(2) == 0);
        let hold = self.twin.holds().get(at).map_or(HoldId(1), |hold| hold.id);
        let ended = if confirmed { Engine::confirm } else { Engine::release };
        let engine = ended(self.engine(), hold);
        same(&engine.err(), &self.twin.end_hold(hold, confirmed).err(), "end of a hold")?;
        self.same_holds()
    }

    fn same_holds(&self) -> std::result::Result<(), String> {
        let mut right = self.twin.holds().to_vec();
        right.sort_by_key(|hold| hold.id);
        same(&self.engine().holds(), &right, "holds")
    }

    /// Whoever makes something of the events alone knows what the catalogue is.
    fn follow(&mut self) -> std::result::Result<(), String> {
        let said = |error: Error| error.to_string();
        let now = |twin: &Twin| -> BTreeMap<String, Vec<String>> {
            twin.profiles().map(|one| (one.id.clone(), one.industries.clone())).collect()
        };
        while let Some(event) =
            self.events.as_mut().expect("it follows").try_next().map_err(said)?
        {
            match event {
                Event::Changes(changes) => {
                    for profile in &changes.profiles {
                        let mut fields = profile.keywords.iter();
                        let field = fields.find(|one| one.field == "industries");
                        let new = field.map(|one| one.new.clone()).unwrap_or_default();
                        if profile.kind == ChangeKind::Removed {
                            self.told.remove(&profile.id);
                        } else {
                            self.told.insert(profile.id.clone(), new);
                        }
                    }
                }
                Event::Missed { .. } => self.told = now(&self.twin),
                Event::Source(_) => return Err("a source where there is none".to_owned()),
            }
        }
        same(&self.told, &now(&self.twin), "what was told")
    }

    /// A search and a match, and everything that is kept.
    fn ask(&mut self) -> std::result::Result<(), String> {
        let said = |error: Error| error.to_string();
        let at = self.draws.below(self.searches.len() as u64) as usize;
        let request = SearchRequest { scope: Scope::All, ..self.searches[at].clone() };
        let (engine, twin) = (self.engine().search(&request), self.twin.search(&request));
        compare_search(&twin.map_err(said)?, &request, &engine.map_err(said)?, 0)?;
        let need = &self.matches[self.draws.below(self.matches.len() as u64) as usize];
        let (engine, twin) = (self.engine().match_advisors(need), self.twin.match_advisors(need));
        compare_match(&twin.map_err(said)?, &engine.map_err(said)?)?;
        self.same_holds()?;
        self.follow()?;
        for profile in &self.pool[..IDS as usize] {
            same(
                &self.engine().get(&profile.id).map_err(said)?,
                &self.twin.get(&profile.id).cloned(),
                "get",
            )?;
        }
        Ok(())
    }
}

fn same<T: PartialEq + std::fmt::Debug>(
    engine: &T,
    twin: &T,
    what: &str,
) -> std::result::Result<(), String> {
    if engine == twin { Ok(()) } else { Err(format!("{what}: {engine:?} and {twin:?}")) }
}

/// What all lives draw from.
struct Shared {
    pool: Vec<AdvisorProfile>,
    searches: Vec<SearchRequest>,
    matches: Vec<crate::api::criteria::ClientCriteria>,
}

#[test]
fn random_lives_are_those_of_the_twin() -> Result<()> {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let generator = Generator::new(7);
    let embeddings = generator.embeddings(DIMENSION);
    let shared = Shared {
        pool: generator
            .advisors(60)
            .enumerate()
            .map(|(row, mut advisor)| {
                advisor.details = Some(match row % 4 {
                    0 => r#"{"extra": {"count": "many", "tags": [], "note": 3}}"#.to_owned(),
                    1 => r#"{"extra": 1}"#.to_owned(),
                    _ => format!(
                        r#"{{"extra": {{"count": {row}, "tags": ["t{row}"], "note": "remarkable {row}"}}}}"#
                    ),
                });
                advisor.embedding = (row % 9 != 7).then(|| embeddings.row(row));
                advisor
            })
            .collect(),
        searches: generator.search_requests(60).collect(),
        matches: generator.match_requests(60, Some(&embeddings)).collect(),
    };
    let seeds = match number("SHORTLIST_LIFE") {
        Some(seed) => seed..seed + 1,
        None => 0..number("SHORTLIST_LIVES").unwrap_or(LIVES),
    };
    for seed in seeds {
        let mut life = Life::new(seed, &shared)?;
        for step in 0..STEPS {
            if let Err(what) = life.step() {
                panic!("life {seed}, step {step}: {what}; SHORTLIST_LIFE={seed} lives it again");
            }
        }
    }
    Ok(())
}
