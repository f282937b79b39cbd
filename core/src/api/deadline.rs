//! The time limit of one request.

use std::time::{Duration, Instant};

use crate::model::{Error, Result};

/// When a request gives up. Made where the request comes in, looked at in every loop that grows with the data.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Option<(Instant, u64)>);

impl Deadline {
    /// No limit.
    #[cfg(test)]
    pub(crate) const NEVER: Self = Self(None);

    /// The limit of a request that came in now.
    pub(crate) fn after(timeout_ms: Option<u64>) -> Self {
        Self(timeout_ms.and_then(|limit| {
            Some((Instant::now().checked_add(Duration::from_millis(limit))?, limit))
        }))
    }

    /// # Errors
    /// [`Error::TimedOut`] once the time is up.
    pub(crate) fn check(&self) -> Result<()> {
        match self.0 {
            Some((end, limit_ms)) if Instant::now() >= end => Err(Error::TimedOut { limit_ms }),
            _ => Ok(()),
        }
    }
}

/// A deadline for loops of small steps: the clock is asked once in 4,096 of them.
#[derive(Clone, Debug)]
pub(crate) struct Pulse<'d> {
    deadline: &'d Deadline,
    steps: u32,
}

impl<'d> Pulse<'d> {
    const STEPS: u32 = 4_096;

    pub(crate) fn of(deadline: &'d Deadline) -> Self {
        Self { deadline, steps: 0 }
    }

    /// Takes one step.
    ///
    /// # Errors
    /// [`Error::TimedOut`] once the time is up.
    #[inline]
    pub(crate) fn step(&mut self) -> Result<()> {
        self.steps += 1;
        if self.steps < Self::STEPS {
            return Ok(());
        }
        self.steps = 0;
        self.deadline.check()
    }
}
