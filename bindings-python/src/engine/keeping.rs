//! Snapshots, and waiting for what others write.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use pyo3::types::PyDict;
use shortlist::{Engine as Core, Error};

use super::{Engine, Object};
use crate::doorway::Call;
use crate::error::exception;
use crate::options::seconds;
use crate::outgoing::object::{Names, to_object};

/// How long a wait lets signals be.
const LISTEN_EVERY: Duration = Duration::from_millis(50);

fn written(py: Python<'_>, report: shortlist::SnapshotReport) -> Object<'_> {
    let fields = PyDict::new(py);
    fields.set_item("path", report.path)?;
    fields.set_item("bytes", report.bytes)?;
    fields.set_item("seconds", report.seconds)?;
    crate::outgoing::body::answers(py, "SnapshotReport")?.call((), Some(&fields))
}

#[pymethods]
impl Engine {
    /// Keeps the index in a directory as one checksummed snapshot. Readers and writers go on meanwhile.
    ///
    /// >>> import tempfile, shortlist
    /// >>> with tempfile.TemporaryDirectory() as folder, shortlist.Engine.in_memory() as engine:
    /// ...     engine.snapshot(folder).bytes > 0
    /// True
    fn snapshot<'py>(&self, py: Python<'py>, directory: PathBuf) -> Object<'py> {
        self.go(py, Call::new(move |engine| engine.snapshot(directory), written).long(true))
    }

    /// Keeps the index in one file, to carry to other machines: ``open_snapshot`` reads it there.
    ///
    /// >>> import os, tempfile, shortlist
    /// >>> with tempfile.TemporaryDirectory() as folder, shortlist.Engine.in_memory() as engine:
    /// ...     engine.snapshot_to(os.path.join(folder, "advisors.slx")).path.name
    /// 'advisors.slx'
    fn snapshot_to<'py>(&self, py: Python<'py>, file: PathBuf) -> Object<'py> {
        self.go(py, Call::new(move |engine| engine.snapshot_to(file), written).long(true))
    }

    /// Reads everything again: the newest snapshot's checksums, and the invariants between the parts in memory. Raises the first
    /// thing that does not hold.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     engine.verify()
    /// VerifyReport(profiles=0, sections=())
    fn verify<'py>(&self, py: Python<'py>) -> Object<'py> {
        let call = Call::new(Core::verify, |py, report| {
            let fields = to_object(py, &report, Names::Snake)?;
            crate::outgoing::body::answers(py, "verified")?.call1((fields,))
        });
        self.go(py, call.long(true))
    }

    /// Does now what the background would do in its time. No answer shows it.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory(background=False) as engine:
    /// ...     engine.maintain()
    fn maintain<'py>(&self, py: Python<'py>) -> Object<'py> {
        let call = Call::new(Core::maintain, |py, ()| Ok(py.None().into_bound(py)));
        self.go(py, call.long(true))
    }

    /// Takes up the newest snapshot of a directory that was opened read-only; says whether there was a newer one.
    ///
    /// >>> import tempfile, shortlist
    /// >>> with tempfile.TemporaryDirectory() as folder, shortlist.Engine.in_memory() as writer:
    /// ...     report = writer.snapshot(folder)
    /// ...     with shortlist.Engine.open_read_only(folder) as reader:
    /// ...         applied = writer.upsert({"id": "ada"})
    /// ...         report = writer.snapshot(folder)
    /// ...         reader.refresh(), reader.stats().profiles
    /// (True, 1)
    fn refresh<'py>(&self, py: Python<'py>) -> Object<'py> {
        let call = Call::new(Core::refresh, |py, is_newer| {
            Ok(is_newer.into_pyobject(py)?.to_owned().into_any())
        });
        self.go(py, call.long(true))
    }

    /// Waits until the index is at a generation or beyond, at most so many seconds; gives the one that it is at. What a write
    /// returns as its generation can be handed to another thread or process, which so reads what was written.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     applied = engine.upsert({"id": "ada"})
    /// ...     engine.wait_for(applied.generation, 1.0) == applied.generation
    /// True
    ///
    /// Raises ``NotYetError`` when the time is over.
    fn wait_for<'py>(&self, py: Python<'py>, generation: u64, timeout: f64) -> Object<'py> {
        let limit = seconds(timeout)?;
        if self.is_async {
            let call = Call::new(
                move |engine| engine.wait_for(generation, limit),
                |py, at| Ok(at.into_pyobject(py)?.into_any()),
            );
            return self.go(py, call.long(true));
        }
        let (engine, start) = (self.handle.get()?, Instant::now());
        loop {
            let left = limit.saturating_sub(start.elapsed());
            let waited = py.detach(|| engine.wait_for(generation, left.min(LISTEN_EVERY)));
            match waited {
                Ok(at) => return Ok(at.into_pyobject(py)?.into_any()),
                Err(Error::NotYet { .. }) if !left.is_zero() => py.check_signals()?,
                Err(Error::NotYet { current, .. }) => {
                    let waited_ms = limit.as_millis() as u64;
                    return Err(exception(&Error::NotYet { generation, current, waited_ms }));
                }
                Err(error) => return Err(exception(&error)),
            }
        }
    }
}
