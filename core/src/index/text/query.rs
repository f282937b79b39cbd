//! What a query asks, as plain data: both the index and the slow twin read it.

use super::settings::Field;

/// The most bytes that a query may have.
pub const MAX_QUERY_BYTES: usize = 1024;
/// The most words that a query may have, stop words not counted.
pub const MAX_QUERY_WORDS: usize = 64;

/// A parsed query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextQuery {
    /// What is looked for. All groups must match; with `any`, at least one.
    pub groups: Vec<Group>,
    /// What must not match.
    pub excluded: Vec<Term>,
    /// Whether one matching group is enough.
    pub any: bool,
}

impl TextQuery {
    /// Whether nothing is asked: neither anything to find nor anything to exclude.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.excluded.is_empty()
    }
}

/// Alternatives, of which at least one must match; its score is the sum of those that do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// The terms that `or` joins; never empty.
    pub alternatives: Vec<Term>,
}

/// A word or a phrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The one field in which it must stand.
    pub field: Option<Field>,
    /// Its words; several make a phrase. Never empty.
    pub words: Vec<QueryWord>,
    /// Whether catalogue words that begin with the (only) word stand for it too.
    pub prefix: bool,
    /// Within how many edits, 0 to 2, catalogue words stand for the (only) word too. The first
    /// letter is always the same.
    pub typos: u8,
}

/// One word of a term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryWord {
    /// What is looked up.
    pub stem: String,
    /// The word as typed, folded.
    pub word: String,
    /// How many positions after the term's first word it stands.
    pub offset: u32,
}
