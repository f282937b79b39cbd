//! Searches, counts and suggestions.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};
use shortlist::{SearchRequest, SuggestRequest};

use super::{Engine, Object};
use crate::doorway::Call;
use crate::incoming::request::{Asked, request};
use crate::outgoing::object::{Names, to_object};
use crate::outgoing::search::SearchAnswer;
use crate::tenant::reader;

#[pymethods]
impl Engine {
    /// A list page or a text search: by keywords, a mapping, a ``SearchRequest`` or JSON text.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     applied = engine.upsert([{"id": "ada", "hourly_rate": 150}, {"id": "ben", "hourly_rate": 90}])
    /// ...     page = engine.search(scope="all", filter={"hourly_rate": {"lt": 100}})
    /// ...     page.total, page[0].id, page[0].hourly_rate
    /// (1, 'ben', 90.0)
    ///
    /// Raises what the request has wrong, a ``CallerError`` with its field, value and hint. Cost: in the engine a pass over the
    /// catalogue's bitmaps for each condition; here a few microseconds, and a field of a hit when it is read.
    #[pyo3(signature = (request=None, /, **fields))]
    pub fn search<'py>(
        &self,
        py: Python<'py>,
        request: Option<&Bound<'py, PyAny>>,
        fields: Option<&Bound<'py, PyDict>>,
    ) -> Object<'py> {
        let asked: SearchRequest = self::request(request, fields)?;
        let within = self.within.clone();
        let call = Call::new(
            move |engine| reader(engine, within.as_ref())?.search(&asked),
            |py, answer| Ok(Bound::new(py, SearchAnswer::new(answer))?.into_any()),
        );
        self.go(py, call)
    }

    /// As ``search``, awaited: the answer of ``AsyncEngine.search``.
    ///
    /// >>> import asyncio, shortlist
    /// >>> async def main():
    /// ...     with shortlist.Engine.in_memory() as engine:
    /// ...         return (await engine.search_async(text="tax")).total
    /// >>> asyncio.run(main())
    /// 0
    #[pyo3(signature = (request=None, /, **fields))]
    fn search_async<'py>(
        &self,
        py: Python<'py>,
        request: Option<&Bound<'py, PyAny>>,
        fields: Option<&Bound<'py, PyDict>>,
    ) -> Object<'py> {
        self._asynchronous().search(py, request, fields)
    }

    /// The searches that make up one page of a site, all answered from one generation, in their order. The first refusal is
    /// raised, or with ``return_exceptions`` stands in its place.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     answers = engine.search_many([{"sort": "newest"}, {"limit": 0}], return_exceptions=True)
    /// ...     [type(answer).__name__ for answer in answers]
    /// ['SearchAnswer', 'OutOfRangeError']
    #[pyo3(signature = (requests, /, *, return_exceptions=false))]
    pub fn search_many<'py>(
        &self,
        py: Python<'py>,
        requests: &Bound<'py, PyAny>,
        return_exceptions: bool,
    ) -> Object<'py> {
        let (asked, refused) = Asked::<SearchRequest>::read(requests, return_exceptions)?.apart();
        let within = self.within.clone();
        let call = Call::new(
            move |engine| Ok(reader(engine, within.as_ref())?.search_many(&asked)),
            move |py, answers| {
                Asked::<SearchRequest>::answered(
                    refused,
                    py,
                    answers,
                    return_exceptions,
                    |answer| Ok(Bound::new(py, SearchAnswer::new(answer))?.into_any()),
                )
            },
        );
        self.go(py, call.long(true))
    }

    /// Counts over the whole result of a search, without its hits: the facets, then the search's keywords.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     applied = engine.upsert([{"id": "ada", "industries": ["Retail"]}, {"id": "ben", "industries": ["Retail", "Energy"]}])
    /// ...     engine.facets("industries", scope="all")["industries"].to_dict()
    /// {'Retail': 2, 'Energy': 1}
    #[pyo3(signature = (*counted, **fields))]
    pub fn facets<'py>(
        &self,
        py: Python<'py>,
        counted: &Bound<'py, PyTuple>,
        fields: Option<&Bound<'py, PyDict>>,
    ) -> Object<'py> {
        let all = PyDict::new(py);
        if let Some(fields) = fields {
            all.update(fields.as_mapping())?;
        }
        all.set_item("facets", counted)?;
        let asked: SearchRequest = self::request(None, Some(&all))?;
        let within = self.within.clone();
        let call = Call::new(
            move |engine| reader(engine, within.as_ref())?.facets(&asked),
            |py, facets| SearchAnswer::facets_of(py, &facets),
        );
        self.go(py, call)
    }

    /// Completes a text as it is typed, with how many profiles each suggestion leads to.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     applied = engine.upsert({"id": "ada", "professional_title": "Fractional CFO"})
    /// ...     engine.suggest("fract", scope="all")[0].text
    /// 'Fractional CFO'
    #[pyo3(signature = (request, /, **fields))]
    pub fn suggest<'py>(
        &self,
        py: Python<'py>,
        request: &Bound<'py, PyAny>,
        fields: Option<&Bound<'py, PyDict>>,
    ) -> Object<'py> {
        let asked: SuggestRequest = match request.cast::<PyString>() {
            // A bare string is what was typed.
            Ok(typed) => {
                let all = PyDict::new(py);
                if let Some(fields) = fields {
                    all.update(fields.as_mapping())?;
                }
                all.set_item("text", typed)?;
                self::request(None, Some(&all))?
            }
            Err(_) => self::request(Some(request), fields)?,
        };
        let within = self.within.clone();
        let call = Call::new(
            move |engine| reader(engine, within.as_ref())?.suggest(&asked),
            |py, answered| {
                let fields = to_object(py, &answered, Names::Snake)?;
                crate::outgoing::body::answers(py, "suggestions")?.call1((fields,))
            },
        );
        self.go(py, call)
    }
}
