//! Threads of ours that are about to use the interpreter: it must not end under them.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use pyo3::prelude::*;

static WORKING: Mutex<usize> = Mutex::new(0);
static ENDED: Condvar = Condvar::new();
/// How long the interpreter's end waits for calls that are still under way.
const PATIENCE: Duration = Duration::from_secs(5);

/// One piece of work, until it is dropped.
pub struct Working(());

impl Working {
    pub fn begin() -> Self {
        *WORKING.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Self(())
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        *WORKING.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        ENDED.notify_all();
    }
}

#[pyfunction]
fn drain(py: Python<'_>) {
    // A fork's child has none of the threads that were at work.
    if crate::fork::happened() {
        return;
    }
    py.detach(|| {
        let working = WORKING.lock().unwrap_or_else(PoisonError::into_inner);
        drop(ENDED.wait_timeout_while(working, PATIENCE, |working| *working > 0));
    });
}

/// Has the interpreter wait at its end.
pub fn watch(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let drain = pyo3::wrap_pyfunction!(drain, module)?;
    module.py().import("atexit")?.call_method1("register", (drain,)).map(drop)
}
