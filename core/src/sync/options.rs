//! What a sync is told.

use std::sync::Arc;
use std::time::Duration;

use super::mapping::Mapping;
use super::state::SyncStatus;
use crate::model::{Error, Result};

/// Where changes come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SourceKind {
    /// A table that triggers fill; `shortlist pg install` makes it.
    #[default]
    Outbox,
    /// Asking again for what was updated since; needs no right but SELECT.
    Poll,
    /// The server's log, by a slot of logical replication; needs the right REPLICATION and `wal_level = logical`. It
    /// costs writers nothing; each look reads the log again from the oldest transaction that was open at the last. The
    /// server keeps its log for the slot: an index that is thrown away, as one in memory is, leaves it behind until
    /// [`uninstall`](super::uninstall).
    Replication,
}

impl SourceKind {
    /// Every kind with its name.
    pub const ALL: [(&'static str, SourceKind); 3] = [
        ("outbox", SourceKind::Outbox),
        ("poll", SourceKind::Poll),
        ("replication", SourceKind::Replication),
    ];

    /// The name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }

    /// The kind of that name.
    ///
    /// # Errors
    /// [`Error::OutOfRange`].
    pub fn parse(name: &str) -> Result<Self> {
        let found = Self::ALL.iter().find(|(known, _)| *known == name);
        found.map(|(_, kind)| *kind).ok_or_else(|| Error::OutOfRange {
            field: "source".to_owned(),
            value: crate::model::error::shown(name),
            expected: "outbox, poll or replication".to_owned(),
        })
    }
}

/// Who is told of a sync's states.
pub type StateWatcher = Arc<dyn Fn(&SyncStatus) + Send + Sync>;

/// What a sync is told. `Debug` shows no password.
#[derive(Clone)]
#[non_exhaustive]
pub struct SyncOptions {
    /// `postgres://user:password@host:port/database?sslmode=verify-full`. A password that it lacks comes from
    /// `PGPASSWORD`, `PGPASSFILE` or `~/.pgpass`.
    pub url: String,
    /// A read replica that the first load reads from, to spare the primary.
    pub load_url: Option<String>,
    /// Which table and columns make a profile.
    pub mapping: Mapping,
    /// Where changes come from.
    pub source: SourceKind,
    /// Whether to stop once everything committed at the start is applied.
    pub once: bool,
    /// How often changes are asked for where nothing wakes the sync. 250 ms.
    pub poll_every: Duration,
    /// How often the source `poll` compares all ids. One minute.
    pub compare_every: Duration,
    /// How many rows one batch of the load has at most. 2,000.
    pub batch_rows: usize,
    /// Called with each new state, and with each batch of a load, on the sync's own thread: it should be quick.
    pub on_state: Option<StateWatcher>,
}

impl SyncOptions {
    /// The marketplace's own table on that server, by outbox.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            load_url: None,
            mapping: Mapping::default(),
            source: SourceKind::default(),
            once: false,
            poll_every: Duration::from_millis(250),
            compare_every: Duration::from_mins(1),
            batch_rows: 2_000,
            on_state: None,
        }
    }
}

impl std::fmt::Debug for SyncOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SyncOptions")
            .field("mapping", &self.mapping)
            .field("source", &self.source)
            .field("once", &self.once)
            .finish_non_exhaustive()
    }
}
