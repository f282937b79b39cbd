//! How answers are shown: Python's part of the package knows how, and is asked here.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::body::answers;

/// The text of an answer in one line.
pub fn shown(answer: &Bound<'_, PyAny>) -> PyResult<String> {
    let py = answer.py();
    py.import("shortlist._show")?.call_method1("line", (answer,))?.extract()
}

/// The page that a notebook shows.
pub fn html<'py>(answer: &Bound<'py, PyAny>, kind: &str) -> PyResult<Bound<'py, PyAny>> {
    answer.py().import("shortlist._show")?.call_method1(kind, (answer,))
}

/// A frame of somebody's library.
pub fn frame<'py>(answer: &Bound<'py, PyAny>, kind: &str) -> PyResult<Bound<'py, PyAny>> {
    answer.py().import("shortlist._frames")?.call_method1(kind, (answer,))
}

/// The plan that was kept with an answer.
pub fn plan<'py>(py: Python<'py>, fields: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyAny>> {
    match fields.get_item("explain")? {
        Some(plan) if !plan.is_none() => {
            answers(py, "Plan")?.call((), Some(plan.cast::<PyDict>().map_err(PyErr::from)?))
        }
        _ => Ok(py.None().into_bound(py)),
    }
}
