//! What `eval` does with a search and with a match alike.

use shortlist::{ClientCriteria, MatchAnswer, Scope, SearchAnswer, SearchRequest};

use crate::ask::Ask;

/// Scores that are as near as this may stand in either order.
const TIE: f64 = 1e-6;

/// A request whose answer is a ranking.
pub trait Ranked: Ask + Clone {
    /// Whether an answer may hold others than the true top.
    const APPROXIMATE: bool;

    /// How long its page is.
    fn limit(&self) -> u32;
    /// The same, with a page of that length.
    fn with_limit(self, limit: u32) -> Self;
    /// Which profiles it looks at.
    fn scope(&self) -> Scope;
    /// The same by the exact path, whatever it takes.
    fn exhaustive(self) -> Self;
    /// Ids, best first.
    fn ids(answer: &Self::Answer) -> Vec<&str>;
    /// How much of the exact answer's page an answer holds, 0 to 1; what scores as its last does is as good.
    fn held(answer: &Self::Answer, exact: &Self::Answer) -> f64;
}

impl Ranked for SearchRequest {
    const APPROXIMATE: bool = false;

    fn limit(&self) -> u32 {
        self.limit
    }

    fn with_limit(self, limit: u32) -> Self {
        Self { limit, ..self }
    }

    fn scope(&self) -> Scope {
        self.scope
    }

    fn exhaustive(self) -> Self {
        self
    }

    fn ids(answer: &SearchAnswer) -> Vec<&str> {
        answer.ids()
    }

    fn held(answer: &SearchAnswer, exact: &SearchAnswer) -> f64 {
        share(&exact.ids(), |id| answer.ids().contains(&id))
    }
}

impl Ranked for ClientCriteria {
    const APPROXIMATE: bool = true;

    fn limit(&self) -> u32 {
        self.limit
    }

    fn with_limit(self, limit: u32) -> Self {
        Self { limit, ..self }
    }

    fn scope(&self) -> Scope {
        Scope::Marketplace
    }

    fn exhaustive(self) -> Self {
        Self { exact: true, approximate: false, exact_budget_ms: None, ..self }
    }

    fn ids(answer: &MatchAnswer) -> Vec<&str> {
        answer.ids()
    }

    fn held(answer: &MatchAnswer, exact: &MatchAnswer) -> f64 {
        let wanted = exact.ids();
        let last = exact.matches().last().map_or(f64::INFINITY, |found| found.score);
        let good = answer
            .matches()
            .filter(|found| wanted.contains(&found.advisor_id) || found.score >= last - TIE)
            .count();
        if wanted.is_empty() { 1.0 } else { good.min(wanted.len()) as f64 / wanted.len() as f64 }
    }
}

/// The share of the ids of which something holds; 1 of none.
pub fn share(ids: &[&str], holds: impl Fn(&str) -> bool) -> f64 {
    if ids.is_empty() {
        return 1.0;
    }
    ids.iter().filter(|id| holds(id)).count() as f64 / ids.len() as f64
}
