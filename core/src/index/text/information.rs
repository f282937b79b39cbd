//! How much a query says.

use super::compile::{BoundTerm, Compiled};

impl Compiled<'_> {
    /// What all of the query's words say together, in nats: for each group the heaviest of its alternatives.
    /// A word that no document has says the most.
    pub fn information(&self) -> f64 {
        let term = |term: &BoundTerm| term.words.iter().map(|word| word.idf).sum::<f64>();
        self.groups.iter().map(|group| group.iter().map(term).fold(0.0, f64::max)).sum()
    }
}
