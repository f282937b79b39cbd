//! Candidates beyond the hard filter, where too few pass it.

use super::plan::MatchPlan;
use crate::api::criteria::ClientCriteria;
use crate::api::deadline::Deadline;
use crate::api::relaxation::Relaxation;
use crate::model::{Result, Rows};

/// Candidates in the order in which they may fill a list: those who pass as asked, then those whom each step of
/// loosening lets in beside them.
pub(super) struct Tiers {
    pub(super) tiers: Vec<Rows>,
    pub(super) taken: Vec<Relaxation>,
}

impl Tiers {
    /// Loosens the filter step by step, as long as fewer than `limit` advisors pass and the criteria allow it.
    /// Cost: one evaluation of the filter a step, six at most.
    pub(super) fn new(
        plan: &MatchPlan<'_>,
        criteria: &ClientCriteria,
        strict: Rows,
        deadline: &Deadline,
    ) -> Result<Self> {
        let mut tiers = Self { tiers: Vec::new(), taken: Vec::new() };
        if criteria.relax {
            let mut steps = Relaxation::steps(criteria).into_iter();
            let mut all = strict.clone();
            tiers.tiers.push(strict);
            while all.count() < criteria.limit
                && let Some(step) = steps.next()
            {
                tiers.taken.push(step);
                let mut more = plan.candidates(&tiers.taken, deadline)?;
                more.subtract(&all);
                all.union(&more);
                tiers.tiers.push(more);
            }
        } else {
            tiers.tiers.push(strict);
        }
        Ok(tiers)
    }
}
