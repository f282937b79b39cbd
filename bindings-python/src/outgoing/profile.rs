//! A whole profile, as `AdvisorProfile` of the package.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDateTime, PyDict, PyList, PyString, PyTzInfo};
use shortlist::{AdvisorProfile, AttributeValue, Instant};

/// The package's profile of the engine's. Every field is named here: one that the engine gains must be carried.
pub fn profile(py: Python<'_>, profile: AdvisorProfile) -> PyResult<Bound<'_, PyAny>> {
    let AdvisorProfile {
        id,
        user_id,
        professional_title,
        headline,
        bio,
        industries,
        services,
        certifications,
        hourly_rate,
        monthly_retainer_min,
        years_experience,
        total_reviews,
        current_clients,
        max_clients,
        overall_rating,
        marketplace_status,
        is_verified,
        is_available,
        created_at,
        updated_at,
        deleted_at,
        profile_image_url,
        embedding,
        attributes,
        details,
    } = profile;
    let fields = PyDict::new(py);
    macro_rules! set {
        ($($name:ident),*) => {$( fields.set_item(stringify!($name), $name)?; )*};
    }
    let created_at = created_at.map(|at| instant(py, at)).transpose()?;
    let updated_at = updated_at.map(|at| instant(py, at)).transpose()?;
    let deleted_at = deleted_at.map(|at| instant(py, at)).transpose()?;
    let embedding = embedding.map(|vector| floats(py, &vector)).transpose()?;
    let kept = PyDict::new(py);
    for (name, value) in attributes {
        kept.set_item(name, attribute(py, value)?)?;
    }
    let attributes = kept;
    let details = match details {
        Some(text) => Some(py.import("json")?.call_method1("loads", (text,))?),
        None => None,
    };
    set!(
        id,
        user_id,
        professional_title,
        headline,
        bio,
        industries,
        services,
        certifications,
        hourly_rate,
        monthly_retainer_min,
        years_experience,
        total_reviews,
        current_clients,
        max_clients,
        overall_rating,
        marketplace_status,
        is_verified,
        is_available,
        created_at,
        updated_at,
        deleted_at,
        profile_image_url,
        embedding,
        attributes,
        details
    );
    py.import("shortlist.requests")?.getattr("AdvisorProfile")?.call((), Some(&fields))
}

/// Numbers as the standard library's array of floats, which numpy takes without a copy.
pub fn floats<'py>(py: Python<'py>, vector: &[f32]) -> PyResult<Bound<'py, PyAny>> {
    let bytes = PyBytes::new_with(py, vector.len() * 4, |out| {
        for (four, number) in out.as_chunks_mut::<4>().0.iter_mut().zip(vector) {
            *four = number.to_ne_bytes();
        }
        Ok(())
    })?;
    py.import("array")?.call_method1("array", ("f", bytes))
}

fn attribute(py: Python<'_>, value: AttributeValue) -> PyResult<Bound<'_, PyAny>> {
    Ok(match value {
        AttributeValue::Keywords(values) => PyList::new(py, values)?.into_any(),
        AttributeValue::Number(number) => number.into_pyobject(py)?.into_any(),
        AttributeValue::Bool(flag) => flag.into_pyobject(py)?.to_owned().into_any(),
        AttributeValue::Date(moment) => PyString::new(py, &moment.to_string()).into_any(),
        AttributeValue::Text(text) => PyString::new(py, &text).into_any(),
        AttributeValue::Geo(point) => {
            let place = PyDict::new(py);
            place.set_item("lat", point.lat())?;
            place.set_item("lon", point.lon())?;
            place.into_any()
        }
        AttributeValue::Availability(times) => {
            let written = serde_json::to_string(&*times)
                .map_err(|error| pyo3::exceptions::PyValueError::new_err(error.to_string()))?;
            py.import("json")?.call_method1("loads", (written,))?
        }
        other => PyString::new(py, &format!("{other:?}")).into_any(),
    })
}

/// A moment as a datetime in UTC.
pub fn instant<'py>(py: Python<'py>, at: Instant) -> PyResult<Bound<'py, PyAny>> {
    moment(py, PyString::new(py, &at.to_string()).into_any())
}

/// A moment of the wire form as a datetime in UTC. One that lies beyond Python's calendar stays as it is written.
pub fn moment<'py>(py: Python<'py>, written: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    static READ: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let Ok(text) = written.cast::<PyString>() else { return Ok(written) };
    // Before Python 3.11 `Z` is not read.
    let text = text.to_str()?.replace('Z', "+00:00");
    let read = READ.get_or_try_init(py, || {
        Ok::<_, PyErr>(py.get_type::<PyDateTime>().getattr("fromisoformat")?.unbind())
    })?;
    match read.bind(py).call1((padded(&text),)) {
        Ok(moment) => moment.call_method1("astimezone", (PyTzInfo::utc(py)?,)),
        Err(_) => Ok(written),
    }
}

/// The fraction of a second in the six digits that Python 3.10 wants.
fn padded(text: &str) -> String {
    let Some((head, rest)) = text.split_once('.') else { return text.to_owned() };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (fraction, zone) = rest.split_at(digits);
    format!("{head}.{fraction:0<6}{zone}")
}
