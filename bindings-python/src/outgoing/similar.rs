//! The answer of `similar_to`: a sequence of advisors, nearest first.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyCapsule, PyDict, PyTuple};
use shortlist::SimilarAnswer as Core;

use super::body::{Body, answer, no_place, pick};
use super::listing::{Listing, Place};

/// The advisors nearest to one: a sequence of them.
#[pyclass(frozen, module = "shortlist", name = "SimilarAnswer", sequence)]
pub struct SimilarAnswer {
    body: Body<Core>,
    similar: PyOnceLock<Py<PyTuple>>,
}

/// An advisor that is like the one asked for.
#[pyclass(frozen, module = "shortlist", name = "SimilarAdvisor")]
pub struct SimilarAdvisor {
    /// The advisor's id.
    #[pyo3(get)]
    advisor_id: String,
    /// Cosine of the embeddings.
    #[pyo3(get)]
    similarity: f64,
    /// The profile.
    #[pyo3(get)]
    listing: Py<Listing>,
}

#[pymethods]
impl SimilarAdvisor {
    /// All of it as a dict, names in `snake_case`.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let fields = PyDict::new(py);
        fields.set_item("advisor_id", &self.advisor_id)?;
        fields.set_item("similarity", self.similarity)?;
        fields.set_item("listing", self.listing.bind(py).get().fields(py)?.copy()?)?;
        Ok(fields)
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        super::report::shown(slf.as_any())
    }

    fn __reduce__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyDict>,))> {
        Ok((py.import("shortlist._native")?.getattr("_similar")?, (self.to_dict(py)?,)))
    }
}

/// An advisor from its dict.
#[pyfunction(name = "_similar")]
pub fn of_dict<'py>(py: Python<'py>, fields: &Bound<'py, PyDict>) -> PyResult<SimilarAdvisor> {
    let part = |name: &str| fields.get_item(name)?.ok_or_else(|| no_place("an advisor"));
    let listing = part("listing")?.cast_into::<PyDict>().map_err(PyErr::from)?;
    Ok(SimilarAdvisor {
        advisor_id: part("advisor_id")?.extract()?,
        similarity: part("similarity")?.extract()?,
        listing: Py::new(py, Listing::kept(py, listing))?,
    })
}

impl SimilarAnswer {
    pub fn new(answer: Core) -> Self {
        Self { body: Body::live(answer), similar: PyOnceLock::new() }
    }

    fn length(&self, py: Python<'_>) -> PyResult<usize> {
        self.body.length(py, "similar", Core::len)
    }

    fn one<'py>(&self, py: Python<'py>, at: usize) -> PyResult<Bound<'py, PyAny>> {
        let advisor = match &self.body {
            Body::Live(answer) => {
                let shortlist::SimilarAdvisor { advisor_id, similarity, listing: _ } =
                    answer.get(at).ok_or_else(|| no_place("an answer"))?;
                let listing = Py::new(py, Listing::new(Place::Similar(answer.clone(), at)))?;
                SimilarAdvisor { advisor_id: advisor_id.to_owned(), similarity, listing }
            }
            kept @ Body::Kept { .. } => {
                of_dict(py, &kept.item(py, "similar", at)?.ok_or_else(|| no_place("an answer"))?)?
            }
        };
        Ok(Bound::new(py, advisor)?.into_any())
    }

    fn all<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let similar = self.similar.get_or_try_init(py, || {
            let similar: Vec<_> =
                (0..self.length(py)?).map(|at| self.one(py, at)).collect::<PyResult<_>>()?;
            Ok::<_, PyErr>(PyTuple::new(py, similar)?.unbind())
        })?;
        Ok(similar.bind(py).clone())
    }
}

#[pymethods]
impl SimilarAnswer {
    /// The advisors, nearest first.
    #[getter]
    fn similar<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        self.all(py)
    }

    /// The ids of the advisors, nearest first.
    #[getter]
    fn ids<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match &self.body {
            Body::Live(answer) => answer.ids().into_pyobject(py),
            Body::Kept { .. } => {
                let ids = self.all(py)?.iter().map(|one| one.getattr("advisor_id"));
                ids.collect::<PyResult<Vec<_>>>()?.into_pyobject(py)
            }
        }
    }

    /// How many advisors passed scope and filter; exact.
    #[getter]
    fn considered<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.body.read(py, "considered", |answer| answer.considered)
    }

    /// Whether these are the true nearest.
    #[getter]
    fn exact<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.body.read(py, "exact", |answer| answer.exact)
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
        pick(py, self.length(py)?, index, |at| self.one(py, at))
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

    /// The advisors as dicts.
    fn to_dicts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.body.dict(py)?.get_item("similar")
    }

    /// The advisors as a pandas frame.
    fn to_pandas<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        super::report::frame(slf.as_any(), "to_pandas")
    }

    /// The advisors as a polars frame.
    fn to_polars<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        super::report::frame(slf.as_any(), "to_polars")
    }

    /// The advisors as a pyarrow table.
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
        self.body.stream(py, "similar")
    }

    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        super::report::html(slf.as_any(), "similar")
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        super::report::shown(slf.as_any())
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((py.import("shortlist._native")?.getattr("_similar_answer")?, (self.body.json(),)))
    }
}

/// An answer that a pickle brought back.
#[pyfunction(name = "_similar_answer")]
pub fn unpickled(py: Python<'_>, json: String) -> PyResult<SimilarAnswer> {
    Ok(SimilarAnswer { body: Body::kept(py, json)?, similar: PyOnceLock::new() })
}
