//! An engine as one tenant sees it: the engine's reads, below a filter.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};
use shortlist::{
    AdvisorProfile, ClientCriteria, Engine as Core, Facet, Filter, MatchAnswer, Result,
    SearchAnswer, SearchRequest, SimilarAnswer, SimilarRequest, SuggestAnswer, SuggestRequest,
    Tenant as CoreTenant,
};

use crate::engine::Engine;

/// Whoever reads: all of the engine, or a tenant.
pub enum Reader<'e> {
    All(&'e Core),
    One(CoreTenant),
}

/// The reader of an engine within a filter.
pub fn reader<'e>(engine: &'e Core, within: Option<&Filter>) -> Result<Reader<'e>> {
    match within {
        None => Ok(Reader::All(engine)),
        Some(filter) => engine.for_tenant(filter.clone()).map(Reader::One),
    }
}

macro_rules! reads {
    ($($name:ident($request:ty) -> $answer:ty;)*) => {
        impl Reader<'_> {
            $(pub fn $name(&self, request: $request) -> $answer {
                match self {
                    Reader::All(engine) => engine.$name(request),
                    Reader::One(tenant) => tenant.$name(request),
                }
            })*
        }
    };
}

reads! {
    search(&SearchRequest) -> Result<SearchAnswer>;
    search_many(&[SearchRequest]) -> Vec<Result<SearchAnswer>>;
    facets(&SearchRequest) -> Result<Vec<Facet>>;
    match_advisors(&ClientCriteria) -> Result<MatchAnswer>;
    match_many(&[ClientCriteria]) -> Vec<Result<MatchAnswer>>;
    similar_to(&SimilarRequest) -> Result<SimilarAnswer>;
    suggest(&SuggestRequest) -> Result<SuggestAnswer>;
    get(&str) -> Result<Option<AdvisorProfile>>;
    get_many(&[String]) -> Result<Vec<Option<AdvisorProfile>>>;
}

type Object<'py> = PyResult<Bound<'py, PyAny>>;

/// An engine as one tenant sees it: who does not fulfil its filter is in no answer. Made by ``Engine.for_tenant``; it is
/// closed with its engine.
///
/// >>> import shortlist
/// >>> with shortlist.Engine.in_memory() as engine:
/// ...     applied = engine.upsert([{"id": "ada", "industries": ["Healthcare"]}, {"id": "ben"}])
/// ...     clinic = engine.for_tenant({"industries": "Healthcare"})
/// ...     clinic.search(scope="all").total, clinic.facets("industries", scope="all")["industries"].to_dict()
/// (1, {'Healthcare': 1})
#[pyclass(frozen, module = "shortlist", name = "Tenant")]
pub struct Tenant(pub Engine);

#[pymethods]
impl Tenant {
    /// As ``Engine.search``. A cursor of the engine's or of another tenant's is refused.
    #[pyo3(signature = (request=None, /, **fields))]
    fn search<'py>(
        &self,
        py: Python<'py>,
        request: Option<&Bound<'py, PyAny>>,
        fields: Option<&Bound<'py, PyDict>>,
    ) -> Object<'py> {
        self.0.search(py, request, fields)
    }

    /// As ``Engine.search_many``.
    #[pyo3(signature = (requests, /, *, return_exceptions=false))]
    fn search_many<'py>(
        &self,
        py: Python<'py>,
        requests: &Bound<'py, PyAny>,
        return_exceptions: bool,
    ) -> Object<'py> {
        self.0.search_many(py, requests, return_exceptions)
    }

    /// As ``Engine.match_advisors``.
    #[pyo3(signature = (criteria=None, /, **fields))]
    fn match_advisors<'py>(
        &self,
        py: Python<'py>,
        criteria: Option<&Bound<'py, PyAny>>,
        fields: Option<&Bound<'py, PyDict>>,
    ) -> Object<'py> {
        self.0.match_advisors(py, criteria, fields)
    }

    /// As ``Engine.match_many``.
    #[pyo3(signature = (criteria, /, *, return_exceptions=false))]
    fn match_many<'py>(
        &self,
        py: Python<'py>,
        criteria: &Bound<'py, PyAny>,
        return_exceptions: bool,
    ) -> Object<'py> {
        self.0.match_many(py, criteria, return_exceptions)
    }

    /// As ``Engine.similar_to``. The advisor to compare with must be seen too.
    #[pyo3(signature = (request, /, **fields))]
    fn similar_to<'py>(
        &self,
        py: Python<'py>,
        request: &Bound<'py, PyAny>,
        fields: Option<&Bound<'py, PyDict>>,
    ) -> Object<'py> {
        self.0.similar_to(py, request, fields)
    }

    /// As ``Engine.suggest``.
    #[pyo3(signature = (request, /, **fields))]
    fn suggest<'py>(
        &self,
        py: Python<'py>,
        request: &Bound<'py, PyAny>,
        fields: Option<&Bound<'py, PyDict>>,
    ) -> Object<'py> {
        self.0.suggest(py, request, fields)
    }

    /// As ``Engine.facets``.
    #[pyo3(signature = (*counted, **fields))]
    fn facets<'py>(
        &self,
        py: Python<'py>,
        counted: &Bound<'py, PyTuple>,
        fields: Option<&Bound<'py, PyDict>>,
    ) -> Object<'py> {
        self.0.facets(py, counted, fields)
    }

    /// As ``Engine.get``: none for who is not seen.
    fn get<'py>(&self, py: Python<'py>, id: &Bound<'py, PyString>) -> Object<'py> {
        self.0.get(py, id)
    }

    /// As ``Engine.get_many``: none in the place of who is not seen.
    fn get_many<'py>(&self, py: Python<'py>, ids: &Bound<'py, PyAny>) -> Object<'py> {
        self.0.get_many(py, ids)
    }

    fn _asynchronous(&self) -> Self {
        Self(self.0._asynchronous())
    }
}
