//! When one request ends before its answer: at its time limit, or when somebody calls it off.

use std::time::{Duration, Instant};

use super::cancel::Cancel;
use crate::model::{Error, Result};

/// When a request gives up. Made where the request comes in, looked at in every loop that grows with the data.
#[derive(Clone, Debug)]
pub(crate) struct Deadline {
    end: Option<(Instant, u64)>,
    cancel: Option<Cancel>,
}

impl Deadline {
    /// No limit.
    #[cfg(test)]
    pub(crate) const NEVER: Self = Self { end: None, cancel: None };

    /// The limit of a request that came in now.
    pub(crate) fn after(timeout_ms: Option<u64>) -> Self {
        let end = timeout_ms.and_then(|limit| {
            Some((Instant::now().checked_add(Duration::from_millis(limit))?, limit))
        });
        Self { end, cancel: None }
    }

    /// The same, of a request that can be called off.
    pub(crate) fn or_cancelled(mut self, cancel: Option<&Cancel>) -> Self {
        self.cancel = cancel.cloned();
        self
    }

    /// # Errors
    /// [`Error::Cancelled`] once it is called off, [`Error::TimedOut`] once the time is up.
    pub(crate) fn check(&self) -> Result<()> {
        self.cancel.as_ref().map_or(Ok(()), Cancel::check)?;
        match self.end {
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
