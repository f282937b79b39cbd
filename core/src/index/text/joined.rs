//! Several stems that stand for one word, as one list.

use super::block::{Block, Kind};
use super::cursor::{Cursor, Detail, END, ListRef, Postings};
use super::document::FIELD_SHIFT;
use crate::api::deadline::{Deadline, Pulse};
use crate::model::{Result, Rows};

/// The documents alive of one block that have any of the stems, ascending.
#[derive(Debug, Default)]
pub struct Joined {
    docs: Vec<u32>,
    tfs: Vec<f64>,
    /// For a term of one field: whether any stem stands in it.
    in_field: Vec<bool>,
}

impl Joined {
    /// Joins lists, each with what its frequencies are divided by; added up in this order.
    ///
    /// Cost: all postings of the lists, and one bit and up to one f64 a row of the block.
    pub fn of(
        block: &Block,
        lists: &[(ListRef, f64)],
        field: Option<u32>,
        live: &Rows,
        deadline: &Deadline,
    ) -> Result<Self> {
        match &block.kind {
            _ if lists.is_empty() => Ok(Self::default()),
            Kind::Sealed(sealed) => join(sealed, block, lists, field, live, deadline),
            Kind::Tail(tail) => join(tail, block, lists, field, live, deadline),
        }
    }

    /// The number of documents.
    pub fn len(&self) -> usize {
        self.docs.len()
    }
}

fn join<P: Postings>(
    postings: &P,
    block: &Block,
    lists: &[(ListRef, f64)],
    field: Option<u32>,
    live: &Rows,
    deadline: &Deadline,
) -> Result<Joined> {
    let count = block.lengths.len();
    let mut seen = Rows::none(count as u32);
    let mut fielded = Rows::none(if field.is_some() { count as u32 } else { 0 });
    // Untouched pages of this cost nothing.
    let mut sums = vec![0.0; count];
    let mut positions = Vec::new();
    let detail = if field.is_some() { Detail::Positions } else { Detail::Frequencies };
    let mut pulse = Pulse::of(deadline);
    for (list, divisor) in lists {
        let mut cursor = postings.open(list, detail)?;
        let mut doc = cursor.doc();
        while doc != END {
            pulse.step()?;
            if live.contains(block.first_row + doc) {
                seen.insert(doc);
                sums[doc as usize] += f64::from(cursor.tf()) / divisor;
                if let Some(field) = field {
                    cursor.positions(&mut positions);
                    if positions.iter().any(|position| position >> FIELD_SHIFT == field) {
                        fielded.insert(doc);
                    }
                }
            }
            doc = cursor.advance();
        }
    }
    let docs: Vec<u32> = seen.iter().collect();
    Ok(Joined {
        tfs: docs.iter().map(|&doc| sums[doc as usize]).collect(),
        in_field: if field.is_some() {
            docs.iter().map(|&doc| fielded.contains(doc)).collect()
        } else {
            Vec::new()
        },
        docs,
    })
}

/// A walk over a [`Joined`] list.
#[derive(Clone, Debug)]
pub struct JoinedCursor<'a> {
    joined: &'a Joined,
    at: usize,
}

impl<'a> JoinedCursor<'a> {
    /// Stands on the first document.
    pub fn new(joined: &'a Joined) -> Self {
        Self { joined, at: 0 }
    }

    /// As [`Cursor::doc`].
    pub fn doc(&self) -> u32 {
        self.joined.docs.get(self.at).copied().unwrap_or(END)
    }

    /// As [`Cursor::advance`].
    pub fn advance(&mut self) -> u32 {
        self.at += 1;
        self.doc()
    }

    /// As [`Cursor::seek`].
    pub fn seek(&mut self, doc: u32) -> u32 {
        let rest = self.joined.docs.get(self.at..).unwrap_or(&[]);
        self.at += rest.partition_point(|&here| here < doc);
        self.doc()
    }

    /// The frequency at the current document.
    pub fn tf(&self) -> f64 {
        self.joined.tfs[self.at]
    }

    /// Whether a stem stands in the term's field at the current document.
    pub fn in_field(&self) -> bool {
        self.joined.in_field.get(self.at).copied().unwrap_or(true)
    }
}
