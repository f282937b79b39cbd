//! Matches, and who is like somebody.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use shortlist::{ClientCriteria, SimilarRequest};

use super::{Engine, Object};
use crate::doorway::Call;
use crate::incoming::request::{Asked, request};
use crate::outgoing::matches::MatchAnswer;
use crate::outgoing::similar::SimilarAnswer;
use crate::tenant::reader;

#[pymethods]
impl Engine {
    /// The advisors that fit a client's need best: the true top of the whole filtered catalogue by the full score. An embedding
    /// is a numpy array (float32 in C order crosses by one copy of its bytes, other numbers are converted) or a list.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     applied = engine.upsert([
    /// ...         {"id": name, "services": ["Audit"], "hourly_rate": rate, "marketplace_status": "active", "is_verified": True}
    /// ...         for name, rate in [("ada", 150), ("ben", 190)]
    /// ...     ])
    /// ...     answer = engine.match_advisors(required_services=["Audit"], max_budget=200)
    /// ...     answer.exact, [(one.advisor_id, round(one.score, 2)) for one in answer]
    /// (True, [('ada', 0.56), ('ben', 0.42)])
    #[pyo3(signature = (criteria=None, /, **fields))]
    pub fn match_advisors<'py>(
        &self,
        py: Python<'py>,
        criteria: Option<&Bound<'py, PyAny>>,
        fields: Option<&Bound<'py, PyDict>>,
    ) -> Object<'py> {
        let asked: ClientCriteria = self::request(criteria, fields)?;
        let within = self.within.clone();
        let call = Call::new(
            move |engine| reader(engine, within.as_ref())?.match_advisors(&asked),
            |py, answer| Ok(Bound::new(py, MatchAnswer::new(answer))?.into_any()),
        );
        self.go(py, call)
    }

    /// As ``match_advisors``, awaited.
    ///
    /// >>> import asyncio, shortlist
    /// >>> async def main():
    /// ...     with shortlist.Engine.in_memory() as engine:
    /// ...         return (await engine.match_advisors_async(max_budget=100)).considered
    /// >>> asyncio.run(main())
    /// 0
    #[pyo3(signature = (criteria=None, /, **fields))]
    fn match_advisors_async<'py>(
        &self,
        py: Python<'py>,
        criteria: Option<&Bound<'py, PyAny>>,
        fields: Option<&Bound<'py, PyDict>>,
    ) -> Object<'py> {
        self._asynchronous().match_advisors(py, criteria, fields)
    }

    /// Many matches, worked through in parallel on all cores, in the order of the criteria. Ctrl-C ends it at once.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     [len(answer) for answer in engine.match_many([{"max_budget": 100}, {"max_budget": 200}])]
    /// [0, 0]
    #[pyo3(signature = (criteria, /, *, return_exceptions=false))]
    pub fn match_many<'py>(
        &self,
        py: Python<'py>,
        criteria: &Bound<'py, PyAny>,
        return_exceptions: bool,
    ) -> Object<'py> {
        let (asked, refused) = Asked::<ClientCriteria>::read(criteria, return_exceptions)?.apart();
        let within = self.within.clone();
        let call = Call::new(
            move |engine| Ok(reader(engine, within.as_ref())?.match_many(&asked)),
            move |py, answers| {
                Asked::<ClientCriteria>::answered(
                    refused,
                    py,
                    answers,
                    return_exceptions,
                    |answer| Ok(Bound::new(py, MatchAnswer::new(answer))?.into_any()),
                )
            },
        );
        self.go(py, call.long(true))
    }

    /// The advisors whose embeddings are nearest to that of one advisor, itself left out.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     applied = engine.upsert([{"id": "ada", "embedding": [1, 0]}, {"id": "ben", "embedding": [1, 1]}])
    /// ...     engine.similar_to("ada", scope="all").ids
    /// ['ben']
    #[pyo3(signature = (request, /, **fields))]
    pub fn similar_to<'py>(
        &self,
        py: Python<'py>,
        request: &Bound<'py, PyAny>,
        fields: Option<&Bound<'py, PyDict>>,
    ) -> Object<'py> {
        let asked: SimilarRequest = match request.cast::<PyString>() {
            // A bare string is the advisor's id.
            Ok(id) => {
                let all = PyDict::new(py);
                if let Some(fields) = fields {
                    all.update(fields.as_mapping())?;
                }
                all.set_item("id", id)?;
                self::request(None, Some(&all))?
            }
            Err(_) => self::request(Some(request), fields)?,
        };
        let within = self.within.clone();
        let call = Call::new(
            move |engine| reader(engine, within.as_ref())?.similar_to(&asked),
            |py, answer| Ok(Bound::new(py, SimilarAnswer::new(answer))?.into_any()),
        );
        self.go(py, call)
    }
}
