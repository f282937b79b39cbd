//! The timing itself: threads that ask in turn.

use std::time::{Duration, Instant};

use shortlist::Engine;

use crate::ask::Ask;
use crate::failure::{Failure, Result};
use crate::report::latency::Latencies;
use crate::report::timeline::Timeline;

/// A request, and which of several groups its times belong to.
pub struct Timed<A> {
    /// The request.
    pub request: A,
    /// The place of its group.
    pub group: usize,
}

/// What the threads saw.
pub struct Times {
    /// By group.
    pub groups: Vec<Latencies>,
    /// Over the time of the run.
    pub timeline: Timeline,
    /// The longest time of each request.
    pub longest: Vec<Duration>,
    /// How long it took in all.
    pub wall: Duration,
}

impl Times {
    fn new(groups: usize, requests: usize, run: Duration) -> Self {
        Self {
            groups: (0..groups).map(|_| Latencies::default()).collect(),
            timeline: Timeline::of(run),
            longest: vec![Duration::ZERO; requests],
            wall: Duration::ZERO,
        }
    }

    fn join(&mut self, other: Self) {
        for (own, other) in self.groups.iter_mut().zip(other.groups) {
            own.join(other);
        }
        self.timeline.join(&other.timeline);
        for (own, other) in self.longest.iter_mut().zip(other.longest) {
            *own = (*own).max(other);
        }
    }
}

/// Every thread goes through all requests in turn, each from another place, until the time is over and every request
/// was asked at least once.
pub fn time<A: Ask>(
    engine: &Engine,
    requests: &[Timed<A>],
    groups: usize,
    (threads, limit): (usize, Duration),
) -> Result<Times> {
    let start = Instant::now();
    let worker = |thread: usize| -> shortlist::Result<Times> {
        let mut times = Times::new(groups, requests.len(), limit);
        let first = thread * requests.len() / threads;
        let turns = (0..requests.len()).cycle().skip(first);
        for (asked, at) in turns.enumerate() {
            let Timed { request, group } = &requests[at];
            let before = Instant::now();
            if asked >= requests.len() && before - start >= limit {
                break;
            }
            let answer = std::hint::black_box(request.ask(engine));
            let took = before.elapsed();
            answer?;
            times.groups[*group].add(took);
            times.timeline.add(before + took - start, took);
            times.longest[at] = times.longest[at].max(took);
        }
        Ok(times)
    };
    let mut all = Times::new(groups, requests.len(), limit);
    std::thread::scope(|scope| {
        let workers: Vec<_> =
            (0..threads).map(|thread| scope.spawn(move || worker(thread))).collect();
        for worker in workers {
            let seen = worker.join();
            all.join(
                seen.map_err(|_| Failure::Differs("a request made a thread panic".to_owned()))??,
            );
        }
        Ok::<_, Failure>(())
    })?;
    all.wall = start.elapsed();
    Ok(all)
}
