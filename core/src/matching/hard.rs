//! What an advisor must pass, each condition by itself, so that it can be loosened.

use std::sync::Arc;

use crate::api::criteria::ClientCriteria;
use crate::api::deadline::Deadline;
use crate::api::filter::Filter;
use crate::api::reasons::Reasons;
use crate::api::relaxation::{BUDGET_PERCENT, Relaxation, widened};
use crate::api::search::Scope;
use crate::generation::{Generation, RulePlan, Within};
use crate::index::bitmap::Predicate;
use crate::model::field::numbers;
use crate::model::{Result, Rows};

/// The hard filter of a match. The scope, room, rating and the caller's own filter hold whatever is loosened.
pub(super) struct HardFilter<'a> {
    generation: &'a Generation,
    criteria: &'a ClientCriteria,
    fixed: Vec<Predicate>,
}

impl<'a> HardFilter<'a> {
    /// # Errors
    /// Names and values of the filter that this index cannot use.
    pub(super) fn new(
        generation: &'a Generation,
        criteria: &'a ClientCriteria,
        within: Option<&Filter>,
    ) -> Result<Self> {
        let mut fixed = Vec::new();
        if let Some(within) = within {
            fixed.push(generation.resolve_filter(within)?);
        }
        if let Some(rating) = criteria.min_rating {
            fixed.push(Generation::at_least(numbers::OVERALL_RATING, rating));
        }
        if let Some(filter) = &criteria.filter {
            fixed.push(generation.resolve_filter(filter)?);
        }
        fixed.extend(RulePlan::new(generation, criteria.rules.as_ref())?.shown());
        Ok(Self { generation, criteria, fixed })
    }

    /// The rows that pass with these steps taken.
    ///
    /// # Errors
    /// [`Error::TimedOut`](crate::Error::TimedOut).
    pub(super) fn rows(&self, taken: &[Relaxation], deadline: &Deadline) -> Result<Rows> {
        let asked = self.asked(taken);
        let all = self.fixed.iter().chain(&asked);
        let within = Within { scope: Scope::Marketplace, open: true };
        Ok(Arc::unwrap_or_clone(self.generation.filtered(within, all, deadline)?.rows))
    }

    /// What it asks beside scope and room, nothing loosened.
    pub(super) fn predicates(&self) -> Vec<Predicate> {
        self.fixed.iter().cloned().chain(self.asked(&[])).collect()
    }

    fn asked(&self, taken: &[Relaxation]) -> Vec<Predicate> {
        let Self { generation, criteria, .. } = self;
        let without = |step: Relaxation| taken.contains(&step);
        let mut parts = Vec::new();
        if !criteria.industries.is_empty() && !without(Relaxation::Industries) {
            parts.push(generation.any_industry(&criteria.industries));
        }
        let services = &criteria.required_services;
        if !services.is_empty() && !without(Relaxation::Services) {
            if criteria.require_all && !without(Relaxation::AnyService) {
                let each = services.iter().map(std::slice::from_ref);
                parts.extend(each.map(|service| generation.any_service(service)));
            } else {
                parts.push(generation.any_service(services));
            }
        }
        if let Some(budget) = criteria.max_budget {
            let percent = taken.iter().filter_map(|step| match step {
                Relaxation::Budget(percent) => Some(*percent),
                _ => None,
            });
            let most = percent.max().map_or(budget, |percent| widened(budget, percent));
            parts.push(Generation::at_most(numbers::HOURLY_RATE, most));
        }
        parts
    }
}

/// What had to be loosened for an advisor of whom this is told.
pub(super) fn loosened_for(criteria: &ClientCriteria, reasons: &Reasons) -> Vec<Relaxation> {
    let mut loosened = Vec::new();
    let [industries, services, ..] = reasons.shared;
    if reasons.rate > reasons.budget {
        let least = BUDGET_PERCENT.into_iter();
        loosened.extend(
            least
                .filter(|percent| reasons.rate <= widened(reasons.budget, *percent))
                .map(Relaxation::Budget)
                .take(1),
        );
    }
    if services.asked > 0 && services.had == 0 {
        loosened.push(Relaxation::Services);
    } else if criteria.require_all && services.had < services.asked {
        loosened.push(Relaxation::AnyService);
    }
    if industries.asked > 0 && industries.had == 0 {
        loosened.push(Relaxation::Industries);
    }
    loosened
}
