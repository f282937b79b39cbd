//! Who is compared, and what each of them says.

use std::fmt;

use crate::kind::Kind;

/// What went wrong, for a person.
#[derive(Debug)]
pub struct Failure(pub String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Failure(error.to_string())
    }
}

/// One way to answer the workload.
pub trait Contender {
    /// What the table calls it.
    fn name(&self) -> &str;

    /// Whether it can say a request of that kind in its own terms.
    fn knows(&self, kind: Kind) -> bool {
        let _ = kind;
        true
    }

    /// The answer to each request of the kind.
    fn answers(&mut self, kind: Kind) -> Result<Vec<Answer>, Failure>;

    /// Microseconds of each request of the kind, once through.
    fn time(&mut self, kind: Kind) -> Result<Vec<f64>, Failure>;
}

/// One answer, in the terms that all can give.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The ids of the page, by number.
    pub ids: Vec<u32>,
    /// The score of each, where the order is by score.
    pub scores: Vec<f64>,
    /// How many there are in all.
    pub total: u64,
    /// The counts of all facet values that occur, in an order of their own.
    pub counts: Vec<u64>,
}

/// How far apart sums may be that were added in another order.
const TIE: f64 = 1e-6;

impl Answer {
    /// Whether another gives the same.
    ///
    /// # Errors
    /// What differs.
    pub fn same_as(&self, other: &Answer) -> Result<(), String> {
        if (self.total, &self.counts) != (other.total, &other.counts) {
            return Err(format!(
                "{} and {} in all, facets {:?} and {:?}",
                self.total, other.total, self.counts, other.counts
            ));
        }
        if self.ids.len() != other.ids.len() {
            return Err(format!("{} and {} rows", self.ids.len(), other.ids.len()));
        }
        for (at, (left, right)) in self.ids.iter().zip(&other.ids).enumerate() {
            let tie = match (self.scores.get(at), other.scores.get(at)) {
                (Some(left), Some(right)) if (left - right).abs() > TIE => {
                    return Err(format!("place {at} scores {left} and {right}"));
                }
                (Some(_), Some(_)) => true,
                _ => false,
            };
            if left != right && !tie {
                return Err(format!("place {at} is {left} and {right}"));
            }
        }
        Ok(())
    }
}
