//! Waiting for a generation to come.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Engine;
use crate::generation::Generation;
use crate::model::{Error, Result};

/// How often those who wait look whether they were called off.
const LOOK: Duration = Duration::from_millis(20);

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

    /// Waits until it is here; false where it was not in time.
    fn wait(
        &self,
        timeout: Duration,
        is_here: impl Fn() -> bool,
        go_on: impl Fn() -> Result<()>,
    ) -> Result<bool> {
        let start = Instant::now();
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let mut gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        let came = loop {
            if is_here() {
                break Ok(true);
            }
            let left = timeout.saturating_sub(start.elapsed());
            if left.is_zero() {
                break Ok(false);
            }
            if let Err(called_off) = go_on() {
                break Err(called_off);
            }
            // Whoever calls off does not know who waits.
            let left = left.min(LOOK);
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
    /// [`Error::NotYet`] after `timeout`; [`Error::Cancelled`].
    pub fn wait_for(&self, generation: u64, timeout: Duration) -> Result<u64> {
        let current = || self.inner.current.load().number;
        let is_here = || current() >= generation;
        if is_here() || self.inner.arrivals.wait(timeout, is_here, || self.go_on())? {
            return Ok(current());
        }
        let waited_ms = timeout.as_millis() as u64;
        Err(Error::NotYet { generation, current: current(), waited_ms })
    }

    /// The current generation, once it is what a request asks for at least.
    pub(super) fn generation_from(
        &self,
        at_least: Option<u64>,
        timeout_ms: Option<u64>,
    ) -> Result<Arc<Generation>> {
        if let Some(at_least) = at_least {
            self.wait_for(at_least, Duration::from_millis(timeout_ms.unwrap_or(0)))?;
        }
        Ok(self.generation())
    }

    /// The current generation, once what each of many requests asks for at least is here or was waited for.
    pub(super) fn generation_for(
        &self,
        requests: impl Iterator<Item = (Option<u64>, Option<u64>)>,
    ) -> Arc<Generation> {
        let start = Instant::now();
        for (at_least, timeout_ms) in requests {
            let left = timeout_ms.map(Duration::from_millis).unwrap_or_default();
            let left = left.saturating_sub(start.elapsed());
            // A request that came too early is told so itself.
            let _ = at_least.map(|at_least| self.wait_for(at_least, left));
        }
        self.generation()
    }
}

impl Generation {
    /// Refuses a request that asks for a later one.
    pub(super) fn is_from(&self, at_least: Option<u64>, timeout_ms: Option<u64>) -> Result<()> {
        match at_least.filter(|at_least| *at_least > self.number) {
            None => Ok(()),
            Some(generation) => Err(Error::NotYet {
                generation,
                current: self.number,
                waited_ms: timeout_ms.unwrap_or(0),
            }),
        }
    }
}
