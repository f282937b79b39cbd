//! The answer of a match: a sequence of matches, best first.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple};
use shortlist::{AdvisorMatch as CoreMatch, MatchAnswer as Core};

use super::body::{Body, answers, no_place};
use super::listing::{Listing, Place};
use super::object::{Names, to_object};
use super::sequence::sequence;

/// The advisors that fit best: a sequence of matches.
#[pyclass(frozen, module = "shortlist", name = "MatchAnswer", sequence)]
pub struct MatchAnswer {
    body: Body<Core>,
    found: PyOnceLock<Py<PyTuple>>,
}

/// One match: an advisor, its score, and what the score is made of.
#[pyclass(frozen, module = "shortlist", name = "AdvisorMatch")]
pub struct AdvisorMatch {
    body: Body<Core>,
    at: usize,
}

impl AdvisorMatch {
    fn read<'py>(
        &self,
        py: Python<'py>,
        name: &str,
        live: impl FnOnce(CoreMatch<'_>) -> PyResult<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        match &self.body {
            Body::Live(answer) => live(answer.get(self.at).ok_or_else(|| no_place("a match"))?),
            Body::Kept { .. } => {
                let fields = self.kept(py)?;
                Ok(fields.get_item(name)?.unwrap_or_else(|| py.None().into_bound(py)))
            }
        }
    }

    fn kept<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        self.body.item(py, "matches", self.at)?.ok_or_else(|| no_place("a match"))
    }
}

#[pymethods]
impl AdvisorMatch {
    /// The advisor's id.
    #[getter]
    fn advisor_id<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.read(py, "advisor_id", |one| Ok(one.advisor_id.into_pyobject(py)?.into_any()))
    }

    /// The full score.
    #[getter]
    fn score<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.read(py, "score", |one| Ok(one.score.into_pyobject(py)?.into_any()))
    }

    /// What the score is made of.
    #[getter]
    fn breakdown<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let wire = self.read(py, "breakdown", |one| to_object(py, one.breakdown, Names::Snake))?;
        answers(py, "breakdown")?.call1((wire,))
    }

    /// Why the advisor fits, in words.
    #[getter]
    fn reasons<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.read(py, "reasons", |one| one.reasons.phrases().into_pyobject(py))
    }

    /// What had to be loosened for this advisor to pass.
    #[getter]
    fn relaxed<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let wire = self.read(py, "relaxed", |one| to_object(py, one.relaxed, Names::Snake))?;
        if wire.is_none() { Vec::<String>::new().into_pyobject(py) } else { Ok(wire) }
    }

    /// Whether rules pinned the advisor to its place.
    #[getter]
    fn pinned(&self, py: Python<'_>) -> PyResult<bool> {
        self.read(py, "pinned", |one| Ok(one.pinned.into_pyobject(py)?.to_owned().into_any()))?
            .is_truthy()
    }

    /// The profile.
    #[getter]
    fn listing<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let listing = match &self.body {
            Body::Live(answer) => Listing::new(Place::Match(answer.clone(), self.at)),
            Body::Kept { .. } => {
                let fields = self.kept(py)?.get_item("listing")?;
                let fields = fields.ok_or_else(|| no_place("a match"))?;
                Listing::kept(py, fields.cast_into::<PyDict>().map_err(PyErr::from)?)
            }
        };
        Ok(Bound::new(py, listing)?.into_any())
    }

    /// All of it as a dict, names in `snake_case`.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match &self.body {
            Body::Live(answer) => {
                let one = answer.get(self.at).ok_or_else(|| no_place("a match"))?;
                to_object(py, &one, Names::Snake)
            }
            Body::Kept { .. } => Ok(self.kept(py)?.copy()?.into_any()),
        }
    }

    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        super::report::html(slf.as_any(), "one_match")
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        super::report::shown(slf.as_any())
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        let fields = py.import("json")?.call_method1("dumps", (self.to_dict(py)?,))?;
        Ok((py.import("shortlist._native")?.getattr("_match")?, (fields.extract()?,)))
    }
}

impl MatchAnswer {
    fn one<'py>(&self, py: Python<'py>, at: usize) -> PyResult<Bound<'py, PyAny>> {
        Ok(Bound::new(py, AdvisorMatch { body: self.body.clone(), at })?.into_any())
    }
}

#[pymethods]
impl MatchAnswer {
    /// The matches, best first. Their fields are read as they are asked for.
    #[getter]
    fn matches<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        self.all(py)
    }

    /// How many advisors passed the hard filter; exact.
    #[getter]
    fn considered<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.body.read(py, "considered", |answer| answer.considered)
    }

    /// What `relax` loosened, step by step.
    #[getter]
    fn relaxed<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let steps = self.body.read(py, "relaxed", |answer| {
            answer.relaxed.iter().map(ToString::to_string).collect::<Vec<_>>()
        })?;
        if steps.is_none() { Vec::<String>::new().into_pyobject(py) } else { Ok(steps) }
    }

    /// Whether this is the true top; false only where an approximate path was chosen.
    #[getter]
    fn exact<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.body.read(py, "exact", |answer| answer.exact)
    }
}

sequence!(MatchAnswer of Core { "matches", "advisor_id", "matches", "_match_answer" });

/// An answer that a pickle brought back.
#[pyfunction(name = "_match_answer")]
pub fn unpickled(py: Python<'_>, json: String) -> PyResult<MatchAnswer> {
    MatchAnswer::kept(py, json)
}

/// A match that a pickle brought back.
#[pyfunction(name = "_match")]
pub fn unpickled_match(py: Python<'_>, json: &str) -> PyResult<AdvisorMatch> {
    Ok(AdvisorMatch { body: Body::kept(py, format!("{{\"matches\":[{json}]}}"))?, at: 0 })
}
