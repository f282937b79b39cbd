//! The engine behind a Python object: open, closed, or lost to a fork.

use std::sync::{PoisonError, RwLock};

use pyo3::prelude::*;
use shortlist::Engine;

use crate::error::refused;
use crate::fork;

/// An engine until it is closed.
pub struct Handle(RwLock<Option<Engine>>);

impl Handle {
    pub fn new(engine: Engine) -> Self {
        Self(RwLock::new(Some(engine)))
    }

    /// A handle of one's own to the engine, which lives as long as the call does.
    pub fn get(&self) -> PyResult<Engine> {
        fork::check()?;
        let engine = self.0.read().unwrap_or_else(PoisonError::into_inner);
        engine.clone().ok_or_else(|| {
            refused(
                "SL2010",
                "this engine is closed",
                "open it again, or use it within its `with` block",
            )
        })
    }

    pub fn is_closed(&self) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    /// The engine, for whoever ends it; none where that was done.
    pub fn take(&self) -> Option<Engine> {
        self.0.write().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let Some(engine) = self.take() else { return };
        if fork::happened() {
            // Its threads are not there to be waited for.
            std::mem::forget(engine);
        } else {
            // The last handle waits for the engine's background, which may wait for Python.
            Python::attach(|py| py.detach(move || drop(engine)));
        }
    }
}
