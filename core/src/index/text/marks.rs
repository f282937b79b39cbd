//! Where a query is found in one text: what a reader is shown of a match.

use std::ops::Range;

use super::analyze::{Token, analyze};
use super::expand::expand;
use super::index::TextIndex;
use super::query::{QueryWord, TextQuery};
use super::settings::{Field, TextSettings};
use crate::api::deadline::Deadline;
use crate::model::Result;

/// A query's phrases with all stems that each word of them is found by.
#[derive(Debug)]
pub struct Marker<'i> {
    settings: &'i TextSettings,
    phrases: Vec<Phrase>,
}

#[derive(Debug)]
struct Phrase {
    field: Option<Field>,
    words: Vec<Word>,
}

#[derive(Debug)]
struct Word {
    offset: u32,
    stems: Vec<String>,
}

impl TextIndex {
    /// What marks the places where `query` is found. Costs a look at the words that typos and
    /// prefixes lead to.
    ///
    /// # Errors
    /// [`Error::TimedOut`](crate::Error::TimedOut).
    pub fn marker(&self, query: &TextQuery, deadline: &Deadline) -> Result<Marker<'_>> {
        let plain = |word: &QueryWord| Word { offset: word.offset, stems: vec![word.stem.clone()] };
        let mut phrases = Vec::new();
        for term in query.groups.iter().flat_map(|group| &group.alternatives) {
            let words = if term.typos > 0 || term.prefix {
                let stems = expand(&self.settings, &self.words, term, deadline)?;
                vec![Word { offset: 0, stems: stems.into_iter().map(|(stem, _)| stem).collect() }]
            } else {
                term.words.iter().map(plain).collect()
            };
            let stand_ins = term.stand_ins.iter();
            let stand_ins = stand_ins.map(|stand_in| stand_in.words.iter().map(plain).collect());
            for words in std::iter::once(words).chain(stand_ins) {
                phrases.push(Phrase { field: term.field, words });
            }
        }
        Ok(Marker { settings: &self.settings, phrases })
    }
}

impl Marker<'_> {
    /// The bytes of `text`, one value of `field`, in which the query is found: ascending ranges
    /// that do not touch. A phrase is one range. Costs the analysis of the text.
    pub fn find(&self, field: Field, text: &str) -> Vec<Range<usize>> {
        let phrases =
            || self.phrases.iter().filter(|phrase| phrase.field.is_none_or(|only| only == field));
        if self.settings.weights[field.number()] == 0 || phrases().next().is_none() {
            return Vec::new();
        }
        let tokens = analyze(self.settings, text);
        let mut found: Vec<Range<usize>> = Vec::new();
        for first in 0..tokens.len() {
            found.extend(phrases().filter_map(|phrase| phrase.at(&tokens, first)));
        }
        found.sort_unstable_by_key(|range| (range.start, range.end));
        found.dedup_by(|next, kept| {
            let overlaps = next.start <= kept.end;
            if overlaps {
                kept.end = kept.end.max(next.end);
            }
            overlaps
        });
        found
    }
}

impl Phrase {
    /// The bytes of the phrase, if it begins with token number `first`.
    fn at(&self, tokens: &[Token], first: usize) -> Option<Range<usize>> {
        let start = tokens[first].position;
        let mut end = tokens[first].at.end;
        for word in &self.words {
            let rest = &tokens[first..];
            let place = rest.binary_search_by_key(&(start + word.offset), |token| token.position);
            let token = &rest[place.ok()?];
            if !word.stems.contains(&token.stem) {
                return None;
            }
            end = end.max(token.at.end);
        }
        Some(tokens[first].at.start..end)
    }
}
