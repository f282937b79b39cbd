//! What time it is, for holds: the one thing here that passes by itself.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::model::Instant;

/// Tells the time. Tests bring their own.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Instant;
}

/// The system's clock.
pub(super) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Instant::from_f64(since.as_micros() as f64)
    }
}
