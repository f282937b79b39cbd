//! The answer of a search: a page, a sequence of its hits.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyCapsule, PyDict, PyTuple};
use shortlist::{Facet, SearchAnswer as Core};

use super::body::{Body, answer, answers, no_place, pick};
use super::listing::{Listing, Place};
use super::object::{Names, to_object};

/// A page of a search: a sequence of its hits.
#[pyclass(frozen, module = "shortlist", name = "SearchAnswer", sequence)]
pub struct SearchAnswer {
    body: Body<Core>,
    hits: PyOnceLock<Py<PyTuple>>,
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
    pub fn new(answer: Core) -> Self {
        Self { body: Body::live(answer), hits: PyOnceLock::new() }
    }

    /// The answer's facets alone.
    pub fn facets_of<'py>(py: Python<'py>, facets: &[Facet]) -> PyResult<Bound<'py, PyAny>> {
        let wire = PyDict::new(py);
        for facet in facets {
            wire.set_item(&facet.field, to_object(py, facet, Names::Own)?)?;
        }
        answers(py, "facets")?.call1((wire,))
    }

    fn length(&self, py: Python<'_>) -> PyResult<usize> {
        self.body.length(py, "hits", Core::len)
    }

    fn hit<'py>(&self, py: Python<'py>, at: usize) -> PyResult<Bound<'py, PyAny>> {
        let listing = match &self.body {
            Body::Live(answer) => Listing::new(Place::Search(answer.clone(), at)),
            kept @ Body::Kept { .. } => {
                let fields = kept.item(py, "hits", at)?.ok_or_else(|| no_place("a page"))?;
                Listing::kept(py, fields)
            }
        };
        Ok(Bound::new(py, Hit::of(listing))?.into_any())
    }

    fn all<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let hits = self.hits.get_or_try_init(py, || {
            let hits: Vec<_> =
                (0..self.length(py)?).map(|at| self.hit(py, at)).collect::<PyResult<_>>()?;
            Ok::<_, PyErr>(PyTuple::new(py, hits)?.unbind())
        })?;
        Ok(hits.bind(py).clone())
    }
}

#[pymethods]
impl SearchAnswer {
    /// The hits, in order. Their fields are read as they are asked for.
    #[getter]
    fn hits<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        self.all(py)
    }

    /// The ids of the hits, in order.
    #[getter]
    fn ids<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match &self.body {
            Body::Live(answer) => answer.ids().into_pyobject(py),
            Body::Kept { .. } => {
                let ids = self.all(py)?.iter().map(|hit| hit.getattr("id"));
                ids.collect::<PyResult<Vec<_>>>()?.into_pyobject(py)
            }
        }
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

    /// The generation that answered.
    #[getter]
    fn generation<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.body.read(py, "generation", |answer| answer.generation)
    }

    /// Microseconds from request to answer, in the engine.
    #[getter]
    fn took_us<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.body.read(py, "took_us", |answer| answer.took_us)
    }

    /// How the answer was found, where the request asks for it.
    #[getter]
    fn explain<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match &self.body {
            Body::Live(live) => match &live.explain {
                Some(plan) => answer(py, "Plan", plan),
                None => Ok(py.None().into_bound(py)),
            },
            Body::Kept { fields, .. } => super::report::plan(py, fields.bind(py)),
        }
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        self.length(py)
    }

    fn __getitem__<'py>(
        &self,
        py: Python<'py>,
        index: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        pick(py, self.length(py)?, index, |at| self.hit(py, at))
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(self.all(py)?.try_iter()?.into_any())
    }

    /// The wire form: JSON, names in camelCase, as an HTTP response sends it.
    fn to_json(&self, py: Python<'_>) -> String {
        py.detach(|| self.body.json())
    }

    /// All of the answer as dicts and lists, names in `snake_case`.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.body.dict(py)
    }

    /// The hits as dicts.
    fn to_dicts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.body.dict(py)?.get_item("hits")
    }

    /// The hits as a pandas frame.
    fn to_pandas<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        super::report::frame(slf.as_any(), "to_pandas")
    }

    /// The hits as a polars frame.
    fn to_polars<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        super::report::frame(slf.as_any(), "to_polars")
    }

    /// The hits as a pyarrow table.
    fn to_arrow<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        super::report::frame(slf.as_any(), "to_arrow")
    }

    /// The rows as an Arrow stream: what `pyarrow.table`, `polars.DataFrame` and others take.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // As the interface allows, the wish is not heeded: who reads casts.
        let _ = requested_schema;
        self.body.stream(py, "hits")
    }

    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        super::report::html(slf.as_any(), "search")
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        super::report::shown(slf.as_any())
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((py.import("shortlist._native")?.getattr("_search_answer")?, (self.body.json(),)))
    }
}

/// An answer that a pickle brought back.
#[pyfunction(name = "_search_answer")]
pub fn unpickled(py: Python<'_>, json: String) -> PyResult<SearchAnswer> {
    Ok(SearchAnswer { body: Body::kept(py, json)?, hits: PyOnceLock::new() })
}
