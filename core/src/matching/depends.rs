//! What the answer to a match depends on, and whether it holds after later changes.

use std::borrow::Cow;
use std::sync::Arc;

use super::plan::MatchPlan;
use crate::api::canonical::{Canonical, write_filter};
use crate::api::criteria::{ClientCriteria, RatingMode};
use crate::api::filter::Filter;
use crate::api::rules::RuleSource;
use crate::api::search::Scope;
use crate::generation::{
    Effect, FieldSet, FilterWatch, Generation, Holds, Standing, Within, moved,
};
use crate::model::field::{keywords, numbers};
use crate::model::{FieldRef, Result, Rows};

/// What a match was found by. It holds as long as no change crosses its hard filter, touches somebody on its list, or
/// changes of any candidate what the score is made of. Where that is not certain, it does not hold.
#[derive(Clone, Debug)]
pub(crate) struct MatchDepends {
    watch: FilterWatch,
    score_fields: FieldSet,
}

impl MatchDepends {
    /// `rows` are those of the hard filter. None where it cannot be told what the answer depends on.
    pub(super) fn new(
        generation: &Generation,
        criteria: &ClientCriteria,
        plan: &MatchPlan<'_>,
        rows: &Rows,
    ) -> Option<Self> {
        let tells_all = criteria.rules.is_none()
            && !criteria.explain
            && !criteria.relax
            && criteria.exclude_ids.is_empty()
            // The mean of all ratings is in every score.
            && criteria.rating == RatingMode::Mean;
        if !tells_all {
            return None;
        }
        let within = Within { scope: Scope::Marketplace, open: true };
        let predicates = plan.predicates();
        let watch = FilterWatch::new(generation, within, predicates, Arc::new(rows.clone()))?;
        let score_fields = score_fields(generation, criteria).ok()?;
        Some(Self { watch, score_fields })
    }

    /// Whether a list of these rows is what a match would answer in a later generation, after those effects, the
    /// oldest first. Cost: a test of the filter for each effect that changed what it asks of.
    pub(crate) fn holds<'a>(
        &self,
        generation: &Generation,
        effects: impl Iterator<Item = &'a Effect>,
        is_listed: impl Fn(u32) -> bool,
    ) -> Holds {
        if !self.watch.is_current(generation) {
            return Holds::No;
        }
        let seen = self.watch.fields.and(self.score_fields);
        let mut rows = self.watch.rows();
        for effect in effects {
            let Effect { was, row, fields } = *effect;
            if was.is_some_and(&is_listed) {
                return Holds::No;
            }
            if was.is_some() && row == was && !fields.meets(seen) {
                continue;
            }
            match self.watch.standing(generation, &rows, effect) {
                Standing::Outside => {}
                Standing::Inside if !fields.meets(self.score_fields) => {
                    moved(&mut rows, generation, effect, Standing::Inside);
                }
                _ => return Holds::No,
            }
        }
        match rows {
            Cow::Borrowed(_) => Holds::Yes,
            Cow::Owned(rows) => Holds::Moved(self.watch.with_rows(rows), 0),
        }
    }

    /// The same for an answer whose filter has other rows by now.
    pub(crate) fn with_watch(&self, watch: FilterWatch) -> Self {
        Self { watch, ..self.clone() }
    }

    /// What it takes in memory, about.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>() + self.watch.bytes()
    }
}

/// The fields that scores, caps and the spread of a list are made of.
fn score_fields(generation: &Generation, criteria: &ClientCriteria) -> Result<FieldSet> {
    let mut fields = FieldSet::keywords(keywords::INDUSTRIES)
        .and(FieldSet::keywords(keywords::SERVICES))
        .and(FieldSet::keywords(keywords::CERTIFICATIONS));
    for place in [
        numbers::HOURLY_RATE,
        numbers::YEARS_EXPERIENCE,
        numbers::OVERALL_RATING,
        numbers::TOTAL_REVIEWS,
    ] {
        fields = fields.and(FieldSet::number(place));
    }
    if criteria.business_weights.capacity > 0.0 {
        fields = fields.and(FieldSet::of_room());
    }
    if criteria.embedding.is_some() || criteria.text.is_some() {
        fields = fields.and(FieldSet::VECTOR);
    }
    let attributes = criteria.attributes.keys().map(|name| format!("attributes.{name}"));
    let caps = criteria.max_per.iter().map(|cap| cap.field.clone());
    for name in attributes.chain(caps) {
        let field: FieldRef = generation.schema.resolve(&name, "criteria")?;
        fields = fields.and(FieldSet::of(field));
    }
    Ok(fields)
}

/// The bytes of criteria and of what they are kept within: equal for those that have the same answer, different for
/// others. How long it may take and how old it may be is no part of them; an explanation is not looked at.
pub(crate) fn answer_key(criteria: &ClientCriteria, within: Option<&Filter>) -> Vec<u8> {
    let ClientCriteria {
        industries,
        required_services,
        require_all,
        max_budget,
        min_rating,
        text,
        embedding,
        filter,
        exclude_ids,
        certifications,
        attributes,
        weights,
        business_weights,
        rating,
        limit,
        diversity,
        max_per,
        min_score,
        relax,
        exact,
        approximate,
        rules,
        exact_budget_ms,
        fields,
        timeout_ms: _,
        max_staleness_ms: _,
        at_least: _,
        explain: _,
    } = criteria;
    let mut key = Canonical(Vec::with_capacity(256 + embedding.as_ref().map_or(0, Vec::len) * 4));
    for filter in [within, filter.as_ref()] {
        key.byte(u8::from(filter.is_some()));
        filter.into_iter().for_each(|filter| write_filter(filter, &mut key));
    }
    for values in [industries, required_services, exclude_ids, certifications] {
        key.set(values);
    }
    key.len(attributes.len());
    for (name, values) in attributes {
        key.text(name);
        key.set(values);
    }
    let bayesian = *rating == RatingMode::Bayesian;
    for flag in [*require_all, bayesian, *relax, *exact, *approximate] {
        key.byte(u8::from(flag));
    }
    for number in [max_budget, min_rating, diversity, min_score, exact_budget_ms] {
        key.number_or_none(*number);
    }
    let weights = weights.named().into_iter().chain(business_weights.named());
    weights.for_each(|(_, weight)| key.number(weight));
    key.len(*limit as usize);
    key.len(max_per.len());
    for cap in max_per {
        key.text(&cap.field);
        key.len(cap.count as usize);
    }
    key.text(&rules.as_ref().map(RuleSource::to_value).map_or_else(String::new, |r| r.to_string()));
    key.byte(u8::from(fields.is_some()));
    key.texts(fields.as_deref().unwrap_or_default());
    key.byte(u8::from(text.is_some()));
    key.text(text.as_deref().unwrap_or(""));
    key.byte(u8::from(embedding.is_some()));
    key.vector(embedding.as_deref());
    key.0
}
