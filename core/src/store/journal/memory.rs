//! A table in memory whose every write and sync can fail, be forgotten, or take what was not synced with it.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::table::{Each, Op, Table, Tables};
use crate::model::{Error, Result};

type Map = BTreeMap<Vec<u8>, Vec<u8>>;

/// How the step that is told to fail does so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing of it happens.
    Refused,
    /// It happens, and says that it did not.
    Denied,
    /// It says that it happened, and what it made lasting was not.
    Forgotten,
}

/// What a machine would find on its disk: what is lasting, and what was written since.
#[derive(Clone, Debug, Default)]
struct Files {
    lasting: BTreeMap<PathBuf, Map>,
    written: BTreeMap<PathBuf, Map>,
}

#[derive(Debug, Default)]
struct Disk {
    files: Files,
    steps: u64,
    fault: Option<(u64, Fault)>,
    full: bool,
    open: u64,
}

/// Tables in memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct MemoryTables(Arc<Mutex<Disk>>);

#[derive(Debug)]
struct MemoryTable {
    disk: MemoryTables,
    path: PathBuf,
    /// Tables of a machine that lost its power are dead.
    open: u64,
}

impl MemoryTables {
    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the step of that number, counted from now, fail.
    pub(crate) fn fail(&self, step: u64, fault: Fault) {
        let mut disk = self.disk();
        disk.fault = Some((disk.steps + step, fault));
    }

    /// Whether the fault is still to come.
    pub(crate) fn is_waiting(&self) -> bool {
        let disk = self.disk();
        disk.fault.is_some_and(|(step, _)| step >= disk.steps)
    }

    /// Every write fails from now on, or none does.
    pub(crate) fn set_full(&self, full: bool) {
        self.disk().full = full;
    }

    /// The process dies, and the machine with it where `power` goes: what was not lasting is gone then.
    pub(crate) fn crash(&self, power: bool) {
        let mut disk = self.disk();
        disk.open += 1;
        disk.fault = None;
        if power {
            disk.files.written = disk.files.lasting.clone();
        }
    }

    /// One step that may fail; `lasting` says that what was written is to be so after it.
    fn step(&self, open: u64, lasting: bool, change: impl FnOnce(&mut Files)) -> Result<()> {
        let mut disk = self.disk();
        let failed = |kind: io::ErrorKind| {
            Error::from_io(&io::Error::from(kind), "write the journal", "a disk in memory")
        };
        if open != disk.open {
            return Err(failed(io::ErrorKind::NotConnected));
        }
        if disk.full {
            return Err(failed(io::ErrorKind::StorageFull));
        }
        let fault = disk.fault.filter(|(step, _)| *step == disk.steps).map(|(_, fault)| fault);
        disk.steps += 1;
        if fault == Some(Fault::Refused) {
            return Err(failed(io::ErrorKind::Other));
        }
        change(&mut disk.files);
        if lasting && fault != Some(Fault::Forgotten) {
            disk.files.lasting = disk.files.written.clone();
        }
        if fault == Some(Fault::Denied) { Err(failed(io::ErrorKind::Other)) } else { Ok(()) }
    }
}

impl Tables for MemoryTables {
    fn exists(&self, path: &Path) -> bool {
        self.disk().files.written.contains_key(path)
    }

    fn open(&self, path: &Path) -> Result<Arc<dyn Table>> {
        let open = self.disk().open;
        if !self.exists(path) {
            self.step(open, true, |files| {
                files.written.insert(path.to_owned(), Map::new());
            })?;
        }
        Ok(Arc::new(MemoryTable { disk: self.clone(), path: path.to_owned(), open }))
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        let open = self.disk().open;
        self.step(open, true, |files| {
            if let Some(table) = files.written.remove(from) {
                files.written.insert(to.to_owned(), table);
            }
        })
    }

    fn remove(&self, path: &Path) -> Result<()> {
        let open = self.disk().open;
        self.step(open, true, |files| {
            files.written.remove(path);
        })
    }
}

impl MemoryTable {
    fn map<T>(&self, read: impl FnOnce(&Map) -> T) -> T {
        let disk = self.disk.disk();
        match disk.files.written.get(&self.path) {
            Some(map) => read(map),
            None => read(&Map::new()),
        }
    }
}

impl Table for MemoryTable {
    fn write(&self, batch: Vec<Op>, lasting: bool) -> Result<()> {
        self.disk.step(self.open, lasting, |files| {
            let map = files.written.entry(self.path.clone()).or_default();
            for op in batch {
                match op {
                    Op::Put(key, value) => map.insert(key, value),
                    Op::Delete(key) => map.remove(&key),
                };
            }
        })
    }

    fn sync(&self) -> Result<()> {
        self.disk.step(self.open, true, |_| ())
    }

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        Ok(self.map(|map| map.get(key).cloned()))
    }

    fn scan(&self, from: &[u8], to: &[u8], each: &mut Each<'_>) -> Result<()> {
        let found: Vec<_> = self.map(|map| {
            let range = map.range(from.to_vec()..to.to_vec());
            range.map(|(key, value)| (key.clone(), value.clone())).collect()
        });
        for (key, value) in found {
            if !each(&key, &value)? {
                break;
            }
        }
        Ok(())
    }

    fn last(&self, from: &[u8], to: &[u8]) -> Result<Option<Vec<u8>>> {
        Ok(self.map(|map| {
            map.range(from.to_vec()..to.to_vec()).next_back().map(|(key, _)| key.clone())
        }))
    }

    fn settle(&self) -> Result<()> {
        Ok(())
    }

    fn bytes(&self) -> u64 {
        self.map(|map| map.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>()) as u64
    }
}
