//! The rows that a search finds, and their scores where the order is by score.

use std::borrow::Cow;
use std::sync::Arc;

use super::plan::{Ranking, SearchPlan};
use crate::api::deadline::{Deadline, Pulse};
use crate::api::search::SearchRequest;
use crate::generation::{Factors, FilterKey, Generation, Keyed, RowOrder, Within, lifted};
use crate::index::bitmap::Selection;
use crate::index::vector::UnitQuery;
use crate::model::{FieldRef, Result, Rows};

/// What a search found.
pub(super) enum Found {
    /// Rows and how many they are, to be ordered by fields.
    Rows(Selection),
    /// Rows in ascending order, each with its score.
    Scored(Vec<(u32, f64)>),
}

impl Found {
    pub(super) fn count(&self) -> u32 {
        match self {
            Found::Rows(found) => found.count,
            Found::Scored(scored) => scored.len() as u32,
        }
    }

    /// Hands each row with its first key of the order to `see`.
    pub(super) fn visit(&self, order: &RowOrder<'_>, mut see: impl FnMut(Keyed)) {
        match self {
            Found::Rows(found) => order.visit(&found.rows, see),
            Found::Scored(scored) => {
                scored.iter().for_each(|(row, score)| see(Keyed::by_score(*row, *score)));
            }
        }
    }

    /// The score of one of the rows, where there are scores.
    pub(super) fn score(&self, row: u32) -> Option<f64> {
        match self {
            Found::Rows(_) => None,
            Found::Scored(scored) => {
                let at = scored.binary_search_by_key(&row, |(row, _)| *row).ok()?;
                // A pin that the words do not find is there without a score.
                Some(scored[at].1).filter(|score| !score.is_nan())
            }
        }
    }

    /// Takes a row in, without a score if it has none.
    fn insert(&mut self, row: u32) {
        match self {
            Found::Rows(found) => {
                if !found.rows.contains(row) {
                    found.count += 1;
                    Arc::make_mut(&mut found.rows).insert(row);
                }
            }
            Found::Scored(scored) => {
                if let Err(at) = scored.binary_search_by_key(&row, |(row, _)| *row) {
                    scored.insert(at, (row, f64::NAN));
                }
            }
        }
    }

    /// Takes a row out.
    pub(super) fn remove(&mut self, row: u32) {
        match self {
            Found::Rows(found) => {
                if found.rows.contains(row) {
                    found.count -= 1;
                    Arc::make_mut(&mut found.rows).remove(row);
                }
            }
            Found::Scored(scored) => {
                if let Ok(at) = scored.binary_search_by_key(&row, |(row, _)| *row) {
                    scored.remove(at);
                }
            }
        }
    }

    /// The rows as a set.
    pub(super) fn rows(&self, generation: &Generation) -> Cow<'_, Rows> {
        match self {
            Found::Rows(found) => Cow::Borrowed(&found.rows),
            Found::Scored(scored) => {
                Cow::Owned(Rows::from_rows(generation.rows, scored.iter().map(|(row, _)| *row)))
            }
        }
    }
}

/// Stretches of rows one after the other, and pins with their scores.
type Arrangement = (Vec<Found>, Vec<(u32, Option<f64>)>);

/// Runs a plan up to the rows it finds.
pub(super) struct Finder<'a> {
    pub(super) generation: &'a Generation,
    pub(super) request: &'a SearchRequest,
    pub(super) plan: &'a SearchPlan<'a>,
    pub(super) deadline: &'a Deadline,
}

impl Finder<'_> {
    /// The rows of scope and availability that fulfil the conditions on the fields for which `keep` holds.
    pub(super) fn filtered(
        &self,
        keep: impl Fn(Option<FieldRef>) -> bool + Clone,
    ) -> Result<Selection> {
        let kept = self.plan.conditions.iter().filter(|condition| keep(condition.field));
        let predicates = kept.map(|condition| &condition.predicate);
        self.generation.filtered(self.scope(), predicates, self.deadline)
    }

    /// What those rows are remembered by, where they are.
    pub(super) fn key(&self, keep: impl Fn(Option<FieldRef>) -> bool + Clone) -> Option<FilterKey> {
        let kept = self.plan.conditions.iter().filter(|condition| keep(condition.field));
        let predicates = kept.map(|condition| &condition.predicate);
        self.generation.filter_key(self.scope(), predicates)
    }

    /// What the request looks at before its conditions.
    pub(super) fn scope(&self) -> Within {
        Within { scope: self.request.scope, open: self.request.available }
    }

    /// The rows in every one of `base` that fulfil the conditions on the fields for which `keep` holds.
    pub(super) fn within(
        &self,
        base: &[&Rows],
        keep: impl Fn(Option<FieldRef>) -> bool,
    ) -> Result<Selection> {
        let kept = self.plan.conditions.iter().filter(|condition| keep(condition.field));
        self.generation.select(base, kept.map(|condition| &condition.predicate), self.deadline)
    }

    /// What the rest of the request finds among the rows of its filter.
    pub(super) fn find_within(&self, found: Selection) -> Result<Found> {
        let pins: Vec<u32> = self.pins_within(&found.rows).map(|(_, row)| row).collect();
        let mut found = self.find_unpinned(found)?;
        pins.into_iter().for_each(|row| found.insert(row));
        Ok(found)
    }

    /// The pins that are among the rows of a filter. Words need not find them.
    pub(super) fn pins_within<'r>(
        &'r self,
        rows: &'r Rows,
    ) -> impl Iterator<Item = (u32, u32)> + 'r {
        self.plan.rules.pins.iter().copied().filter(|(_, row)| rows.contains(*row))
    }

    fn find_unpinned(&self, found: Selection) -> Result<Found> {
        self.deadline.check()?;
        let rows = &found.rows;
        Ok(match (&self.plan.ranking, &self.plan.text) {
            (Ranking::Fields | Ranking::Text, None) => Found::Rows(found),
            (Ranking::Fields, Some(words)) => {
                let rows = words.matching(rows, self.deadline)?;
                Found::Rows(Selection::of(rows))
            }
            (Ranking::Text, Some(words)) => Found::Scored(words.ranked(rows, self.deadline)?),
            (Ranking::Similarity(query), _) => {
                Found::Scored(self.similarities(query, rows.iter())?)
            }
            (Ranking::Fused(query), words) => {
                Found::Scored(self.fused(query, words.as_ref(), rows)?)
            }
        })
    }

    /// What is found without the pins, with the factors of rules: the scores lifted, or in an order of fields the
    /// boosted, the rest and the buried by themselves. Beside it the pins with their scores.
    pub(super) fn arranged(&self, mut found: Found, pins: &[(u32, u32)]) -> Result<Arrangement> {
        let rules = &self.plan.rules;
        let factors = if rules.has_factors() {
            rules.factors(self.generation, &found.rows(self.generation), self.deadline)?
        } else {
            Factors::default()
        };
        let score = |row| found.score(row).map(|score| lifted(score, factors.of(row)));
        let of_pins = pins.iter().map(|(_, row)| (*row, score(*row))).collect();
        pins.iter().for_each(|(_, row)| found.remove(*row));
        let stretches = match found {
            found if factors.is_empty() => vec![found],
            Found::Rows(found) => factors
                .thirds(&found.rows, self.deadline)?
                .map(|rows| Found::Rows(Selection::of(rows)))
                .into(),
            Found::Scored(mut scored) => {
                let mut pulse = Pulse::of(self.deadline);
                for (row, score) in &mut scored {
                    pulse.step()?;
                    *score = lifted(*score, factors.of(*row));
                }
                vec![Found::Scored(scored)]
            }
        };
        Ok((stretches, of_pins))
    }

    fn similarities(
        &self,
        query: &UnitQuery,
        rows: impl Iterator<Item = u32>,
    ) -> Result<Vec<(u32, f64)>> {
        let vectors = self.generation.vectors.as_ref();
        let mut scored = Vec::new();
        for row in rows {
            if scored.len() % 4_096 == 0 {
                self.deadline.check()?;
            }
            scored.push((row, vectors.map_or(0.0, |vectors| vectors.similarity(row, query))));
        }
        Ok(scored)
    }
}
