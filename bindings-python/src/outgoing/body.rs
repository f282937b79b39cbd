//! An answer: live, in the generation that gave it, or kept, as a pickle brought it back.

use std::sync::Arc;

use pyo3::BoundObject as _;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyCapsule, PyDict, PyList};
use serde::Serialize;
use serde_json::Value;

use super::object::{Names, to_object};
use crate::error::{exception, refused};

/// The answer behind a Python object.
pub enum Body<A> {
    /// Fields are read where the engine keeps them.
    Live(Arc<A>),
    /// Fields are what the wire form said.
    Kept { json: String, fields: Py<PyDict> },
}

impl<A: Serialize> Body<A> {
    pub fn live(answer: A) -> Self {
        Self::Live(Arc::new(answer))
    }

    /// An answer from its wire form.
    pub fn kept(py: Python<'_>, json: String) -> PyResult<Self> {
        let value: Value = serde_json::from_str(&json).map_err(|error| {
            exception(&shortlist::Error::Malformed {
                what: "the pickled answer".to_owned(),
                reason: error.to_string(),
            })
        })?;
        let fields = to_object(py, &value, Names::Snake)?;
        let fields = fields.cast_into::<PyDict>().map_err(PyErr::from)?.unbind();
        Ok(Self::Kept { json, fields })
    }

    /// A field by what is live, or as it was kept.
    pub fn read<'py, T: IntoPyObject<'py>>(
        &self,
        py: Python<'py>,
        name: &str,
        live: impl FnOnce(&A) -> T,
    ) -> PyResult<Bound<'py, PyAny>>
    where
        T::Error: Into<PyErr>,
    {
        match self {
            Body::Live(answer) => {
                let value = live(answer).into_pyobject(py).map_err(Into::into)?;
                Ok(value.into_any().into_bound())
            }
            Body::Kept { fields, .. } => {
                let value = fields.bind(py).get_item(name)?;
                Ok(value.unwrap_or_else(|| py.None().into_bound(py)))
            }
        }
    }

    /// The wire form, names in camelCase.
    pub fn json(&self) -> String {
        match self {
            // An answer is written without a failure, or there is a defect in how.
            Body::Live(answer) => serde_json::to_string(&**answer).unwrap_or_default(),
            Body::Kept { json, .. } => json.clone(),
        }
    }

    /// All of it as dicts and lists, names in `snake_case`.
    pub fn dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match self {
            Body::Live(answer) => to_object(py, &**answer, Names::Snake),
            // A copy: what is given away may be changed.
            Body::Kept { fields, .. } => {
                py.import("copy")?.call_method1("deepcopy", (fields.bind(py),))
            }
        }
    }

    /// The items of a list as an Arrow stream.
    pub fn stream<'py>(&self, py: Python<'py>, list: &str) -> PyResult<Bound<'py, PyCapsule>> {
        let rows = match self {
            Body::Live(answer) => super::arrow::rows(&**answer, list),
            Body::Kept { json, .. } => {
                super::arrow::rows(&serde_json::from_str::<Value>(json).unwrap_or_default(), list)
            }
        };
        super::arrow::stream(py, &rows)
    }

    /// The dict of one of its items.
    pub fn item<'py>(
        &self,
        py: Python<'py>,
        list: &str,
        at: usize,
    ) -> PyResult<Option<Bound<'py, PyDict>>> {
        match self {
            Body::Live(_) => Ok(None),
            Body::Kept { fields, .. } => {
                let items = fields.bind(py).get_item(list)?;
                let items = items.and_then(|items| items.cast_into::<PyList>().ok());
                let item = items.and_then(|items| items.get_item(at).ok());
                Ok(item.and_then(|item| item.cast_into::<PyDict>().ok()))
            }
        }
    }

    /// How many items a kept list has.
    pub fn length(
        &self,
        py: Python<'_>,
        list: &str,
        live: impl FnOnce(&A) -> usize,
    ) -> PyResult<usize> {
        match self {
            Body::Live(answer) => Ok(live(answer)),
            Body::Kept { fields, .. } => match fields.bind(py).get_item(list)? {
                Some(items) => items.len(),
                None => Ok(0),
            },
        }
    }
}

impl<A> Clone for Body<A> {
    fn clone(&self) -> Self {
        match self {
            Body::Live(answer) => Body::Live(Arc::clone(answer)),
            Body::Kept { json, fields } => {
                Python::attach(|py| Body::Kept { json: json.clone(), fields: fields.clone_ref(py) })
            }
        }
    }
}

/// A class of `shortlist.answers`, which are Python's own.
pub fn answers<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    static MODULE: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    let module =
        MODULE.get_or_try_init(py, || Ok::<_, PyErr>(py.import("shortlist.answers")?.unbind()))?;
    module.bind(py).getattr(name)
}

/// An object of such a class, made of what has a wire form.
pub fn answer<'py>(
    py: Python<'py>,
    class: &str,
    value: &(impl Serialize + ?Sized),
) -> PyResult<Bound<'py, PyAny>> {
    let fields = to_object(py, value, Names::Snake)?;
    let class = answers(py, class)?;
    class.call((), Some(fields.cast::<PyDict>().map_err(PyErr::from)?))
}

/// The items that an index or a slice asks of a sequence.
pub fn pick<'py>(
    py: Python<'py>,
    length: usize,
    index: &Bound<'py, PyAny>,
    item: impl Fn(usize) -> PyResult<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    if let Ok(slice) = index.cast::<pyo3::types::PySlice>() {
        let indices = slice.indices(length as isize)?;
        let list = PyList::empty(py);
        let mut at = indices.start;
        for _ in 0..indices.slicelength {
            list.append(item(at as usize)?)?;
            at += indices.step;
        }
        return Ok(list.into_any());
    }
    let given: isize = index.extract()?;
    let at = if given < 0 { given + length as isize } else { given };
    if at < 0 || at >= length as isize {
        let text = format!("{given} is beyond the {length} there are");
        return Err(pyo3::exceptions::PyIndexError::new_err(text));
    }
    item(at as usize)
}

/// What is asked of a field that an answer does not show.
pub fn not_shown(name: &str) -> PyErr {
    let text = format!(
        "`{name}` is not among the fields that this answer shows; ask for it by fields=[..., \"{name}\"]"
    );
    pyo3::exceptions::PyAttributeError::new_err(text)
}

/// An answer that was to be read where it cannot be.
pub fn no_place(what: &str) -> PyErr {
    refused("SL3001", &format!("internal error: {what} has no such place; please report it"), "")
}
