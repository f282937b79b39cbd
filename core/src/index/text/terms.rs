//! One term on one block: whether a document has it, and what it adds to its score.

use super::bm25::contribution;
use super::compile::{BoundTerm, BoundWord, Lists};
use super::cursor::{Cursor, Detail, END, Postings};
use super::document::FIELD_SHIFT;
use super::joined::JoinedCursor;
use crate::model::Result;

/// A walk over the documents of one word.
pub struct WordCursor<'a, C> {
    /// The word's weight.
    pub idf: f64,
    offset: u32,
    walk: Walk<'a, C>,
}

enum Walk<'a, C> {
    Stem(C),
    Joined(JoinedCursor<'a>),
    Nowhere,
}

impl<'a, C: Cursor> WordCursor<'a, C> {
    /// Stands on the word's first document in block number `block`.
    pub(super) fn open<P: Postings<Cursor<'a> = C>>(
        postings: &'a P,
        word: &'a BoundWord,
        block: usize,
        detail: Detail,
    ) -> Result<Self> {
        let walk = match &word.lists {
            Lists::Joined(lists) => Walk::Joined(JoinedCursor::new(&lists[block])),
            Lists::Stem(lists) => match &lists[block] {
                Some(list) => Walk::Stem(postings.open(list, detail)?),
                None => Walk::Nowhere,
            },
        };
        Ok(Self { idf: word.idf, offset: word.offset, walk })
    }

    /// As [`Cursor::doc`].
    #[inline]
    pub fn doc(&self) -> u32 {
        match &self.walk {
            Walk::Stem(cursor) => cursor.doc(),
            Walk::Joined(cursor) => cursor.doc(),
            Walk::Nowhere => END,
        }
    }

    /// As [`Cursor::advance`].
    #[inline]
    pub fn advance(&mut self) -> u32 {
        match &mut self.walk {
            Walk::Stem(cursor) => cursor.advance(),
            Walk::Joined(cursor) => cursor.advance(),
            Walk::Nowhere => END,
        }
    }

    /// As [`Cursor::seek`].
    #[inline]
    pub fn seek(&mut self, doc: u32) -> u32 {
        match &mut self.walk {
            Walk::Stem(cursor) => cursor.seek(doc),
            Walk::Joined(cursor) => cursor.seek(doc),
            Walk::Nowhere => END,
        }
    }

    /// The weighted frequency at the current document.
    #[inline]
    pub fn tf(&self) -> f64 {
        match &self.walk {
            Walk::Stem(cursor) => f64::from(cursor.tf()),
            Walk::Joined(cursor) => cursor.tf(),
            Walk::Nowhere => 0.0,
        }
    }

    fn positions(&mut self, into: &mut Vec<u32>) {
        match &mut self.walk {
            Walk::Stem(cursor) => cursor.positions(into),
            Walk::Joined(_) | Walk::Nowhere => into.clear(),
        }
    }
}

/// A test of documents for one term: itself, and what stands for it.
pub struct TermCursor<'a, C> {
    phrases: Vec<Phrase<'a, C>>,
}

impl<'a, C: Cursor> TermCursor<'a, C> {
    /// Opens the lists of all words in block number `block`.
    pub(super) fn open<P: Postings<Cursor<'a> = C>>(
        postings: &'a P,
        term: &'a BoundTerm,
        block: usize,
        scored: bool,
    ) -> Result<Self> {
        let stand_ins = term.stand_ins.iter().map(|stand_in| stand_in.terms);
        let parts = std::iter::once(1.0).chain(stand_ins);
        let possible = |words: &&[BoundWord]| words.iter().all(|word| word.lists.len(block) > 0);
        let phrases = term.phrases().zip(parts).filter(|(words, _)| possible(words));
        let open = |(words, terms)| Phrase::open(postings, words, block, term.field, scored, terms);
        Ok(Self { phrases: phrases.map(open).collect::<Result<_>>()? })
    }

    /// Whether `doc` has the term; asked for ascending documents.
    pub fn matches(&mut self, doc: u32) -> bool {
        self.phrases.iter_mut().any(|phrase| phrase.matches(doc))
    }

    /// What the term is worth in `doc`, if it has it: the most that one of its phrases is. Asked
    /// for ascending documents.
    pub fn score(&mut self, doc: u32, norm: f64) -> Option<f64> {
        let mut best: Option<f64> = None;
        for phrase in &mut self.phrases {
            if phrase.matches(doc) {
                let score = phrase.score(norm);
                best = Some(best.map_or(score, |best| best.max(score)));
            }
        }
        best
    }
}

/// A walk over the documents of one word or phrase.
struct Phrase<'a, C> {
    field: Option<u32>,
    words: Vec<WordCursor<'a, C>>,
    /// For how many terms it stands.
    terms: f64,
    /// Where the phrase may start in the current document, and the positions of a later word.
    starts: Vec<u32>,
    positions: Vec<u32>,
}

impl<'a, C: Cursor> Phrase<'a, C> {
    fn open<P: Postings<Cursor<'a> = C>>(
        postings: &'a P,
        words: &'a [BoundWord],
        block: usize,
        field: Option<u32>,
        scored: bool,
        terms: f64,
    ) -> Result<Self> {
        let detail = match (words.len() > 1 || field.is_some(), scored) {
            (true, _) => Detail::Positions,
            (false, true) => Detail::Frequencies,
            (false, false) => Detail::Docs,
        };
        let open = |word| WordCursor::open(postings, word, block, detail);
        Ok(Self {
            field,
            words: words.iter().map(open).collect::<Result<_>>()?,
            terms,
            starts: Vec::new(),
            positions: Vec::new(),
        })
    }

    fn matches(&mut self, doc: u32) -> bool {
        if !self.words.iter_mut().all(|word| word.seek(doc) == doc) {
            return false;
        }
        match (self.words.as_slice(), self.field) {
            ([_], None) => true,
            ([WordCursor { walk: Walk::Joined(cursor), .. }], Some(_)) => cursor.in_field(),
            _ => self.in_place(),
        }
    }

    /// Whether the words stand one after the other at the current document, in the term's field.
    fn in_place(&mut self) -> bool {
        let Self { field, words, starts, positions, .. } = self;
        let Some((first, later)) = words.split_first_mut() else { return false };
        first.positions(starts);
        if let Some(field) = *field {
            starts.retain(|position| position >> FIELD_SHIFT == field);
        }
        for word in later {
            if starts.is_empty() {
                return false;
            }
            word.positions(positions);
            starts.retain(|start| positions.binary_search(&(start + word.offset)).is_ok());
        }
        !starts.is_empty()
    }

    /// What it is worth at the current document, which it matches.
    fn score(&self, norm: f64) -> f64 {
        let words = self.words.iter().map(|word| contribution(word.idf, word.tf(), norm));
        words.sum::<f64>() / self.terms
    }
}
