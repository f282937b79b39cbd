//! The real table: a log-structured store with a write-ahead log. The only place that names it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, panic};

use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};

use super::table::{Each, Op, Table, Tables};
use super::{damaged, tear};
use crate::model::{Error, Result};
use crate::store::directory::sync_directory;

/// Blocks that are read again come from the page cache; ours is for what one scan needs.
const CACHE_BYTES: u64 = 1 << 20;
/// What is written and not yet in a sorted file.
const MEMTABLE_BYTES: u64 = 16 << 20;
const NAME: &str = "index";

/// Tables in directories of the file system.
#[derive(Debug)]
pub(crate) struct LsmTables;

struct Lsm {
    path: PathBuf,
    database: Database,
    keyspace: Keyspace,
    warning: Option<String>,
}

impl std::fmt::Debug for Lsm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lsm").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Tables for LsmTables {
    fn exists(&self, path: &Path) -> bool {
        path.is_dir()
    }

    fn open(&self, path: &Path) -> Result<Arc<dyn Table>> {
        let warning = if path.is_dir() { tear::mend(path)? } else { None };
        let open = || -> fjall::Result<Lsm> {
            let database = Database::builder(path)
                .cache_size(CACHE_BYTES)
                .worker_threads(1)
                .manual_journal_persist(true)
                .open()?;
            let keyspace = database.keyspace(NAME, || {
                KeyspaceCreateOptions::default()
                    .max_memtable_size(MEMTABLE_BYTES)
                    .manual_journal_persist(true)
            })?;
            Ok(Lsm { path: path.to_owned(), database, keyspace, warning: warning.clone() })
        };
        // Files that another program spoiled may break an invariant that the store relies on.
        match panic::catch_unwind(panic::AssertUnwindSafe(open)) {
            Ok(Ok(table)) => Ok(Arc::new(table)),
            Ok(Err(error)) => Err(failed(&error, "open the journal", path)),
            Err(_) => Err(damaged(path, "it breaks an invariant of the store".to_owned())),
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        fs::rename(from, to).map_err(|error| Error::from_io(&error, "rename", from))?;
        to.parent().map_or(Ok(()), sync_directory)
    }

    fn remove(&self, path: &Path) -> Result<()> {
        match fs::remove_dir_all(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::from_io(&error, "remove", path))
            }
            _ => path.parent().map_or(Ok(()), sync_directory),
        }
    }
}

impl Table for Lsm {
    fn write(&self, ops: Vec<Op>, lasting: bool) -> Result<()> {
        let mode = if lasting { PersistMode::SyncData } else { PersistMode::Buffer };
        let mut batch = self.database.batch().durability(Some(mode));
        for op in ops {
            match op {
                Op::Put(key, value) => batch.insert(&self.keyspace, key, value),
                Op::Delete(key) => batch.remove(&self.keyspace, key),
            }
        }
        batch.commit().map_err(|error| failed(&error, "write the journal", &self.path))
    }

    fn sync(&self) -> Result<()> {
        let sync = self.database.persist(PersistMode::SyncData);
        sync.map_err(|error| failed(&error, "sync the journal", &self.path))
    }

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        let value = self.keyspace.get(key);
        let value = value.map_err(|error| failed(&error, "read the journal", &self.path))?;
        Ok(value.map(|value| value.to_vec()))
    }

    fn scan(&self, from: &[u8], to: &[u8], each: &mut Each<'_>) -> Result<()> {
        for entry in self.keyspace.range(from..to) {
            let (key, value) = entry
                .into_inner()
                .map_err(|error| failed(&error, "read the journal", &self.path))?;
            if !each(&key, &value)? {
                break;
            }
        }
        Ok(())
    }

    fn last(&self, from: &[u8], to: &[u8]) -> Result<Option<Vec<u8>>> {
        let Some(entry) = self.keyspace.range(from..to).next_back() else { return Ok(None) };
        let key = entry.key().map_err(|error| failed(&error, "read the journal", &self.path))?;
        Ok(Some(key.to_vec()))
    }

    fn settle(&self) -> Result<()> {
        let settle = self.keyspace.rotate_memtable_and_wait();
        settle.map_err(|error| failed(&error, "settle the journal", &self.path))
    }

    fn warning(&self) -> Option<String> {
        self.warning.clone()
    }

    fn bytes(&self) -> u64 {
        self.database.disk_space().unwrap_or(0)
    }
}

/// The store's error in words of ours.
fn failed(error: &fjall::Error, operation: &'static str, path: &Path) -> Error {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = source {
        if let Some(error) = error.downcast_ref::<std::io::Error>() {
            return Error::from_io(error, operation, path);
        }
        source = error.source();
    }
    match error {
        fjall::Error::Locked => Error::Locked { path: path.to_owned() },
        fjall::Error::Poisoned => Error::Io {
            path: path.to_owned(),
            operation,
            reason: "an earlier write failed".to_owned(),
            kind: std::io::ErrorKind::Other,
        },
        other => damaged(path, format!("{other:?}")),
    }
}
