//! How Python comes by an engine.

use std::path::PathBuf;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use shortlist::Engine as Core;

use super::{Engine, Object};
use crate::doorway::{guarded, interruptible};
use crate::error::exception;
use crate::fork;
use crate::handle::Handle;
use crate::later::promise;
use crate::options::options;

impl Engine {
    fn opened(
        py: Python<'_>,
        open: impl FnOnce() -> shortlist::Result<Core> + Send + 'static,
    ) -> PyResult<Self> {
        fork::start()?;
        let engine = interruptible(py, move |_| open())?.map_err(|error| exception(&error))?;
        Ok(Self { handle: Arc::new(Handle::new(engine)), is_async: false, within: None })
    }
}

#[pymethods]
impl Engine {
    /// Opens the index of a directory, to read and to write; ``create`` makes a new one, of that ``schema``, where there is
    /// none. An index made with an embedder of your own wants it again. ``durability`` says when a change is on the disk:
    /// ``synced`` before it is acknowledged (the default), seconds by which it may be late, or ``none``. A snapshot is
    /// taken after so many commits and so many seconds after one, or with none never by itself.
    ///
    /// >>> import tempfile, shortlist
    /// >>> with tempfile.TemporaryDirectory() as folder:
    /// ...     with shortlist.Engine.in_memory() as engine:
    /// ...         applied = engine.upsert({"id": "ada"})
    /// ...         report = engine.snapshot(folder)
    /// ...     with shortlist.Engine.open(folder) as engine:
    /// ...         engine.get("ada").id
    /// 'ada'
    ///
    /// Raises ``NotAnIndexError``, ``DamagedError``, ``NewerFormatError``, ``LockedError``, ``StorageError``,
    /// ``EmbedderMismatchError``. Cost: one read of the snapshot's checksums.
    #[staticmethod]
    #[pyo3(
        signature = (directory, **keywords),
        text_signature = "(directory, *, create=False, schema=None, durability=None, snapshot_after_commits=..., snapshot_after=..., \
            window=None, embedder=None, background=True, exact_budget_ms=None, cache_bytes=None, slow_request=None, redact_slow_requests=False)"
    )]
    fn open(
        py: Python<'_>,
        directory: PathBuf,
        keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let options = options(None, keywords)?;
        Self::opened(py, move || Core::open_with(directory, options))
    }

    /// Opens a directory that another process writes, or none does; ``refresh`` follows the writer.
    ///
    /// >>> import tempfile, shortlist
    /// >>> with tempfile.TemporaryDirectory() as folder:
    /// ...     report = shortlist.Engine.in_memory().snapshot(folder)
    /// ...     with shortlist.Engine.open_read_only(folder) as engine:
    /// ...         engine.is_read_only, engine.refresh()
    /// (True, False)
    #[staticmethod]
    #[pyo3(
        signature = (directory, **keywords),
        text_signature = "(directory, *, embedder=None, exact_budget_ms=None, cache_bytes=None, slow_request=None, redact_slow_requests=False)"
    )]
    fn open_read_only(
        py: Python<'_>,
        directory: PathBuf,
        keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let options = options(None, keywords)?;
        Self::opened(py, move || Core::open_read_only_with(directory, options))
    }

    /// Opens one snapshot, wherever it was carried: read-only, mapped and read in place.
    ///
    /// >>> import os, tempfile, shortlist
    /// >>> with tempfile.TemporaryDirectory() as folder:
    /// ...     file = os.path.join(folder, "advisors.slx")
    /// ...     report = shortlist.Engine.in_memory().snapshot_to(file)
    /// ...     with shortlist.Engine.open_snapshot(file) as engine:
    /// ...         engine.stats().profiles
    /// 0
    #[staticmethod]
    #[pyo3(
        signature = (file, **keywords),
        text_signature = "(file, *, embedder=None, exact_budget_ms=None, cache_bytes=None, slow_request=None, redact_slow_requests=False)"
    )]
    fn open_snapshot(
        py: Python<'_>,
        file: PathBuf,
        keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let options = options(None, keywords)?;
        Self::opened(py, move || Core::open_snapshot_with(file, options))
    }

    /// A new, empty index in memory. ``schema`` declares attributes and more; ``embedder`` makes embeddings of texts: an
    /// object with ``name``, ``dimension`` and ``embed(text)``, or a number of dimensions for the built-in, lexical one.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory({"attributes": {"languages": "keywords"}}) as engine:
    /// ...     applied = engine.upsert({"id": "ada", "attributes": {"languages": ["French"]}})
    /// ...     engine.search(filter={"attributes.languages": "French"}, scope="all").ids
    /// ['ada']
    #[staticmethod]
    #[pyo3(
        signature = (schema=None, **keywords),
        text_signature = "(schema=None, *, embedder=None, background=True, exact_budget_ms=None, cache_bytes=None, slow_request=None, redact_slow_requests=False)"
    )]
    fn in_memory(
        py: Python<'_>,
        schema: Option<&Bound<'_, PyAny>>,
        keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let options = options(schema, keywords)?;
        Self::opened(py, move || Core::in_memory_with(options))
    }
}

/// An opening that asyncio waits for.
#[pyfunction(name = "_open_later")]
pub fn open_later<'py>(
    py: Python<'py>,
    kind: &str,
    path: PathBuf,
    keywords: &Bound<'py, PyDict>,
) -> Object<'py> {
    fork::start()?;
    let options = options(None, Some(keywords))?;
    let kind = kind.to_owned();
    promise(py, true, move |_| {
        let opened = guarded(|| match kind.as_str() {
            "directory" => Core::open_with(path, options),
            "read_only" => Core::open_read_only_with(path, options),
            _ => Core::open_snapshot_with(path, options),
        });
        Box::new(move |py| {
            let engine = opened.map_err(|error| exception(&error))?;
            let handle = Arc::new(Handle::new(engine));
            Ok(Py::new(py, Engine { handle, is_async: false, within: None })?.into_any())
        })
    })
}
