//! Profiles in bulk: files, tables and iterables, a record at a time, with the embeddings beside them.

use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyIterator, PyMemoryView, PyString};
use shortlist::import::{Embeddings, Records};
use shortlist::{AdvisorProfile, Error, Result, Schema};

use super::arrow::Table;
use super::profiles::profile;
use super::vector::{floats, vector};
use crate::error::{exception, wrong_type};

/// A record that was read: where it stands, what it is or why it is none, and how it read where it is none.
pub struct Record {
    pub at: u64,
    pub profile: PyResult<AdvisorProfile>,
    pub raw: Option<String>,
}

/// Where records come from.
pub enum Source {
    File(Box<Records>),
    Table(Box<Table>, u64),
    Items(Py<PyIterator>, u64),
}

impl Source {
    /// What an argument stands for: a path, a table, a frame, or an iterable.
    pub fn of(given: &Bound<'_, PyAny>, schema: &Schema) -> PyResult<Self> {
        let py = given.py();
        if given.is_instance_of::<PyString>() || given.hasattr("__fspath__")? {
            let path: PathBuf = given.extract()?;
            let records = Records::open(path, schema.clone()).map_err(|error| exception(&error))?;
            return Ok(Self::File(Box::new(records)));
        }
        let given = &plain(given)?;
        if let Some(table) = Table::of(given)? {
            return Ok(Self::Table(Box::new(table), 0));
        }
        let is_one = given.is_instance_of::<PyDict>();
        let items = given.try_iter().ok().filter(|_| !is_one);
        let Some(items) = items else {
            let expected = "a path, a table or frame, or an iterable of profiles";
            return Err(wrong_type("source", given, expected));
        };
        let _ = py;
        Ok(Self::Items(items.unbind(), 0))
    }

    /// The next record; none after the last.
    pub fn next(&mut self, py: Python<'_>, schema: &mut Schema) -> PyResult<Option<Record>> {
        Ok(match self {
            Source::File(records) => match records.next() {
                None => None,
                Some(Ok((at, profile))) => Some(Record { at, profile: Ok(profile), raw: None }),
                Some(Err(rejected)) if rejected.fatal => return Err(exception(&rejected.error)),
                Some(Err(rejected)) => {
                    let profile = Err(exception(&rejected.error));
                    Some(Record { at: rejected.line, profile, raw: rejected.raw })
                }
            },
            Source::Table(table, at) => table.next(schema)?.map(|profile| {
                *at += 1;
                let profile = profile.map_err(|error| exception(&error));
                Record { at: *at - 1, profile, raw: None }
            }),
            Source::Items(items, at) => match items.bind(py).clone().next() {
                None => None,
                Some(item) => {
                    let item = item?;
                    *at += 1;
                    Some(Record { at: *at - 1, profile: profile(&item, schema), raw: None })
                }
            },
        })
    }

    /// How many records there are in all, as far as that can be told after so many.
    pub fn total(&self, records: u64) -> Option<u64> {
        match self {
            Source::File(source) => {
                let fraction = source.fraction().filter(|fraction| *fraction > 0.0)?;
                Some((records as f64 / fraction).round() as u64)
            }
            Source::Table(..) | Source::Items(..) => None,
        }
    }
}

/// A frame as what can be read of it: a lazy one is collected, and one of pandas without pyarrow is its records.
fn plain<'py>(given: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = given.py();
    if !given.hasattr("__arrow_c_stream__")?
        && given.hasattr("collect_schema")?
        && given.hasattr("collect")?
    {
        return given.call_method0("collect");
    }
    let is_pandas = given.hasattr("iloc")? && given.hasattr("to_dict")?;
    if is_pandas && (py.import("pyarrow").is_err() || !given.hasattr("__arrow_c_stream__")?) {
        return py.import("shortlist._frames")?.call_method1("records", (given,));
    }
    Ok(given.clone())
}

/// Vectors that stand beside the records, row for row.
pub enum Beside {
    Nothing,
    File(Box<Embeddings>),
    Rows {
        rows: Py<PyAny>,
        length: usize,
        next: usize,
        ready: std::collections::VecDeque<Vec<f32>>,
    },
    Items(Py<PyIterator>),
}

/// How many rows of an array cross at once.
const ROWS: usize = 1_024;

impl Beside {
    pub fn of(given: Option<&Bound<'_, PyAny>>, dimension: Option<usize>) -> PyResult<Self> {
        let Some(given) = given else { return Ok(Self::Nothing) };
        if given.is_instance_of::<PyString>() || given.hasattr("__fspath__")? {
            let path: PathBuf = given.extract()?;
            let file = Embeddings::open(path, dimension).map_err(|error| exception(&error))?;
            return Ok(Self::File(Box::new(file)));
        }
        if given.hasattr("shape")? && given.hasattr("__getitem__")? {
            let shape: Vec<usize> = given.getattr("shape")?.extract()?;
            let &[length, _] = shape.as_slice() else {
                return Err(exception(&Error::WrongType {
                    field: "embeddings".to_owned(),
                    value: format!("an array of {} dimensions", shape.len()),
                    expected: "an array of two: a row a record".to_owned(),
                }));
            };
            let rows = given.clone().unbind();
            return Ok(Self::Rows {
                rows,
                length,
                next: 0,
                ready: std::collections::VecDeque::new(),
            });
        }
        let items = given.try_iter();
        let items = items.map_err(|_| {
            wrong_type("embeddings", given, "a path, an array or an iterable of vectors")
        })?;
        Ok(Self::Items(items.unbind()))
    }

    /// The vector of the next record.
    pub fn next(&mut self, py: Python<'_>) -> PyResult<Option<PyResult<Vec<f32>>>> {
        Ok(match self {
            Beside::Nothing => None,
            Beside::File(file) => match file.next() {
                None => return Err(too_few("fewer rows than records")),
                Some(row) => Some(row.map_err(|error| exception(&error))),
            },
            Beside::Rows { rows, length, next, ready } => {
                if ready.is_empty() {
                    let until = (*next + ROWS).min(*length);
                    if *next == until {
                        return Err(too_few(&format!("{length} rows, and more records")));
                    }
                    *ready = chunk(&rows.bind(py).get_item(pyo3::types::PySlice::new(
                        py,
                        *next as isize,
                        until as isize,
                        1,
                    ))?)?;
                    *next = until;
                }
                ready.pop_front().map(Ok)
            }
            Beside::Items(items) => match items.bind(py).clone().next() {
                None => return Err(too_few("fewer vectors than records")),
                Some(item) => Some(vector("embedding", &item?)),
            },
        })
    }

    /// Refuses vectors that no record came for.
    pub fn finish(&mut self, py: Python<'_>, records: u64) -> PyResult<()> {
        let left = match self {
            Beside::Nothing => 0,
            Beside::File(file) => {
                return file.check_count(records).map_err(|error| exception(&error));
            }
            Beside::Rows { length, next, ready, .. } => *length - *next + ready.len(),
            Beside::Items(items) => usize::from(items.bind(py).clone().next().is_some()),
        };
        if left > 0 {
            Err(too_few(&format!("rows for more than the {records} records there are")))
        } else {
            Ok(())
        }
    }
}

fn too_few(value: &str) -> PyErr {
    exception(&Error::OutOfRange {
        field: "embeddings".to_owned(),
        value: value.to_owned(),
        expected: "one row a record, in their order".to_owned(),
    })
}

/// The rows of a slice of an array: native float32 by their bytes, all else by one conversion.
fn chunk(slice: &Bound<'_, PyAny>) -> PyResult<std::collections::VecDeque<Vec<f32>>> {
    let width: usize = slice.getattr("shape")?.get_item(1)?.extract()?;
    let slice = match slice.getattr("dtype")?.str()?.to_str()? {
        "float32" => slice.clone(),
        _ if slice.hasattr("astype")? => slice.call_method1("astype", ("float32",))?,
        _ => return slice.try_iter()?.map(|row| vector("embedding", &row?)).collect(),
    };
    match PyMemoryView::from(&slice) {
        Ok(view) if width > 0 => {
            let bytes = view.call_method0("tobytes")?;
            let bytes = bytes.cast::<PyBytes>()?.as_bytes();
            Ok(bytes.chunks_exact(width * 4).map(floats).collect())
        }
        _ => slice.try_iter()?.map(|row| vector("embedding", &row?)).collect(),
    }
}

/// What stands between a record and the engine: its own vector, the vector beside it, its id seen before.
pub fn joined(
    record: PyResult<AdvisorProfile>,
    beside: Option<PyResult<Vec<f32>>>,
    at: u64,
    seen: &mut std::collections::HashMap<String, u64>,
) -> PyResult<AdvisorProfile> {
    let mut profile = record?;
    if let Some(vector) = beside {
        profile.embedding = Some(vector?);
        let checked: Result<()> = profile.check();
        checked.map_err(|error| exception(&error))?;
    }
    if let Some(first) = seen.get(&profile.id) {
        let error = Error::DuplicateId { id: profile.id.clone(), first: Some(*first) };
        return Err(exception(&error));
    }
    seen.insert(profile.id.clone(), at);
    Ok(profile)
}
