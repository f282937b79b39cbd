//! What the engine counts about itself while it works: how long requests take on which path, what they go through, what
//! fails, and what was slow.
//!
//! Everything is recorded in atomics that belong to one engine. With the feature `metrics` the same goes to the
//! facade of that name, for whatever exporter the process has; with `tracing` each request is a span.

mod facade;
mod histogram;
mod observe;
mod report;
mod slow;
mod writing;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use facade::Facade;
use histogram::Histogram;
use slow::SlowLog;
use writing::Writing;

pub use histogram::Distribution;
pub(super) use observe::Seen;
pub use report::{ErrorCount, Metrics, RequestMetrics};
pub use slow::SlowRequest;
pub(super) use writing::Step;
pub use writing::WriterMetrics;

/// A kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Search,
    Match,
    Similar,
    Suggest,
    Get,
    Write,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Search => "search",
            Kind::Match => "match",
            Kind::Similar => "similar",
            Kind::Suggest => "suggest",
            Kind::Get => "get",
            Kind::Write => "write",
        }
    }
}

/// Every path that a request of a kind can take; what is not listed is recorded under the last of its kind.
const PATHS: &[(Kind, &str)] = &[
    (Kind::Search, "cached"),
    (Kind::Search, "bitmaps"),
    (Kind::Search, "sorted-walk"),
    (Kind::Search, "text-relevance"),
    (Kind::Search, "text"),
    (Kind::Search, "hybrid"),
    (Kind::Search, "similarity"),
    (Kind::Search, "nearby"),
    (Kind::Match, "cached"),
    (Kind::Match, "exact-bounds"),
    (Kind::Match, "exact-codes"),
    (Kind::Match, "exact-brute"),
    (Kind::Match, "exact-bounds-parallel"),
    (Kind::Match, "business-only"),
    (Kind::Match, "approximate-cells"),
    (Kind::Match, "exact-each"),
    (Kind::Similar, "exact-bounds"),
    (Kind::Similar, "exact-codes"),
    (Kind::Similar, "exact-brute"),
    (Kind::Similar, "exact-bounds-parallel"),
    (Kind::Suggest, "completions"),
    (Kind::Get, "id"),
    (Kind::Write, "batch"),
];

/// One path's requests.
#[derive(Default)]
struct Series {
    nanos: Histogram,
    considered: Histogram,
}

/// The counters of one engine.
pub(super) struct Instruments {
    series: Vec<Series>,
    errors: Mutex<BTreeMap<(Kind, &'static str), u64>>,
    writing: Writing,
    slow: SlowLog,
    redact: bool,
    facade: Facade,
    /// When these were begun, and how many microseconds later the last generation was published.
    begun: Instant,
    published_us: AtomicU64,
}

impl Instruments {
    pub(super) fn new(slow: Duration, redact: bool) -> Self {
        Self {
            series: PATHS.iter().map(|_| Series::default()).collect(),
            errors: Mutex::default(),
            writing: Writing::default(),
            slow: SlowLog::new(slow),
            redact,
            facade: Facade::default(),
            begun: Instant::now(),
            published_us: AtomicU64::new(0),
        }
    }

    /// Notes that a generation was published.
    pub(super) fn published(&self) {
        self.published_us.store(self.begun.elapsed().as_micros() as u64, Ordering::Relaxed);
    }

    /// How long ago a generation was published.
    fn age(&self) -> Duration {
        let published = Duration::from_micros(self.published_us.load(Ordering::Relaxed));
        self.begun.elapsed().saturating_sub(published)
    }

    /// Records an answer. Cost: a look along the paths, four atomic additions.
    pub(super) fn record(&self, kind: Kind, path: &str, took: Duration, considered: u64) {
        let own = |at: &usize| PATHS[*at].0 == kind;
        let at = (0..PATHS.len()).filter(own).find(|at| PATHS[*at].1 == path);
        let Some(at) = at.or_else(|| (0..PATHS.len()).rfind(own)) else { return };
        self.series[at].nanos.record(took.as_nanos() as u64);
        self.series[at].considered.record(considered);
        self.facade.record(at, took, considered);
    }

    /// Records a refusal.
    pub(super) fn record_error(&self, kind: Kind, code: &'static str) {
        let mut errors = self.errors.lock().unwrap_or_else(PoisonError::into_inner);
        *errors.entry((kind, code)).or_default() += 1;
        self.facade.record_error(kind, code);
    }
}
