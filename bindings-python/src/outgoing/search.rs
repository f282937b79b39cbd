//! The answer of a search: a page, a sequence of its hits.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple};
use shortlist::{Facet, SearchAnswer as Core};

use super::body::{Body, answers, no_place};
use super::listing::{Listing, Place};
use super::object::{Names, to_object};
use super::sequence::sequence;

/// A page of a search: a sequence of its hits.
#[pyclass(frozen, module = "shortlist", name = "SearchAnswer", sequence)]
pub struct SearchAnswer {
    body: Body<Core>,
    found: PyOnceLock<Py<PyTuple>>,
}

/// One hit of a search: a listing, with what the search says of it.
#[pyclass(frozen, extends = Listing, module = "shortlist", name = "Hit")]
pub struct Hit;

impl Hit {
    pub fn of(listing: Listing) -> PyClassInitializer<Self> {
        PyClassInitializer::from(listing).add_subclass(Hit)
    }
}

fn extra<'py>(slf: &Bound<'py, Hit>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    let (py, listing) = (slf.py(), slf.as_super().get());
    let found = listing.fields(py)?.get_item(name)?;
    Ok(found.unwrap_or_else(|| py.None().into_bound(py)))
}

#[pymethods]
impl Hit {
    /// The relevance, where the order is by relevance: larger is better, comparable within one answer only.
    #[getter]
    fn score<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        extra(slf, "score")
    }

    /// How far away it is in kilometres, where the order is by distance.
    #[getter]
    fn distance_km<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        extra(slf, "distance_km")
    }

    /// Whether rules pinned it to its place.
    #[getter]
    fn pinned(slf: &Bound<'_, Self>) -> PyResult<bool> {
        extra(slf, "pinned")?.is_truthy()
    }

    /// Where the words of the text stand, by field, where the request asks for it.
    #[getter]
    fn highlights<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        extra(slf, "highlights")
    }
}

impl SearchAnswer {
    /// The answer's facets alone.
    pub fn facets_of<'py>(py: Python<'py>, facets: &[Facet]) -> PyResult<Bound<'py, PyAny>> {
        let wire = PyDict::new(py);
        for facet in facets {
            wire.set_item(&facet.field, to_object(py, facet, Names::Own)?)?;
        }
        answers(py, "facets")?.call1((wire,))
    }

    fn one<'py>(&self, py: Python<'py>, at: usize) -> PyResult<Bound<'py, PyAny>> {
        let listing = match &self.body {
            Body::Live(answer) => Listing::new(Place::Search(answer.clone(), at)),
            kept @ Body::Kept { .. } => {
                let fields = kept.item(py, "hits", at)?.ok_or_else(|| no_place("a page"))?;
                Listing::kept(py, fields)
            }
        };
        Ok(Bound::new(py, Hit::of(listing))?.into_any())
    }
}

#[pymethods]
impl SearchAnswer {
    /// The hits, in order. Their fields are read as they are asked for.
    #[getter]
    fn hits<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        self.all(py)
    }

    /// How many profiles the request finds in all; exact.
    #[getter]
    fn total<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.body.read(py, "total", |answer| answer.total)
    }

    /// The cursor of the next page; none on the last.
    #[getter]
    fn next_cursor<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.body.read(py, "next_cursor", |answer| answer.next_cursor.clone())
    }

    /// What the page before is asked for by, as `before`; none on the first.
    #[getter]
    fn previous_cursor<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.body.read(py, "previous_cursor", |answer| answer.previous_cursor.clone())
    }

    /// What each facet tells, by its field.
    #[getter]
    fn facets<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match &self.body {
            Body::Live(answer) => Self::facets_of(py, &answer.facets),
            Body::Kept { fields, .. } => {
                answers(py, "facets")?.call1((fields.bind(py).get_item("facets")?,))
            }
        }
    }

    /// Where nothing is found: the text with other words, so that something is.
    #[getter]
    fn did_you_mean<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.body.read(py, "did_you_mean", |answer| answer.did_you_mean.clone())
    }
}

sequence!(SearchAnswer of Core { "hits", "id", "search", "_search_answer" });

/// An answer that a pickle brought back.
#[pyfunction(name = "_search_answer")]
pub fn unpickled(py: Python<'_>, json: String) -> PyResult<SearchAnswer> {
    SearchAnswer::kept(py, json)
}
