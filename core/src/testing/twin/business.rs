//! The parts of the business score, each as `DESIGN.md` section 3 words it.

use std::collections::BTreeSet;

use crate::api::criteria::ClientCriteria;
use crate::model::{AdvisorProfile, AttributeValue};

/// One part that the criteria ask for: name, weight before scaling, and value.
pub(super) type Asked = (&'static str, f64, f64);

/// The parts that are present for these criteria, whoever the advisor is; with this advisor's values.
pub(super) fn parts(criteria: &ClientCriteria, advisor: &AdvisorProfile) -> Vec<Asked> {
    let weights = criteria.business_weights;
    let mut parts = Vec::new();
    if !criteria.industries.is_empty() {
        let share = share(&criteria.industries, &advisor.industries);
        parts.push(("industries", weights.industries, share));
    }
    if !criteria.required_services.is_empty() {
        let share = share(&criteria.required_services, &advisor.services);
        parts.push(("services", weights.services, share));
    }
    let years = f64::from(advisor.years_experience.unwrap_or(0));
    parts.push(("experience", weights.experience, (years / 15.0).min(1.0)));
    if let Some(budget) = criteria.max_budget {
        let fit = advisor.hourly_rate.map_or(0.0, |rate| budget_fit(rate, budget));
        parts.push(("budget", weights.budget, fit));
    }
    if weights.capacity > 0.0 {
        let headroom = headroom(advisor.current_clients, advisor.max_clients);
        parts.push(("capacity", weights.capacity, headroom));
    }
    if !criteria.certifications.is_empty() && weights.certifications > 0.0 {
        let share = share(&criteria.certifications, &advisor.certifications);
        parts.push(("certifications", weights.certifications, share));
    }
    let (asked, had) = attributes(criteria, advisor);
    if asked > 0 && weights.attributes > 0.0 {
        parts.push(("attributes", weights.attributes, had as f64 / asked as f64));
    }
    parts
}

/// How many of the distinct values asked for the advisor has, as a share.
fn share(asked: &[String], own: &[String]) -> f64 {
    let asked: BTreeSet<&String> = asked.iter().collect();
    let shared = asked.iter().filter(|value| own.contains(value)).count();
    shared as f64 / asked.len() as f64
}

/// 1 up to 80 % of the budget, then linear to 0 at the budget.
pub(super) fn budget_fit(rate: f64, budget: f64) -> f64 {
    let comfortable = 0.8 * budget;
    if rate <= comfortable {
        1.0
    } else {
        ((budget - rate) / (budget - comfortable)).clamp(0.0, 1.0)
    }
}

/// The share of places that are free; none where there are no places.
fn headroom(current: u32, max: u32) -> f64 {
    if max == 0 {
        return 0.0;
    }
    ((f64::from(max) - f64::from(current)) / f64::from(max)).clamp(0.0, 1.0)
}

/// How many distinct values are asked for over all attributes, and how many of them the advisor has.
fn attributes(criteria: &ClientCriteria, advisor: &AdvisorProfile) -> (usize, usize) {
    let (mut asked, mut had) = (0, 0);
    for (name, values) in &criteria.attributes {
        let values: BTreeSet<&String> = values.iter().collect();
        asked += values.len();
        if let Some(AttributeValue::Keywords(own)) = advisor.attributes.get(name) {
            had += values.iter().filter(|value| own.contains(value)).count();
        }
    }
    (asked, had)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_fits_fully_up_to_four_fifths_and_not_at_all_at_its_end() {
        assert_eq!(budget_fit(0.0, 200.0), 1.0);
        assert_eq!(budget_fit(160.0, 200.0), 1.0);
        assert!((budget_fit(180.0, 200.0) - 0.5).abs() < 1e-12);
        assert!((budget_fit(190.0, 200.0) - 0.25).abs() < 1e-12);
        assert_eq!(budget_fit(200.0, 200.0), 0.0);
        assert_eq!(budget_fit(0.0, 0.0), 1.0);
    }

    #[test]
    fn values_asked_for_twice_count_once() {
        let own = ["Tax".to_owned(), "Audit".to_owned()];
        let asked = ["Tax".to_owned(), "Tax".to_owned(), "Treasury".to_owned()];
        assert_eq!(share(&asked, &own), 0.5);
    }

    #[test]
    fn headroom_is_the_share_of_free_places() {
        assert_eq!(headroom(3, 15), 0.8);
        assert_eq!(headroom(16, 15), 0.0);
        assert_eq!(headroom(0, 0), 0.0);
    }
}
