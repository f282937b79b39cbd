//! What the answers have in common: each is a sequence of what was found.

use pyo3::prelude::*;
use serde::Serialize;
use shortlist::PlanReport;

use super::body::{Body, answer};

/// How the answer was found, where the request asks for it.
pub fn plan<'py, A: Serialize>(
    py: Python<'py>,
    body: &Body<A>,
    live: impl FnOnce(&A) -> Option<&PlanReport>,
) -> PyResult<Bound<'py, PyAny>> {
    match body {
        Body::Live(found) => match live(found) {
            Some(plan) => answer(py, "Plan", plan),
            None => Ok(py.None().into_bound(py)),
        },
        Body::Kept { fields, .. } => super::report::plan(py, fields.bind(py)),
    }
}

/// Makes an answer a sequence: of a class with its `body` and what was `found`, that can make `one` of them. Named are the list in
/// the wire form, the id of an item, the page that a notebook shows, and what brings it back from a pickle.
macro_rules! sequence {
    ($class:ident of $core:ty { $list:literal, $id:literal, $html:literal, $pickle:literal }) => {
        impl $class {
            pub fn new(answer: $core) -> Self {
                Self { body: Body::live(answer), found: ::pyo3::sync::PyOnceLock::new() }
            }

            fn kept(py: Python<'_>, json: String) -> PyResult<Self> {
                Ok(Self { body: Body::kept(py, json)?, found: ::pyo3::sync::PyOnceLock::new() })
            }

            fn length(&self, py: Python<'_>) -> PyResult<usize> {
                self.body.length(py, $list, <$core>::len)
            }

            fn all<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, ::pyo3::types::PyTuple>> {
                let found = self.found.get_or_try_init(py, || {
                    let found: Vec<_> = (0..self.length(py)?)
                        .map(|at| self.one(py, at))
                        .collect::<PyResult<_>>()?;
                    Ok::<_, PyErr>(::pyo3::types::PyTuple::new(py, found)?.unbind())
                })?;
                Ok(found.bind(py).clone())
            }
        }

        #[pymethods]
        impl $class {
            /// The ids of the advisors, in order.
            #[getter]
            fn ids<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                match &self.body {
                    Body::Live(answer) => answer.ids().into_pyobject(py),
                    Body::Kept { .. } => {
                        let ids = self.all(py)?.iter().map(|one| one.getattr($id));
                        ids.collect::<PyResult<Vec<_>>>()?.into_pyobject(py)
                    }
                }
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
                $crate::outgoing::sequence::plan(py, &self.body, |answer| answer.explain.as_ref())
            }

            fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
                self.length(py)
            }

            fn __getitem__<'py>(
                &self,
                py: Python<'py>,
                index: &Bound<'py, PyAny>,
            ) -> PyResult<Bound<'py, PyAny>> {
                let length = self.length(py)?;
                $crate::outgoing::body::pick(py, length, index, |at| self.one(py, at))
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

            /// What was found, as dicts.
            fn to_dicts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.body.dict(py)?.get_item($list)
            }

            /// What was found, as a pandas frame: listings, and of matches the score and its parts.
            fn to_pandas<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
                $crate::outgoing::report::frame(slf.as_any(), "to_pandas")
            }

            /// What was found, as a polars frame.
            fn to_polars<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
                $crate::outgoing::report::frame(slf.as_any(), "to_polars")
            }

            /// What was found, as a pyarrow table.
            fn to_arrow<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
                $crate::outgoing::report::frame(slf.as_any(), "to_arrow")
            }

            /// The rows as an Arrow stream: what `pyarrow.table`, `polars.DataFrame` and others take.
            #[pyo3(signature = (requested_schema=None))]
            fn __arrow_c_stream__<'py>(
                &self,
                py: Python<'py>,
                requested_schema: Option<&Bound<'py, PyAny>>,
            ) -> PyResult<Bound<'py, ::pyo3::types::PyCapsule>> {
                // As the interface allows, the wish is not heeded: who reads casts.
                let _ = requested_schema;
                self.body.stream(py, $list)
            }

            fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
                $crate::outgoing::report::html(slf.as_any(), $html)
            }

            fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
                $crate::outgoing::report::shown(slf.as_any())
            }

            fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
                let back = py.import("shortlist._native")?.getattr($pickle)?;
                Ok((back, (self.body.json(),)))
            }
        }
    };
}

pub(super) use sequence;
