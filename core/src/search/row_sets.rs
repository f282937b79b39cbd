//! The rows of a search, and beside them the rows without the conditions on one facet's field.
//!
//! Each of these sets is that of a filter, and may be remembered. Where one is not, every condition is evaluated once:
//! those on no facet's field give a base, those on one facet's field a part of it. The rows of the search are in all
//! parts; a facet's own rows are in all parts but its own, and come from the parts before it and the parts behind it,
//! joined once each.

use std::sync::Arc;

use super::find::Finder;
use super::plan::{Condition, Ranking};
use crate::generation::FilterKey;
use crate::index::bitmap::Selection;
use crate::model::{FieldRef, Result, Rows};

/// The rows of the whole filter, and for each facet field that has conditions of its own those without these.
pub(super) struct RowSets {
    pub(super) whole: Selection,
    relaxed: Vec<(FieldRef, Arc<Rows>)>,
}

impl RowSets {
    /// Evaluates the filter. Cost: each condition once, and two joins of words a facet with conditions of its own; a
    /// look for each set where all are remembered.
    ///
    /// # Errors
    /// [`Error::TimedOut`](crate::Error::TimedOut).
    pub(super) fn new(finder: &Finder<'_>) -> Result<Self> {
        let fields = own_fields(finder);
        if fields.is_empty() {
            return Ok(Self { whole: finder.filtered(|_| true)?, relaxed: Vec::new() });
        }
        let whole_key = finder.key(|_| true);
        let key = |own: &FieldRef| finder.key(|field| field != Some(*own));
        let keys: Vec<Option<FilterKey>> = fields.iter().map(key).collect();
        let recall =
            |key: &Option<FilterKey>| key.as_ref().and_then(|key| finder.generation.recall(key));
        let recalled: Option<Vec<Selection>> = keys.iter().map(recall).collect();
        let (whole, relaxed) = if let (Some(whole), Some(relaxed)) = (recall(&whole_key), recalled)
        {
            (whole, relaxed)
        } else {
            let (whole, relaxed) = evaluate(finder, &fields)?;
            let sets = std::iter::once(&whole).chain(&relaxed);
            for (key, set) in std::iter::once(whole_key).chain(keys).zip(sets) {
                key.into_iter().for_each(|key| finder.generation.remember(key, set));
            }
            (whole, relaxed)
        };
        let rows = relaxed.into_iter().map(|set| set.rows);
        Ok(Self { whole, relaxed: fields.into_iter().zip(rows).collect() })
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
                    let within = Selection { count: rows.count(), rows: Arc::clone(rows) };
                    let found = finder.find_within(within)?;
                    *rows = Arc::new(found.rows(finder.generation).into_owned());
                }
            }
            (_, Some(words)) if !self.relaxed.is_empty() => {
                let mut any = Rows::none(finder.generation.rows);
                self.relaxed.iter().for_each(|(_, rows)| any.union(rows));
                let found = words.matching(&any, finder.deadline)?;
                for (_, rows) in &mut self.relaxed {
                    let pins: Vec<u32> = finder.pins_within(rows).map(|(_, row)| row).collect();
                    let rows = Arc::make_mut(rows);
                    rows.intersect(&found);
                    pins.into_iter().for_each(|row| rows.insert(row));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The rows that a facet of that field counts, where they are not the result's.
    pub(super) fn of(&self, field: FieldRef) -> Option<&Rows> {
        self.relaxed.iter().find(|(known, _)| *known == field).map(|(_, rows)| &**rows)
    }
}

/// The rows of the filter, and for each of the fields those without the conditions on it.
fn evaluate(finder: &Finder<'_>, fields: &[FieldRef]) -> Result<(Selection, Vec<Selection>)> {
    let is_own = |field: Option<FieldRef>| field.is_some_and(|field| fields.contains(&field));
    let base = finder.filtered(|field| !is_own(field))?.rows;
    let part = |own: &FieldRef| finder.within(&[&base], |field| field == Some(*own));
    let parts = fields.iter().map(part).collect::<Result<Vec<Selection>>>()?;
    let mut behind = vec![base];
    for part in parts.iter().skip(1).rev() {
        let mut rows = Rows::clone(&part.rows);
        rows.intersect(&behind[behind.len() - 1]);
        behind.push(Arc::new(rows));
    }
    let mut before: Option<Arc<Rows>> = None;
    let mut relaxed = Vec::with_capacity(fields.len());
    for (part, mut rows) in parts.into_iter().zip(behind.into_iter().rev()) {
        if let Some(before) = &before {
            Arc::make_mut(&mut rows).intersect(before);
        }
        relaxed.push(Selection { count: rows.count(), rows });
        before = Some(match before {
            Some(mut before) => {
                Arc::make_mut(&mut before).intersect(&part.rows);
                before
            }
            None => part.rows,
        });
    }
    let rows = before.unwrap_or_default();
    Ok((Selection { count: rows.count(), rows }, relaxed))
}

/// The fields of facets that leave conditions of their own out, each once.
fn own_fields(finder: &Finder<'_>) -> Vec<FieldRef> {
    let mut fields = Vec::new();
    if finder.request.disjunctive {
        for facet in &finder.plan.facets {
            let own = |condition: &Condition| condition.field == Some(facet.field);
            if !fields.contains(&facet.field) && finder.plan.conditions.iter().any(own) {
                fields.push(facet.field);
            }
        }
    }
    fields
}
