//! Running a compiled query: block after block, within the rows that a filter left.

use super::block::{Block, Kind, words_in};
use super::bm25::norm;
use super::compile::{BoundTerm, BoundWord, Compiled};
use super::cursor::{Detail, END, Postings};
use super::terms::{TermCursor, WordCursor};
use crate::api::deadline::{Deadline, Pulse};
use crate::model::{Bits, Result, Rows};

/// A step by seek costs about as much as this many steps to a neighbour.
const SEEK_COST: usize = 8;
/// Lists shorter than this are walked without counting the filter's rows first.
const SHORT_LIST: usize = 256;

impl Compiled<'_> {
    /// The rows of `within` that match.
    ///
    /// Costs a walk over the shortest list of the query or over `within`, whichever is less, and a
    /// seek in each other list for what of it is in both.
    ///
    /// # Errors
    /// [`crate::model::Error::TimedOut`], and [`crate::model::Error::Internal`] if a block does not
    /// read, which is a defect.
    pub fn matching(&self, within: &Rows, deadline: &Deadline) -> Result<Rows> {
        let mut rows = Rows::none(within.universe());
        self.run(within, deadline, &mut rows)?;
        Ok(rows)
    }

    /// The rows of `within` that match, ascending, each with its BM25F score. Costs what
    /// [`Compiled::matching`] does, and a few divisions a row.
    ///
    /// # Errors
    /// As [`Compiled::matching`].
    pub fn ranked(&self, within: &Rows, deadline: &Deadline) -> Result<Vec<(u32, f64)>> {
        let mut scored = Vec::new();
        self.run(within, deadline, &mut scored)?;
        Ok(scored)
    }

    fn run(&self, within: &Rows, deadline: &Deadline, sink: &mut impl Sink) -> Result<()> {
        let mean_length = self.index.mean_length();
        for (number, block) in self.index.blocks.iter().enumerate() {
            deadline.check()?;
            let run = BlockRun { query: self, number, block, within, deadline, mean_length };
            match &block.kind {
                Kind::Sealed(sealed) => run.run(sealed, sink)?,
                Kind::Tail(tail) => run.run(tail, sink)?,
            }
        }
        Ok(())
    }
}

/// What takes the matching rows, in ascending order.
pub(super) trait Sink {
    /// Whether it wants scores.
    const SCORED: bool;
    /// Takes one row; the score is 0 unless wanted.
    fn row(&mut self, row: u32, score: f64);
    /// Takes rows from `first` on, one a bit, without scores.
    fn bits(&mut self, first: u32, bits: u64) {
        Bits(bits).for_each(|bit| self.row(first + bit, 0.0));
    }
}

impl Sink for Rows {
    const SCORED: bool = false;

    #[inline]
    fn row(&mut self, row: u32, _: f64) {
        self.insert(row);
    }

    #[inline]
    fn bits(&mut self, first: u32, bits: u64) {
        let (index, shift) = (first as usize / 64, first % 64);
        let words = self.words_mut();
        if let Some(word) = words.get_mut(index) {
            *word |= bits << shift;
        }
        if shift > 0
            && let Some(word) = words.get_mut(index + 1)
        {
            *word |= bits >> (64 - shift);
        }
    }
}

impl Sink for Vec<(u32, f64)> {
    const SCORED: bool = true;

    #[inline]
    fn row(&mut self, row: u32, score: f64) {
        self.push((row, score));
    }
}

/// One query on one block.
pub(super) struct BlockRun<'a> {
    pub query: &'a Compiled<'a>,
    pub number: usize,
    pub block: &'a Block,
    pub within: &'a Rows,
    pub deadline: &'a Deadline,
    mean_length: f64,
}

impl<'a> BlockRun<'a> {
    fn run<P: Postings, S: Sink>(&self, postings: &'a P, sink: &mut S) -> Result<()> {
        match self.plain_words() {
            Some(words) => self.conjunction(postings, &words, sink),
            None => self.general(postings, sink),
        }
    }

    pub(super) fn norm(&self, doc: u32) -> f64 {
        norm(self.block.lengths[doc as usize], self.mean_length)
    }

    /// Any query: the documents that can match are collected, then each is looked at.
    fn general<P: Postings, S: Sink>(&self, postings: &'a P, sink: &mut S) -> Result<()> {
        let open = |terms: &'a [BoundTerm], scored: bool| -> Result<Vec<TermCursor<'a, _>>> {
            let possible = terms.iter().filter(|term| self.cost(term) > 0);
            possible.map(|term| TermCursor::open(postings, term, self.number, scored)).collect()
        };
        let mut groups = Vec::with_capacity(self.query.groups.len());
        for group in &self.query.groups {
            groups.push(open(group, S::SCORED)?);
        }
        let mut excluded = open(&self.query.excluded, false)?;
        let mut pulse = Pulse::of(self.deadline);
        for doc in self.candidates(postings)? {
            pulse.step()?;
            if excluded.iter_mut().any(|term| term.matches(doc)) {
                continue;
            }
            let norm = if S::SCORED { self.norm(doc) } else { 0.0 };
            let mut score = 0.0;
            let (mut some, mut every) = (false, true);
            for group in &mut groups {
                let mut found = false;
                for term in group {
                    if S::SCORED {
                        if let Some(worth) = term.score(doc, norm) {
                            found = true;
                            score += worth;
                        }
                    } else if term.matches(doc) {
                        found = true;
                        break;
                    }
                }
                some |= found;
                every &= found;
                if !found && !self.query.any {
                    break;
                }
            }
            if every || (self.query.any && some) {
                sink.row(self.block.first_row + doc, score);
            }
        }
        Ok(())
    }

    /// The documents within the filter that can match: no other does.
    fn candidates<P: Postings>(&self, postings: &'a P) -> Result<Vec<u32>> {
        let groups = &self.query.groups;
        if groups.is_empty() {
            return Ok(self.docs_within().collect());
        }
        let cost = |group: &Vec<BoundTerm>| group.iter().map(|term| self.cost(term)).sum::<usize>();
        let drivers: &[Vec<BoundTerm>] = if self.query.any {
            groups
        } else {
            let cheapest = (0..groups.len()).min_by_key(|&i| cost(&groups[i])).unwrap_or(0);
            &groups[cheapest..=cheapest]
        };
        if self.rows_are_fewer(drivers.iter().map(cost).sum()) {
            return Ok(self.docs_within().collect());
        }
        let mut lists = Vec::new();
        for term in drivers.iter().flatten().filter(|term| self.cost(term) > 0) {
            for words in term.phrases() {
                let rarest = words.iter().min_by_key(|word| word.lists.len(self.number));
                if let Some(word) = rarest {
                    lists.push(WordCursor::open(postings, word, self.number, Detail::Docs)?);
                }
            }
        }
        let first_row = self.block.first_row;
        let mut pulse = Pulse::of(self.deadline);
        if let [list] = lists.as_mut_slice() {
            let mut docs = Vec::new();
            let mut doc = list.doc();
            while doc != END {
                pulse.step()?;
                if self.within.contains(first_row + doc) {
                    docs.push(doc);
                }
                doc = list.advance();
            }
            return Ok(docs);
        }
        let mut union = Rows::none(self.block.lengths.len() as u32);
        for list in &mut lists {
            let mut doc = list.doc();
            while doc != END {
                pulse.step()?;
                union.insert(doc);
                doc = list.advance();
            }
        }
        Ok(union.iter().filter(|doc| self.within.contains(first_row + doc)).collect())
    }

    /// How many documents a term makes one look at; 0 if it cannot match here.
    fn cost(&self, term: &BoundTerm) -> usize {
        let shortest =
            |words: &[BoundWord]| words.iter().map(|word| word.lists.len(self.number)).min();
        term.phrases().filter_map(shortest).sum()
    }

    pub(super) fn rows_are_fewer(&self, postings: usize) -> bool {
        postings > SHORT_LIST && (self.block.count_in(self.within) as usize) * SEEK_COST < postings
    }

    /// The documents of this block that are within the filter, ascending.
    pub(super) fn docs_within(&self) -> impl Iterator<Item = u32> {
        let first_row = self.block.first_row;
        words_in(self.within, self.block.rows())
            .flat_map(move |(first, word)| Bits(word).map(move |bit| first + bit - first_row))
    }
}
