//! Runs a plan: candidates, their scores, the best of them.

use std::sync::Arc;

use super::caps::capped;
use super::hard::loosened_for;
use super::plan::MatchPlan;
use super::rank::{Ranked, Ranking};
use super::relax::Tiers;
use super::{diversity, explain};
use crate::api::answer::{MatchAnswer, PlanReport, Scored};
use crate::api::criteria::ClientCriteria;
use crate::api::deadline::Deadline;
use crate::generation::Generation;
use crate::model::{Result, Rows};

/// What a match may use of those beside it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Beside<'a> {
    /// The rows that pass its hard filter, if another has the same one.
    pub(super) filtered: Option<&'a Rows>,
    /// Whether other threads have matches of their own to do.
    pub(super) one_thread: bool,
}

/// Answers a match from one generation for criteria whose limits were checked at the door: the true top of all candidates by the full score.
///
/// The order of the rules: hard filter, loosened where `relax` asks for it; score; `min_score`; caps, in the order of
/// scores; then `diversity` chooses among the best that the caps let in. Who passes without loosening stands before
/// who needed it, and who needed less before who needed more.
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
    beside: Beside<'_>,
    deadline: &Deadline,
) -> Result<MatchAnswer> {
    let plan = MatchPlan::new(generation, criteria, embedding)?;
    let strict = match beside.filtered {
        Some(rows) => plan.without_excluded(rows.clone()),
        None => plan.candidates(&[], deadline)?,
    };
    let tiers = Tiers::new(&plan, criteria, strict, deadline)?;
    let mut ranking = Ranking {
        generation,
        plan: &plan,
        deadline,
        least: criteria.min_score.unwrap_or(f64::NEG_INFINITY),
        one_thread: beside.one_thread,
        approximate: criteria.approximate,
        exact: true,
        report: criteria.explain.then(PlanReport::default),
    };
    let ranked = choose(&mut ranking, criteria, &tiers)?;
    let exact = ranking.exact;
    let considered = tiers.tiers.iter().map(|tier| u64::from(tier.count())).sum();
    let report = ranking.report.take().map(|report| PlanReport { considered, ..report });
    let scored = ranked.into_iter().map(|Ranked { row, score, similarity }| {
        let reasons = plan.reasons(row);
        let relaxed =
            if tiers.taken.is_empty() { Vec::new() } else { loosened_for(criteria, &reasons) };
        let breakdown = explain::breakdown(&plan, row, similarity);
        Scored { row, score, breakdown, reasons, relaxed }
    });
    Ok(MatchAnswer {
        scored: scored.collect(),
        source: Arc::clone(generation) as _,
        projection: Arc::new(plan.projection),
        considered,
        relaxed: tiers.taken,
        exact,
        generation: generation.number,
        took_us: 0,
        explain: report,
    })
}

/// Fills the list, tier by tier.
fn choose(
    ranking: &mut Ranking<'_>,
    criteria: &ClientCriteria,
    tiers: &Tiers,
) -> Result<Vec<Ranked>> {
    let limit = criteria.limit as usize;
    let mut caps = ranking.plan.caps.clone();
    let mut list = Vec::new();
    for tier in &tiers.tiers {
        let k = criteria.diversity.map_or(limit - list.len(), |_| diversity::pool(limit));
        let ranked = if caps.is_empty() {
            ranking.best(tier, k)?
        } else {
            capped(ranking, tier.clone(), &mut caps, k)?
        };
        match criteria.diversity {
            None => list.extend(ranked),
            Some(lambda) => {
                let (generation, deadline) = (ranking.generation, ranking.deadline);
                diversity::spread(generation, &mut list, ranked, lambda, limit, deadline)?;
            }
        }
    }
    Ok(list)
}
