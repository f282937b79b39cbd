//! What a search will do, resolved against one generation.

use super::facets::FacetPlan;
use super::highlight::HighlightPlan;
use super::order::{asked_distance, order_keys};
use crate::api::deadline::Deadline;
use crate::api::filter::Filter;
use crate::api::listing::Projection;
use crate::api::search::{Order, SearchRequest, Sort};
use crate::generation::{Generation, OrderKey, RulePlan, SortField, directed};
use crate::index::bitmap::{Leaf, Predicate};
use crate::index::text::{Compiled, TextOptions, TextQuery, parse};
use crate::index::vector::UnitQuery;
use crate::model::field::{keywords, numbers};
use crate::model::{Comparison, FieldRef, GeoPoint, Result};

/// A condition of the request, and the one field that it is about, where it is about one.
pub(super) struct Condition {
    pub(super) field: Option<FieldRef>,
    pub(super) predicate: Predicate,
}

/// What decides the order.
pub(super) enum Ranking {
    /// Fields.
    Fields,
    /// The words of the text.
    Text,
    /// Likeness to a vector.
    Similarity(UnitQuery),
    /// Both.
    Fused(UnitQuery),
}

/// A search, resolved.
pub(super) struct SearchPlan<'a> {
    /// What a hit must fulfil beside scope and availability.
    pub(super) conditions: Vec<Condition>,
    pub(super) text: Option<Compiled<'a>>,
    /// The text as it was read.
    pub(super) query: Option<TextQuery>,
    pub(super) highlight: Option<HighlightPlan<'a>>,
    pub(super) ranking: Ranking,
    /// The fields that the result is ordered by where it is not by score.
    pub(super) order: Vec<OrderKey>,
    /// The distance that hits show, if any: the place of the latitude, and from where.
    pub(super) distance: Option<(usize, GeoPoint)>,
    pub(super) facets: Vec<FacetPlan>,
    pub(super) projection: Projection,
    pub(super) rules: RulePlan,
}

impl<'a> SearchPlan<'a> {
    /// Validates a request and resolves its names.
    ///
    /// # Errors
    /// Whatever the request has wrong; see [`SearchRequest::check`] and [`Generation::resolve_filter`].
    pub(super) fn new(
        generation: &'a Generation,
        request: &'a SearchRequest,
        within: Option<&Filter>,
        deadline: &Deadline,
    ) -> Result<Self> {
        request.check()?;
        let text = request
            .text
            .as_deref()
            .map(|text| {
                parse(text, request.text_match, options(request), generation.text.settings())
            })
            .transpose()?
            .filter(|query| !query.is_empty());
        let query = request
            .embedding
            .as_deref()
            .map(|embedding| generation.unit_query(embedding))
            .transpose()?;
        let by_relevance = match &request.sort {
            None => text.is_some() || query.is_some(),
            Some(sort) => *sort == Sort::Relevance,
        };
        let ranking = match (by_relevance, query, &text) {
            (false, _, _) | (true, None, None) => Ranking::Fields,
            (true, None, Some(_)) => Ranking::Text,
            (true, Some(query), None) => Ranking::Similarity(query),
            (true, Some(query), Some(_)) => Ranking::Fused(query),
        };
        let rules = RulePlan::new(generation, request.rules.as_ref())?;
        let mut conditions = conditions(generation, request)?;
        // About no field: whatever is counted, who is outside or hidden is not.
        if let Some(within) = within {
            conditions
                .push(Condition { field: None, predicate: generation.resolve_filter(within)? });
        }
        let hidden = rules.shown().map(|predicate| Condition { field: None, predicate });
        conditions.extend(hidden);
        Ok(Self {
            conditions,
            rules,
            text: text
                .as_ref()
                .map(|query| generation.text.compile(query, &generation.live, deadline))
                .transpose()?,
            query: text,
            highlight: request
                .highlight
                .as_ref()
                .map(|how| HighlightPlan::new(how, &generation.schema))
                .transpose()?,
            ranking,
            order: order_keys(generation, request)?,
            distance: asked_distance(generation, request)?,
            facets: request
                .facets
                .iter()
                .map(|facet| FacetPlan::new(generation, facet))
                .collect::<Result<_>>()?,
            projection: Projection::resolve(request.fields.as_deref(), &generation.schema)?,
        })
    }
}

impl SearchPlan<'_> {
    /// Whether one of the keys of the order is a distance: no such order is kept.
    pub(super) fn is_by_distance(&self) -> bool {
        self.order.iter().any(|(field, _)| matches!(field, SortField::Distance { .. }))
    }

    /// No hit has a lesser first key of the order: what a condition on that very field says.
    pub(super) fn least_key(&self) -> u64 {
        let Some((SortField::Number(sorted_by), order)) = self.order.first() else { return 0 };
        let mut least = 0;
        let mut see = |predicate: &Predicate| {
            let Predicate::Leaf(Leaf::Compare { place, comparison, value }) = predicate else {
                return;
            };
            let bounds = match order {
                Order::Asc => {
                    matches!(comparison, Comparison::Eq | Comparison::Gt | Comparison::Gte)
                }
                Order::Desc => {
                    matches!(comparison, Comparison::Eq | Comparison::Lt | Comparison::Lte)
                }
            };
            if place == sorted_by && bounds {
                least = least.max(directed(*value, *order));
            }
        };
        for condition in &self.conditions {
            match &condition.predicate {
                Predicate::And(parts) => parts.iter().for_each(&mut see),
                single => see(single),
            }
        }
        least
    }
}

pub(super) fn options(request: &SearchRequest) -> TextOptions {
    TextOptions {
        typos: request.typos,
        any_first_letter: request.typos_in_first_letter,
        prefix: request.prefix,
    }
}

fn conditions(generation: &Generation, request: &SearchRequest) -> Result<Vec<Condition>> {
    let mut conditions = Vec::new();
    let mut add = |field, predicate| conditions.push(Condition { field: Some(field), predicate });
    if !request.industries.is_empty() {
        add(FieldRef::Keywords(keywords::INDUSTRIES), generation.any_industry(&request.industries));
    }
    if !request.services.is_empty() {
        add(FieldRef::Keywords(keywords::SERVICES), generation.any_service(&request.services));
    }
    if let Some(rating) = request.min_rating {
        add(
            FieldRef::Number(numbers::OVERALL_RATING),
            Generation::at_least(numbers::OVERALL_RATING, rating),
        );
    }
    if let Some(rate) = request.max_hourly_rate {
        add(
            FieldRef::Number(numbers::HOURLY_RATE),
            Generation::at_most(numbers::HOURLY_RATE, rate),
        );
    }
    if let Some(filter) = &request.filter {
        split(generation, filter, &mut conditions)?;
    }
    Ok(conditions)
}

/// The parts of a filter that `and` joins at its top, each by itself.
fn split(generation: &Generation, filter: &Filter, conditions: &mut Vec<Condition>) -> Result<()> {
    match filter {
        Filter::And(parts) => parts.iter().try_for_each(|part| split(generation, part, conditions)),
        other => {
            let field = match other {
                Filter::Field { field, .. } => Some(generation.schema.resolve(field, "a filter")?),
                _ => None,
            };
            conditions.push(Condition { field, predicate: generation.resolve_filter(other)? });
            Ok(())
        }
    }
}
