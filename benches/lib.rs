//! What the benches share: requests timed in turn, and what is said of their times. `cargo bench -p shortlist-benches`;
//! every answer is checked before it is timed.

use std::fmt;
use std::time::Instant;

/// Rounds that are timed, after one to warm up.
const ROUNDS: usize = 10;

/// Microseconds by request: of each, its rounds.
#[derive(Clone, Debug)]
pub struct Times {
    rounds: Vec<Vec<f64>>,
}

/// Times requests in turn, round after round; `before` is done before each round and not timed.
pub fn rounds<R>(requests: &[R], mut before: impl FnMut(), mut ask: impl FnMut(&R)) -> Times {
    let mut rounds = vec![Vec::with_capacity(ROUNDS); requests.len()];
    for round in 0..=ROUNDS {
        before();
        for (request, times) in requests.iter().zip(&mut rounds) {
            let start = Instant::now();
            ask(request);
            if round > 0 {
                times.push(start.elapsed().as_secs_f64() * 1e6);
            }
        }
    }
    Times { rounds }
}

impl Times {
    /// What so large a share of all calls took at most.
    pub fn at(&self, share: f64) -> f64 {
        quantile(self.rounds.iter().flatten().copied().collect(), share)
    }

    /// The times of every so-many-th request alone, from one on.
    #[must_use]
    pub fn every(&self, step: usize, from: usize) -> Self {
        Self { rounds: self.rounds.iter().skip(from).step_by(step).cloned().collect() }
    }

    /// What half of the requests, each in its middle round, take at most on top of the same requests of `base`.
    pub fn on_top_of(&self, base: &Self) -> f64 {
        let middle = |times: &Vec<f64>| quantile(times.clone(), 0.5);
        let pairs = self.rounds.iter().zip(&base.rounds);
        quantile(pairs.map(|(with, without)| middle(with) - middle(without)).collect(), 0.5)
    }
}

fn quantile(mut times: Vec<f64>, share: f64) -> f64 {
    times.sort_unstable_by(f64::total_cmp);
    times.get((times.len().saturating_sub(1) as f64 * share) as usize).copied().unwrap_or(f64::NAN)
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [p50, p95, p99] = [0.5, 0.95, 0.99].map(|share| self.at(share));
        write!(f, "p50 {p50:7.1} us   p95 {p95:7.1} us   p99 {p99:7.1} us")
    }
}
