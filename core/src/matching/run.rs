//! Runs a plan: candidates, their scores, the best of them.

use std::sync::Arc;

use super::plan::MatchPlan;
use super::rank::{Ranked, rank};
use super::{diversity, explain};
use crate::api::answer::{MatchAnswer, Scored};
use crate::api::criteria::ClientCriteria;
use crate::api::deadline::Deadline;
use crate::generation::Generation;
use crate::model::Result;

/// Answers a match from one generation for criteria whose limits were checked at the door: the true top of all candidates by the full score.
///
/// Cost: the filter's words, a visit to each candidate for the business and rating parts, and for
/// similarity what the bounds leave: see `index::vector`.
///
/// # Errors
/// Whatever the criteria have wrong, and [`Error::TimedOut`](crate::Error::TimedOut).
pub(crate) fn match_advisors(
    generation: &Arc<Generation>,
    criteria: &ClientCriteria,
    embedding: Option<&[f32]>,
    deadline: &Deadline,
) -> Result<MatchAnswer> {
    let plan = MatchPlan::new(generation, criteria, embedding)?;
    let candidates = plan.candidates(generation, deadline)?;
    let limit = criteria.limit as usize;
    let wanted = criteria.diversity.map_or(limit, |_| diversity::pool(limit));
    let (mut ranked, report) = rank(generation, &plan, &candidates, wanted, deadline)?;
    if let Some(lambda) = criteria.diversity {
        ranked = diversity::spread(generation, ranked, lambda, limit);
    }
    let scored = ranked.into_iter().map(|Ranked { row, score, similarity }| Scored {
        row,
        score,
        breakdown: explain::breakdown(&plan, row, similarity),
    });
    Ok(MatchAnswer {
        scored: scored.collect(),
        source: Arc::clone(generation) as _,
        projection: Arc::new(plan.projection),
        considered: candidates.count().into(),
        exact: true,
        generation: generation.number,
        took_us: 0,
        explain: criteria.explain.then_some(report),
    })
}
