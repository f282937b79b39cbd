//! How an engine is made, and how lasting its changes are.

use std::sync::Arc;
use std::time::Duration;

use super::Clock;
use crate::api::criteria::check_exact_budget;
use crate::model::{Embedder, Result, Schema};

/// When a change of an index in a directory is on the disk.
///
/// Every acknowledged change survives the death of the process under each of these; they differ in what the
/// death of the machine may take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Durability {
    /// Before it is acknowledged. Cost: one sync of the disk for all batches that wait at the time.
    #[default]
    Synced,
    /// At most that long after it is acknowledged.
    Buffered {
        /// How long.
        max_delay: Duration,
    },
    /// When the system writes it, at a snapshot, or when the engine is closed.
    None,
}

/// How an engine is made.
#[derive(Clone)]
#[non_exhaustive]
pub struct EngineOptions {
    /// What the index holds beside the built-in fields. Only for a new index: one that is opened has its own.
    pub schema: Schema,
    /// What makes embeddings from text. Its name and dimension are kept with the index.
    pub embedder: Option<Arc<dyn Embedder>>,
    /// Whether [`Engine::open_with`](crate::Engine::open_with) makes a new index in a directory that is empty or not there.
    pub create: bool,
    /// Whether a thread of the engine does what [`Engine::maintain`](crate::Engine::maintain) does as it falls due. True; no
    /// answer shows it.
    pub background: bool,
    /// What time it is, for holds; the system's clock where none is given.
    pub clock: Option<Arc<dyn Clock>>,
    /// A match whose exact path is estimated to take longer than so many milliseconds takes the approximate one, and
    /// its answer says so. 50, half of what a person feels as a delay: on a machine of today it keeps every match
    /// over a million embeddings exact. Infinite: always exact, unless a request asks otherwise.
    pub exact_budget_ms: f64,
    /// The most bytes that answers may take which are kept to be given again; 0 keeps none. 32 MiB. No answer of it is
    /// ever old, unless a request allows it.
    pub cache_bytes: u64,
    /// A request that takes at least so long is kept in [`Engine::slow_requests`](crate::Engine::slow_requests). 100 ms.
    pub slow_request: Duration,
    /// Whether slow requests are kept without texts, filter values, ids and cursors. False.
    pub redact_slow_requests: bool,
    /// When changes are on the disk.
    pub durability: Durability,
    /// After how many commits a snapshot is taken by itself, so that opening stays quick; `None` for never.
    pub snapshot_after_commits: Option<u64>,
    /// How long after a commit a snapshot is taken at the latest; `None` for never.
    pub snapshot_after: Option<Duration>,
    /// The least number of commits that the journal keeps after they were folded, for those who follow the index; an
    /// index in memory keeps at most so many, or what 16 MiB hold.
    pub window: u64,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            schema: Schema::default(),
            embedder: None,
            create: false,
            background: true,
            clock: None,
            exact_budget_ms: 50.0,
            cache_bytes: 32 << 20,
            slow_request: Duration::from_millis(100),
            redact_slow_requests: false,
            durability: Durability::default(),
            snapshot_after_commits: Some(100_000),
            snapshot_after: Some(Duration::from_mins(10)),
            window: 10_000,
        }
    }
}

impl EngineOptions {
    /// A new index of that schema.
    pub fn with_schema(schema: Schema) -> Self {
        Self { schema, ..Self::default() }
    }

    /// With another time that the exact path of a match may take.
    #[must_use]
    pub fn with_exact_budget_ms(mut self, exact_budget_ms: f64) -> Self {
        self.exact_budget_ms = exact_budget_ms;
        self
    }

    pub(super) fn budget_ms(&self) -> Result<f64> {
        check_exact_budget("exact_budget_ms", self.exact_budget_ms)?;
        Ok(self.exact_budget_ms)
    }

    /// With another most that kept answers may take; 0 keeps none.
    #[must_use]
    pub fn with_cache_bytes(mut self, cache_bytes: u64) -> Self {
        self.cache_bytes = cache_bytes;
        self
    }

    /// Keeps requests that take at least so long in [`Engine::slow_requests`](crate::Engine::slow_requests), redacted or
    /// as they are.
    #[must_use]
    pub fn with_slow_requests(mut self, from: Duration, redact: bool) -> Self {
        (self.slow_request, self.redact_slow_requests) = (from, redact);
        self
    }

    /// With something that makes embeddings from text.
    #[must_use]
    pub fn with_embedder(mut self, embedder: Arc<dyn Embedder>) -> Self {
        self.embedder = Some(embedder);
        self
    }

    /// With a new index where there is none.
    #[must_use]
    pub fn with_create(mut self) -> Self {
        self.create = true;
        self
    }

    /// With a thread for what is due, or without: then [`Engine::maintain`](crate::Engine::maintain) is the caller's to call.
    #[must_use]
    pub fn with_background(mut self, background: bool) -> Self {
        self.background = background;
        self
    }

    /// With another clock than the system's.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// With changes on the disk at that time.
    #[must_use]
    pub fn with_durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// With a snapshot after so many commits and so long after one, or never by itself.
    #[must_use]
    pub fn with_snapshots(mut self, commits: Option<u64>, after: Option<Duration>) -> Self {
        (self.snapshot_after_commits, self.snapshot_after) = (commits, after);
        self
    }

    /// With at least that many commits kept for those who follow the index.
    #[must_use]
    pub fn with_window(mut self, commits: u64) -> Self {
        self.window = commits;
        self
    }
}

impl std::fmt::Debug for EngineOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EngineOptions")
            .field("schema", &self.schema)
            .field("embedder", &self.embedder.as_ref().map(|embedder| embedder.id()))
            .field("create", &self.create)
            .field("background", &self.background)
            .field("exact_budget_ms", &self.exact_budget_ms)
            .field("cache_bytes", &self.cache_bytes)
            .field("slow_request", &self.slow_request)
            .field("redact_slow_requests", &self.redact_slow_requests)
            .field("durability", &self.durability)
            .field("snapshot_after_commits", &self.snapshot_after_commits)
            .field("snapshot_after", &self.snapshot_after)
            .field("window", &self.window)
            .finish_non_exhaustive()
    }
}
