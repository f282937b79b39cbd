//! Times of many requests, told as percentiles.

use std::time::Duration;

/// The times of requests, in nanoseconds, in order once told.
#[derive(Default)]
pub struct Latencies {
    nanos: Vec<u64>,
}

/// What the times say, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Percentiles {
    /// Half of the requests took at most this.
    pub p50: f64,
    /// 95 of 100 requests took at most this.
    pub p95: f64,
    /// 99 of 100 requests took at most this.
    pub p99: f64,
    /// The longest.
    pub max: f64,
}

impl Latencies {
    /// Adds one request.
    pub fn add(&mut self, time: Duration) {
        self.nanos.push(time.as_nanos() as u64);
    }

    /// Adds the requests of another thread.
    pub fn join(&mut self, other: Self) {
        self.nanos.extend(other.nanos);
    }

    /// Adds the requests of a group.
    pub fn add_all(&mut self, other: &Self) {
        self.nanos.extend(&other.nanos);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.nanos.len()
    }

    /// Puts them in order. Cost: a sort.
    pub fn sort(&mut self) {
        self.nanos.sort_unstable();
    }

    /// Nearest-rank percentiles. Cost: a sort.
    pub fn percentiles(&mut self) -> Percentiles {
        self.sort();
        self.sorted_percentiles()
    }

    /// The same of times that are in order.
    pub fn sorted_percentiles(&self) -> Percentiles {
        // A tenth of a microsecond is what the clock is good for.
        let at = |share: f64| (self.nanos_at(share) as f64 / 100.0).round() / 10.0;
        Percentiles { p50: at(0.50), p95: at(0.95), p99: at(0.99), max: at(1.0) }
    }

    /// What so large a share of the requests took at most, in microseconds; of times that are in order. None where so
    /// large a share is more than can be told of so few.
    pub fn micros_at(&self, shares: &[f64]) -> Vec<Option<f64>> {
        let least = 1.0 / self.nanos.len().max(1) as f64;
        let told = |share: &f64| 1.0 - share >= least * 0.999;
        shares.iter().map(|share| told(share).then(|| self.nanos_at(*share) as f64 / 1e3)).collect()
    }

    fn nanos_at(&self, share: f64) -> u64 {
        let rank = (share * self.nanos.len() as f64).ceil() as usize;
        self.nanos.get(rank.saturating_sub(1)).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_nearest_ranks_in_microseconds() {
        let mut latencies = Latencies::default();
        for micros in (1..=100).rev() {
            latencies.add(Duration::from_micros(micros));
        }
        let expected = Percentiles { p50: 50.0, p95: 95.0, p99: 99.0, max: 100.0 };
        assert_eq!(latencies.percentiles(), expected);
        assert_eq!(Latencies::default().percentiles().max, 0.0);
    }
}
