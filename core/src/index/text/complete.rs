//! Completing a word with those of the catalogue, and finding words near one that nobody has.

use super::analyze::stems;
use super::expand::first;
use super::index::TextIndex;
use super::near::Wanted;
use super::query::{Group, QueryWord, Term, TextQuery};
use super::value_words::typos_in;
use crate::api::deadline::Deadline;
use crate::model::Result;

/// A word of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueWord {
    /// The word, folded.
    pub word: String,
    /// What it is found by.
    pub stem: String,
}

impl CatalogueWord {
    /// A query for this word alone.
    pub fn query(&self) -> TextQuery {
        let (stem, word) = (self.stem.clone(), self.word.clone());
        let term = Term {
            field: None,
            words: vec![QueryWord { stem, word, offset: 0, at: 0..0 }],
            exact: true,
            prefix: false,
            typos: 0,
            any_first_letter: false,
            stand_ins: Vec::new(),
        };
        TextQuery {
            groups: vec![Group { alternatives: vec![term] }],
            excluded: Vec::new(),
            any: false,
        }
    }
}

impl TextIndex {
    /// The folded words that begin with `word`, which is folded, of each stem the first: most
    /// documents alive first, then by bytes; at most `most`. With `tolerant`, words whose
    /// beginning is within the one typo that [`typos_in`] allows, the fewest edits first.
    ///
    /// Costs a visit of every word that begins so.
    ///
    /// # Errors
    /// [`Error::TimedOut`](crate::Error::TimedOut).
    pub fn completions(
        &self,
        word: &str,
        tolerant: bool,
        most: usize,
        deadline: &Deadline,
    ) -> Result<Vec<CatalogueWord>> {
        let edits = if tolerant { typos_in(word) } else { 0 };
        let found = if edits == 0 {
            let found = self.words.with_prefix(word, deadline)?.into_iter();
            found.map(|(word, count)| (0, count, word)).collect()
        } else {
            let letters: Vec<char> = word.chars().collect();
            let wanted = Wanted { letters: &letters, edits, beginning: true };
            let found = self.words.near(wanted, letters.first().copied(), deadline)?.into_iter();
            found.map(|(word, count, edits)| (edits, count, word)).collect()
        };
        Ok(self.of_each_stem(found, most))
    }

    /// The catalogue's words that may be meant by `word`, which is folded: within one edit from
    /// four letters, two from eight, with the same first letter where there is one such word; the
    /// fewest edits first, then as in [`TextIndex::completions`]. The word's own stem is left out.
    ///
    /// # Errors
    /// [`Error::TimedOut`](crate::Error::TimedOut).
    pub fn meant(
        &self,
        word: &str,
        stem: &str,
        most: usize,
        deadline: &Deadline,
    ) -> Result<Vec<CatalogueWord>> {
        let letters: Vec<char> = word.chars().collect();
        let edits = match letters.len() {
            0..=3 => return Ok(Vec::new()),
            4..=7 => 1,
            _ => 2,
        };
        let wanted = Wanted { letters: &letters, edits, beginning: false };
        for first in [letters.first().copied(), None] {
            let found = self.words.near(wanted, first, deadline)?.into_iter();
            let found = found.map(|(word, count, edits)| (edits, count, word)).collect();
            let mut found = self.of_each_stem(found, most + 1);
            found.retain(|candidate| candidate.stem != stem);
            found.truncate(most);
            if !found.is_empty() {
                return Ok(found);
            }
        }
        Ok(Vec::new())
    }

    /// How many documents alive have the folded word.
    pub fn has_word(&self, word: &str) -> bool {
        self.words.get(word) > 0
    }

    /// The first `most` stems of an order: fewest edits, most frequent, by bytes.
    fn of_each_stem(&self, mut found: Vec<(u8, i64, &str)>, most: usize) -> Vec<CatalogueWord> {
        // A few words share a stem; more than these do not.
        first(&mut found, most * 4, |a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)).then(a.2.cmp(b.2)));
        let mut kept: Vec<CatalogueWord> = Vec::new();
        // Stemming costs more than all else here, so no more words are stemmed than are needed.
        for some in found.chunks(most.max(1)) {
            let words = some.iter().map(|(_, _, word)| *word);
            for (word, stem) in words.clone().zip(stems(self.settings.language, words)) {
                if kept.len() < most && kept.iter().all(|other| other.stem != stem) {
                    kept.push(CatalogueWord { word: word.to_owned(), stem });
                }
            }
            if kept.len() == most {
                break;
            }
        }
        kept
    }
}
