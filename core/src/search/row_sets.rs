//! The rows of a search, and beside them the rows without the conditions on one facet's field.
//!
//! Every condition is evaluated once: those on no facet's field give a base, those on one facet's field a part of
//! it. The rows of the search are in all parts; a facet's own rows are in all parts but its own, and come from the
//! parts before it and the parts behind it, joined once each.

use super::find::Finder;
use super::plan::Ranking;
use crate::index::bitmap::Selection;
use crate::model::{FieldRef, Result, Rows};

/// The rows of the whole filter, and for each facet field that has conditions of its own those without these.
pub(super) struct RowSets {
    pub(super) whole: Selection,
    relaxed: Vec<(FieldRef, Rows)>,
}

impl RowSets {
    /// Evaluates the filter. Cost: each condition once, and two joins of words a facet with conditions of its own.
    ///
    /// # Errors
    /// [`Error::TimedOut`](crate::Error::TimedOut).
    pub(super) fn new(finder: &Finder<'_>) -> Result<Self> {
        let fields = own_fields(finder);
        if fields.is_empty() {
            return Ok(Self { whole: finder.filtered(|_| true)?, relaxed: Vec::new() });
        }
        let is_own = |field: Option<FieldRef>| field.is_some_and(|field| fields.contains(&field));
        let base = finder.filtered(|field| !is_own(field))?.rows;
        let part = |own: &FieldRef| {
            finder.within(&[&base], |field| field == Some(*own)).map(|part| part.rows)
        };
        let parts = fields.iter().map(part).collect::<Result<Vec<Rows>>>()?;
        let mut behind = vec![base];
        for part in parts.iter().skip(1).rev() {
            let mut rows = part.clone();
            rows.intersect(&behind[behind.len() - 1]);
            behind.push(rows);
        }
        let mut before: Option<Rows> = None;
        let mut relaxed = Vec::with_capacity(fields.len());
        for ((field, part), mut rows) in fields.into_iter().zip(parts).zip(behind.into_iter().rev())
        {
            if let Some(before) = &before {
                rows.intersect(before);
            }
            relaxed.push((field, rows));
            before = Some(match before {
                Some(mut before) => {
                    before.intersect(&part);
                    before
                }
                None => part,
            });
        }
        let rows = before.unwrap_or_default();
        Ok(Self { whole: Selection { count: rows.count(), rows }, relaxed })
    }

    /// Brings what else decides the result to the facets' own rows: the words of a text are looked up once for all.
    ///
    /// # Errors
    /// [`Error::TimedOut`](crate::Error::TimedOut).
    pub(super) fn find_relaxed(&mut self, finder: &Finder<'_>) -> Result<()> {
        match (&finder.plan.ranking, &finder.plan.text) {
            // What either ranking finds belongs to a fused result.
            (Ranking::Fused(_), _) => {
                for (_, rows) in &mut self.relaxed {
                    let rows_within = std::mem::take(rows);
                    let within = Selection { count: rows_within.count(), rows: rows_within };
                    let found = finder.find_within(within)?;
                    *rows = found.rows(finder.generation).into_owned();
                }
            }
            (_, Some(words)) if !self.relaxed.is_empty() => {
                let mut any = Rows::none(finder.generation.rows);
                self.relaxed.iter().for_each(|(_, rows)| any.union(rows));
                let found = words.matching(&any, finder.deadline)?;
                self.relaxed.iter_mut().for_each(|(_, rows)| rows.intersect(&found));
            }
            _ => {}
        }
        Ok(())
    }

    /// The rows that a facet of that field counts, where they are not the result's.
    pub(super) fn of(&self, field: FieldRef) -> Option<&Rows> {
        self.relaxed.iter().find(|(known, _)| *known == field).map(|(_, rows)| rows)
    }
}

/// The fields of facets that leave conditions of their own out, each once.
fn own_fields(finder: &Finder<'_>) -> Vec<FieldRef> {
    let mut fields = Vec::new();
    if finder.request.disjunctive {
        for facet in &finder.plan.facets {
            let own = |condition: &super::plan::Condition| condition.field == Some(facet.field);
            if !fields.contains(&facet.field) && finder.plan.conditions.iter().any(own) {
                fields.push(facet.field);
            }
        }
    }
    fields
}
