//! Runs a plan: candidates, their scores, the best of them.

use std::sync::Arc;

use super::approximate::Wish;
use super::caps::capped;
use super::depends::MatchDepends;
use super::hard::loosened_for;
use super::pins::Pins;
use super::plan::MatchPlan;
use super::rank::{Ranked, Ranking};
use super::relax::Tiers;
use super::{diversity, explain};
use crate::api::answer::{MatchAnswer, PlanReport, Scored};
use crate::api::criteria::ClientCriteria;
use crate::api::deadline::Deadline;
use crate::api::filter::Filter;
use crate::generation::{Factors, Generation};
use crate::model::{Result, Rows};

/// What a match may use of those beside it.
#[derive(Clone, Copy)]
pub(crate) struct Beside<'a> {
    /// The rows that pass its hard filter, if another has the same one.
    pub(super) filtered: Option<&'a Rows>,
    /// Whether other threads have matches of their own to do.
    pub(super) one_thread: bool,
    /// What the exact path may take by its estimate, in microseconds.
    pub(super) exact_budget_us: f64,
    /// What holds beside all that the criteria ask, and is never loosened.
    pub(super) within: Option<&'a Filter>,
    /// Whether it is to be told what the answer depends on.
    pub(super) is_kept: bool,
}

impl<'a> Beside<'a> {
    /// What keeps to the rows of a filter, if any.
    pub(crate) fn kept_within(within: Option<&'a Filter>) -> Self {
        Self { within, ..Self::default() }
    }

    /// The same, for an answer that is to be kept.
    pub(crate) fn kept(self) -> Self {
        Self { is_kept: true, ..self }
    }

    /// The same, with what the exact path may take by its estimate.
    pub(crate) fn within_us(self, exact_budget_us: f64) -> Self {
        Self { exact_budget_us, ..self }
    }
}

impl Default for Beside<'_> {
    fn default() -> Self {
        Self {
            filtered: None,
            one_thread: false,
            exact_budget_us: f64::INFINITY,
            within: None,
            is_kept: false,
        }
    }
}

/// An answer, and what it will hold by as the index changes: none where that cannot be told.
pub(crate) struct Matched {
    pub(crate) answer: MatchAnswer,
    pub(crate) depends: Option<MatchDepends>,
}

/// Answers a match from one generation for criteria whose limits were checked at the door: the true top of all candidates by the full score.
///
/// The order of the rules: hard filter, loosened where `relax` asks for it; score; `min_score`; caps, in the order of
/// scores; then `diversity` chooses among the best that the caps let in. Pinned advisors stand outside of that: they
/// need not reach the least score, count against the caps, and the others fill the places around them. Who passes without loosening stands before
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
) -> Result<Matched> {
    let plan = MatchPlan::new(generation, criteria, embedding, beside.within)?;
    let strict = match beside.filtered {
        Some(rows) => plan.without_excluded(rows.clone()),
        None => plan.candidates(&[], deadline)?,
    };
    let depends =
        beside.is_kept.then(|| MatchDepends::new(generation, criteria, &plan, &strict)).flatten();
    let mut tiers = Tiers::new(&plan, criteria, strict, deadline)?;
    let factors = if plan.rules.has_factors() {
        let mut all = Rows::none(generation.rows);
        tiers.tiers.iter().for_each(|tier| all.union(tier));
        plan.rules.factors(generation, &all, deadline)?
    } else {
        Factors::default()
    };
    let mut ranking = Ranking {
        factors,
        generation,
        plan: &plan,
        deadline,
        least: criteria.min_score.unwrap_or(f64::NEG_INFINITY),
        one_thread: beside.one_thread,
        wish: Wish::of(criteria, beside.exact_budget_us),
        exact: true,
        path: "",
        report: criteria.explain.then(PlanReport::default),
    };
    let considered = tiers.tiers.iter().map(|tier| u64::from(tier.count())).sum();
    let (ranked, pinned) = choose(&mut ranking, criteria, &mut tiers.tiers)?;
    let (exact, path) = (ranking.exact, ranking.path);
    let Ranking { report, factors, .. } = ranking;
    let report = report.map(|report| PlanReport { considered, ..report });
    let scored = ranked.into_iter().map(|one| {
        let Ranked { row, score, .. } = one;
        let reasons = plan.reasons(row);
        let relaxed =
            if tiers.taken.is_empty() { Vec::new() } else { loosened_for(criteria, &reasons) };
        let breakdown = explain::breakdown(&plan, &one, factors.of(row));
        Scored { row, score, breakdown, reasons, relaxed, pinned: pinned.contains(&row) }
    });
    let answer = MatchAnswer {
        path,
        scored: scored.collect(),
        source: Arc::clone(generation) as _,
        projection: Arc::new(plan.projection),
        considered,
        relaxed: tiers.taken,
        exact,
        generation: generation.number,
        took_us: 0,
        explain: report,
    };
    Ok(Matched { answer, depends })
}

/// Fills the list, tier by tier, around the pins; and says which rows are pinned.
fn choose(
    ranking: &mut Ranking<'_>,
    criteria: &ClientCriteria,
    tiers: &mut [Rows],
) -> Result<(Vec<Ranked>, Vec<u32>)> {
    let mut caps = ranking.plan.caps.clone();
    let pins = Pins::new(ranking, tiers, criteria.limit)?;
    for row in pins.rows() {
        tiers.iter_mut().for_each(|tier| tier.remove(row));
        caps.count(ranking.generation, row);
    }
    let limit = criteria.limit as usize - pins.len();
    let mut list = Vec::new();
    for tier in &*tiers {
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
    let pinned = pins.rows().collect();
    Ok((pins.place(list), pinned))
}
