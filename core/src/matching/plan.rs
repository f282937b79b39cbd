//! What a match will do, resolved against one generation.

use super::caps::Caps;
use super::hard::HardFilter;
use super::signals::{Budget, Capacity, Experience, Of, Overlap, Rating, Signal};
use crate::api::criteria::ClientCriteria;
use crate::api::deadline::Deadline;
use crate::api::filter::Filter;
use crate::api::listing::Projection;
use crate::api::reasons::Reasons;
use crate::api::relaxation::Relaxation;
use crate::generation::{Generation, RulePlan};
use crate::index::bitmap::Predicate;
use crate::index::vector::UnitQuery;
use crate::model::field::{keywords, numbers};
use crate::model::{Error, FieldRef, Result, Rows};

/// A part of the score beside similarity, with its share of the whole.
pub(super) struct WeightedSignal<'a> {
    pub(super) signal: Box<dyn Signal + 'a>,
    pub(super) share: f64,
}

/// A match, resolved: the hard filter, and the score as shares that sum to 1.
pub(super) struct MatchPlan<'a> {
    hard: HardFilter<'a>,
    excluded: Vec<u32>,
    /// The query and similarity's share; none without an embedding.
    pub(super) query: Option<(UnitQuery, f64)>,
    /// The parts that the criteria ask for; one of weight 0 is there to be told of.
    pub(super) business: Vec<WeightedSignal<'a>>,
    /// Business' share of the score.
    pub(super) business_share: f64,
    pub(super) rating: WeightedSignal<'a>,
    pub(super) caps: Caps<'a>,
    pub(super) rules: RulePlan,
    pub(super) projection: Projection,
}

impl<'a> MatchPlan<'a> {
    /// Resolves the names of criteria that were checked; `embedding` is their own or that of their text.
    ///
    /// # Errors
    /// Names and weights that this index cannot use; see [`Generation::resolve_filter`].
    pub(super) fn new(
        generation: &'a Generation,
        criteria: &'a ClientCriteria,
        embedding: Option<&[f32]>,
        within: Option<&Filter>,
    ) -> Result<Self> {
        let query = embedding.map(|embedding| generation.unit_query(embedding)).transpose()?;
        let business = business(generation, criteria)?;
        let inner: f64 = business.iter().map(|part| part.share).sum();
        let weights = criteria.weights;
        let similarity = if query.is_some() { weights.similarity } else { 0.0 };
        let whole = if inner > 0.0 { weights.business } else { 0.0 };
        let sum = similarity + whole + weights.rating;
        if sum <= 0.0 {
            return Err(Error::OutOfRange {
                field: "weights".to_owned(),
                value: "all on parts that these criteria do not ask for".to_owned(),
                expected: "above 0 for a part that they do: give an embedding, or weigh business or rating".to_owned(),
            });
        }
        let business_share = whole / sum;
        let scale = if inner > 0.0 { business_share / inner } else { 0.0 };
        let business = business
            .into_iter()
            .map(|part| WeightedSignal { share: part.share * scale, ..part })
            .collect();
        let rules = RulePlan::new(generation, criteria.rules.as_ref())?;
        Ok(Self {
            hard: HardFilter::new(generation, criteria, within)?,
            rules,
            excluded: criteria.exclude_ids.iter().filter_map(|id| generation.row(id)).collect(),
            query: query.map(|query| (query, similarity / sum)),
            business,
            business_share,
            rating: WeightedSignal {
                signal: Box::new(Rating::new(generation, criteria.rating)),
                share: weights.rating / sum,
            },
            caps: Caps::new(generation, &criteria.max_per)?,
            projection: Projection::resolve(criteria.fields.as_deref(), &generation.schema)?,
        })
    }

    /// The rows that pass the hard filter with these steps of loosening taken, but for those that are not wanted.
    ///
    /// # Errors
    /// [`Error::TimedOut`].
    pub(super) fn candidates(&self, taken: &[Relaxation], deadline: &Deadline) -> Result<Rows> {
        self.hard.rows(taken, deadline).map(|rows| self.without_excluded(rows))
    }

    /// What the hard filter asks beside scope and room, nothing loosened.
    pub(super) fn predicates(&self) -> Vec<Predicate> {
        self.hard.predicates()
    }

    /// Of rows that pass the hard filter those that are wanted.
    pub(super) fn without_excluded(&self, mut rows: Rows) -> Rows {
        self.excluded.iter().for_each(|row| rows.remove(*row));
        rows
    }

    /// What is told of a row.
    pub(super) fn reasons(&self, row: u32) -> Reasons {
        let mut reasons = Reasons::default();
        self.business.iter().chain([&self.rating]).for_each(|part| {
            part.signal.note(row, &mut reasons);
        });
        reasons
    }

    /// Adds to each row's sum what it scores apart from similarity: a part at a time, a column at a time.
    pub(super) fn accumulate(&self, rows: &[u32], sums: &mut [f64]) {
        for part in self.signals() {
            part.signal.accumulate(rows, part.share, sums);
        }
    }

    /// Every part beside similarity that weighs something, in the order of breakdowns.
    pub(super) fn signals(&self) -> impl Iterator<Item = &WeightedSignal<'a>> {
        self.business.iter().chain([&self.rating]).filter(|part| part.share > 0.0)
    }
}

/// The business parts that the criteria ask for, with their weights as given.
fn business<'a>(
    generation: &'a Generation,
    criteria: &'a ClientCriteria,
) -> Result<Vec<WeightedSignal<'a>>> {
    let weights = criteria.business_weights;
    let mut parts: Vec<WeightedSignal<'a>> = Vec::new();
    let mut add =
        |share: f64, signal: Box<dyn Signal + 'a>| parts.push(WeightedSignal { signal, share });
    let lists = [
        (Of::Industries, keywords::INDUSTRIES, &criteria.industries, weights.industries),
        (Of::Services, keywords::SERVICES, &criteria.required_services, weights.services),
    ];
    for (of, place, asked, weight) in lists {
        if !asked.is_empty() {
            let asked = [(&generation.keywords[place], asked.iter().collect())];
            add(weight, Box::new(Overlap::new(of, asked)));
        }
    }
    add(
        weights.experience,
        Box::new(Experience { years: &generation.numbers[numbers::YEARS_EXPERIENCE] }),
    );
    if let Some(budget) = criteria.max_budget {
        add(
            weights.budget,
            Box::new(Budget { rates: &generation.numbers[numbers::HOURLY_RATE], budget }),
        );
    }
    // Everybody has room: it is told of only where more of it is better.
    if weights.capacity > 0.0 {
        add(
            weights.capacity,
            Box::new(Capacity {
                current: &generation.numbers[numbers::CURRENT_CLIENTS],
                most: &generation.numbers[numbers::MAX_CLIENTS],
            }),
        );
    }
    if !criteria.certifications.is_empty() {
        let asked = criteria.certifications.iter().collect();
        let field = &generation.keywords[keywords::CERTIFICATIONS];
        add(weights.certifications, Box::new(Overlap::new(Of::Certifications, [(field, asked)])));
    }
    let mut attributes = Vec::new();
    for (name, values) in criteria.attributes.iter().filter(|(_, values)| !values.is_empty()) {
        match generation.schema.resolve(&format!("attributes.{name}"), "match attributes")? {
            FieldRef::Keywords(place) => {
                attributes.push((&generation.keywords[place], values.iter().collect()));
            }
            other => {
                return Err(Error::WrongType {
                    field: format!("attributes.{name}"),
                    value: other.kind().to_owned(),
                    expected: "an attribute of kind keywords, to count shared values of".to_owned(),
                });
            }
        }
    }
    if !attributes.is_empty() {
        add(weights.attributes, Box::new(Overlap::new(Of::Attributes, attributes)));
    }
    Ok(parts)
}
