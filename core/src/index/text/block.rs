//! One immutable run of rows with its postings.

use std::ops::Range;

use super::cursor::{ListRef, Postings as _};
use super::document::DocumentTerms;
use super::sealed::Sealed;
use super::settings::TextSettings;
use super::tail::Tail;
use super::writer::SealedWriter;
use crate::model::{Result, Rows};

/// Documents that are unpacked at a time while blocks are merged: it bounds the memory.
const WINDOW: u32 = 32_768;

/// A run of rows. Document `i` of it is row `first_row + i`.
#[derive(Debug)]
pub struct Block {
    /// The row of its document 0.
    pub first_row: u32,
    /// The weighted length of each document.
    pub lengths: Vec<u32>,
    /// How many documents it was made with, dropped ones not counted.
    pub documents: u32,
    /// The lists.
    pub kind: Kind,
}

/// How a block keeps its lists.
#[derive(Debug)]
pub enum Kind {
    /// In a segment.
    Sealed(Sealed),
    /// In plain arrays.
    Tail(Tail),
}

impl Block {
    /// What it takes in memory, about.
    pub fn memory_bytes(&self) -> usize {
        let lists = match &self.kind {
            Kind::Sealed(sealed) => sealed.files().map(|(_, bytes)| bytes.len()).sum(),
            Kind::Tail(tail) => tail.memory_bytes(),
        };
        self.lengths.len() * 4 + lists
    }

    /// A tail block of a few documents.
    pub fn tail(settings: &TextSettings, first_row: u32, documents: &[DocumentTerms]) -> Self {
        Self {
            first_row,
            lengths: documents.iter().map(|terms| terms.length).collect(),
            documents: documents.len() as u32,
            kind: Kind::Tail(Tail::of(settings, documents)),
        }
    }

    /// The rows that it covers.
    pub fn rows(&self) -> Range<u32> {
        self.first_row..self.first_row + self.lengths.len() as u32
    }

    /// Whether it is a tail block.
    pub fn is_tail(&self) -> bool {
        matches!(self.kind, Kind::Tail(_))
    }

    /// The list of `stem`, if a document has it.
    pub fn find(&self, stem: &str) -> Result<Option<ListRef>> {
        match &self.kind {
            Kind::Sealed(sealed) => sealed.find(stem),
            Kind::Tail(tail) => tail.find(stem),
        }
    }

    /// How many of its rows are in `rows`.
    pub fn count_in(&self, rows: &Rows) -> u32 {
        words_in(rows, self.rows()).map(|(_, word)| word.count_ones()).sum()
    }

    /// This tail block and the `next` one together, if both are tail blocks.
    pub fn merged_tail(&self, next: &Block) -> Option<Block> {
        let (Kind::Tail(left), Kind::Tail(right)) = (&self.kind, &next.kind) else {
            return None;
        };
        Some(Block {
            first_row: self.first_row,
            documents: self.documents + next.documents,
            kind: Kind::Tail(left.merged(right, self.lengths.len() as u32)),
            lengths: [self.lengths.as_slice(), &next.lengths].concat(),
        })
    }

    /// Writes all its documents to `writer`, those for which `keep` says no as empty ones, after
    /// they were given to `dropped`, stem by stem. Returns the lengths of what was written.
    pub fn copy_to(
        &self,
        settings: &TextSettings,
        writer: &mut SealedWriter,
        keep: &dyn Fn(u32) -> bool,
        dropped: &mut dyn FnMut(&str),
    ) -> Result<Vec<u32>> {
        self.write(settings, writer, keep, dropped, &|_| true)?;
        let kept = self.rows().zip(&self.lengths);
        Ok(kept.map(|(row, &length)| if keep(row) { length } else { 0 }).collect())
    }

    /// As [`Block::copy_to`], but those that are dropped leave no empty ones.
    pub fn copy_kept(
        &self,
        settings: &TextSettings,
        writer: &mut SealedWriter,
        keep: &dyn Fn(u32) -> bool,
    ) -> Result<Vec<u32>> {
        self.write(settings, writer, keep, &mut |_| {}, keep)?;
        let kept = self.rows().zip(&self.lengths).filter(|(row, _)| keep(*row));
        Ok(kept.map(|(_, &length)| length).collect())
    }

    /// Writes a document for each row that `takes` says yes to; what `keep` says no to is not in it.
    fn write(
        &self,
        settings: &TextSettings,
        writer: &mut SealedWriter,
        keep: &dyn Fn(u32) -> bool,
        dropped: &mut dyn FnMut(&str),
        takes: &dyn Fn(u32) -> bool,
    ) -> Result<()> {
        let count = self.lengths.len() as u32;
        let mut first = 0;
        while first < count {
            let end = count.min(first.saturating_add(WINDOW));
            let mut names: Vec<String> = Vec::new();
            let mut documents: Vec<Vec<(u32, u32)>> = vec![Vec::new(); (end - first) as usize];
            let mut visit = |stem: &str, doc: u32, positions: &[u32]| {
                if !keep(self.first_row + doc) {
                    return dropped(stem);
                }
                if names.last().is_none_or(|last| last != stem) {
                    names.push(stem.to_owned());
                }
                let name = names.len() as u32 - 1;
                documents[(doc - first) as usize].extend(positions.iter().map(|&at| (name, at)));
            };
            match &self.kind {
                Kind::Sealed(sealed) => sealed.occurrences(first, end, visit)?,
                Kind::Tail(tail) => {
                    for (stem, doc, positions) in tail.occurrences() {
                        if (first..end).contains(&doc) {
                            visit(stem, doc, positions);
                        }
                    }
                }
            }
            let rows = self.first_row + first..;
            for (document, _) in documents.iter().zip(rows).filter(|(_, row)| takes(*row)) {
                let named = document.iter().map(|&(name, at)| (names[name as usize].as_str(), at));
                writer.add(settings, named)?;
            }
            first = end;
        }
        Ok(())
    }
}

/// The 64 bits of `rows` from `first` on; those beyond its universe are zero.
#[inline]
pub fn bits_from(rows: &Rows, first: u32) -> u64 {
    let (index, shift) = (first as usize / 64, first % 64);
    let word = |index: usize| rows.words().get(index).copied().unwrap_or(0);
    if shift == 0 { word(index) } else { word(index) >> shift | word(index + 1) << (64 - shift) }
}

/// The words of `rows` that `range` touches, with their first row, bits outside of it cleared.
pub fn words_in(rows: &Rows, range: Range<u32>) -> impl Iterator<Item = (u32, u64)> {
    let end = range.end.min(rows.universe());
    let start = range.start.min(end);
    let words = rows.words();
    (start / 64..end.div_ceil(64)).map(move |index| {
        let first = index * 64;
        let mut word = words.get(index as usize).copied().unwrap_or(0);
        if first < start {
            word &= u64::MAX << (start - first);
        }
        if end - first < 64 {
            word &= (1u64 << (end - first)) - 1;
        }
        (first, word)
    })
}
