//! What the writer does between a batch that is handed in and one that is answered, and the snapshots beside it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::Instruments;
use super::histogram::{Distribution, Histogram};

/// A part of the writer's work that is timed.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) enum Step {
    /// A batch waited for those before it.
    Queue,
    /// A group of batches was applied to a copy of what it changes.
    Apply,
    /// A group was put into the journal, as lasting as was asked for.
    Journal,
    /// A snapshot was written.
    Snapshot,
}

/// In the order of [`Step`].
pub(super) const STEPS: [&str; 4] = ["queue", "apply", "journal", "snapshot"];

/// Its counters.
#[derive(Default)]
pub(super) struct Writing {
    steps: [Histogram; STEPS.len()],
    waiting: AtomicU64,
}

/// How long the writer's work took, in microseconds, and who waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WriterMetrics {
    /// Batches that are handed in and not answered yet.
    pub waiting: u64,
    /// How long batches waited until it was their turn.
    pub queue_us: Distribution,
    /// How long groups of batches took to be applied.
    pub apply_us: Distribution,
    /// How long groups took to be put into the journal, with the disk's own time where the engine is `Synced`.
    pub journal_us: Distribution,
    /// How long snapshots took to be written; readers and writers go on meanwhile.
    pub snapshot_us: Distribution,
}

/// One batch that is handed in; it counts as waiting until this is dropped.
pub(in crate::engine) struct Waiting<'a>(&'a AtomicU64);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Writing {
    pub(super) fn metrics(&self) -> WriterMetrics {
        let [queue_us, apply_us, journal_us, snapshot_us] =
            self.steps.each_ref().map(|step| step.summary(1e3));
        let waiting = self.waiting.load(Ordering::Relaxed);
        WriterMetrics { waiting, queue_us, apply_us, journal_us, snapshot_us }
    }
}

impl Instruments {
    /// Records that a step took so long.
    pub(in crate::engine) fn record_step(&self, step: Step, took: Duration) {
        self.writing.steps[step as usize].record(took.as_nanos() as u64);
        self.facade.record_step(step, took);
    }

    /// Does a step, and records its time.
    pub(in crate::engine) fn timed<A>(&self, step: Step, work: impl FnOnce() -> A) -> A {
        let start = Instant::now();
        let done = work();
        self.record_step(step, start.elapsed());
        done
    }

    /// How many batches wait for the writer.
    #[cfg(feature = "metrics")]
    pub(super) fn waiting(&self) -> u64 {
        self.writing.waiting.load(Ordering::Relaxed)
    }

    /// Counts a batch as one that waits.
    pub(in crate::engine) fn handed_in(&self) -> Waiting<'_> {
        self.writing.waiting.fetch_add(1, Ordering::Relaxed);
        Waiting(&self.writing.waiting)
    }
}
