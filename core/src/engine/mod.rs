//! The one public door: open, read, write.

mod cancel;
mod embed;
mod follow;
mod hash_embedder;
mod read;
#[cfg(feature = "postgres")]
mod source;
mod stats;
mod upkeep;
mod write;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use arc_swap::{ArcSwap, ArcSwapOption};

use crate::api::cancel::Cancel;
use crate::api::criteria::check_exact_budget;
use crate::generation::Generation;
use crate::model::{Embedder, Error, Result, Schema};
use crate::store::{Directory, Snapshot};
use follow::ReadOnly;

pub use hash_embedder::HashEmbedder;
pub use stats::{SectionSize, SnapshotReport, Stats, VerifyReport};
use upkeep::Background;
pub use write::Applied;

/// How an engine is made.
#[derive(Clone)]
#[non_exhaustive]
pub struct EngineOptions {
    /// What the index holds beside the built-in fields. Only for a new index: one that is opened has its own.
    pub schema: Schema,
    /// What makes embeddings from text. Its name and dimension are kept with the index.
    pub embedder: Option<Arc<dyn Embedder>>,
    /// Whether a thread of the engine does what [`Engine::maintain`] does as it falls due. True; no answer shows it.
    pub background: bool,
    /// A match whose exact path is estimated to take longer than so many milliseconds takes the approximate one, and
    /// its answer says so. 50, half of what a person feels as a delay: on a machine of today it keeps every match
    /// over a million embeddings exact. Infinite: always exact, unless a request asks otherwise.
    pub exact_budget_ms: f64,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self { schema: Schema::default(), embedder: None, background: true, exact_budget_ms: 50.0 }
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

    fn budget_ms(&self) -> Result<f64> {
        check_exact_budget("exact_budget_ms", self.exact_budget_ms)?;
        Ok(self.exact_budget_ms)
    }

    /// With something that makes embeddings from text.
    #[must_use]
    pub fn with_embedder(mut self, embedder: Arc<dyn Embedder>) -> Self {
        self.embedder = Some(embedder);
        self
    }

    /// With a thread for what is due, or without: then [`Engine::maintain`] is the caller's to call.
    #[must_use]
    pub fn with_background(mut self, background: bool) -> Self {
        self.background = background;
        self
    }
}

impl std::fmt::Debug for EngineOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EngineOptions")
            .field("schema", &self.schema)
            .field("background", &self.background)
            .field("embedder", &self.embedder.as_ref().map(|embedder| embedder.id()))
            .field("exact_budget_ms", &self.exact_budget_ms)
            .finish()
    }
}

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
    /// What calls off the calls through this handle.
    cancel: Option<Cancel>,
}

struct Inner {
    current: ArcSwap<Generation>,
    writer: Mutex<()>,
    /// Held by whoever does a piece of upkeep: one at a time.
    upkeep: Mutex<()>,
    embedder: Option<Arc<dyn Embedder>>,
    exact_budget_ms: f64,
    directory: Option<PathBuf>,
    /// What sources of changes had kept in the last snapshot of the directory; none where there is none yet.
    kept_sources: ArcSwapOption<BTreeMap<String, Vec<u8>>>,
    /// What is read and never written to.
    read_only: Option<ReadOnly>,
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
    /// [`Error::Internal`] where the system gives no random bytes for the index's key.
    pub fn in_memory() -> Result<Self> {
        Self::in_memory_with(EngineOptions::default())
    }

    /// A new, empty index in memory.
    ///
    /// # Errors
    /// [`Error::EmbedderMismatch`] where the schema names another embedder than the one given;
    /// [`Error::OutOfRange`] for a budget below 0.
    pub fn in_memory_with(options: EngineOptions) -> Result<Self> {
        let exact_budget_ms = options.budget_ms()?;
        let EngineOptions { mut schema, embedder, background, .. } = options;
        let embedder = embed::fitting(&schema, embedder)?;
        if let Some(embedder) = &embedder {
            let id = embedder.id();
            if schema.dimension.is_some_and(|dimension| dimension != id.dimension) {
                return Err(Error::WrongDimension {
                    field: "schema.dimension".to_owned(),
                    found: schema.dimension.unwrap_or(0),
                    expected: id.dimension,
                });
            }
            schema.dimension = Some(id.dimension);
            schema.embedder = Some(id);
        }
        let generation = Generation::empty(schema, random_key()?)?;
        Ok(Self::from_generation(generation, (embedder, exact_budget_ms), None, background))
    }

    /// Opens the index of a directory: the newest snapshot, every checksum of which must hold.
    ///
    /// Changes are visible at once and kept by [`Engine::snapshot`]. Cost: one read of the file.
    ///
    /// # Errors
    /// [`Error::NotAnIndex`], [`Error::Damaged`], [`Error::NewerFormat`], [`Error::Io`].
    pub fn open(directory: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(directory, EngineOptions::default())
    }

    /// As [`Engine::open`], with an embedder, which must be the one the index was made with.
    ///
    /// An index made with the built-in [`HashEmbedder`] finds it by itself.
    ///
    /// # Errors
    /// As [`Engine::open`], and [`Error::EmbedderMismatch`].
    pub fn open_with(directory: impl AsRef<Path>, options: EngineOptions) -> Result<Self> {
        let (directory, exact_budget_ms) = (directory.as_ref(), options.budget_ms()?);
        let snapshot = Directory::new(directory).open_newest()?;
        let (generation, embedder) = load(&snapshot, options.embedder)?;
        let directory = Some(directory.to_owned());
        let how = (embedder, exact_budget_ms);
        Ok(Self::from_generation(generation, how, directory, options.background))
    }

    fn from_generation(
        generation: Generation,
        (embedder, exact_budget_ms): (Option<Arc<dyn Embedder>>, f64),
        directory: Option<PathBuf>,
        background: bool,
    ) -> Self {
        let kept_sources =
            ArcSwapOption::new(directory.as_ref().map(|_| Arc::clone(&generation.sources)));
        let inner = Inner {
            current: ArcSwap::from_pointee(generation),
            writer: Mutex::default(),
            upkeep: Mutex::default(),
            embedder,
            exact_budget_ms,
            directory,
            kept_sources,
            read_only: None,
        };
        let background = Arc::new(Background::new(background));
        Self { inner: Arc::new(inner), background, cancel: None }
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
    if let (None, Some(given)) = (&generation.schema.embedder, &given) {
        return Err(Error::EmbedderMismatch {
            expected: "none: its embeddings come with the profiles".to_owned(),
            found: given.id().to_string(),
        });
    }
    let embedder = embed::fitting(&generation.schema, given)?;
    Ok((generation, embedder))
}

fn random_key() -> Result<[u8; 32]> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|error| Error::Internal {
        what: format!("no random bytes for the index's key: {error}"),
    })?;
    Ok(key)
}
