//! What `relax` may loosen, and what it did.

use std::fmt;

use serde::{Serialize, Serializer};

use super::criteria::ClientCriteria;

/// One condition of the hard filter, loosened. On the wire: `budget+10%`, `anyService`, `services`, `industries`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Relaxation {
    /// The rate may be that many percent above the budget.
    Budget(u8),
    /// One of the services is enough, though all were required.
    AnyService,
    /// No service need be shared.
    Services,
    /// No industry need be shared.
    Industries,
}

/// By how many percent a budget is widened, in turn.
pub(crate) const BUDGET_PERCENT: [u8; 3] = [10, 20, 30];

impl Relaxation {
    /// The steps that loosen something of these criteria, in the order in which they are taken.
    pub(crate) fn steps(criteria: &ClientCriteria) -> Vec<Self> {
        let mut steps = Vec::new();
        if criteria.max_budget.is_some() {
            steps.extend(BUDGET_PERCENT.map(Relaxation::Budget));
        }
        if let Some(first) = criteria.required_services.first() {
            // All of one service is any of it.
            if criteria.require_all && criteria.required_services.iter().any(|other| other != first)
            {
                steps.push(Relaxation::AnyService);
            }
            steps.push(Relaxation::Services);
        }
        if !criteria.industries.is_empty() {
            steps.push(Relaxation::Industries);
        }
        steps
    }
}

/// A budget widened by so many percent. Multiplied before it is divided: 3 and 20 % are 3.6, not less.
pub(crate) fn widened(budget: f64, percent: u8) -> f64 {
    budget * f64::from(100 + u32::from(percent)) / 100.0
}

impl fmt::Display for Relaxation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Relaxation::Budget(percent) => write!(f, "budget+{percent}%"),
            Relaxation::AnyService => f.write_str("anyService"),
            Relaxation::Services => f.write_str("services"),
            Relaxation::Industries => f.write_str("industries"),
        }
    }
}

impl Serialize for Relaxation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(json: &str) -> Vec<String> {
        let criteria = ClientCriteria::from_json(json).expect("right criteria");
        Relaxation::steps(&criteria).iter().map(Relaxation::to_string).collect()
    }

    #[test]
    fn only_what_is_asked_for_is_loosened_budget_first_industries_last() {
        assert!(steps("{}").is_empty());
        assert_eq!(
            steps(
                r#"{"maxBudget": 9, "requiredServices": ["a", "b"], "requireAll": true, "industries": "c"}"#
            ),
            ["budget+10%", "budget+20%", "budget+30%", "anyService", "services", "industries"]
        );
        assert_eq!(steps(r#"{"requiredServices": ["a", "a"], "requireAll": true}"#), ["services"]);
        assert_eq!(steps(r#"{"requiredServices": ["a", "b"]}"#), ["services"]);
    }

    #[test]
    fn a_widened_budget_is_no_less_than_what_a_person_works_out() {
        assert_eq!(
            [widened(3.0, 20), widened(200.0, 10), widened(70.0, 10), widened(0.0, 30)],
            [3.6, 220.0, 77.0, 0.0]
        );
    }
}
