//! `Engine`: every call of the crate's, by its name. What belongs together stands in one file.

mod following;
mod holds;
mod index;
mod keeping;
mod matches;
mod opening;
mod profiles;
mod searches;
mod writes;

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use pyo3::types::PyTuple;
use shortlist::Filter;

use crate::doorway::{Call, guarded};
use crate::error::exception;
use crate::fork;
use crate::handle::Handle;
use crate::later::{later, promise};

pub use opening::open_later;
pub use profiles::Profiles;

type Object<'py> = PyResult<Bound<'py, PyAny>>;

/// The whole advisor catalogue in memory, and every request to it.
///
/// Each call lets go of the interpreter while the engine works, so threads run beside it. Calls take their request as
/// keywords, as a mapping in the wire form (names in camelCase or `snake_case`), as a request object, or as JSON text.
///
/// >>> import shortlist
/// >>> with shortlist.Engine.in_memory() as engine:
/// ...     applied = engine.upsert({"id": "ada", "services": ["Tax Planning"]})
/// ...     engine.search(text="tax", scope="all").ids
/// ['ada']
#[pyclass(frozen, module = "shortlist", name = "Engine", weakref)]
pub struct Engine {
    pub handle: Arc<Handle>,
    /// Whether calls answer by a future of the running loop.
    is_async: bool,
    /// What a profile must fulfil to be seen by it, where it is a tenant's.
    pub within: Option<Filter>,
}

impl Engine {
    fn go<'py>(&self, py: Python<'py>, call: Call) -> Object<'py> {
        let engine = self.handle.get()?;
        if self.is_async { later(py, engine, call) } else { call.now(py, engine) }
    }
}

fn applied(py: Python<'_>, applied: shortlist::Applied) -> Object<'_> {
    let fields = PyDict::new(py);
    fields.set_item("generation", applied.generation)?;
    fields.set_item("changes", applied.changes)?;
    crate::outgoing::body::answers(py, "Applied")?.call((), Some(&fields))
}

#[pymethods]
impl Engine {
    /// Whether writes are refused: what was opened is read only.
    #[getter]
    fn is_read_only(&self) -> PyResult<bool> {
        Ok(self.handle.get()?.is_read_only())
    }

    /// Whether the engine was closed.
    #[getter]
    fn closed(&self) -> bool {
        self.handle.is_closed()
    }

    /// Closes the engine. Calls that are under way end; further ones raise ``ClosedError``. A ``with`` block does it by itself.
    ///
    /// >>> import shortlist
    /// >>> engine = shortlist.Engine.in_memory()
    /// >>> engine.close()
    /// >>> engine.search()
    /// Traceback (most recent call last):
    /// shortlist.errors.ClosedError: SL2010: this engine is closed
    fn close<'py>(&self, py: Python<'py>) -> Object<'py> {
        let engine = self.handle.take();
        let end = move || match engine {
            Some(engine) if fork::happened() => {
                std::mem::forget(engine);
                Ok(())
            }
            Some(engine) => guarded(move || engine.close()),
            None => Ok(()),
        };
        if self.is_async {
            return promise(py, true, move |_| {
                let ended = end();
                Box::new(move |py| ended.map(|()| py.None()).map_err(|error| exception(&error)))
            });
        }
        py.detach(end).map_err(|error| exception(&error))?;
        Ok(py.None().into_bound(py))
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.close(py).map(drop)
    }

    fn __len__(&self) -> PyResult<usize> {
        Ok(self.handle.get()?.stats().profiles as usize)
    }

    fn __bool__(&self) -> bool {
        true
    }

    fn __repr__(&self) -> String {
        let Ok(engine) = self.handle.get() else { return "<shortlist.Engine, closed>".to_owned() };
        let stats = engine.stats();
        format!(
            "<shortlist.Engine of {} profiles, generation {}>",
            stats.profiles, stats.generation
        )
    }

    fn __reduce__(&self) -> PyResult<()> {
        let text = "an engine cannot be pickled: open it anew where it is needed";
        Err(pyo3::exceptions::PyTypeError::new_err(text))
    }

    /// The same engine, whose calls answer by futures of the running loop.
    pub fn _asynchronous(&self) -> Self {
        Self { handle: Arc::clone(&self.handle), is_async: true, within: self.within.clone() }
    }
}
