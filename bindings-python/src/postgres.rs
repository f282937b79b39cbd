//! Following a Postgres: the sync that feeds an engine, and how it stands.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use pyo3::types::{PyList, PyString, PyTuple};
use shortlist::Engine;
use shortlist::sync::{
    Mapping, Quarantined, Sync, SyncOptions, SyncState, SyncStatus, VerifyOptions,
};

use crate::doorway::interruptible;
use crate::error::{exception, refused};
use crate::fork;
use crate::incoming::json;
use crate::outgoing::body::answers;
use crate::outgoing::object::{Names, to_object};

/// How long a wait lets signals be.
const LISTEN_EVERY: Duration = Duration::from_millis(50);

/// A sync that runs on a thread of its own until it is stopped.
#[pyclass(frozen, module = "shortlist", name = "PostgresSync")]
pub struct PostgresSync(Mutex<State>);

struct State {
    running: Option<Arc<Sync>>,
    last: SyncStatus,
    quarantined: Vec<Quarantined>,
}

impl Drop for PostgresSync {
    fn drop(&mut self) {
        let running = self.0.get_mut().unwrap_or_else(PoisonError::into_inner).running.take();
        if fork::happened() {
            std::mem::forget(running);
        } else {
            // It waits for its thread.
            Python::attach(|py| py.detach(move || drop(running)));
        }
    }
}

/// A mapping: a path of TOML or JSON, or its JSON form as a mapping.
pub fn mapping(given: Option<&Bound<'_, PyAny>>) -> PyResult<Mapping> {
    let read = match given {
        None => return Ok(Mapping::default()),
        Some(path) if path.is_instance_of::<PyString>() || path.hasattr("__fspath__")? => {
            Mapping::open(path.extract::<PathBuf>()?)
        }
        Some(given) => Mapping::from_json(&json::value("mapping", given)?),
    };
    read.map_err(|error| exception(&error))
}

fn shown<'py>(py: Python<'py>, status: &SyncStatus) -> PyResult<Bound<'py, PyAny>> {
    let fields = to_object(py, status, Names::Snake)?;
    answers(py, "sync_status")?.call1((fields,))
}

impl PostgresSync {
    pub fn start(py: Python<'_>, engine: Engine, options: SyncOptions) -> PyResult<Self> {
        fork::check()?;
        let started = py.detach(move || Sync::start(&engine, options));
        let sync = started.map_err(|error| exception(&error))?;
        let last = sync.status();
        let running = Some(Arc::new(sync));
        Ok(Self(Mutex::new(State { running, last, quarantined: Vec::new() })))
    }

    fn running(&self) -> Option<Arc<Sync>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).running.clone()
    }

    fn now(&self) -> SyncStatus {
        match self.running() {
            Some(sync) => sync.status(),
            None => self.0.lock().unwrap_or_else(PoisonError::into_inner).last.clone(),
        }
    }
}

#[pymethods]
impl PostgresSync {
    /// How it stands.
    #[getter]
    fn status<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        shown(py, &self.now())
    }

    /// Rows that make no profile: their ids and why.
    #[getter]
    fn quarantined<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let rows = match self.running() {
            Some(sync) => sync.quarantined(),
            None => self.0.lock().unwrap_or_else(PoisonError::into_inner).quarantined.clone(),
        };
        PyList::new(py, rows.into_iter().map(|row| (row.id, row.reason)))
    }

    /// Waits until it is live or has ended, or the time is over; gives the status then.
    #[pyo3(signature = (timeout=None))]
    fn wait<'py>(&self, py: Python<'py>, timeout: Option<f64>) -> PyResult<Bound<'py, PyAny>> {
        let limit = timeout.filter(|seconds| seconds.is_finite() && *seconds >= 0.0);
        let end = limit.and_then(|seconds| {
            Instant::now().checked_add(Duration::from_secs_f64(seconds.min(1e9)))
        });
        let done = |status: &SyncStatus| {
            matches!(status.state, SyncState::Live) || status.state.has_ended()
        };
        loop {
            let Some(sync) = self.running() else { return self.status(py) };
            let left =
                end.map_or(LISTEN_EVERY, |end| end.saturating_duration_since(Instant::now()));
            let status = py.detach(move || sync.wait_until(left.min(LISTEN_EVERY), done));
            if done(&status) || end.is_some_and(|end| Instant::now() >= end) {
                return shown(py, &status);
            }
            py.check_signals()?;
        }
    }

    /// Compares the index with the table; ``repair`` writes what differs as the database has it. What differs is looked at
    /// ``tries`` times, a second apart: a change that is on its way is no difference.
    #[pyo3(signature = (*, repair=false, tries=3))]
    fn verify<'py>(
        &self,
        py: Python<'py>,
        repair: bool,
        tries: u32,
    ) -> PyResult<Bound<'py, PyAny>> {
        fork::check()?;
        let Some(sync) = self.running() else {
            let hint = "start it again by `Engine.sync_postgres`";
            return Err(refused("SL2010", "this sync was stopped", hint));
        };
        let mut options = VerifyOptions::default();
        (options.repair, options.tries) = (repair, tries);
        let found = interruptible(py, move |_| sync.verify(&options))?;
        let fields = to_object(py, &found.map_err(|error| exception(&error))?, Names::Snake)?;
        py.import("shortlist.postgres")?.call_method1("_verified", (fields,))
    }

    /// Stops after the batch at hand, which is kept whole; gives the last status.
    fn stop<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        fork::check()?;
        let taken = self.0.lock().unwrap_or_else(PoisonError::into_inner).running.take();
        if let Some(sync) = taken {
            let quarantined = sync.quarantined();
            let last = sync.status();
            let ended = py.detach(move || match Arc::try_unwrap(sync) {
                Ok(sync) => Some(sync.stop()),
                // Somebody waits in it, and ends it by letting go.
                Err(_) => None,
            });
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            state.last = ended.unwrap_or(last);
            state.quarantined = quarantined;
        }
        self.status(py)
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.stop(py).map(drop)
    }

    fn __repr__(&self) -> String {
        let status = self.now();
        format!("<PostgresSync of {}: {:?}>", status.server, status.state)
    }
}
