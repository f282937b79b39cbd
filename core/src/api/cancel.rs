//! What calls a request off from another thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::model::{Error, Result};

/// Calls off what goes on under it: see [`Engine::cancelled_by`](crate::Engine::cancelled_by). Clones are one and the
/// same; one that was used stays used.
///
/// Cost: one flag, looked at where a time limit is looked at.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// One that was not used yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Calls off: whatever runs under it ends within milliseconds by [`Error::Cancelled`], and so does whatever is
    /// begun under it from now on.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was used.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// # Errors
    /// [`Error::Cancelled`] once it was used.
    pub(crate) fn check(&self) -> Result<()> {
        if self.is_cancelled() { Err(Error::Cancelled) } else { Ok(()) }
    }
}
