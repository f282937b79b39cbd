//! Times and counts, told as a distribution: sixteen buckets an octave, so a value is known to 6 %.
//!
//! The layout is that of `HdrHistogram` (Gil Tene): a bucket is found by the place of the highest bit and the four bits
//! behind it. Every bucket is an atomic of its own, so whoever records waits for nobody.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use serde::Serialize;

/// Bits behind the highest one that tell buckets apart.
const FINE: u32 = 4;
/// Values from here on count as this: eighteen minutes in nanoseconds.
const MOST: u64 = (1 << 40) - 1;
const BUCKETS: usize = ((40 - FINE as usize) + 1) << FINE;

/// A distribution that is recorded to from every thread.
pub(super) struct Histogram {
    buckets: Box<[AtomicU64]>,
    sum: AtomicU64,
    max: AtomicU64,
}

impl Default for Histogram {
    fn default() -> Self {
        let buckets = (0..BUCKETS).map(|_| AtomicU64::new(0)).collect();
        Self { buckets, sum: AtomicU64::new(0), max: AtomicU64::new(0) }
    }
}

impl Histogram {
    /// Adds one value. Cost: two atomic additions, and a store where it is the largest so far.
    pub(super) fn record(&self, value: u64) {
        self.buckets[bucket(value.min(MOST))].fetch_add(1, Relaxed);
        self.sum.fetch_add(value, Relaxed);
        if value > self.max.load(Relaxed) {
            self.max.fetch_max(value, Relaxed);
        }
    }

    /// What was recorded so far, each value divided by `unit`.
    pub(super) fn summary(&self, unit: f64) -> Distribution {
        let counts: Vec<u64> = self.buckets.iter().map(|bucket| bucket.load(Relaxed)).collect();
        let count = counts.iter().sum();
        let max = self.max.load(Relaxed);
        // A tenth is what the buckets are good for, and what a person reads.
        let shown = |value: u64| (value.min(max) as f64 / unit * 10.0).round() / 10.0;
        let at = |share: f64| {
            let rank = ((share * count as f64).ceil() as u64).max(1);
            let mut before = 0;
            let found = counts.iter().position(|count| {
                before += count;
                before >= rank
            });
            found.map_or(0.0, |bucket| shown(highest(bucket)))
        };
        Distribution {
            count,
            sum: self.sum.load(Relaxed) as f64 / unit,
            p50: at(0.50),
            p95: at(0.95),
            p99: at(0.99),
            max: shown(max),
        }
    }
}

/// How values are distributed: nearest ranks, each to 6 %.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Distribution {
    /// How many values there are.
    pub count: u64,
    /// Their sum.
    pub sum: f64,
    /// Half of them are at most this.
    pub p50: f64,
    /// 95 of 100 are at most this.
    pub p95: f64,
    /// 99 of 100 are at most this.
    pub p99: f64,
    /// The largest.
    pub max: f64,
}

fn bucket(value: u64) -> usize {
    let octave = (u64::BITS - value.leading_zeros()).saturating_sub(FINE + 1);
    ((octave as usize) << FINE) + (value >> octave) as usize
}

/// The largest value of a bucket.
fn highest(bucket: usize) -> u64 {
    let octave = (bucket >> FINE).saturating_sub(1);
    let fine = (bucket - (octave << FINE)) as u64;
    ((fine + 1) << octave) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_in_a_bucket_that_is_at_most_a_sixteenth_wide() {
        let check = |value: u64| {
            let at = bucket(value);
            assert!(at < BUCKETS && highest(at) >= value, "{value}");
            assert!(highest(at) - value <= value / 16, "{value}");
            at
        };
        (0..5_000).map(check).reduce(|last, at| {
            assert!(at >= last, "{at} after {last}");
            at
        });
        for bit in 12..40 {
            for value in [(1 << bit) - 1, 1 << bit, 5 << (bit - 3)] {
                check(value);
            }
        }
        assert_eq!(bucket(MOST), BUCKETS - 1);
    }

    #[test]
    fn percentiles_are_nearest_ranks() {
        let times = Histogram::default();
        (1..=1_000).for_each(|micros| times.record(micros * 1_000));
        let told = times.summary(1e3);
        assert_eq!((told.count, told.sum, told.max), (1_000, 500_500.0, 1_000.0));
        for (found, right) in [(told.p50, 500.0), (told.p95, 950.0), (told.p99, 990.0)] {
            assert!(found >= right && found <= right * 1.07, "{found} instead of {right}");
        }
        assert_eq!(Histogram::default().summary(1.0), Distribution::default());
    }

    #[test]
    fn what_lasts_too_long_is_counted_as_the_longest() {
        let times = Histogram::default();
        times.record(u64::MAX);
        assert_eq!(times.summary(1.0).count, 1);
    }
}
