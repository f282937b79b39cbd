//! Walking one postings list forward.

use super::dense::Dense;
use crate::model::Result;

/// The document at which every cursor ends.
pub const END: u32 = tantivy::TERMINATED;

/// A forward walk over the documents of one list, numbered from the block's first row.
pub trait Cursor {
    /// The document that the cursor stands on, or [`END`].
    fn doc(&self) -> u32;
    /// Steps to the next document and gives it.
    fn advance(&mut self) -> u32;
    /// Steps to the first document at or after `doc` and gives it; never steps back.
    fn seek(&mut self, doc: u32) -> u32;
    /// The weighted frequency at the current document.
    fn tf(&self) -> u32;
    /// Puts the positions at the current document into `into`, ascending; some may be repeated.
    fn positions(&mut self, into: &mut Vec<u32>);
}

/// How much of a list is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Documents only.
    Docs,
    /// Documents and frequencies.
    Frequencies,
    /// All of it.
    Positions,
}

/// One stem's list in one block: how long it is, and where.
#[derive(Clone, Debug)]
pub struct ListRef {
    /// The number of documents in it, dead ones included.
    pub documents: u32,
    /// Where the block keeps it.
    pub place: Place,
}

/// Where a block keeps a list.
#[derive(Clone, Debug)]
pub enum Place {
    /// In a sealed block.
    Sealed(tantivy::postings::TermInfo),
    /// In a tail block, by the number of its stem.
    Tail(usize),
}

/// A block's postings.
pub trait Postings {
    /// The walk over one of its lists.
    type Cursor<'a>: Cursor
    where
        Self: 'a;

    /// The list of `stem`, if any document has it.
    fn find(&self, stem: &str) -> Result<Option<ListRef>>;
    /// Starts at the first document of a list of this block.
    fn open(&self, list: &ListRef, detail: Detail) -> Result<Self::Cursor<'_>>;
    /// The list's bits, if they are kept.
    fn dense(&self, _: &ListRef) -> Option<&Dense> {
        None
    }
}
