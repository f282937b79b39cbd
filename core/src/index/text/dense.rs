//! The list of a frequent stem as one bit a document, beside its compressed form.
//!
//! A stem that every sixteenth document has is cheaper to test than to walk, and several such
//! stems are joined 64 documents at a time. Costs two bits a document of the block and two bytes a
//! posting, for the frequent stems only.

use std::io;

use super::cursor::{Cursor, END};
use crate::model::Flat;
use crate::store::{ByteReader, Section, SectionWriter};

/// A list is kept so where at least one document in this many has the stem.
pub const DENSE_SHARE: u32 = 16;

/// A set of documents with their frequencies.
#[derive(Debug)]
pub struct Dense {
    words: Flat<u64>,
    /// How many documents lie before each word.
    ranks: Flat<u32>,
    tfs: Flat<u16>,
}

impl Dense {
    /// Reads a list of a block of `documents`, or none if a frequency does not fit.
    pub fn of(cursor: &mut impl Cursor, documents: u32) -> Option<Self> {
        let mut words = vec![0u64; documents.div_ceil(64) as usize];
        let mut tfs = Vec::new();
        let mut doc = cursor.doc();
        while doc != END {
            *words.get_mut(doc as usize / 64)? |= 1 << (doc % 64);
            tfs.push(u16::try_from(cursor.tf()).ok()?);
            doc = cursor.advance();
        }
        let mut before = 0;
        let ranks: Vec<u32> = words
            .iter()
            .map(|word| {
                let rank = before;
                before += word.count_ones();
                rank
            })
            .collect();
        Some(Self { words: words.into(), ranks: ranks.into(), tfs: tfs.into() })
    }

    /// Writes it where numbers can be read in place.
    pub fn save(&self, out: &mut SectionWriter<'_>) -> io::Result<()> {
        out.number(self.tfs.len() as u64)?;
        out.values(&self.words)?;
        out.values(&self.ranks)?;
        out.align()?;
        out.values(&self.tfs)?;
        out.align()
    }

    /// The list of a block of `documents` that lies in a section from `at` on, in place, and where it ends.
    pub fn open(section: &Section, at: usize, documents: u32) -> Option<(Self, usize)> {
        let count = usize::try_from(ByteReader::new(section.get(at..)?).u64()?).ok()?;
        let words = documents.div_ceil(64) as usize;
        let ranks_at = (at + 8).checked_add(words * 8)?;
        let tfs_at = ranks_at.checked_add(words * 4)?.next_multiple_of(8);
        let end = tfs_at.checked_add(count.checked_mul(2)?)?;
        let dense = Self {
            words: section.part(at + 8..ranks_at)?.lend()?.into(),
            ranks: section.part(ranks_at..ranks_at + words * 4)?.lend()?.into(),
            tfs: section.part(tfs_at..end)?.lend()?.into(),
        };
        // What is looked up by rank is there.
        let mut before = 0_u64;
        let is_right = dense.words.iter().zip(dense.ranks.iter()).all(|(word, rank)| {
            let is_right = u64::from(*rank) == before;
            before += u64::from(word.count_ones());
            is_right
        });
        (is_right && before == count as u64).then_some((dense, end.next_multiple_of(8)))
    }

    /// Word number `index`: documents `64 * index` and on.
    #[inline]
    pub fn word(&self, index: usize) -> u64 {
        self.words[index]
    }

    /// Whether `doc` has the stem.
    #[inline]
    pub fn contains(&self, doc: u32) -> bool {
        self.words[doc as usize / 64] >> (doc % 64) & 1 == 1
    }

    /// The frequency in `doc`, which has the stem.
    #[inline]
    pub fn tf(&self, doc: u32) -> u32 {
        let word = doc as usize / 64;
        let before = self.words[word] & ((1 << (doc % 64)) - 1);
        u32::from(self.tfs[(self.ranks[word] + before.count_ones()) as usize])
    }

    /// The first document at or after `doc` that has the stem, or [`END`].
    #[inline]
    fn at_or_after(&self, doc: u32) -> u32 {
        let mut index = doc as usize / 64;
        let Some(&first) = self.words.get(index) else { return END };
        let mut word = first & (u64::MAX << (doc % 64));
        while word == 0 {
            index += 1;
            match self.words.get(index) {
                Some(&next) => word = next,
                None => return END,
            }
        }
        index as u32 * 64 + word.trailing_zeros()
    }
}

/// A walk over a [`Dense`] list; it has no positions.
#[derive(Clone, Debug)]
pub struct DenseCursor<'a> {
    dense: &'a Dense,
    doc: u32,
}

impl<'a> DenseCursor<'a> {
    /// Stands on the first document.
    pub fn new(dense: &'a Dense) -> Self {
        Self { dense, doc: dense.at_or_after(0) }
    }
}

impl Cursor for DenseCursor<'_> {
    #[inline]
    fn doc(&self) -> u32 {
        self.doc
    }

    #[inline]
    fn advance(&mut self) -> u32 {
        if self.doc != END {
            self.doc = self.dense.at_or_after(self.doc + 1);
        }
        self.doc
    }

    #[inline]
    fn seek(&mut self, doc: u32) -> u32 {
        if self.doc < doc {
            self.doc = self.dense.at_or_after(doc);
        }
        self.doc
    }

    #[inline]
    fn tf(&self) -> u32 {
        self.dense.tf(self.doc)
    }

    fn positions(&mut self, into: &mut Vec<u32>) {
        into.clear();
    }
}
