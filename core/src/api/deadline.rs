//! The time limit of one request.

use std::time::{Duration, Instant};

use crate::model::{Error, Result};

/// When a request gives up. Made where the request comes in, looked at in every loop that grows with the data.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Option<(Instant, u64)>);

impl Deadline {
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
