//! Embeddings: numpy arrays and whatever else lends a buffer, and lists of numbers.

use pyo3::prelude::*;
use pyo3::types::{
    PyByteArray, PyBytes, PyFloat, PyFloatMethods, PyList, PyMemoryView, PyString, PyTuple,
};
use shortlist::{Error, limits};

use crate::error::{exception, wrong_type};

const EXPECTED: &str =
    "a one-dimensional numpy array, another buffer of numbers, or a list of numbers";

/// The numbers of a vector. A buffer of native float32 crosses by one copy of its bytes; float64, float16 and whole
/// numbers are converted; a list is read number by number.
pub fn vector(field: &str, value: &Bound<'_, PyAny>) -> PyResult<Vec<f32>> {
    if let Ok(list) = value.cast::<PyList>() {
        return numbers(field, list.len(), list.iter());
    }
    if let Ok(tuple) = value.cast::<PyTuple>() {
        return numbers(field, tuple.len(), tuple.iter());
    }
    let is_text = value.is_instance_of::<PyString>()
        || value.is_instance_of::<PyBytes>()
        || value.is_instance_of::<PyByteArray>();
    if is_text {
        return Err(wrong_type(field, value, EXPECTED));
    }
    if let Ok(view) = PyMemoryView::from(value)
        && let Some(vector) = lent(field, &view)?
    {
        return Ok(vector);
    }
    // Tensors, series, arrays of the other byte order.
    if let Ok(listed) = value.call_method0("tolist")
        && let Ok(list) = listed.cast::<PyList>()
    {
        return numbers(field, list.len(), list.iter());
    }
    Err(wrong_type(field, value, EXPECTED))
}

/// The numbers of a buffer; none where it holds another kind of them than is read here.
fn lent(field: &str, view: &Bound<'_, PyMemoryView>) -> PyResult<Option<Vec<f32>>> {
    let py = view.py();
    let dimensions: usize = view.getattr(pyo3::intern!(py, "ndim"))?.extract()?;
    if dimensions != 1 {
        return Err(exception(&Error::WrongType {
            field: field.to_owned(),
            value: format!("an array of {dimensions} dimensions"),
            expected: EXPECTED.to_owned(),
        }));
    }
    let length = view.len()?;
    check_length(field, length)?;
    let format = view.getattr(pyo3::intern!(py, "format"))?;
    let format = format.cast::<PyString>()?.to_str()?.to_owned();
    let read: fn(&[u8]) -> Vec<f32> = match format.trim_start_matches(['@', '=']) {
        "f" => floats,
        "d" => |bytes| each(bytes, |eight| f64::from_ne_bytes(eight) as f32),
        "e" => |bytes| each(bytes, |two| half(u16::from_ne_bytes(two))),
        "b" => |bytes| each(bytes, |one| f32::from(i8::from_ne_bytes(one))),
        "B" => |bytes| each(bytes, |[one]| f32::from(one)),
        "h" => |bytes| each(bytes, |two| f32::from(i16::from_ne_bytes(two))),
        "i" => |bytes| each(bytes, |four| i32::from_ne_bytes(four) as f32),
        _ => return Ok(None),
    };
    let bytes = view.call_method0(pyo3::intern!(py, "tobytes"))?;
    Ok(Some(read(bytes.cast::<PyBytes>()?.as_bytes())))
}

/// The numbers of native float32 bytes.
pub fn floats(bytes: &[u8]) -> Vec<f32> {
    each(bytes, f32::from_ne_bytes)
}

fn each<const N: usize>(bytes: &[u8], read: impl Fn([u8; N]) -> f32) -> Vec<f32> {
    bytes.as_chunks::<N>().0.iter().map(|chunk| read(*chunk)).collect()
}

/// A 16-bit float of IEEE 754.
fn half(bits: u16) -> f32 {
    let sign = if bits >> 15 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f32::from(bits & 1_023));
    sign * match exponent {
        0 => fraction * 2.0_f32.powi(-24),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1.0 + fraction / 1_024.0) * 2.0_f32.powi(exponent - 15),
    }
}

/// Refuses what no embedding has, before anything of its size is made.
fn check_length(field: &str, length: usize) -> PyResult<()> {
    if length <= limits::REQUEST_VALUES {
        return Ok(());
    }
    Err(exception(&Error::TooLarge {
        field: field.to_owned(),
        found: length as u64,
        limit: limits::REQUEST_VALUES as u64,
        unit: "values",
    }))
}

fn numbers<'py>(
    field: &str,
    length: usize,
    values: impl Iterator<Item = Bound<'py, PyAny>>,
) -> PyResult<Vec<f32>> {
    check_length(field, length)?;
    let mut vector = Vec::with_capacity(length);
    for value in values {
        let exact = value.cast_exact::<PyFloat>().ok().map(PyFloatMethods::value);
        let Some(number) = exact.or_else(|| value.extract::<f64>().ok()) else {
            let kind = value.get_type().name()?;
            return Err(exception(&Error::InvalidEmbedding {
                field: field.to_owned(),
                reason: format!("has a value of type {kind} at position {}", vector.len()),
            }));
        };
        vector.push(number as f32);
    }
    Ok(vector)
}
