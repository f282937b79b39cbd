//! `Engine.build`: profiles in bulk, in batches, with a bar, and an end at Ctrl-C.

use std::collections::HashMap;
use std::time::Instant;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use shortlist::{AdvisorProfile, Engine, Error};

use crate::doorway::interruptible;
use crate::error::{exception, noted};
use crate::incoming::bulk::{Beside, Record, Source, joined};
use crate::outgoing::body::answers;

/// How many profiles one batch has at most: enough for the engine's parallel work, few enough to wait for.
const BATCH: usize = 4_096;
/// The bytes of embeddings that one batch holds at most.
const BATCH_BYTES: usize = 32 * 1_024 * 1_024;
/// How many records are read between two looks at whether a signal came.
const LISTEN_EVERY: u64 = 64;

/// What becomes of a record that is none.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum OnError {
    Raise,
    Skip,
}

impl OnError {
    pub fn named(name: &str) -> PyResult<Self> {
        match name {
            "raise" => Ok(Self::Raise),
            "skip" => Ok(Self::Skip),
            other => Err(exception(&Error::OutOfRange {
                field: "on_error".to_owned(),
                value: other.chars().take(60).collect(),
                expected: "`raise` or `skip`".to_owned(),
            })),
        }
    }
}

/// A build as far as it has come.
pub struct Build<'py> {
    pub engine: Engine,
    pub source: Source,
    pub beside: Beside,
    pub on_error: OnError,
    /// Told how many records of how many are done.
    pub progress: Option<Bound<'py, PyAny>>,
}

#[derive(Default)]
struct Batch {
    profiles: Vec<AdvisorProfile>,
    bytes: usize,
}

impl Build<'_> {
    /// Reads all, commits batch by batch; gives the report.
    pub fn run<'py>(mut self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let start = Instant::now();
        let done = self.work(py);
        if let Some(progress) = &self.progress
            && let Ok(close) = progress.getattr("close")
        {
            close.call0()?;
        }
        let (records, upserted, rejected, generation) = done?;
        let fields = PyDict::new(py);
        fields.set_item("records", records)?;
        fields.set_item("upserted", upserted)?;
        fields.set_item("rejected", PyList::new(py, rejected)?.to_tuple())?;
        fields.set_item("generation", generation)?;
        fields.set_item("seconds", start.elapsed().as_secs_f64())?;
        answers(py, "BuildReport")?.call((), Some(&fields))
    }

    fn work(&mut self, py: Python<'_>) -> PyResult<(u64, u64, Vec<Py<PyAny>>, u64)> {
        let mut schema = self.engine.schema();
        let (mut seen, mut rejected) = (HashMap::new(), Vec::new());
        let (mut records, mut upserted) = (0, 0);
        let mut generation = self.engine.stats().generation;
        let mut batch = Batch::default();
        while let Some(record) = self.source.next(py, &mut schema)? {
            records += 1;
            if records % LISTEN_EVERY == 0 {
                py.check_signals()?;
            }
            let Record { at, profile, raw } = record;
            let vector = self.beside.next(py)?;
            match joined(profile, vector, at, &mut seen) {
                Ok(profile) => {
                    batch.bytes += profile.embedding.as_ref().map_or(0, |vector| vector.len() * 4);
                    batch.profiles.push(profile);
                }
                Err(error) if self.on_error == OnError::Raise => {
                    return Err(noted(
                        py,
                        error,
                        &format!("in record {at}; the batches before it are applied"),
                    ));
                }
                Err(error) => rejected.push(rejection(py, at, error, raw)?),
            }
            if batch.profiles.len() == BATCH || batch.bytes >= BATCH_BYTES {
                upserted += batch.profiles.len() as u64;
                generation = self.commit(py, std::mem::take(&mut batch).profiles)?;
            }
            if records % 1_024 == 0 {
                self.tell(records, self.source.total(records))?;
            }
        }
        self.beside.finish(py, records)?;
        if !batch.profiles.is_empty() {
            upserted += batch.profiles.len() as u64;
            generation = self.commit(py, batch.profiles)?;
        }
        self.tell(records, Some(records))?;
        Ok((records, upserted, rejected, generation))
    }

    fn commit(&self, py: Python<'_>, profiles: Vec<AdvisorProfile>) -> PyResult<u64> {
        let engine = self.engine.clone();
        let applied =
            interruptible(py, move |cancel| engine.cancelled_by(cancel).upsert(profiles))?;
        applied.map(|applied| applied.generation).map_err(|error| exception(&error))
    }

    fn tell(&self, done: u64, total: Option<u64>) -> PyResult<()> {
        match &self.progress {
            Some(progress) => progress.call1((done, total)).map(drop),
            None => Ok(()),
        }
    }
}

fn rejection(py: Python<'_>, at: u64, error: PyErr, raw: Option<String>) -> PyResult<Py<PyAny>> {
    Ok(answers(py, "Rejection")?.call1((at, error.into_value(py), raw))?.unbind())
}
