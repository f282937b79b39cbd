//! The advisors nearest to one.

use std::sync::Arc;

use super::rank::{by_id, name_of, report};
use crate::api::deadline::Deadline;
use crate::api::filter::Filter;
use crate::api::listing::Projection;
use crate::api::similar::{SimilarAnswer, SimilarRequest};
use crate::generation::Generation;
use crate::model::{Error, Result};

/// Answers a request whose limits were checked at the door: the true nearest by the cosine of the embeddings.
///
/// # Errors
/// [`Error::NotFound`] for an id that the index does not hold, [`Error::MissingField`] for an advisor without an
/// embedding, and whatever else the request has wrong; [`Error::TimedOut`].
pub(crate) fn similar_to(
    generation: &Arc<Generation>,
    request: &SimilarRequest,
    within: Option<&Filter>,
    deadline: &Deadline,
) -> Result<SimilarAnswer> {
    let id = &request.id;
    let projection = Projection::resolve(request.fields.as_deref(), &generation.schema)?;
    let within = within.map(|filter| generation.resolve_filter(filter)).transpose()?;
    let filter = request.filter.as_ref().map(|filter| generation.resolve_filter(filter));
    let filter = within.iter().cloned().chain(filter.transpose()?).collect::<Vec<_>>();
    // Who is outside is as good as not there.
    let own = generation
        .row(id)
        .filter(|row| within.as_ref().is_none_or(|within| generation.fulfils(within, *row)))
        .ok_or_else(|| Error::NotFound { id: id.clone() })?;
    let embedded = generation
        .vectors
        .as_ref()
        .and_then(|vectors| vectors.query_of(own).map(|query| (vectors, query)));
    let Some((vectors, query)) = embedded else {
        return Err(Error::MissingField {
            field: "embedding".to_owned(),
            expected: format!("an advisor to compare with has one, and `{id}` has none"),
        });
    };
    let base = [generation.scope(request.scope), vectors.present()];
    let mut rows = Arc::unwrap_or_clone(generation.select(&base, &filter, deadline)?.rows);
    rows.remove(own);
    let costs = generation.costs();
    let limit = request.limit as usize;
    let rank = |a, b| by_id(generation, a, b);
    let answer = vectors.nearest(&query, &rows, limit, costs, &rank, &|| deadline.check())?;
    Ok(SimilarAnswer {
        path: name_of(answer.path),
        source: Arc::clone(generation) as _,
        projection: Arc::new(projection),
        found: answer.found.iter().map(|found| (found.row, found.similarity)).collect(),
        considered: answer.counts.considered as u64,
        exact: true,
        generation: generation.number,
        took_us: 0,
        explain: request.explain.then(|| report(&answer, costs, limit)),
    })
}
