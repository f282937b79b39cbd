//! The engine's counters as an object.

use std::sync::PoisonError;

use serde::Serialize;

use super::histogram::Distribution;
use super::slow::SlowRequest;
use super::writing::WriterMetrics;
use super::{Instruments, PATHS};
use crate::engine::{CacheMetrics, Engine, SectionSize};

/// What an engine has done since it was opened, and what it holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Metrics {
    /// Each kind of request by the path it took; those that were never taken are left out.
    pub requests: Vec<RequestMetrics>,
    /// Refusals by kind and code.
    pub errors: Vec<ErrorCount>,
    /// The generation that is read now.
    pub generation: u64,
    /// Seconds since the last change became visible.
    pub generation_age_s: f64,
    /// Answers that were kept, and given again.
    pub cache: CacheMetrics,
    /// The writer's queue, and the times of journal and snapshots.
    pub writer: WriterMetrics,
    /// Memory by part, in bytes, about.
    pub memory: Vec<SectionSize>,
    /// How many requests are in the log of slow ones; see [`Engine::slow_requests`].
    pub slow: u64,
}

/// The requests of one kind that took one path.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RequestMetrics {
    /// `search`, `match`, `similar`, `suggest`, `get` or `write`.
    pub kind: &'static str,
    /// As `explain` names it.
    pub path: &'static str,
    /// How long they took, in microseconds.
    pub took_us: Distribution,
    /// How many rows passed their conditions; of a write, how many changes it had.
    pub considered: Distribution,
}

/// How often a kind of request was refused by a code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ErrorCount {
    /// As in [`RequestMetrics`].
    pub kind: &'static str,
    /// See [`Error::code`](crate::Error::code).
    pub code: &'static str,
    /// How often.
    pub count: u64,
}

impl Metrics {
    /// The wire form.
    pub fn to_json(&self) -> String {
        crate::api::json::to_json(self)
    }
}

impl Instruments {
    fn requests(&self) -> Vec<RequestMetrics> {
        let taken = PATHS.iter().zip(&self.series).map(|((kind, path), series)| RequestMetrics {
            kind: kind.name(),
            path,
            took_us: series.nanos.summary(1e3),
            considered: series.considered.summary(1.0),
        });
        taken.filter(|one| one.took_us.count > 0).collect()
    }

    fn refusals(&self) -> Vec<ErrorCount> {
        let errors = self.errors.lock().unwrap_or_else(PoisonError::into_inner);
        let each = errors.iter().map(|((kind, code), count)| ErrorCount {
            kind: kind.name(),
            code,
            count: *count,
        });
        each.collect()
    }
}

impl Engine {
    /// What the engine has done since it was opened: times and rows by kind and path, refusals, memory.
    ///
    /// ```
    /// use shortlist::{Engine, SearchRequest};
    ///
    /// let engine = Engine::in_memory()?;
    /// engine.search(&SearchRequest::default())?;
    /// let metrics = engine.metrics();
    /// assert_eq!((metrics.requests[0].kind, metrics.requests[0].took_us.count), ("search", 1));
    /// # Ok::<(), shortlist::Error>(())
    /// ```
    ///
    /// Cost: a pass over some 25,000 counters, and that of the memory in [`Engine::stats`].
    pub fn metrics(&self) -> Metrics {
        let instruments = &self.inner.instruments;
        let stats = self.stats();
        Metrics {
            requests: instruments.requests(),
            errors: instruments.refusals(),
            generation: stats.generation,
            generation_age_s: self.inner.instruments.age().as_secs_f64(),
            cache: self.inner.cache.metrics(),
            writer: instruments.writing.metrics(),
            memory: stats.memory,
            slow: instruments.slow.all().len() as u64,
        }
    }

    /// The last thousand requests that took longer than the engine's threshold, the newest last; see
    /// [`EngineOptions::slow_request`](crate::EngineOptions::slow_request). Cost: a copy.
    pub fn slow_requests(&self) -> Vec<SlowRequest> {
        self.inner.instruments.slow.all()
    }

    /// Sets the gauges of the `metrics` facade: memory by part, generation and its age, who waits for the writer, what
    /// the cache did. Whoever exports calls it now and then; what is counted reaches the facade by itself.
    #[cfg(feature = "metrics")]
    pub fn set_gauges(&self) {
        let stats = self.stats();
        for part in &stats.memory {
            metrics::gauge!("shortlist_memory_bytes", "part" => part.name.clone())
                .set(part.bytes as f64);
        }
        let gauges = [
            ("shortlist_generation", stats.generation as f64),
            ("shortlist_profiles", stats.profiles as f64),
            ("shortlist_tombstones", stats.tombstones as f64),
            ("shortlist_generation_age_seconds", self.inner.instruments.age().as_secs_f64()),
            ("shortlist_writer_waiting", self.inner.instruments.waiting() as f64),
        ];
        let cache = self.inner.cache.metrics();
        for (outcome, count) in
            [("hit", cache.hits), ("miss", cache.misses), ("stale", cache.stale)]
        {
            metrics::counter!("shortlist_cache_requests_total", "outcome" => outcome)
                .absolute(count);
        }
        metrics::counter!("shortlist_cache_evictions_total").absolute(cache.evictions);
        metrics::gauge!("shortlist_cache_bytes").set(cache.bytes as f64);
        for (name, value) in gauges {
            metrics::gauge!(name).set(value);
        }
    }
}
