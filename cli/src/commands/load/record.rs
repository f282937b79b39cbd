//! What threads see: latencies by kind, over time, and what failed.

use std::time::Duration;

use hdrhistogram::Histogram;

use super::asked::Kind;
use crate::report::timeline::Timeline;

/// Three digits of every latency up to a minute; what takes longer counts as a minute.
pub fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(100, 60_000_000_000, 3).expect("the bounds are sound")
}

/// What one thread saw, or all of them.
pub struct Record {
    /// Nanoseconds by kind, in the order of [`Kind::ALL`].
    pub kinds: Vec<Histogram<u64>>,
    /// All kinds, over the time of the run.
    pub timeline: Timeline,
    /// How many requests failed.
    pub errors: u64,
    /// The first that did, in words.
    pub first_error: Option<String>,
}

impl Record {
    /// Nothing seen of a run of that length.
    pub fn new(run: Duration) -> Self {
        let kinds = Kind::ALL.map(|_| histogram()).into();
        Self { kinds, timeline: Timeline::of(run), errors: 0, first_error: None }
    }

    /// Adds a request that ended at that moment and counts from when it was meant to start.
    pub fn add(&mut self, kind: Kind, ended: Duration, took: Duration) {
        self.kinds[kind as usize].saturating_record(took.as_nanos() as u64);
        self.timeline.add(ended, took);
    }

    /// Adds a request that failed.
    pub fn fail(&mut self, kind: Kind, what: &str) {
        self.errors += 1;
        self.first_error.get_or_insert_with(|| format!("{}: {what}", kind.name()));
    }

    /// Adds what another thread saw.
    pub fn join(&mut self, other: Self) {
        for (own, other) in self.kinds.iter_mut().zip(&other.kinds) {
            own.add(other).expect("histograms of the same bounds can be added");
        }
        self.timeline.join(&other.timeline);
        self.errors += other.errors;
        self.first_error = self.first_error.take().or(other.first_error);
    }

    /// All kinds together.
    pub fn all(&self) -> Histogram<u64> {
        let mut all = histogram();
        for kind in &self.kinds {
            all.add(kind).expect("histograms of the same bounds can be added");
        }
        all
    }
}

/// What so large a share took at most, in milliseconds.
pub fn ms_at(histogram: &Histogram<u64>, share: f64) -> f64 {
    if histogram.is_empty() { 0.0 } else { histogram.value_at_quantile(share) as f64 / 1e6 }
}
