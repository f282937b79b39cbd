//! A profile as an answer shows it: nothing is made of it until a field is asked for.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyFloat};
use shortlist::{MatchAnswer, SearchAnswer, SimilarAnswer};

use super::body::{no_place, not_shown};
use super::object::{Names, to_object};

/// Where a listing is read.
#[derive(Clone)]
pub enum Place {
    Search(Arc<SearchAnswer>, usize),
    Match(Arc<MatchAnswer>, usize),
    Similar(Arc<SimilarAnswer>, usize),
    /// It was kept: its fields are all there is.
    Kept,
}

/// A profile as an answer shows it.
#[pyclass(frozen, subclass, module = "shortlist", name = "Listing")]
pub struct Listing {
    pub place: Place,
    fields: PyOnceLock<Py<PyDict>>,
}

impl Listing {
    pub fn new(place: Place) -> Self {
        Self { place, fields: PyOnceLock::new() }
    }

    pub fn kept(py: Python<'_>, fields: Bound<'_, PyDict>) -> Self {
        let kept = Self::new(Place::Kept);
        // It is new: nobody set it before.
        let _ = kept.fields.set(py, fields.unbind());
        kept
    }

    pub fn fields<'py>(&self, py: Python<'py>) -> PyResult<&Bound<'py, PyDict>> {
        let fields = self.fields.get_or_try_init(py, || {
            let made = match &self.place {
                Place::Search(answer, at) => {
                    answer.hit(*at).map(|hit| to_object(py, &hit, Names::Snake))
                }
                Place::Match(answer, at) => {
                    answer.get(*at).map(|one| to_object(py, &one.listing, Names::Snake))
                }
                Place::Similar(answer, at) => {
                    answer.get(*at).map(|one| to_object(py, &one.listing, Names::Snake))
                }
                Place::Kept => None,
            };
            let made = made.ok_or_else(|| no_place("an answer"))??;
            Ok::<_, PyErr>(made.cast_into::<PyDict>().map_err(PyErr::from)?.unbind())
        })?;
        Ok(fields.bind(py))
    }

    pub fn read<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        self.fields(py)?.get_item(name)?.ok_or_else(|| not_shown(name))
    }

    fn number<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        let value = self.read(py, name)?;
        // The wire form has no fraction where there is none; here it is a float whatever it is.
        match value.extract::<f64>() {
            Ok(number) => Ok(PyFloat::new(py, number).into_any()),
            Err(_) => Ok(value),
        }
    }

    fn moment<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        super::profile::moment(py, self.read(py, name)?)
    }
}

macro_rules! listing {
    ({ $($rest:tt)* } $($read:ident: $($name:ident $doc:literal),*;)*) => {
        #[pymethods]
        impl Listing {
            $($(
                #[doc = $doc]
                #[getter]
                fn $name<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                    self.$read(py, stringify!($name))
                }
            )*)*

            $($rest)*
        }
    };
}

listing!({
    /// The id.
    #[getter]
    fn id<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let id = match &self.place {
            Place::Search(answer, at) => answer.hit(*at).map(|hit| hit.listing.id()),
            Place::Match(answer, at) => answer.get(*at).map(|one| one.advisor_id),
            Place::Similar(answer, at) => answer.get(*at).map(|one| one.advisor_id),
            Place::Kept => None,
        };
        match id {
            Some(id) => Ok(pyo3::types::PyString::new(py, id).into_any()),
            None => self.read(py, "id"),
        }
    }

    /// What it shows, as a dict whose names are in `snake_case`.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        self.fields(py)?.copy()
    }

    fn __getitem__<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        let found = self.fields(py)?.get_item(name)?;
        found.ok_or_else(|| pyo3::exceptions::PyKeyError::new_err(name.to_owned()))
    }

    fn __contains__(&self, py: Python<'_>, name: &str) -> PyResult<bool> {
        self.fields(py)?.contains(name)
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        super::report::shown(slf.as_any())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyAny>, Bound<'py, PyDict>))> {
        let py = slf.py();
        let again = py.import("shortlist._native")?.getattr("_listing")?;
        Ok((again, (slf.get_type().into_any(), slf.get().to_dict(py)?)))
    }
}
read:
    user_id "The account behind the profile.",
    professional_title "The title.",
    headline "The headline.",
    bio "The bio, where `fields` asks for it.",
    industries "The industries.",
    services "The services.",
    certifications "The certifications, where `fields` asks for them.",
    years_experience "Whole years of experience.",
    total_reviews "How many reviews.",
    current_clients "Clients now.",
    max_clients "Clients at most.",
    marketplace_status "The status, where `fields` asks for it.",
    is_verified "Whether verified, where `fields` asks for it.",
    is_available "Whether available.",
    profile_image_url "The picture.",
    embedding "The embedding as a list of numbers, where `fields` asks for it.",
    attributes "The attributes, where `fields` asks for them.",
    details "The details, where `fields` asks for them.";
number:
    hourly_rate "Money an hour.",
    monthly_retainer_min "Money a month at least.",
    overall_rating "0 to 5.";
moment:
    created_at "When it was made, where `fields` asks for it.",
    updated_at "When it last changed, where `fields` asks for it.",
    deleted_at "When it was deleted, where `fields` asks for it.";
);

/// A listing or hit that a pickle brought back.
#[pyfunction(name = "_listing")]
pub fn unpickled<'py>(
    py: Python<'py>,
    class_: &Bound<'py, PyAny>,
    fields: Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyAny>> {
    let kept = Listing::kept(py, fields);
    if class_.is(py.get_type::<super::search::Hit>()) {
        return Ok(Bound::new(py, super::search::Hit::of(kept))?.into_any());
    }
    Ok(Bound::new(py, kept)?.into_any())
}
