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

    /// How many there are.
    pub fn len(&self) -> usize {
        self.nanos.len()
    }

    /// Nearest-rank percentiles. Cost: a sort.
    pub fn percentiles(&mut self) -> Percentiles {
        self.nanos.sort_unstable();
        let at = |share: f64| {
            let rank = (share * self.nanos.len() as f64).ceil() as usize;
            let nanos = self.nanos.get(rank.saturating_sub(1)).copied().unwrap_or(0);
            // A tenth of a microsecond is what the clock is good for.
            (nanos as f64 / 100.0).round() / 10.0
        };
        Percentiles { p50: at(0.50), p95: at(0.95), p99: at(0.99), max: at(1.0) }
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
