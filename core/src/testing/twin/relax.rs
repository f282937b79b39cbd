//! Looser criteria, where too few advisors pass: criteria changed one by one, and asked anew.

use super::{Twin, conditions};
use crate::api::criteria::ClientCriteria;
use crate::api::search::Scope;
use crate::model::{AdvisorProfile, Result};

/// Those who pass, and after each step those whom it lets in; and the names of the steps.
pub(super) type Tiers = (Vec<Vec<usize>>, Vec<String>);

impl Twin {
    pub(super) fn tiers(&self, criteria: &ClientCriteria) -> Result<Tiers> {
        let shown = Twin::shown(&self.rules_of(criteria.rules.as_ref())?);
        let passing = |criteria: &ClientCriteria| {
            let mut conditions = conditions::of_match(criteria, &self.full());
            conditions.extend(shown.clone());
            self.passing(&conditions, Scope::Marketplace)
        };
        let mut all = passing(criteria)?;
        let (mut tiers, mut taken) = (vec![all.clone()], Vec::new());
        if !criteria.relax {
            return Ok((tiers, taken));
        }
        for (name, looser) in looser(criteria) {
            if all.len() >= criteria.limit as usize {
                break;
            }
            let mut more = passing(&looser)?;
            more.retain(|row| !all.contains(row));
            all.extend(&more);
            tiers.push(more);
            taken.push(name);
        }
        Ok((tiers, taken))
    }
}

/// The criteria after each step, every one looser than the one before.
fn looser(criteria: &ClientCriteria) -> Vec<(String, ClientCriteria)> {
    let mut now = criteria.clone();
    let mut steps = Vec::new();
    for percent in [10.0, 20.0, 30.0] {
        if let Some(budget) = criteria.max_budget {
            now.max_budget = Some(budget * (100.0 + percent) / 100.0);
            steps.push((format!("budget+{percent}%"), now.clone()));
        }
    }
    let services = &criteria.required_services;
    if criteria.require_all && services.iter().any(|service| *service != services[0]) {
        now.require_all = false;
        steps.push(("anyService".to_owned(), now.clone()));
    }
    if !services.is_empty() {
        now.required_services.clear();
        steps.push(("services".to_owned(), now.clone()));
    }
    if !criteria.industries.is_empty() {
        now.industries.clear();
        steps.push(("industries".to_owned(), now));
    }
    steps
}

/// What had to be loosened for this advisor.
pub(super) fn marks(criteria: &ClientCriteria, advisor: &AdvisorProfile) -> Vec<String> {
    let mut marks = Vec::new();
    if let (Some(rate), Some(budget)) = (advisor.hourly_rate, criteria.max_budget)
        && rate > budget
    {
        let least = [10.0, 20.0, 30.0].into_iter().find(|p| rate <= budget * (100.0 + p) / 100.0);
        marks.extend(least.map(|percent| format!("budget+{percent}%")));
    }
    let services = &criteria.required_services;
    if !services.is_empty() && !services.iter().any(|asked| advisor.services.contains(asked)) {
        marks.push("services".to_owned());
    } else if criteria.require_all && !services.iter().all(|asked| advisor.services.contains(asked))
    {
        marks.push("anyService".to_owned());
    }
    let industries = &criteria.industries;
    if !industries.is_empty() && !industries.iter().any(|asked| advisor.industries.contains(asked))
    {
        marks.push("industries".to_owned());
    }
    marks
}
