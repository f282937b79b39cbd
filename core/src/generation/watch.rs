//! The rows of a filter as they were, and what a later change means for them.

use std::borrow::Cow;
use std::sync::Arc;

use super::recent::{Effect, FieldSet};
use super::{Generation, Within};
use crate::api::search::Scope;
use crate::index::bitmap::{Leaf, Predicate};
use crate::model::Rows;

/// A filter that was evaluated, with what it kept then.
#[derive(Clone, Debug)]
pub(crate) struct FilterWatch {
    within: Within,
    predicates: Vec<Predicate>,
    rows: Arc<Rows>,
    /// The fields that it asks of.
    pub(crate) fields: FieldSet,
    /// How many values there were: one that was not there means nothing in a predicate.
    values: usize,
}

/// Where a change stands to the rows of a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It was none of them, and is none.
    Outside,
    /// It was one of them, and is one.
    Inside,
    /// It came in.
    Entered,
    /// It went out.
    Left,
    /// It was changed twice, and what it was in between cannot be seen any more.
    Unclear,
}

/// What became of an answer.
pub(crate) enum Holds {
    /// It is what it was.
    Yes,
    /// It lists what it listed, and its filter keeps other rows by now: so many more, or fewer.
    Moved(FilterWatch, i64),
    /// It may be another one.
    No,
}

impl FilterWatch {
    /// None for a filter that names single profiles: one that is not there yet would be missed.
    pub(crate) fn new(
        generation: &Generation,
        within: Within,
        predicates: Vec<Predicate>,
        rows: Arc<Rows>,
    ) -> Option<Self> {
        let mut fields = FieldSet::of_scope();
        if within.open {
            fields = fields.and(FieldSet::of_room());
        }
        for predicate in &predicates {
            fields = fields.and(fields_of(predicate)?);
        }
        Some(Self { within, predicates, rows, fields, values: values(generation) })
    }

    /// Whether its predicates mean in this generation what they meant in theirs.
    pub(crate) fn is_current(&self, generation: &Generation) -> bool {
        self.values == values(generation)
    }

    /// Where a change stands, seen from a later generation. `rows` are those of the filter.
    pub(crate) fn standing(
        &self,
        generation: &Generation,
        rows: &Rows,
        effect: &Effect,
    ) -> Standing {
        let before = effect.was.is_some_and(|row| rows.contains(row));
        // What does not ask of the changed fields says of the profile what it said, be it on another row.
        let after = match effect.row {
            Some(_) if effect.was.is_some() && !effect.fields.meets(self.fields) => before,
            // Changed again since, and gone from that row: what it was in between cannot be seen any more.
            Some(row) if !generation.live.contains(row) => return Standing::Unclear,
            Some(row) => self.holds(generation, row),
            None => false,
        };
        match (before, after) {
            (false, false) => Standing::Outside,
            (true, true) => Standing::Inside,
            (false, true) => Standing::Entered,
            (true, false) => Standing::Left,
        }
    }

    fn holds(&self, generation: &Generation, row: u32) -> bool {
        let scope = match self.within.scope {
            Scope::Marketplace => &generation.marketplace,
            Scope::All => &generation.visible,
        };
        scope.contains(row)
            && (!self.within.open || generation.open.contains(row))
            && self.predicates.iter().all(|predicate| generation.fulfils(predicate, row))
    }

    /// The rows to begin a round of changes with.
    pub(crate) fn rows(&self) -> Cow<'_, Arc<Rows>> {
        Cow::Borrowed(&self.rows)
    }

    /// The same filter with its rows as they are now.
    pub(crate) fn with_rows(&self, rows: Arc<Rows>) -> Self {
        Self { rows, ..self.clone() }
    }

    /// What it takes in memory, about.
    pub(crate) fn bytes(&self) -> usize {
        self.rows.words().len() * 8 + self.predicates.len() * size_of::<Predicate>()
    }
}

/// Brings the set after a change: a profile that moved, came in or went out.
pub(crate) fn moved(
    rows: &mut Cow<'_, Arc<Rows>>,
    generation: &Generation,
    effect: &Effect,
    standing: Standing,
) {
    let leaves = matches!(standing, Standing::Inside | Standing::Left);
    let comes = matches!(standing, Standing::Inside | Standing::Entered);
    let (was, row) = (effect.was.filter(|_| leaves), effect.row.filter(|_| comes));
    if was == row {
        return;
    }
    let rows = Arc::make_mut(rows.to_mut());
    if let Some(was) = was {
        rows.remove(was);
    }
    if let Some(row) = row {
        rows.resize(generation.rows);
        rows.insert(row);
    }
}

fn values(generation: &Generation) -> usize {
    generation.keywords.iter().map(|field| field.index.len()).sum()
}

fn fields_of(predicate: &Predicate) -> Option<FieldSet> {
    let leaf = match predicate {
        Predicate::And(parts) | Predicate::Or(parts) => {
            return parts
                .iter()
                .try_fold(FieldSet::default(), |all, part| Some(all.and(fields_of(part)?)));
        }
        Predicate::Not(part) => return fields_of(part),
        Predicate::Leaf(leaf) => leaf,
    };
    Some(match leaf {
        Leaf::HasAny { place, .. } => FieldSet::keywords(*place),
        Leaf::Compare { place, .. } => FieldSet::number(*place),
        Leaf::CompareFields { left, right, .. } => {
            FieldSet::number(*left).and(FieldSet::number(*right))
        }
        Leaf::Exists(field) => FieldSet::of(*field),
        Leaf::Rows(_) => return None,
        // Whatever else there comes to be: too many fields are never wrong.
        _ => FieldSet::ALL,
    })
}
