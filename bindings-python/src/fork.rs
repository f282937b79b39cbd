//! A forked process has none of the engine's threads: whatever it asked of one would wait for ever.

use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::prelude::*;

use crate::error::refused;

/// Whether this process has made an engine, and with it threads.
static STARTED: AtomicBool = AtomicBool::new(false);
/// Whether this process is the child of one that had.
static FORKED: AtomicBool = AtomicBool::new(false);

/// Says that threads are about to be there.
pub fn start() -> PyResult<()> {
    check()?;
    STARTED.store(true, Ordering::Relaxed);
    Ok(())
}

/// Whether an engine of this process is without its threads.
pub fn happened() -> bool {
    FORKED.load(Ordering::Relaxed)
}

/// Refuses what would wait for threads that are not there.
pub fn check() -> PyResult<()> {
    if happened() {
        return Err(refused(
            "SL2009",
            "this process was forked from one that had an engine, and an engine's threads do not outlive a fork",
            "open the engine after the fork, in each worker, or start workers by `spawn` or `forkserver`",
        ));
    }
    Ok(())
}

#[pyfunction]
fn forked() {
    FORKED.store(STARTED.load(Ordering::Relaxed), Ordering::Relaxed);
}

/// Has the system say when this process is a fork's child.
pub fn watch(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let os = module.py().import("os")?;
    // Windows has neither the one nor the other.
    if let Ok(register) = os.getattr("register_at_fork") {
        let kwargs = pyo3::types::PyDict::new(module.py());
        kwargs.set_item("after_in_child", pyo3::wrap_pyfunction!(forked, module)?)?;
        register.call((), Some(&kwargs))?;
    }
    Ok(())
}
