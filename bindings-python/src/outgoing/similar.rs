//! The answer of `similar_to`: a sequence of advisors, nearest first.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple};
use shortlist::SimilarAnswer as Core;

use super::body::{Body, no_place};
use super::listing::{Listing, Place};
use super::sequence::sequence;

/// The advisors nearest to one: a sequence of them.
#[pyclass(frozen, module = "shortlist", name = "SimilarAnswer", sequence)]
pub struct SimilarAnswer {
    body: Body<Core>,
    found: PyOnceLock<Py<PyTuple>>,
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
}

#[pymethods]
impl SimilarAnswer {
    /// The advisors, nearest first.
    #[getter]
    fn similar<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        self.all(py)
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
}

sequence!(SimilarAnswer of Core { "similar", "advisor_id", "similar", "_similar_answer" });

/// An answer that a pickle brought back.
#[pyfunction(name = "_similar_answer")]
pub fn unpickled(py: Python<'_>, json: String) -> PyResult<SimilarAnswer> {
    SimilarAnswer::kept(py, json)
}
