//! The usual query: every word must occur, and nothing else is asked.

use super::block::bits_from;
use super::bm25::contribution;
use super::compile::{BoundTerm, BoundWord, Lists};
use super::cursor::{Cursor, Detail, END, Postings};
use super::dense::Dense;
use super::evaluate::{BlockRun, Sink};
use super::terms::WordCursor;
use crate::api::deadline::Pulse;
use crate::model::{Bits, Result};

impl<'a> BlockRun<'a> {
    /// The words, if the query is nothing but words that must all occur.
    pub(super) fn plain_words(&self) -> Option<Vec<&'a BoundWord>> {
        if self.query.any || self.query.groups.is_empty() || !self.query.excluded.is_empty() {
            return None;
        }
        let word = |group: &'a Vec<_>| match group.as_slice() {
            [BoundTerm { field: None, words, stand_ins }]
                if words.len() == 1 && stand_ins.is_empty() =>
            {
                words.first()
            }
            _ => None,
        };
        self.query.groups.iter().map(word).collect()
    }

    /// Finds the documents that have all `bound` words.
    ///
    /// Frequent words are tested by bit. The rarest of the others is walked; if all are frequent,
    /// their bits are joined.
    pub(super) fn conjunction<P: Postings, S: Sink>(
        &self,
        postings: &'a P,
        bound: &[&'a BoundWord],
        sink: &mut S,
    ) -> Result<()> {
        let size = |word: &BoundWord| word.lists.len(self.number);
        if bound.iter().any(|word| size(word) == 0) {
            return Ok(());
        }
        let detail = if S::SCORED { Detail::Frequencies } else { Detail::Docs };
        let mut scoring = Vec::with_capacity(bound.len());
        let mut dense: Vec<&Dense> = Vec::with_capacity(bound.len());
        let mut walked = Vec::with_capacity(bound.len());
        for (index, word) in bound.iter().enumerate() {
            let frequent = match &word.lists {
                Lists::Stem(lists) => {
                    lists[self.number].as_ref().and_then(|list| postings.dense(list))
                }
                Lists::Joined(_) => None,
            };
            if let Some(list) = frequent {
                dense.push(list);
                scoring.push(Scoring::Dense(word.idf, list));
            } else {
                walked.push(index);
                let cursor = WordCursor::open(postings, word, self.number, detail)?;
                scoring.push(Scoring::Walked(cursor));
            }
        }
        walked.sort_unstable_by_key(|&index| size(bound[index]));
        let Some((&driver, others)) = walked.split_first() else {
            return self.join_bits(&dense, &scoring, sink);
        };
        let mut pulse = Pulse::of(self.deadline);
        if self.rows_are_fewer(size(bound[driver])) {
            for doc in self.docs_within() {
                pulse.step()?;
                if dense.iter().all(|list| list.contains(doc))
                    && walked.iter().all(|&word| scoring[word].seek(doc) == doc)
                {
                    self.found(doc, &scoring, sink);
                }
            }
            return Ok(());
        }
        let mut doc = scoring[driver].doc();
        while doc != END {
            pulse.step()?;
            if self.within.contains(self.block.first_row + doc)
                && dense.iter().all(|list| list.contains(doc))
                && others.iter().all(|&word| scoring[word].seek(doc) == doc)
            {
                self.found(doc, &scoring, sink);
            }
            doc = scoring[driver].advance();
        }
        Ok(())
    }

    fn join_bits<C: Cursor, S: Sink>(
        &self,
        dense: &[&Dense],
        scoring: &[Scoring<'_, C>],
        sink: &mut S,
    ) -> Result<()> {
        let mut pulse = Pulse::of(self.deadline);
        for index in 0..self.block.lengths.len().div_ceil(64) {
            pulse.step()?;
            let first = index as u32 * 64;
            let mut bits = bits_from(self.within, self.block.first_row + first);
            for list in dense {
                bits &= list.word(index);
            }
            if !S::SCORED {
                sink.bits(self.block.first_row + first, bits);
                continue;
            }
            for bit in Bits(bits) {
                self.found(first + bit, scoring, sink);
            }
        }
        Ok(())
    }

    #[inline]
    fn found<C: Cursor, S: Sink>(&self, doc: u32, scoring: &[Scoring<'_, C>], sink: &mut S) {
        let mut score = 0.0;
        if S::SCORED {
            let norm = self.norm(doc);
            for word in scoring {
                score += match word {
                    Scoring::Dense(idf, list) => contribution(*idf, f64::from(list.tf(doc)), norm),
                    Scoring::Walked(cursor) => contribution(cursor.idf, cursor.tf(), norm),
                };
            }
        }
        sink.row(self.block.first_row + doc, score);
    }
}

/// Where a word's frequencies come from, in the query's order.
enum Scoring<'a, C> {
    Dense(f64, &'a Dense),
    Walked(WordCursor<'a, C>),
}

impl<C: Cursor> Scoring<'_, C> {
    fn doc(&self) -> u32 {
        match self {
            Scoring::Walked(cursor) => cursor.doc(),
            Scoring::Dense(..) => END,
        }
    }

    fn advance(&mut self) -> u32 {
        match self {
            Scoring::Walked(cursor) => cursor.advance(),
            Scoring::Dense(..) => END,
        }
    }

    fn seek(&mut self, doc: u32) -> u32 {
        match self {
            Scoring::Walked(cursor) => cursor.seek(doc),
            Scoring::Dense(..) => END,
        }
    }
}
