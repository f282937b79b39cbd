//! An index directory: which snapshots it holds, who writes it.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};

use super::snapshot::{Snapshot, SnapshotWriter};
use crate::model::{Error, Result};

const SUFFIX: &str = ".slx";
const PREFIX: &str = "snapshot-";
const KEPT: usize = 2;
/// How often a snapshot may vanish under an opening before it gives up.
const TRIES: usize = 8;

/// The directory of one index.
#[derive(Clone, Debug)]
pub(crate) struct Directory {
    path: PathBuf,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WrittenSnapshot {
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
}

impl Directory {
    pub(crate) fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the journal lies.
    pub(crate) fn journal(&self) -> PathBuf {
        self.path.join("journal")
    }

    /// The error of a path that holds no index.
    pub(crate) fn not_an_index(&self, reason: &str) -> Error {
        Error::NotAnIndex { path: self.path.clone(), reason: reason.to_owned() }
    }

    /// Refuses what is not even a directory.
    pub(crate) fn check(&self) -> Result<()> {
        let not_an_index = |reason: &str| self.not_an_index(reason);
        match fs::metadata(&self.path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(not_an_index("there is nothing of that name; make one with `shortlist build`"))
            }
            Err(error) => Err(Error::from_io(&error, "read", &self.path)),
            Ok(found) if found.is_file() && found.len() == 0 => {
                Err(not_an_index("it is an empty file"))
            }
            Ok(found) if !found.is_dir() => Err(not_an_index(
                "it is a file, and an index that is written to is a directory; a snapshot is opened as one",
            )),
            Ok(_) => Ok(()),
        }
    }

    /// Opens the newest snapshot. A damaged one is an error, never passed over for an older one in silence.
    pub(crate) fn open_newest(&self) -> Result<Snapshot> {
        self.check()?;
        for _ in 0..TRIES {
            let Some((_, newest)) = self.snapshots()?.pop() else { break };
            match Snapshot::open(&newest) {
                // A writer removed it between the look and the opening; there is a newer one then.
                Err(Error::Io { kind: std::io::ErrorKind::NotFound, .. }) => {}
                opened => return opened,
            }
        }
        Err(self.not_an_index("the directory holds no snapshot"))
    }

    /// The generation of the newest snapshot, if there is one. Cost: a look at the directory.
    pub(crate) fn newest_generation(&self) -> Result<Option<u64>> {
        Ok(self.snapshots()?.pop().map(|(generation, _)| generation))
    }

    /// The snapshots with their generations, oldest first.
    pub(crate) fn snapshots(&self) -> Result<Vec<(u64, PathBuf)>> {
        let read = |error: &std::io::Error| Error::from_io(error, "read", &self.path);
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(|error| read(&error))? {
            let entry = entry.map_err(|error| read(&error))?;
            let name = entry.file_name();
            let number =
                name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX));
            if let Some(generation) = number.and_then(|number| number.parse().ok()) {
                found.push((generation, entry.path()));
            }
        }
        found.sort_unstable();
        Ok(found)
    }

    /// Writes a snapshot beside the others, syncs it, gives it its name, syncs the directory; then
    /// removes all but the last two. Whatever fails on the way leaves what was there before. The caller holds the
    /// directory's lock.
    ///
    /// `replace` says that the new snapshot is another index and not a later state of this one: the older ones go.
    pub(crate) fn write(
        &self,
        generation: u64,
        replace: bool,
        sections: impl FnOnce(&mut SnapshotWriter) -> Result<()>,
    ) -> Result<WrittenSnapshot> {
        let older = self.snapshots()?;
        // The newest snapshot is the one of the highest number, so a new index starts above the old one's.
        let generation =
            older.last().map_or(generation, |(last, _)| generation.max(last + u64::from(replace)));
        let path = self.path.join(format!("{PREFIX}{generation:020}{SUFFIX}"));
        let written = write_file(&path, generation, sections);
        if written.is_ok() {
            let kept = if replace { 0 } else { KEPT - 1 };
            let older: Vec<_> = older.into_iter().filter(|(_, old)| *old != path).collect();
            for (_, old) in older.iter().take(older.len().saturating_sub(kept)) {
                fs::remove_file(old).map_err(|error| Error::from_io(&error, "remove", old))?;
            }
        }
        written
    }

    /// Makes the directory, if need be, and locks it until the lock is dropped.
    ///
    /// # Errors
    /// [`Error::Locked`] where another holds it.
    pub(crate) fn lock(&self) -> Result<File> {
        fs::create_dir_all(&self.path)
            .map_err(|error| Error::from_io(&error, "make the directory", &self.path))?;
        let path = self.path.join("lock");
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|error| Error::from_io(&error, "open", &path))?;
        match lock.try_lock() {
            Ok(()) => Ok(lock),
            Err(fs::TryLockError::WouldBlock) => Err(Error::Locked { path: self.path.clone() }),
            Err(fs::TryLockError::Error(error)) => Err(cannot_lock(&error, &path)),
        }
    }
}

/// Writes a snapshot beside its place, syncs it, gives it its name, syncs its directory. Whatever fails on the way
/// leaves what was there before.
pub(crate) fn write_file(
    path: &Path,
    generation: u64,
    sections: impl FnOnce(&mut SnapshotWriter) -> Result<()>,
) -> Result<WrittenSnapshot> {
    let beside = path.with_extension("part");
    let write = || {
        let mut out = SnapshotWriter::create(&beside, generation)?;
        sections(&mut out)?;
        let bytes = out.finish()?;
        fs::rename(&beside, path).map_err(|error| Error::from_io(&error, "rename", &beside))?;
        sync_names(path)?;
        Ok(WrittenSnapshot { path: path.to_owned(), bytes })
    };
    write().inspect_err(|_| {
        // The error of the write is what counts; a part that stays is overwritten by the next try.
        let _ = fs::remove_file(&beside);
    })
}

/// Makes the name of a file as durable as what is in it.
fn sync_names(file: &Path) -> Result<()> {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync_directory(parent),
        _ => sync_directory(Path::new(".")),
    }
}

/// Makes the names in a directory lasting.
pub(super) fn sync_directory(path: &Path) -> Result<()> {
    let sync = File::open(path).and_then(|directory| directory.sync_all());
    sync.map_err(|error| Error::from_io(&error, "sync", path))
}

/// Where a file system has no locks (some network ones), nobody could say who writes: that is said in words.
fn cannot_lock(error: &std::io::Error, path: &Path) -> Error {
    match Error::from_io(error, "lock", path) {
        Error::Io { path, operation, kind: kind @ std::io::ErrorKind::Unsupported, .. } => Error::Io {
            path,
            operation,
            kind,
            reason: "this file system has no locks; keep the index on a local disk, or open it read-only".to_owned(),
        },
        other => other,
    }
}
