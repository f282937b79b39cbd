//! The requests that took long: the last thousand, each with its plan.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use serde::Serialize;

/// How many are kept.
const KEPT: usize = 1_000;
/// A longer request is kept without its end.
const LONGEST: usize = 16 * 1_024;

/// A request that took longer than the engine's threshold.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SlowRequest {
    /// When it was answered, in milliseconds since 1970.
    pub at_ms: u64,
    /// `search`, `match`, `similar`, `suggest` or `get`.
    pub kind: &'static str,
    /// The path that was taken; empty where it ended before there was one.
    pub path: &'static str,
    /// Microseconds from request to answer.
    pub took_us: u64,
    /// Rows that passed every condition.
    pub considered: u64,
    /// The generation that answered.
    pub generation: u64,
    /// The code of the error that it ended with.
    pub error: Option<&'static str>,
    /// The request in its wire form; embeddings are told by their length, and a long one is cut after 16 KiB. Where
    /// the engine redacts, texts and the values of filters are told by their length too.
    pub request: String,
}

/// The last slow requests.
pub(super) struct SlowLog {
    threshold_us: AtomicU64,
    kept: Mutex<VecDeque<SlowRequest>>,
}

impl SlowLog {
    pub(super) fn new(threshold: Duration) -> Self {
        Self { threshold_us: AtomicU64::new(threshold.as_micros() as u64), kept: Mutex::default() }
    }

    pub(super) fn is_slow(&self, took_us: u64) -> bool {
        took_us >= self.threshold_us.load(Ordering::Relaxed)
    }

    /// Keeps one, in place of the oldest where there are a thousand.
    pub(super) fn keep(&self, mut slow: SlowRequest) {
        slow.at_ms = SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_millis() as u64);
        if slow.request.len() > LONGEST {
            let end = (0..=LONGEST).rev().find(|end| slow.request.is_char_boundary(*end));
            slow.request.truncate(end.unwrap_or(0));
            slow.request.push_str("...");
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(slow);
    }

    /// All that are kept, the newest last.
    pub(super) fn all(&self) -> Vec<SlowRequest> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_thousand_are_kept_and_long_ones_cut() {
        let log = SlowLog::new(Duration::from_millis(1));
        assert!(!log.is_slow(999) && log.is_slow(1_000));
        for took_us in 0..1_500 {
            log.keep(SlowRequest {
                at_ms: 0,
                kind: "search",
                path: "",
                took_us,
                considered: 0,
                generation: 0,
                error: None,
                request: "ü".repeat(LONGEST),
            });
        }
        let kept = log.all();
        assert_eq!((kept.len(), kept[0].took_us, kept[999].took_us), (1_000, 500, 1_499));
        assert!(kept.iter().all(|slow| slow.request.len() <= LONGEST + 3));
    }
}
