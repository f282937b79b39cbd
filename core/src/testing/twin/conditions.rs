//! The conditions of a request, its short forms included, as one list: all of them must hold.

use super::{Twin, filter};
use crate::api::criteria::ClientCriteria;
use crate::api::filter::{Filter, Operand, Test};
use crate::api::search::{Scope, SearchRequest};
use crate::model::{Comparison, FieldRef, Result, Schema};

/// The conditions of a search, top level by top level.
pub(super) fn of_search(request: &SearchRequest, full: &[String]) -> Vec<Filter> {
    let mut conditions = Vec::new();
    if !request.industries.is_empty() {
        conditions.push(field("industries", Test::AnyOf(request.industries.clone())));
    }
    if !request.services.is_empty() {
        conditions.push(field("services", Test::AnyOf(request.services.clone())));
    }
    if let Some(rating) = request.min_rating {
        conditions.push(number("overallRating", Comparison::Gte, rating));
    }
    if let Some(rate) = request.max_hourly_rate {
        conditions.push(number("hourlyRate", Comparison::Lte, rate));
    }
    if request.available {
        conditions.push(available(full));
    }
    request.filter.iter().for_each(|filter| flatten(filter, &mut conditions));
    conditions
}

/// The conditions of a filter alone, top level by top level.
pub(super) fn of_filter(filter: Option<&Filter>) -> Vec<Filter> {
    let mut conditions = Vec::new();
    filter.into_iter().for_each(|filter| flatten(filter, &mut conditions));
    conditions
}

/// The hard filter of a match.
pub(super) fn of_match(criteria: &ClientCriteria, full: &[String]) -> Vec<Filter> {
    let mut conditions = vec![available(full)];
    if !criteria.industries.is_empty() {
        conditions.push(field("industries", Test::AnyOf(criteria.industries.clone())));
    }
    let services = criteria.required_services.clone();
    if !services.is_empty() {
        let test = if criteria.require_all { Test::AllOf(services) } else { Test::AnyOf(services) };
        conditions.push(field("services", test));
    }
    if let Some(budget) = criteria.max_budget {
        conditions.push(number("hourlyRate", Comparison::Lte, budget));
    }
    if let Some(rating) = criteria.min_rating {
        conditions.push(number("overallRating", Comparison::Gte, rating));
    }
    conditions.push(field("id", Test::NoneOf(criteria.exclude_ids.clone())));
    conditions.extend(criteria.filter.clone());
    conditions
}

/// The conditions that are not themselves tests of `left_out`.
pub(super) fn without(
    conditions: &[Filter],
    left_out: FieldRef,
    schema: &Schema,
) -> Result<Vec<Filter>> {
    let mut kept = Vec::new();
    for condition in conditions {
        let own = match condition {
            Filter::Field { field, .. } => schema.resolve(field, "the filter")? == left_out,
            _ => false,
        };
        if !own {
            kept.push(condition.clone());
        }
    }
    Ok(kept)
}

impl Twin {
    /// The rows that pass every condition within the scope, in the order of their ids.
    pub(super) fn passing(&self, conditions: &[Filter], scope: Scope) -> Result<Vec<usize>> {
        conditions.iter().try_for_each(|condition| filter::check(condition, &self.schema))?;
        let mut rows = Vec::new();
        for (row, profile) in self.rows.iter().enumerate() {
            let mut passes = profile.deleted_at.is_none();
            if scope == Scope::Marketplace {
                passes &= profile.marketplace_status == "active" && profile.is_verified;
            }
            for condition in conditions {
                passes = passes && filter::keeps(condition, profile, &self.schema)?;
            }
            if passes {
                rows.push(row);
            }
        }
        Ok(rows)
    }
}

fn flatten(filter: &Filter, into: &mut Vec<Filter>) {
    match filter {
        Filter::And(parts) => parts.iter().for_each(|part| flatten(part, into)),
        other => into.push(other.clone()),
    }
}

fn field(name: &str, test: Test) -> Filter {
    Filter::Field { field: name.to_owned(), tests: vec![test] }
}

fn number(name: &str, comparison: Comparison, value: f64) -> Filter {
    field(name, Test::Compare(comparison, Operand::Number(value)))
}

/// Has room and is open to work: one condition, which no facet leaves out.
fn available(full: &[String]) -> Filter {
    let maximum = Operand::Field("maxClients".to_owned());
    Filter::And(vec![
        field("currentClients", Test::Compare(Comparison::Lt, maximum)),
        field("isAvailable", Test::Is(true)),
        field("id", Test::NoneOf(full.to_vec())),
    ])
}
