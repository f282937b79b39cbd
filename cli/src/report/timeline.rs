//! When requests ended and how long they took: throughput and percentiles over the time of a run.

use std::time::Duration;

use hdrhistogram::Histogram;

/// Longer than this is counted as this.
const LONGEST: Duration = Duration::from_mins(1);
/// How many parts a run has at most.
const PARTS: u32 = 240;

/// A run cut into parts of the same length, and the latencies of each.
pub struct Timeline {
    part: Duration,
    parts: Vec<Histogram<u32>>,
}

impl Timeline {
    /// The timeline of a run of about that length: by the second, or finer or coarser where that gives too few or too many
    /// parts.
    pub fn of(run: Duration) -> Self {
        let part = if run < Duration::from_secs(20) {
            (run / 40).max(Duration::from_millis(10))
        } else {
            (run / PARTS).max(Duration::from_secs(1))
        };
        Self { part, parts: Vec::new() }
    }

    /// Adds a request that ended so long after the start. What ends long after the run is counted with its last part.
    pub fn add(&mut self, ended: Duration, took: Duration) {
        let at =
            (ended.as_nanos() / self.part.as_nanos().max(1)).min(2 * u128::from(PARTS)) as usize;
        while self.parts.len() <= at {
            self.parts.push(histogram());
        }
        self.parts[at].saturating_record(micros(took));
    }

    /// Adds what another thread saw of the same run.
    pub fn join(&mut self, other: &Self) {
        while self.parts.len() < other.parts.len() {
            self.parts.push(histogram());
        }
        for (own, other) in self.parts.iter_mut().zip(&other.parts) {
            own.add(other).expect("histograms of the same bounds can be added");
        }
    }

    /// The seconds at which the parts begin.
    pub fn seconds(&self) -> Vec<f64> {
        (0..self.parts.len()).map(|at| at as f64 * self.part.as_secs_f64()).collect()
    }

    /// Requests a second, part by part. The last part may not have been whole, and counts only where it is all there is.
    pub fn per_second(&self) -> Vec<Option<f64>> {
        let last = self.parts.len().saturating_sub(1);
        let rate = |part: &Histogram<u32>| part.len() as f64 / self.part.as_secs_f64();
        let shown = |(at, part)| (at < last || last == 0).then(|| rate(part));
        self.parts.iter().enumerate().map(shown).collect()
    }

    /// What so large a share of the requests of each part took at most, in milliseconds.
    pub fn milliseconds_at(&self, share: f64) -> Vec<Option<f64>> {
        let at = |part: &Histogram<u32>| {
            (!part.is_empty()).then(|| part.value_at_quantile(share) as f64 / 1_000.0)
        };
        self.parts.iter().map(at).collect()
    }
}

fn micros(took: Duration) -> u64 {
    took.as_micros().max(1) as u64
}

fn histogram() -> Histogram<u32> {
    Histogram::new_with_bounds(1, LONGEST.as_micros() as u64, 2).expect("the bounds are sound")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_tells_its_own_requests() {
        let mut timeline = Timeline::of(Duration::from_secs(30));
        let mut other = Timeline::of(Duration::from_secs(30));
        for millis in [100, 200, 1_500, 2_100] {
            timeline.add(Duration::from_millis(millis), Duration::from_millis(8));
        }
        other.add(Duration::from_millis(2_500), Duration::from_millis(64));
        timeline.join(&other);
        assert_eq!(timeline.seconds(), [0.0, 1.0, 2.0]);
        assert_eq!(timeline.per_second(), [Some(2.0), Some(1.0), None]);
        let most = timeline.milliseconds_at(1.0);
        assert!(most[2].is_some_and(|ms| (63.0..66.0).contains(&ms)), "{most:?}");
    }

    #[test]
    fn what_ends_long_after_the_run_takes_no_room() {
        let mut timeline = Timeline::of(Duration::from_secs(1));
        timeline.add(Duration::from_hours(24), Duration::from_hours(24));
        assert!(timeline.seconds().len() <= 2 * PARTS as usize + 1);
    }
}
