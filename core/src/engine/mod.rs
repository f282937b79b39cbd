//! The one public door: open, read, write.

mod alter;
mod arrivals;
mod cache;
mod cancel;
mod clock;
mod commit;
mod embed;
mod follow;
mod hash_embedder;
mod holds;
mod keeper;
mod keeping;
mod metrics;
mod options;
mod options_json;
mod queue;
mod read;
mod recover;
mod ring;
#[cfg(feature = "postgres")]
mod source;
mod stats;
mod subscribe;
mod tenant;
#[cfg(test)]
mod tests;
mod upkeep;
mod view;
mod write;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use arc_swap::{ArcSwap, ArcSwapOption};

use self::cache::ResultCache;
use self::metrics::Instruments;
use crate::api::cancel::Cancel;
use crate::generation::Generation;
use crate::model::{Embedder, Error, Result};
use crate::store::{LsmTables, Snapshot, Tables};
use arrivals::Arrivals;
use follow::ReadOnly;
use keeper::Keeper;
use keeping::Keeping;
use queue::Queue;
use ring::{Broadcast, Ring};

pub use self::cache::CacheMetrics;
pub use self::metrics::{
    Distribution, ErrorCount, Metrics, RequestMetrics, SlowRequest, WriterMetrics,
};
pub use clock::Clock;
use clock::SystemClock;
pub use hash_embedder::HashEmbedder;
pub use options::{Durability, EngineOptions};
pub use stats::{KeepingStats, SectionSize, SnapshotReport, Stats, VerifyReport};
pub use subscribe::{Subscription, SubscriptionCloser};
pub use tenant::Tenant;
use upkeep::Background;
pub use write::Applied;

/// The whole advisor catalogue in memory, and every request to it.
///
/// A handle: clones share the index. Reads take the current generation and run inside it, without a lock;
/// writers are put in a row, and each batch is one new generation.
///
/// ```
/// use shortlist::{AdvisorProfile, ClientCriteria, Engine, SearchRequest};
///
/// let engine = Engine::in_memory()?;
/// let mut ada = AdvisorProfile::new("ada");
/// ada.services = vec!["Tax Planning".to_owned()];
/// ada.hourly_rate = Some(150.0);
/// ada.marketplace_status = "active".to_owned();
/// ada.is_verified = true;
/// engine.upsert(vec![ada])?;
///
/// let page = engine.search(&SearchRequest { text: Some("tax".to_owned()), ..SearchRequest::default() })?;
/// assert_eq!(page.ids(), ["ada"]);
///
/// let need = ClientCriteria { max_budget: Some(200.0), ..ClientCriteria::default() };
/// assert_eq!(engine.match_advisors(&need)?.ids(), ["ada"]);
/// # Ok::<(), shortlist::Error>(())
/// ```
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
    /// Ends, and is waited for, with the last handle.
    background: Arc<Background>,
    /// Where a directory is written: gone with the last handle, and the directory is closed then.
    keeper: Option<Arc<Keeper>>,
    /// What calls off the calls through this handle.
    cancel: Option<Cancel>,
}

struct Inner {
    current: ArcSwap<Generation>,
    queue: Queue<(commit::Work, std::time::Instant), Result<Applied>>,
    arrivals: Arrivals,
    writer: Mutex<()>,
    /// Held by whoever does a piece of upkeep: one at a time.
    upkeep: Mutex<()>,
    embedder: Option<Arc<dyn Embedder>>,
    exact_budget_ms: f64,
    /// Answers that are kept.
    cache: ResultCache,
    /// What is counted of requests and changes.
    instruments: Instruments,
    directory: Option<PathBuf>,
    /// What sources of changes keep on the disk of the directory; none where the index has none so far.
    kept_sources: ArcSwapOption<BTreeMap<String, Vec<u8>>>,
    keeping: Option<Keeping>,
    /// What is read and never written to.
    read_only: Option<ReadOnly>,
    /// Held by whoever takes up a newer snapshot.
    turn: Mutex<()>,
    clock: Arc<dyn Clock>,
    ring: Broadcast,
    /// Held by whoever ends what has lapsed.
    lapsing: Mutex<()>,
}

/// What the queue of writers locks with; its own tests put another in the place.
mod sync {
    pub(super) use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let generation = self.inner.current.load();
        f.debug_struct("Engine")
            .field("generation", &generation.number)
            .field("profiles", &generation.profiles())
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// A new, empty index in memory, without attributes and without an embedder.
    ///
    /// # Errors
    /// [`Error::Internal`] where the system gives no random bytes.
    pub fn in_memory() -> Result<Self> {
        Self::in_memory_with(EngineOptions::default())
    }

    /// A new, empty index in memory.
    ///
    /// # Errors
    /// [`Error::EmbedderMismatch`] where the schema names another embedder than the one given;
    /// [`Error::OutOfRange`] for a budget below 0.
    pub fn in_memory_with(options: EngineOptions) -> Result<Self> {
        let manner = Manner::of(&options)?;
        let EngineOptions { schema, embedder, background, clock, .. } = options;
        let (schema, embedder) = embed::of_new(schema, embedder)?;
        let generation = Generation::empty(schema, random_key()?)?;
        let mut inner = Inner::new(manner, generation, embedder, None);
        inner.clock = clock.unwrap_or(inner.clock);
        let background = Arc::new(Background::new(background));
        Ok(Self { inner: Arc::new(inner), background, keeper: None, cancel: None })
    }

    /// Opens the index of a directory, to read and to write: the newest snapshot and what the journal has after it,
    /// or all of it from the journal where no snapshot is whole.
    ///
    /// Every batch is in the journal before it is acknowledged (see [`Durability`]). One engine at a time owns a
    /// directory; it is given back when the last handle is dropped, or by [`Engine::close`].
    ///
    /// ```
    /// use shortlist::{AdvisorProfile, Engine, EngineOptions, Error};
    /// # let temporary = tempfile::tempdir().unwrap();
    /// # let directory = temporary.path();
    ///
    /// let engine = Engine::open_with(directory, EngineOptions::default().with_create())?;
    /// engine.upsert(vec![AdvisorProfile::new("ada")])?;
    /// assert!(matches!(Engine::open(directory), Err(Error::Locked { .. })));
    ///
    /// drop(engine); // or the process dies
    /// assert!(Engine::open(directory)?.get("ada")?.is_some());
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// Cost: one read of the snapshot's checksums, and each commit after it applied again; without a snapshot, every
    /// profile is indexed anew.
    ///
    /// # Errors
    /// [`Error::Locked`] where another engine owns the directory; [`Error::NotAnIndex`], [`Error::Damaged`],
    /// [`Error::NewerFormat`], [`Error::Io`], [`Error::DiskFull`].
    pub fn open(directory: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(directory, EngineOptions::default())
    }

    /// As [`Engine::open`], with options; an embedder must be the one the index was made with.
    ///
    /// An index made with the built-in [`HashEmbedder`] finds it by itself.
    ///
    /// # Errors
    /// As [`Engine::open`], and [`Error::EmbedderMismatch`].
    #[expect(clippy::needless_pass_by_value, reason = "options are made for one engine")]
    pub fn open_with(directory: impl AsRef<Path>, options: EngineOptions) -> Result<Self> {
        Self::open_on(Arc::new(LsmTables), directory.as_ref(), &options)
    }

    fn open_on(tables: Arc<dyn Tables>, path: &Path, options: &EngineOptions) -> Result<Self> {
        let manner = Manner::of(options)?;
        let recover::Recovered { generation, embedder, found } =
            recover::recover(tables, path, options)?;
        let keeping = Keeping::new(found, options.durability, options.window);
        let mut inner = Inner::new(manner, generation, embedder, Some(keeping));
        inner.directory = Some(path.to_owned());
        inner.clock = options.clock.clone().unwrap_or(inner.clock);
        inner.kept_sources.store(Some(Arc::clone(&inner.current.load().sources)));
        let inner = Arc::new(inner);
        let keeper = Keeper::start(&inner, options)?;
        let background = Arc::new(Background::new(options.background));
        if inner.until_lapse().is_some() || inner.is_altering() {
            background.wake(&inner);
        }
        Ok(Self { inner, background, keeper: Some(Arc::new(keeper)), cancel: None })
    }

    /// Makes everything that was acknowledged lasting, and gives the directory up: this engine and its other handles
    /// go on reading, and refuse to write. Dropping the last handle does the same, and says nothing of a failure.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::DiskFull`], where what [`Durability::Buffered`] or [`Durability::None`] left to be
    /// written could not be.
    pub fn close(self) -> Result<()> {
        self.keeper.as_ref().map_or(Ok(()), |keeper| keeper.close())
    }

    fn generation(&self) -> Arc<Generation> {
        self.inner.current.load_full()
    }
}

/// The generation of a snapshot, and an embedder that fits it.
fn load(
    snapshot: &Snapshot,
    given: Option<Arc<dyn Embedder>>,
) -> Result<(Generation, Option<Arc<dyn Embedder>>)> {
    let generation = Generation::load(snapshot)?;
    let embedder = embed::of_opened(&generation.schema, given)?;
    Ok((generation, embedder))
}

/// What options say of an engine that its index does not.
struct Manner {
    exact_budget_ms: f64,
    window: u64,
    cache: ResultCache,
    instruments: Instruments,
}

impl Manner {
    /// # Errors
    /// What is wrong with the options.
    fn of(options: &EngineOptions) -> Result<Self> {
        Ok(Self {
            exact_budget_ms: options.budget_ms()?,
            window: options.window,
            cache: ResultCache::new(options.cache_bytes),
            instruments: Instruments::new(options.slow_request, options.redact_slow_requests),
        })
    }
}

impl Inner {
    fn new(
        manner: Manner,
        generation: Generation,
        embedder: Option<Arc<dyn Embedder>>,
        keeping: Option<Keeping>,
    ) -> Self {
        let Manner { exact_budget_ms, window, cache, instruments } = manner;
        // Memory alone keeps as many as the journal would; beside a journal it spares reading it.
        let most = usize::try_from(window).unwrap_or(usize::MAX);
        let ring = Ring::new(generation.number, most, keeping.is_some());
        Self {
            current: ArcSwap::from_pointee(generation),
            ring: Broadcast(Arc::new(ring)),
            queue: Queue::new(commit::MOST_WAITING),
            arrivals: Arrivals::default(),
            writer: Mutex::default(),
            upkeep: Mutex::default(),
            embedder,
            exact_budget_ms,
            cache,
            instruments,
            directory: None,
            kept_sources: ArcSwapOption::empty(),
            keeping,
            read_only: None,
            turn: Mutex::default(),
            clock: Arc::new(SystemClock),
            lapsing: Mutex::default(),
        }
    }
}

fn random_key() -> Result<[u8; 32]> {
    let mut key = [0; 32];
    getrandom::fill(&mut key)
        .map_err(|error| Error::Internal { what: format!("no random bytes: {error}") })?;
    Ok(key)
}
