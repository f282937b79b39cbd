//! Reading what another process writes, and snapshots that were carried here.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use super::{Background, Engine, EngineOptions, Inner, Manner, load};
use crate::model::{Error, Result};
use crate::store::{Directory, Snapshot};

/// What an engine reads that never writes.
#[derive(Clone, Debug)]
pub(super) enum ReadOnly {
    /// One snapshot.
    File(PathBuf),
    /// The newest snapshot of a directory that another process writes.
    Directory(PathBuf),
}

impl ReadOnly {
    fn path(&self) -> &Path {
        match self {
            ReadOnly::File(path) | ReadOnly::Directory(path) => path,
        }
    }
}

impl Engine {
    /// Opens one snapshot, wherever it was carried: read-only, without a journal and without a lock.
    ///
    /// ```
    /// use shortlist::{AdvisorProfile, Engine};
    ///
    /// let folder = tempfile::tempdir().expect("a folder");
    /// let file = folder.path().join("advisors.slx");
    /// let engine = Engine::in_memory()?;
    /// engine.upsert(vec![AdvisorProfile::new("ada")])?;
    /// engine.snapshot_to(&file)?;
    ///
    /// let copy = Engine::open_snapshot(&file)?;
    /// assert!(copy.get("ada")?.is_some());
    /// assert_eq!(copy.remove(&["ada"]).unwrap_err().code(), "SL1022");
    /// # Ok::<(), shortlist::Error>(())
    /// ```
    ///
    /// The file is mapped: vectors and columns are read in place, and processes that open the same file share its
    /// pages. It must not be changed or cut short while it is open (a snapshot that is written over it by
    /// [`Engine::snapshot_to`] takes its name and leaves its bytes alone); a file that is cut short ends the process
    /// that reads beyond its end.
    ///
    /// Cost: one read of everything but the vectors, which are compared with their checksums as they are used.
    ///
    /// # Errors
    /// [`Error::NotAnIndex`], [`Error::Damaged`], [`Error::NewerFormat`], [`Error::Io`].
    pub fn open_snapshot(file: impl AsRef<Path>) -> Result<Self> {
        Self::open_snapshot_with(file, EngineOptions::default())
    }

    /// As [`Engine::open_snapshot`], with an embedder, which must be the one the index was made with.
    ///
    /// # Errors
    /// As [`Engine::open_snapshot`], and [`Error::EmbedderMismatch`].
    pub fn open_snapshot_with(file: impl AsRef<Path>, options: EngineOptions) -> Result<Self> {
        let (file, manner) = (file.as_ref(), Manner::of(&options)?);
        let loaded = load(&Snapshot::open(file)?, options.embedder)?;
        Ok(Self::reading(
            Inner::new(manner, loaded.0, loaded.1, None),
            ReadOnly::File(file.to_owned()),
        ))
    }

    /// Opens the newest snapshot of a directory to read it, while another process writes it or none does. No lock
    /// is taken and nothing is written: a read-only file system will do. [`Engine::refresh`] follows the writer, from
    /// snapshot to snapshot.
    ///
    /// # Errors
    /// As [`Engine::open_snapshot`].
    pub fn open_read_only(directory: impl AsRef<Path>) -> Result<Self> {
        Self::open_read_only_with(directory, EngineOptions::default())
    }

    /// As [`Engine::open_read_only`], with an embedder, which must be the one the index was made with.
    ///
    /// # Errors
    /// As [`Engine::open_snapshot_with`].
    pub fn open_read_only_with(
        directory: impl AsRef<Path>,
        options: EngineOptions,
    ) -> Result<Self> {
        let (directory, manner) = (directory.as_ref(), Manner::of(&options)?);
        let loaded = load(&Directory::new(directory).open_newest()?, options.embedder)?;
        Ok(Self::reading(
            Inner::new(manner, loaded.0, loaded.1, None),
            ReadOnly::Directory(directory.to_owned()),
        ))
    }

    fn reading(mut inner: Inner, read_only: ReadOnly) -> Self {
        inner.read_only = Some(read_only);
        let background = Arc::new(Background::new(false));
        Self { inner: Arc::new(inner), background, keeper: None, cancel: None }
    }

    /// Takes up the newest snapshot of a directory that was opened read-only, if it is newer than what is being read.
    /// Says whether it was. Requests that run meanwhile end in the generation that they began in.
    ///
    /// Changes that the writer has made since its newest snapshot are not seen: the journal is its own.
    ///
    /// Cost: a look at the directory; where there is something newer, its opening.
    ///
    /// # Errors
    /// As [`Engine::open_snapshot`]; what was read before is read on then. [`Error::EmbedderMismatch`] where the
    /// directory holds another index by now, of another embedder.
    pub fn refresh(&self) -> Result<bool> {
        let Some(ReadOnly::Directory(path)) = &self.inner.read_only else { return Ok(false) };
        // One at a time, so that an older snapshot never takes the place of a newer one.
        let _turn = self.inner.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let directory = Directory::new(path);
        if directory.newest_generation()?.is_none_or(|newest| newest <= self.generation().number) {
            return Ok(false);
        }
        let snapshot = directory.open_newest()?;
        let (generation, _) = load(&snapshot, self.inner.embedder.clone())?;
        let number = generation.number;
        self.inner.current.store(generation.into());
        self.inner.instruments.published();
        self.inner.ring.0.publish(number, None);
        self.inner.ring.0.wake();
        self.inner.arrivals.announce();
        Ok(true)
    }

    /// Whether writes are refused: what was opened is read only.
    pub fn is_read_only(&self) -> bool {
        self.inner.read_only.is_some()
    }

    /// The snapshot that is on disk of what is being read, if there is one.
    pub(super) fn snapshot_on_disk(&self) -> Result<Option<Snapshot>> {
        let directory = match (&self.inner.read_only, &self.inner.directory) {
            (Some(ReadOnly::File(file)), _) => return Snapshot::open(file).map(Some),
            (Some(ReadOnly::Directory(path)), _) | (None, Some(path)) => Directory::new(path),
            (None, None) => return Ok(None),
        };
        // An index may have a journal only.
        let has_some = directory.newest_generation()?.is_some();
        has_some.then(|| directory.open_newest()).transpose()
    }
}

impl Inner {
    /// Refuses what would write.
    pub(super) fn refuse_where_read_only(&self) -> Result<()> {
        match &self.read_only {
            None => Ok(()),
            Some(read_only) => Err(Error::ReadOnly {
                path: read_only.path().to_owned(),
                is_file: matches!(read_only, ReadOnly::File(_)),
            }),
        }
    }
}
