//! The text index: blocks of postings and exact statistics over what is alive.

use std::sync::Arc;

use hashbrown::HashMap;
use rayon::prelude::*;

use super::block::{Block, Kind};
use super::counts::Counts;
use super::document::{DocumentTerms, TextDocument};
use super::settings::TextSettings;
use super::synonyms::Synonyms;
use super::writer::SealedWriter;
use crate::model::{Error, Result};

/// Batches of this many documents are sealed at once, and tails of as many are due to be.
pub const SEAL_AT: usize = 1024;
/// A tail of this many documents is sealed by the write that finds it so: whoever seals beside has fallen behind.
const MOST_WAITING: usize = 8 * SEAL_AT;
/// A write joins blocks of the tail up to this many documents; larger ones wait to be sealed.
pub(super) const JOIN_AT: usize = 64;
/// Documents that are analysed in parallel before they are written in order.
const CHUNK: usize = 4096;

/// The inverted index over the texts of all rows.
///
/// A clone shares everything and is cheap; what is then done to it leaves the original untouched,
/// so that a clone and its changes become the next generation.
///
/// Statistics (documents, mean length, documents a stem) are those of the added and not removed
/// documents, whichever blocks they lie in: scores do not depend on how the index was built.
#[derive(Clone, Debug)]
pub struct TextIndex {
    pub(super) settings: Arc<TextSettings>,
    /// In row order, without gaps.
    pub(super) blocks: Vec<Arc<Block>>,
    /// Documents that are alive, and the sum of their weighted lengths.
    pub(super) documents: u64,
    pub(super) length: u64,
    /// Per stem, the removed documents that blocks still list.
    pub(super) removed: Counts,
    /// Per folded word, the documents alive that have it.
    pub(super) words: Counts,
}

impl TextIndex {
    /// An index without rows.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] where a weight is above 15.
    pub fn new(settings: TextSettings) -> Result<Self> {
        Ok(Self {
            settings: Arc::new(settings.checked()?),
            blocks: Vec::new(),
            documents: 0,
            length: 0,
            removed: Counts::default(),
            words: Counts::default(),
        })
    }

    /// What the index was made with.
    pub fn settings(&self) -> &TextSettings {
        &self.settings
    }

    /// Changes what stands for what in queries; no document knows of it.
    pub fn set_synonyms(&mut self, synonyms: Arc<Synonyms>) {
        self.settings = Arc::new(TextSettings { synonyms, ..TextSettings::clone(&self.settings) });
    }

    /// The number of rows, removed ones included: the next row to add.
    pub fn rows(&self) -> u32 {
        self.blocks.last().map_or(0, |block| block.rows().end)
    }

    /// The number of documents that are alive.
    #[cfg(test)]
    pub fn documents(&self) -> u64 {
        self.documents
    }

    /// What it takes in memory, about: the blocks and the words.
    pub fn memory_bytes(&self) -> usize {
        let blocks: usize = self.blocks.iter().map(|block| block.memory_bytes()).sum();
        blocks + self.words.memory_bytes() + self.removed.memory_bytes()
    }

    /// The mean weighted length of the documents alive; 0 without any.
    pub fn mean_length(&self) -> f64 {
        if self.documents == 0 { 0.0 } else { self.length as f64 / self.documents as f64 }
    }

    /// Adds the documents of rows `first_row..`, one a row; a row without text is an empty one.
    ///
    /// Batches of 1,024 and more are sealed at once, at some 150 us of processor time for a document of 120 words. A
    /// smaller one costs its own analysis and, in the mean, a few joins of its size; from 1,024 documents
    /// on the tail is due to be sealed ([`TextIndex::merge_plan`]), at 8,192 it is.
    ///
    /// # Errors
    /// [`Error::Internal`] if `first_row` is not [`TextIndex::rows`]; the index is unchanged.
    pub fn add(&mut self, first_row: u32, documents: &[TextDocument<'_>]) -> Result<()> {
        if first_row != self.rows() || u32::try_from(documents.len()).is_err() {
            return Err(Error::Internal {
                what: format!("text of row {first_row} is added where row {} is next", self.rows()),
            });
        }
        if documents.is_empty() {
            return Ok(());
        }
        let mut next = self.clone();
        if documents.len() >= SEAL_AT {
            next.add_sealed(documents)?;
        } else {
            next.add_tail(first_row, documents)?;
        }
        *self = next;
        Ok(())
    }

    fn add_tail(&mut self, first_row: u32, documents: &[TextDocument<'_>]) -> Result<()> {
        let terms: Vec<DocumentTerms> =
            documents.iter().map(|document| DocumentTerms::of(&self.settings, document)).collect();
        self.count(&terms);
        let mut block = Block::tail(&self.settings, first_row, &terms);
        while let Some(last) = self.blocks.last()
            && last.is_tail()
            && last.lengths.len() <= block.lengths.len()
            && last.lengths.len() + block.lengths.len() <= JOIN_AT
            && let Some(merged) = last.merged_tail(&block)
        {
            block = merged;
            self.blocks.pop();
        }
        self.blocks.push(Arc::new(block));
        if self.waiting() >= MOST_WAITING { self.seal() } else { Ok(()) }
    }

    /// How many documents are in the tail.
    pub(super) fn waiting(&self) -> usize {
        self.tail().iter().map(|block| block.lengths.len()).sum()
    }

    /// The tail blocks at the end.
    pub(super) fn tail(&self) -> &[Arc<Block>] {
        let sealed = self.blocks.iter().rposition(|block| !block.is_tail()).map_or(0, |i| i + 1);
        &self.blocks[sealed..]
    }

    /// Seals the tail, so that only sealed blocks are left. Costs writing its postings anew, without analysis.
    pub fn seal(&mut self) -> Result<()> {
        if self.tail().is_empty() { Ok(()) } else { self.add_sealed(&[]) }
    }

    /// Makes one sealed block of the tail and `documents`.
    fn add_sealed(&mut self, documents: &[TextDocument<'_>]) -> Result<()> {
        let mut writer = SealedWriter::new()?;
        let tail = self.tail().to_vec();
        let first_row = tail.first().map_or(self.rows(), |block| block.first_row);
        let mut lengths = Vec::new();
        for block in &tail {
            lengths.extend(block.copy_to(&self.settings, &mut writer, &|_| true, &mut |_| {})?);
        }
        for chunk in documents.chunks(CHUNK) {
            let settings = &*self.settings;
            let terms: Vec<DocumentTerms> =
                chunk.par_iter().map(|document| DocumentTerms::of(settings, document)).collect();
            for terms in &terms {
                let occurrences = terms.occurrences.iter();
                writer.add(settings, occurrences.map(|(stem, at)| (stem.as_str(), *at)))?;
                lengths.push(terms.length);
            }
            self.count(&terms);
        }
        self.blocks.truncate(self.blocks.len() - tail.len());
        let held = tail.iter().map(|block| block.documents).sum::<u32>() + documents.len() as u32;
        let kind = Kind::Sealed(writer.finish()?);
        self.blocks.push(Arc::new(Block { first_row, lengths, documents: held, kind }));
        Ok(())
    }

    /// Counts in what is new.
    fn count(&mut self, added: &[DocumentTerms]) {
        let mut words: HashMap<&str, i32> = HashMap::new();
        for terms in added {
            self.documents += 1;
            self.length += u64::from(terms.length);
            for word in &terms.words {
                *words.entry(word).or_default() += 1;
            }
        }
        let mut words: Vec<(&str, i32)> = words.into_iter().collect();
        words.sort_unstable();
        self.words.add(words);
    }

    /// Counts a document out; its rows leave the sets that searches are run within. `document` is
    /// what was added for `row`, and it is removed once. Costs its analysis.
    ///
    /// # Errors
    /// [`Error::Internal`] for a row that was never added; the index is unchanged.
    pub fn remove(&mut self, row: u32, document: &TextDocument<'_>) -> Result<()> {
        if row >= self.rows() || self.documents == 0 {
            return Err(Error::Internal { what: format!("text of row {row} was never added") });
        }
        let terms = DocumentTerms::of(&self.settings, document);
        self.documents -= 1;
        self.length = self.length.saturating_sub(u64::from(terms.length));
        self.removed.add(terms.stems().map(|stem| (stem, 1)));
        self.words.add(terms.words.iter().map(|word| (word.as_str(), -1)));
        Ok(())
    }
}
