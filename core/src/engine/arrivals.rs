//! Waiting for a generation to come.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Engine;
use crate::model::{Error, Result};

/// Those who wait for a generation. Nobody pays for them where there is none.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    waiting: AtomicUsize,
    gate: Mutex<()>,
    came: Condvar,
}

impl Arrivals {
    /// To be called after a generation was published.
    pub(super) fn announce(&self) {
        // Whoever waits counts itself first and looks then; the writer publishes first and counts then.
        if self.waiting.load(Ordering::SeqCst) > 0 {
            drop(self.gate.lock().unwrap_or_else(PoisonError::into_inner));
            self.came.notify_all();
        }
    }

    fn wait(&self, timeout: Duration, is_here: impl Fn() -> bool) -> bool {
        let start = Instant::now();
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let mut gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        let came = loop {
            if is_here() {
                break true;
            }
            let left = timeout.saturating_sub(start.elapsed());
            if left.is_zero() {
                break false;
            }
            gate = self.came.wait_timeout(gate, left).unwrap_or_else(PoisonError::into_inner).0;
        };
        drop(gate);
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        came
    }
}

impl Engine {
    /// Waits until the index is at a generation or beyond; gives the one that it is at.
    ///
    /// What a write returns in [`Applied::generation`](crate::Applied::generation) can be handed to another process or
    /// thread, which so reads what was written.
    ///
    /// ```
    /// use std::time::Duration;
    /// use shortlist::{AdvisorProfile, Engine};
    ///
    /// let engine = Engine::in_memory()?;
    /// let applied = engine.upsert(vec![AdvisorProfile::new("ada")])?;
    /// assert_eq!(engine.wait_for(applied.generation, Duration::ZERO)?, applied.generation);
    /// # Ok::<(), shortlist::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotYet`] after `timeout`.
    pub fn wait_for(&self, generation: u64, timeout: Duration) -> Result<u64> {
        let current = || self.inner.current.load().number;
        if current() >= generation || self.inner.arrivals.wait(timeout, || current() >= generation)
        {
            return Ok(current());
        }
        let waited_ms = timeout.as_millis() as u64;
        Err(Error::NotYet { generation, current: current(), waited_ms })
    }
}
