//! Rules over a result, in the plainest way: each row asked by itself.

use std::collections::BTreeMap;

use super::Twin;
use super::rank::Ranked;
use crate::api::filter::Filter;
use crate::api::rules::{RuleSource, Rules};
use crate::api::search::Scope;
use crate::model::{Error, Result};

impl Twin {
    /// Keeps rules under a name.
    ///
    /// # Errors
    /// Those of [`Engine::set_rules`](crate::Engine::set_rules).
    pub fn set_rules(&mut self, name: &str, rules: Rules) -> Result<()> {
        rules.check()?;
        self.check_rules(&rules)?;
        self.rules.insert(name.to_owned(), rules);
        Ok(())
    }

    /// Forgets rules.
    ///
    /// # Errors
    /// [`Error::UnknownField`].
    pub fn remove_rules(&mut self, name: &str) -> Result<()> {
        self.rules.remove(name).map(|_| ()).ok_or_else(|| unknown(name))
    }

    /// The rules of a request, right in every field of their filters.
    pub(super) fn rules_of(&self, source: Option<&RuleSource>) -> Result<Rules> {
        let rules = match source {
            None => Rules::default(),
            Some(RuleSource::Given(rules)) => rules.clone(),
            Some(RuleSource::Named(name)) => {
                self.rules.get(name).cloned().ok_or_else(|| unknown(name))?
            }
        };
        self.check_rules(&rules)?;
        Ok(rules)
    }

    pub(super) fn check_rules(&self, rules: &Rules) -> Result<()> {
        let filters = rules.hide.iter().chain(rules.factors().map(|one| &one.filter));
        for filter in filters {
            self.passing(std::slice::from_ref(filter), Scope::All)?;
        }
        Ok(())
    }

    /// The condition that a row is not hidden.
    pub(super) fn shown(rules: &Rules) -> Option<Filter> {
        rules.hide.clone().map(|hide| Filter::Not(Box::new(hide)))
    }

    /// The factor of every row.
    pub(super) fn factors(&self, rules: &Rules) -> Result<BTreeMap<usize, f64>> {
        let mut factors = BTreeMap::new();
        for one in rules.factors() {
            for row in self.passing(std::slice::from_ref(&one.filter), Scope::All)? {
                *factors.entry(row).or_insert(1.0) *= one.factor;
            }
        }
        Ok(factors)
    }

    /// The rows that stand at fixed places, by place.
    pub(super) fn pins(&self, rules: &Rules) -> Vec<(u32, usize)> {
        let place = |id: &str| self.rows.iter().position(|profile| profile.id == id);
        let mut pins: Vec<(u32, usize)> =
            rules.pins.iter().filter_map(|pin| Some((pin.position, place(&pin.id)?))).collect();
        pins.sort_unstable();
        pins
    }
}

/// A score with a factor; one below 0 is divided.
pub(super) fn lifted(score: f64, factor: f64) -> f64 {
    if score < 0.0 { score / factor } else { score * factor }
}

/// A ranking with its scores lifted, or where there are none, the boosted first and the buried last.
pub(super) fn weighed(
    mut ranking: Vec<Ranked>,
    factors: &BTreeMap<usize, f64>,
    scored: bool,
) -> Vec<Ranked> {
    let factor = |row: usize| factors.get(&row).copied().unwrap_or(1.0);
    if scored {
        for one in &mut ranking {
            let factor = factor(one.row);
            one.score = lifted(one.score, factor);
            (one.low, one.high) = (lifted(one.low, factor), lifted(one.high, factor));
        }
        return super::rank::sorted(ranking);
    }
    let third = |row: usize| match factor(row) {
        more if more > 1.0 => 0,
        less if less < 1.0 => 2,
        _ => 1,
    };
    ranking.sort_by_key(|one| third(one.row));
    ranking
}

/// Things in their order with the pinned ones at their places; behind the end one after the other.
pub(super) fn placed<T>(others: Vec<T>, pins: Vec<(u32, T)>) -> Vec<T> {
    let mut list = others;
    for (place, pin) in pins {
        let at = (place as usize - 1).min(list.len());
        list.insert(at, pin);
    }
    list
}

fn unknown(name: &str) -> Error {
    Error::UnknownField { field: name.to_owned(), within: "the rules kept", nearest: None }
}
