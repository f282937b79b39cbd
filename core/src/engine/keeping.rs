//! What an engine that owns a directory keeps there.

use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::api::rules::rules_to_text;
use crate::generation::{
    Generation, fold, sources_to_bytes, state_of_hold, tag, write_profile_record,
};
use crate::model::{Error, Result};
use crate::store::{Directory, Facts, Head, Journal, LsmTables, Tables, WrittenSnapshot};

use super::options::Durability;
use super::stats::{KeepingStats, without_tombstones};

/// So many bytes of commits are not worth a fold.
const FOLD_BYTES: u64 = 64 << 20;

/// The directory of an index, its lock and its journal.
pub(super) struct Keeping {
    pub(super) directory: Directory,
    tables: Arc<dyn Tables>,
    pub(super) durability: Durability,
    /// None until something is written, where the newest snapshot is all that there is.
    journal: Mutex<Option<Arc<Journal>>>,
    /// Locked while a snapshot is taken.
    snapshot: Mutex<()>,
    /// Locked while a commit is written.
    writing: Mutex<()>,
    /// Whether the mark that the journal need not be read is set.
    marked: AtomicBool,
    /// The number and the generation of the newest snapshot.
    newest: Mutex<Newest>,
    pub(super) commits: AtomicU64,
    closed: AtomicBool,
    warnings: Mutex<Vec<String>>,
    pub(super) opened_by: u32,
    window: u64,
    _lock: File,
}

/// The newest snapshot: the number in its name, which is its generation.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Newest {
    pub(super) generation: Option<u64>,
    /// The oldest that is kept.
    pub(super) oldest: Option<u64>,
}

/// What opening found.
pub(super) struct Found {
    pub(super) directory: Directory,
    pub(super) lock: File,
    pub(super) tables: Arc<dyn Tables>,
    pub(super) journal: Option<Journal>,
    pub(super) marked: bool,
    pub(super) newest: Newest,
    pub(super) warnings: Vec<String>,
}

pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Whatever these guard is whole at every moment.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Keeping {
    pub(super) fn new(found: Found, durability: Durability, window: u64) -> Self {
        Self {
            directory: found.directory,
            tables: found.tables,
            durability,
            journal: Mutex::new(found.journal.map(Arc::new)),
            snapshot: Mutex::default(),
            writing: Mutex::default(),
            marked: AtomicBool::new(found.marked),
            newest: Mutex::new(found.newest),
            commits: AtomicU64::new(0),
            closed: AtomicBool::new(false),
            warnings: Mutex::new(found.warnings),
            opened_by: std::process::id(),
            window,
            _lock: found.lock,
        }
    }

    /// Refuses a process that was forked off, and an engine that was closed.
    pub(super) fn writable(&self) -> Result<()> {
        let path = || self.directory.path().to_owned();
        if self.is_forked() {
            return Err(Error::Forked { path: path(), opened_by: self.opened_by });
        }
        if self.closed.load(Ordering::Relaxed) {
            Err(Error::Closed { path: path() })
        } else {
            Ok(())
        }
    }

    pub(super) fn is_forked(&self) -> bool {
        std::process::id() != self.opened_by
    }

    pub(super) fn open_journal(&self) -> Option<Arc<Journal>> {
        locked(&self.journal).clone()
    }

    /// The journal; made where the index has none so far. `before` is the generation that a snapshot holds then.
    fn journal(&self, before: &Generation) -> Result<Arc<Journal>> {
        let mut journal = locked(&self.journal);
        if let Some(journal) = &*journal {
            return Ok(Arc::clone(journal));
        }
        let path = self.directory.journal();
        let found = Journal::open(Arc::clone(&self.tables), &path)?;
        let fits =
            |found: &Journal| found.head().key == before.key && found.facts().last == before.number;
        if let Some(found) = &found
            && found.head().key == before.key
            && found.facts().last > before.number
        {
            return Err(Error::Damaged {
                path,
                section: "the journal".to_owned(),
                reason: "it was marked as closed and has commits that no snapshot has; remove the mark `closed` and open the index again".to_owned(),
            });
        }
        let made = match found.filter(fits) {
            Some(found) => found,
            None => self.begin(before)?,
        };
        Ok(Arc::clone(journal.insert(Arc::new(made))))
    }

    /// The journal to read what happened from, where there is one of this index.
    pub(super) fn past(&self, current: &Generation) -> Result<Option<Arc<Journal>>> {
        let mut journal = locked(&self.journal);
        if journal.is_none() && !self.is_forked() {
            // Opening looked only at a snapshot that has everything.
            let found = Journal::open(Arc::clone(&self.tables), &self.directory.journal())?;
            let fits = |found: &Journal| {
                found.head().key == current.key && found.facts().last == current.number
            };
            *journal = found.filter(fits).map(Arc::new);
        }
        Ok(journal.clone())
    }

    /// A journal that begins after a generation which a snapshot holds.
    fn begin(&self, after: &Generation) -> Result<Journal> {
        let head = Head::after_snapshot(after.key, after.number);
        Journal::create(Arc::clone(&self.tables), &self.directory.journal(), &head, &[])
    }

    /// Keeps a commit, as lasting as was asked for.
    pub(super) fn commit(
        &self,
        before: &Arc<Generation>,
        generation: u64,
        commit: &[u8],
    ) -> Result<()> {
        let lasting = self.durability == Durability::Synced;
        let _one = locked(&self.writing);
        let journal = self.journal(before)?;
        if self.marked.load(Ordering::Acquire) {
            self.directory.mark_open()?;
            self.marked.store(false, Ordering::Release);
        }
        match journal.commit(generation, commit, lasting) {
            Err(Error::JournalBehind { .. }) => {
                self.catch_up(before, journal)?.commit(generation, commit, lasting)?;
            }
            other => other?,
        }
        self.commits.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Begins the journal anew after a snapshot of what the engine holds: the old one lost what the disk had taken.
    fn catch_up(&self, held: &Arc<Generation>, behind: Arc<Journal>) -> Result<Arc<Journal>> {
        self.warn(format!(
            "the disk lost commits that it had taken; the journal was begun anew after generation {}",
            held.number
        ));
        let _snapshot = locked(&self.snapshot);
        self.write_snapshot(held)?;
        let mut journal = locked(&self.journal);
        // The table is opened by one at a time.
        *journal = None;
        drop(behind);
        let made = self.begin(held)?;
        Ok(Arc::clone(journal.insert(Arc::new(made))))
    }

    /// Takes a snapshot of a generation; readers and writers go on meanwhile.
    pub(super) fn snapshot(
        &self,
        current: impl Fn() -> Arc<Generation>,
    ) -> Result<WrittenSnapshot> {
        self.writable()?;
        let _one = locked(&self.snapshot);
        let journal = self.open_journal();
        self.commits.store(0, Ordering::Relaxed);
        let generation = current();
        if let Some(journal) = &journal {
            // No snapshot is ever of a generation that the journal may not have.
            journal.sync()?;
        }
        let written = self.write_snapshot(&generation)?;
        if let Some(journal) = &journal {
            self.keep_small(journal, &generation)?;
            journal.settle()?;
        }
        self.mark(&current, &generation)?;
        Ok(written)
    }

    fn write_snapshot(&self, generation: &Arc<Generation>) -> Result<WrittenSnapshot> {
        let whole = without_tombstones(generation)?;
        let written = self.directory.write(generation.number, false, |out| whole.save(out))?;
        let kept = self.directory.snapshots()?;
        let (oldest, newest) = (kept.first(), kept.last());
        *locked(&self.newest) = Newest {
            generation: newest.map(|(number, _)| *number),
            oldest: oldest.map(|(number, _)| *number),
        };
        Ok(written)
    }

    /// Says that the journal need not be read to open, if nothing was written since the snapshot.
    fn mark(&self, current: &impl Fn() -> Arc<Generation>, taken: &Generation) -> Result<()> {
        // Nothing may be written between looking and marking; where somebody writes, there is no mark to set.
        let Ok(_writing) = self.writing.try_lock() else { return Ok(()) };
        let last = self.facts().map(|facts| facts.last);
        if last == Some(taken.number) && current().number == taken.number {
            self.directory.mark_closed(&taken.key, taken.number)?;
            self.marked.store(true, Ordering::Release);
        }
        Ok(())
    }

    /// Folds what is older than a snapshot, and forgets commits that nobody needs any more.
    pub(super) fn keep_small(&self, journal: &Journal, snapshot: &Generation) -> Result<()> {
        if journal.head().folded.is_none() {
            copy(journal, snapshot)?;
        }
        while journal.fold(snapshot.number, &mut |commit, kept| fold(commit, kept))? {}
        let oldest = locked(&self.newest).oldest.unwrap_or(0);
        let followed = journal.facts().last.saturating_sub(self.window);
        journal.trim(oldest.min(followed))
    }

    /// Makes lasting what was acknowledged, and refuses what comes.
    pub(super) fn close(&self) -> Result<()> {
        if self.is_forked() || self.closed.swap(true, Ordering::Relaxed) {
            return Ok(());
        }
        self.open_journal().map_or(Ok(()), |journal| journal.sync())
    }

    pub(super) fn warn(&self, warning: String) {
        let mut warnings = locked(&self.warnings);
        if warnings.last() != Some(&warning) && warnings.len() < 100 {
            warnings.push(warning);
        }
    }

    pub(super) fn warnings(&self) -> Vec<String> {
        locked(&self.warnings).clone()
    }

    pub(super) fn facts(&self) -> Option<Facts> {
        self.open_journal().map(|journal| journal.facts())
    }

    pub(super) fn stats(&self, current: u64) -> KeepingStats {
        let newest = *locked(&self.newest);
        let facts = self.facts().unwrap_or(Facts {
            last: current,
            synced: current,
            kept_after: current,
            ..Facts::default()
        });
        KeepingStats {
            durability: match self.durability {
                Durability::Synced => "synced",
                Durability::Buffered { .. } => "buffered",
                Durability::None => "none",
            },
            snapshot_generation: newest.generation,
            journal_bytes: facts.bytes,
            journal_generation: facts.last,
            synced_generation: facts.synced,
            folded_generation: facts.folded,
            kept_after_generation: facts.kept_after,
            journal_broken: facts.broken,
        }
    }

    pub(super) fn owns(&self, directory: &Path) -> bool {
        let same = |one: &Path, other: &Path| {
            one == other
                || matches!((one.canonicalize(), other.canonicalize()), (Ok(a), Ok(b)) if a == b)
        };
        same(self.directory.path(), directory)
    }
}

/// Copies the profiles into a journal that still leans on a snapshot, and folds where much has come together.
pub(super) fn keep_whole(journal: &Journal, current: impl Fn() -> Arc<Generation>) -> Result<()> {
    let facts = journal.facts();
    if facts.broken {
        return Ok(());
    }
    if facts.folded.is_none() {
        let generation = current();
        journal.sync()?;
        return copy(journal, &generation);
    }
    // Each byte that comes is rewritten a bounded number of times: a fold is due when commits are half of it all.
    if facts.unfolded > FOLD_BYTES.max(facts.bytes / 2) {
        while journal.fold(facts.last, &mut |commit, kept| fold(commit, kept))? {}
    }
    Ok(())
}

/// Copies every profile of a generation into the journal: until then, it leans on a snapshot.
fn copy(journal: &Journal, generation: &Generation) -> Result<()> {
    let mut states = vec![
        (vec![tag::SCHEMA], generation.schema.to_json().into_bytes()),
        (vec![tag::RULES], rules_to_text(&generation.rules).into_bytes()),
        (vec![tag::SOURCES], sources_to_bytes(&generation.sources)),
    ];
    states.extend(generation.holds.list().iter().map(state_of_hold));
    journal.copy(generation.number, &states, |each| {
        generation.each_profile(&mut |profile| each(&profile.id, &write_profile_record(&profile)))
    })
}

/// Puts an index in the place of what a directory holds: its snapshots, and then its journal, go.
pub(super) fn replace(path: &Path, generation: &Arc<Generation>) -> Result<WrittenSnapshot> {
    let directory = Directory::new(path);
    let _lock = directory.lock()?;
    let whole = without_tombstones(generation)?;
    let written = directory.write(generation.number, true, |out| whole.save(out))?;
    // Where this fails, opening finds a journal of another key than the snapshot's, and removes it.
    LsmTables.remove(&directory.journal())?;
    directory.mark_open()?;
    Ok(written)
}

impl Drop for Keeping {
    fn drop(&mut self) {
        if self.is_forked() {
            // The threads and locks of the store are those of the process that opened it.
            std::mem::forget(locked(&self.journal).take());
        }
    }
}
