//! Many requests, timed one after the other, then each checked against the slow twin.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use shortlist::Engine;
use shortlist::testing::Twin;

use crate::ask::Ask;
use crate::failure::{Failure, Result};
use crate::progress::Progress;
use crate::report::latency::{Latencies, Percentiles};

/// What came of it.
pub struct Proof {
    /// How many requests there were.
    pub requests: usize,
    /// How many of their answers are the twin's.
    pub verified: usize,
    /// The first that is not, in words.
    pub differs: Option<String>,
    /// How long the answers took.
    pub percentiles: Percentiles,
}

/// Times every request on one thread, then verifies every answer on all of them.
pub fn prove<A: Ask>(
    what: &'static str,
    engine: &Engine,
    twin: &Twin,
    requests: &[A],
) -> Result<Proof> {
    for request in requests.iter().take(100) {
        request.ask(engine)?;
    }
    let mut latencies = Latencies::default();
    let mut answers = Vec::with_capacity(requests.len());
    for request in requests {
        let before = Instant::now();
        let answer = request.ask(engine);
        let took = before.elapsed();
        answers.push(answer?);
        latencies.add(took);
    }
    let asked: Vec<_> = requests.iter().zip(answers).enumerate().collect();
    let differences = verify(what, twin, &asked)?;
    let first = differences.first();
    Ok(Proof {
        requests: requests.len(),
        verified: requests.len() - differences.len(),
        differs: first.map(|(at, difference)| format!("{what} {}: {difference}", at + 1)),
        percentiles: latencies.percentiles(),
    })
}

/// The places of the answers that differ, in order, and how. Threads take what no other has taken.
pub fn verify<A: Ask>(
    what: &'static str,
    twin: &Twin,
    asked: &[(usize, (&A, A::Answer))],
) -> Result<Vec<(usize, String)>> {
    let progress = Progress::start("verifying");
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut differences = Vec::new();
        loop {
            let done = next.fetch_add(1, Ordering::Relaxed);
            let Some((at, (request, answer))) = asked.get(done) else { return differences };
            if let Err(difference) = request.verify(answer, twin) {
                differences.push((*at, difference));
            }
            progress.at(Some((done + 1) as f64 / asked.len() as f64), done as u64 + 1, what);
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut all = Vec::new();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        for worker in workers {
            let differences = worker.join();
            all.extend(
                differences
                    .map_err(|_| Failure::Differs("the brute-force twin panicked".to_owned()))?,
            );
        }
        Ok::<_, Failure>(())
    })?;
    progress.finish();
    all.sort_unstable();
    Ok(all)
}
