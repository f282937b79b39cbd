//! Facets: what is told of a field over a whole result.

mod histogram;
mod ranges;
mod resolve;
mod values;

use crate::api::deadline::Deadline;
use crate::api::facet_answer::Facet;
use crate::generation::Generation;
use crate::model::{FieldRef, Result, Rows};

/// A facet, resolved.
pub(super) struct FacetPlan {
    pub(super) name: String,
    pub(super) field: FieldRef,
    what: What,
}

/// What is counted.
enum What {
    /// Each value of a keyword or true-or-false field.
    Values(ValuesPlan),
    /// Ranges and summary of a number or date.
    Numbers(NumbersPlan),
}

/// How values are listed.
struct ValuesPlan {
    /// The most values, and whether the request asks for more than the plain list.
    limit: Option<usize>,
    plain: bool,
    /// Each must begin a word of the value.
    words: Vec<String>,
}

/// What is told of numbers.
struct NumbersPlan {
    place: usize,
    is_date: bool,
    edges: Option<Vec<f64>>,
    interval: Option<crate::api::facet::Interval>,
    stats: bool,
}

impl FacetPlan {
    /// Counts over the rows of a result.
    ///
    /// # Errors
    /// [`Error::OutOfRange`](crate::Error::OutOfRange) for a histogram of more than 1,000 ranges, and
    /// [`Error::TimedOut`](crate::Error::TimedOut).
    pub(super) fn count(
        &self,
        generation: &Generation,
        rows: &Rows,
        deadline: &Deadline,
    ) -> Result<Facet> {
        deadline.check()?;
        let facet = match &self.what {
            What::Values(plan) => values::list(generation, self.field, plan, rows, deadline)?,
            What::Numbers(plan) => ranges::summarize(generation, &self.name, plan, rows, deadline)?,
        };
        Ok(Facet { field: self.name.clone(), ..facet })
    }
}
