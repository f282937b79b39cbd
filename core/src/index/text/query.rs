//! What a query asks, as plain data: both the index and the slow twin read it.

use std::ops::Range;

use super::analyze::Token;
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
    /// The words to find that stand alone and are not quoted, in the order typed.
    pub fn plain_words(&self) -> impl Iterator<Item = &QueryWord> {
        let terms = self.groups.iter().flat_map(|group| &group.alternatives);
        terms.filter_map(|term| match term.words.as_slice() {
            [word] if !term.exact => Some(word),
            _ => None,
        })
    }

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

/// A word or a phrase, and what stands for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The one field in which it must stand.
    pub field: Option<Field>,
    /// Its words; several make a phrase. Never empty.
    pub words: Vec<QueryWord>,
    /// Whether it means just itself: it was quoted or excluded.
    pub exact: bool,
    /// Whether catalogue words that begin with the (only) word stand for it too.
    pub prefix: bool,
    /// Within how many edits, 0 to 2, catalogue words stand for the (only) word too.
    pub typos: u8,
    /// Whether such a word may begin with another letter.
    pub any_first_letter: bool,
    /// Synonyms. The term is worth the most that itself or one of them is.
    pub stand_ins: Vec<StandIn>,
}

/// A synonym of a term, or of a run of terms of which it stands for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandIn {
    /// Its words; several make a phrase. Never empty.
    pub words: Vec<QueryWord>,
    /// How many terms it stands for: to each of them it is worth that part of itself.
    pub terms: u32,
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
    /// Its bytes in the text that was typed; empty for a synonym's.
    pub at: Range<usize>,
}

/// The words of a phrase, out of what an analysis found in text that begins at byte `start`.
pub fn phrase(tokens: Vec<Token>, start: usize) -> Vec<QueryWord> {
    let first = tokens.first().map_or(0, |token| token.position);
    tokens
        .into_iter()
        .map(|Token { stem, word, position, at, .. }| QueryWord {
            stem,
            word,
            offset: position - first,
            at: at.start + start..at.end + start,
        })
        .collect()
}
