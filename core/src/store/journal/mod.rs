//! The journal: every commit of an index, and the profiles that the older ones left. It is the truth; snapshots are
//! only a faster way to open. It knows bytes, not what they mean.

mod fold;
mod head;
mod keep;
mod key;
mod lsm;
#[cfg(test)]
pub(crate) mod memory;
mod part;
mod read;
mod table;
mod tear;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::model::{Error, Result};
use part::Part;

pub(crate) use fold::Folding;
pub(crate) use head::Head;
pub(crate) use lsm::LsmTables;
pub(crate) use table::{Op, Table, Tables};
#[cfg(feature = "testing")]
pub(crate) use tear::whole_log;

/// The journal of one index, open to be written.
#[derive(Debug)]
pub(crate) struct Journal {
    tables: Arc<dyn Tables>,
    path: PathBuf,
    state: Mutex<State>,
    /// Held by whoever folds, trims or copies: one at a time, beside those who commit.
    keeping: Mutex<()>,
}

#[derive(Debug)]
struct State {
    /// None after a failure, until it could be opened anew.
    table: Option<Arc<dyn Table>>,
    head: Head,
    /// The last generation that was acknowledged, and the last that is known to be on the disk.
    last: u64,
    synced: u64,
    /// Bytes of the commits that are not folded, about.
    unfolded: u64,
}

/// What a journal holds, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) bytes: u64,
    pub(crate) last: u64,
    pub(crate) synced: u64,
    pub(crate) folded: Option<u64>,
    pub(crate) kept_after: u64,
    pub(crate) unfolded: u64,
    pub(crate) broken: bool,
}

impl Journal {
    /// Makes the journal of an index; what was there goes. It is whole under its name, or not there.
    ///
    /// The states are those of generation `head.folded`; none where the profiles are still to be copied.
    pub(crate) fn create(
        tables: Arc<dyn Tables>,
        path: &Path,
        head: &Head,
        states: &[(Vec<u8>, Vec<u8>)],
    ) -> Result<Self> {
        let beside = path.with_extension("part");
        tables.remove(&beside)?;
        let table = tables.open(&beside)?;
        let mut batch = vec![head_op(head)];
        for (name, state) in states {
            let key = key::state(name);
            batch.push(Op::Put(key.clone(), key::seal(&key, state)));
        }
        table.write(batch, true)?;
        drop(table);
        tables.remove(path)?;
        tables.rename(&beside, path)?;
        Self::open(tables, path)?.ok_or_else(|| damaged(path, "it has no head".to_owned()))
    }

    /// Opens a journal; `None` where there is none.
    ///
    /// Cost: a read of what was written since it was last settled.
    pub(crate) fn open(tables: Arc<dyn Tables>, path: &Path) -> Result<Option<Self>> {
        if !tables.exists(path) {
            return Ok(None);
        }
        let table = tables.open(path)?;
        let head = read::head(&*table, path)?;
        let last = read::last(&*table)?.unwrap_or(head.kept_after).max(head.kept_after);
        let unfolded = 0;
        let state = State { table: Some(table), head, last, synced: last, unfolded };
        Ok(Some(Self {
            tables,
            path: path.to_owned(),
            state: Mutex::new(state),
            keeping: Mutex::default(),
        }))
    }

    /// A thread that panicked left nothing half done: whatever is in the table is whole.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a commit. After a failure nothing of it counts: the next call opens the table anew and takes out what
    /// may have got there.
    ///
    /// # Errors
    /// What the disk said; [`Error::Internal`] for a generation that does not follow the last.
    pub(crate) fn commit(&self, generation: u64, commit: &[u8], lasting: bool) -> Result<()> {
        let mut state = self.state();
        let table = self.usable(&mut state)?;
        if generation != state.last + 1 {
            return Err(Error::Internal {
                what: format!("generation {generation} was to follow {}", state.last),
            });
        }
        let parts = commit.len().div_ceil(part::MOST).max(1);
        let mut batch = Vec::with_capacity(parts);
        for number in 0..parts {
            let bytes = &commit[number * part::MOST..commit.len().min((number + 1) * part::MOST)];
            let (key, parts) = (key::commit(generation, number as u32), parts as u32);
            let value = part::write(&Part { parts, synced: state.synced, bytes });
            batch.push(Op::Put(key.clone(), key::seal(&key, &value)));
        }
        if let Err(error) = table.write(batch, lasting) {
            state.table = None;
            return Err(error);
        }
        state.last = generation;
        state.unfolded += commit.len() as u64;
        if lasting {
            state.synced = generation;
        }
        Ok(())
    }

    /// The table, opened anew after a failure.
    fn usable(&self, state: &mut State) -> Result<Arc<dyn Table>> {
        if let Some(table) = &state.table {
            return Ok(Arc::clone(table));
        }
        let table = self.tables.open(&self.path)?;
        let head = read::head(&*table, &self.path)?;
        let found = read::last(&*table)?.unwrap_or(head.kept_after);
        if found < state.last {
            return Err(Error::JournalBehind { path: self.path.clone(), found, last: state.last });
        }
        // What failed was answered so, even if it is there.
        let mut refused = Vec::new();
        table.scan(&key::commit(state.last + 1, 0), key::COMMITS_END, &mut |key, _| {
            refused.push(Op::Delete(key.to_vec()));
            Ok(true)
        })?;
        if refused.is_empty() {
            table.sync()?;
        } else {
            table.write(refused, true)?;
        }
        state.head = head;
        state.synced = state.last;
        state.table = Some(Arc::clone(&table));
        Ok(table)
    }

    /// Makes everything that was committed lasting.
    pub(crate) fn sync(&self) -> Result<()> {
        let (table, last) = {
            let mut state = self.state();
            if state.synced == state.last {
                return Ok(());
            }
            (self.usable(&mut state)?, state.last)
        };
        let synced = table.sync();
        let mut state = self.state();
        match synced {
            Ok(()) => state.synced = state.synced.max(last),
            Err(_) => state.table = None,
        }
        synced
    }

    /// The index whose journal it is, and what it holds of it.
    pub(crate) fn head(&self) -> Head {
        self.state().head.clone()
    }

    /// What was not as it should be when it was opened.
    pub(crate) fn warning(&self) -> Option<String> {
        self.state().table.as_ref().and_then(|table| table.warning())
    }

    /// The error of what does not hold in it.
    pub(crate) fn damaged(&self, reason: &str) -> Error {
        damaged(&self.path, reason.to_owned())
    }

    pub(crate) fn facts(&self) -> Facts {
        let state = self.state();
        Facts {
            bytes: state.table.as_ref().map_or(0, |table| table.bytes()),
            last: state.last,
            synced: state.synced,
            folded: state.head.folded,
            kept_after: state.head.kept_after,
            unfolded: state.unfolded,
            broken: state.table.is_none(),
        }
    }
}

fn head_op(head: &Head) -> Op {
    Op::Put(key::HEAD.to_vec(), key::seal(key::HEAD, &head.to_bytes()))
}

fn damaged(path: &Path, reason: String) -> Error {
    Error::Damaged { path: path.to_owned(), section: "the journal".to_owned(), reason }
}
