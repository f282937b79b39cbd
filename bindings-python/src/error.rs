//! A refusal of the engine as the exception that Python's tree has for its code.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use shortlist::Error;

/// What the bindings themselves refuse: a code of the engine's kind, and what would be right.
pub fn refused(code: &str, message: &str, hint: &str) -> PyErr {
    Python::attach(|py| made(py, code, message, None, None, Some(hint)))
}

/// The exception of an error: its class by the code, its fields from the error's.
pub fn exception(error: &Error) -> PyErr {
    Python::attach(|py| {
        let (value, hint) = (error.value(), error.hint());
        let message = error.to_string();
        made(py, error.code(), &message, error.field(), value.as_deref(), hint.as_deref())
    })
}

fn made(
    py: Python<'_>,
    code: &str,
    message: &str,
    field: Option<&str>,
    value: Option<&str>,
    hint: Option<&str>,
) -> PyErr {
    static OF_CODE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let of_code = OF_CODE.get_or_try_init(py, || {
        Ok::<_, PyErr>(py.import("shortlist.errors")?.getattr("of_code")?.unbind())
    });
    match of_code.and_then(|of_code| of_code.call1(py, (code, message, field, value, hint))) {
        Ok(exception) => PyErr::from_value(exception.into_bound(py)),
        Err(error) => error,
    }
}

/// An exception that says beside itself where it arose.
pub fn noted(py: Python<'_>, error: PyErr, note: &str) -> PyErr {
    // Notes are of Python 3.11 and later; without them the error says the same but the place.
    let _ = error.value(py).call_method1("add_note", (note,));
    error
}

/// The error of something that is not what a call takes.
pub fn wrong_type(field: &str, value: &Bound<'_, PyAny>, expected: &str) -> PyErr {
    let kind = value.get_type().name().map_or_else(|_| "?".to_owned(), |name| name.to_string());
    exception(&Error::WrongType {
        field: field.to_owned(),
        value: format!("of type {kind}"),
        expected: expected.to_owned(),
    })
}
