//! How a filter becomes one set of rows: every condition narrows the set it is given.

use crate::model::field::FieldRef;
use crate::model::{Comparison, Rows};

/// A filter whose names are resolved: fields to places, values to codes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Predicate {
    And(Vec<Predicate>),
    Or(Vec<Predicate>),
    Not(Box<Predicate>),
    Leaf(Leaf),
}

/// One resolved condition.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Leaf {
    /// At least one of the codes of a keyword field.
    HasAny { place: usize, codes: Vec<u32> },
    /// A number or moment compared with a constant.
    Compare { place: usize, comparison: Comparison, value: f64 },
    /// Two numbers or moments of one row compared.
    CompareFields { left: usize, comparison: Comparison, right: usize },
    /// A flag's value.
    Is { place: usize, value: bool },
    /// A field that has a value.
    Exists(FieldRef),
    /// Rows found by their keys.
    Rows(Vec<u32>),
}

/// What the evaluation needs to know of the columns and bitmaps behind the conditions.
pub(crate) trait Leaves {
    /// How many rows may hold, never fewer than do: what is evaluated first.
    fn estimate(&self, leaf: &Leaf) -> u32;
    /// Keeps of `rows` those for which the condition holds.
    fn narrow(&self, leaf: &Leaf, rows: &mut Rows);
}

/// Keeps of `rows` those for which every predicate holds: the most selective first, and nothing more is looked
/// at once no row is left. The depth of the recursion is the filter's, at most 32.
pub(crate) fn narrow_all<'a>(
    predicates: impl IntoIterator<Item = &'a Predicate>,
    leaves: &impl Leaves,
    rows: &mut Rows,
) {
    let mut parts: Vec<_> = predicates.into_iter().map(|part| (cost(part, leaves), part)).collect();
    parts.sort_by_key(|(cost, _)| *cost);
    for (_, part) in parts {
        if rows.is_empty() {
            return;
        }
        narrow(part, leaves, rows);
    }
}

fn narrow(predicate: &Predicate, leaves: &impl Leaves, rows: &mut Rows) {
    match predicate {
        Predicate::Leaf(leaf) => leaves.narrow(leaf, rows),
        Predicate::And(parts) => narrow_all(parts, leaves, rows),
        Predicate::Or(parts) => {
            let mut found = Rows::none(rows.universe());
            let mut open = rows.clone();
            for part in parts {
                if open.is_empty() {
                    break;
                }
                let mut more = open.clone();
                narrow(part, leaves, &mut more);
                open.subtract(&more);
                found.union(&more);
            }
            *rows = found;
        }
        Predicate::Not(part) => {
            let mut held = rows.clone();
            narrow(part, leaves, &mut held);
            rows.subtract(&held);
        }
    }
}

/// An order of evaluation: bitmaps by how much they leave, then what visits each row.
fn cost(predicate: &Predicate, leaves: &impl Leaves) -> u64 {
    const VISIT: u64 = 1 << 33;
    match predicate {
        Predicate::Leaf(leaf @ (Leaf::Compare { .. } | Leaf::CompareFields { .. })) => {
            VISIT + u64::from(leaves.estimate(leaf))
        }
        Predicate::Leaf(leaf) => u64::from(leaves.estimate(leaf)),
        Predicate::And(parts) => parts.iter().map(|part| cost(part, leaves)).min().unwrap_or(0),
        Predicate::Or(parts) => parts.iter().map(|part| cost(part, leaves)).sum(),
        Predicate::Not(part) => VISIT / 2 + cost(part, leaves) / 2,
    }
}
