//! A filter whose names are resolved.

use super::bound::Bound;
use crate::model::field::FieldRef;
use crate::model::{Comparison, GeoPoint, Instant};

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
    /// At least one of the codes of a keyword field; codes ascend.
    HasAny { place: usize, codes: Vec<u32> },
    /// A number or moment compared with a constant.
    Compare { place: usize, comparison: Comparison, value: f64 },
    /// Two numbers or moments of one row compared.
    CompareFields { left: usize, comparison: Comparison, right: usize },
    /// A flag's value.
    Is { place: usize, value: bool },
    /// A point, by its latitude's place, that lies within a distance of another.
    Near { place: usize, centre: GeoPoint, radius_km: f64 },
    /// Free time, of so many minutes on end between two moments.
    Free { place: usize, from: Instant, to: Instant, minutes: u32 },
    /// A field that has a value.
    Exists(FieldRef),
    /// Rows found by their keys.
    Rows(Vec<u32>),
}

/// What knows the columns and bitmaps behind the conditions.
pub(crate) trait Leaves {
    /// The condition, bound to what it reads.
    fn bind<'a>(&'a self, leaf: &'a Leaf) -> Bound<'a>;
}
