//! From a query to its lists and weights in one index.

use super::bm25::idf;
use super::cursor::ListRef;
use super::expand::expand;
use super::index::TextIndex;
use super::joined::Joined;
use super::query::{QueryWord, Term, TextQuery};
use crate::api::deadline::Deadline;
use crate::model::{Result, Rows};

/// A query bound to an index: every word's lists are found and its weight is known.
#[derive(Debug)]
pub struct Compiled<'i> {
    pub(super) index: &'i TextIndex,
    pub(super) groups: Vec<Vec<BoundTerm>>,
    pub(super) excluded: Vec<BoundTerm>,
    pub(super) any: bool,
}

/// A term with its lists.
#[derive(Debug)]
pub(super) struct BoundTerm {
    pub field: Option<u32>,
    pub words: Vec<BoundWord>,
    pub stand_ins: Vec<BoundStandIn>,
}

impl BoundTerm {
    /// The phrases that are the term: its own, then what stands for it.
    pub fn phrases(&self) -> impl Iterator<Item = &[BoundWord]> {
        let stand_ins = self.stand_ins.iter().map(|stand_in| stand_in.words.as_slice());
        std::iter::once(self.words.as_slice()).chain(stand_ins)
    }
}

/// A synonym with its lists.
#[derive(Debug)]
pub(super) struct BoundStandIn {
    pub words: Vec<BoundWord>,
    /// For how many terms it stands.
    pub terms: f64,
}

/// A word with its lists, one for each block.
#[derive(Debug)]
pub(super) struct BoundWord {
    pub offset: u32,
    pub idf: f64,
    pub lists: Lists,
}

/// Where a word's documents are, by block.
#[derive(Debug)]
pub(super) enum Lists {
    /// Those of one stem.
    Stem(Vec<Option<ListRef>>),
    /// Those of several stems, put together.
    Joined(Vec<Joined>),
}

impl Lists {
    /// The number of documents in one block.
    pub fn len(&self, block: usize) -> usize {
        match self {
            Lists::Stem(lists) => lists[block].as_ref().map_or(0, |list| list.documents as usize),
            Lists::Joined(lists) => lists[block].len(),
        }
    }
}

impl Compiled<'_> {
    /// No more documents than this match a query of one word.
    pub fn most(&self) -> usize {
        let blocks = 0..self.index.blocks.len();
        let words = self.groups.iter().flatten().flat_map(|term| &term.words);
        words.map(|word| blocks.clone().map(|block| word.lists.len(block)).sum::<usize>()).sum()
    }
}

impl TextIndex {
    /// Finds the lists of `query`. `live` are all rows that were added and not removed.
    ///
    /// Costs a dictionary lookup for each word and block; a word with typos or a prefix costs a
    /// look at the words with its first letter and all postings that stand for it.
    ///
    /// # Errors
    /// [`crate::model::Error::TimedOut`], and [`crate::model::Error::Internal`] if a block does not
    /// read, which is a defect.
    pub fn compile(
        &self,
        query: &TextQuery,
        live: &Rows,
        deadline: &Deadline,
    ) -> Result<Compiled<'_>> {
        let bind = |terms: &[Term]| -> Result<Vec<BoundTerm>> {
            terms.iter().map(|term| self.bind(term, live, deadline)).collect()
        };
        Ok(Compiled {
            index: self,
            groups: query
                .groups
                .iter()
                .map(|group| bind(&group.alternatives))
                .collect::<Result<_>>()?,
            excluded: bind(&query.excluded)?,
            any: query.any,
        })
    }

    fn bind(&self, term: &Term, live: &Rows, deadline: &Deadline) -> Result<BoundTerm> {
        let field = term.field.map(|field| field.number() as u32);
        let words = if term.typos > 0 || term.prefix {
            vec![self.bind_expanded(term, field, live, deadline)?]
        } else {
            self.bind_phrase(&term.words)?
        };
        let stand_ins = term.stand_ins.iter().map(|stand_in| {
            let words = self.bind_phrase(&stand_in.words)?;
            Ok(BoundStandIn { words, terms: f64::from(stand_in.terms) })
        });
        Ok(BoundTerm { field, words, stand_ins: stand_ins.collect::<Result<_>>()? })
    }

    fn bind_phrase(&self, words: &[QueryWord]) -> Result<Vec<BoundWord>> {
        words.iter().map(|word| self.bind_stem(&word.stem, word.offset)).collect()
    }

    fn bind_stem(&self, stem: &str, offset: u32) -> Result<BoundWord> {
        let lists = self.blocks.iter().map(|block| block.find(stem)).collect::<Result<Vec<_>>>()?;
        let listed: u64 = lists.iter().flatten().map(|list| u64::from(list.documents)).sum();
        let having = listed.saturating_add_signed(-self.removed.get(stem));
        Ok(BoundWord { offset, idf: self.idf(having), lists: Lists::Stem(lists) })
    }

    fn bind_expanded(
        &self,
        term: &Term,
        field: Option<u32>,
        live: &Rows,
        deadline: &Deadline,
    ) -> Result<BoundWord> {
        let stems = expand(&self.settings, &self.words, term, deadline)?;
        if let [(stem, _)] = stems.as_slice() {
            return self.bind_stem(stem, 0);
        }
        let mut joined = Vec::with_capacity(self.blocks.len());
        for block in &self.blocks {
            let mut lists = Vec::new();
            for (stem, edits) in &stems {
                lists.extend(block.find(stem)?.map(|list| (list, 1.0 + f64::from(*edits))));
            }
            joined.push(Joined::of(block, &lists, field, live, deadline)?);
        }
        let having = joined.iter().map(|joined| joined.len() as u64).sum();
        Ok(BoundWord { offset: 0, idf: self.idf(having), lists: Lists::Joined(joined) })
    }

    fn idf(&self, having: u64) -> f64 {
        idf(self.documents, having.min(self.documents))
    }
}
