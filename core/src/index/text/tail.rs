//! The postings of a small batch, in plain arrays: made at once, merged at once.

use hashbrown::HashMap;

use super::cursor::{Cursor, Detail, END, ListRef, Place, Postings};
use super::document::{DocumentTerms, weight_at};
use super::settings::TextSettings;
use super::strings::{StringTable, merge_walk};
use crate::model::Result;

/// An uncompressed inverted index: list `i` is that of stem `i`.
#[derive(Clone, Debug, Default)]
pub struct Tail {
    stems: StringTable,
    /// Where each list ends in `docs` and `tfs`.
    list_ends: Vec<u32>,
    docs: Vec<u32>,
    tfs: Vec<u32>,
    /// Where the positions of each posting end.
    position_ends: Vec<u32>,
    positions: Vec<u32>,
}

impl Tail {
    /// What it takes in memory, about.
    pub fn memory_bytes(&self) -> usize {
        let numbers =
            self.list_ends.len() + self.docs.len() + self.tfs.len() + self.position_ends.len();
        (numbers + self.positions.len()) * 4 + self.stems.memory_bytes()
    }

    /// The index of `documents`, numbered from 0.
    pub fn of(settings: &TextSettings, documents: &[DocumentTerms]) -> Self {
        let mut lists: HashMap<&str, Vec<(u32, u32)>> = HashMap::new();
        for (doc, terms) in documents.iter().enumerate() {
            for (stem, position) in &terms.occurrences {
                lists.entry(stem).or_default().push((doc as u32, *position));
            }
        }
        let mut lists: Vec<_> = lists.into_iter().collect();
        lists.sort_unstable_by_key(|&(stem, _)| stem);
        let mut tail = Self::default();
        for (stem, list) in lists {
            tail.stems.push(stem);
            for posting in list.chunk_by(|a, b| a.0 == b.0) {
                let tf = posting.iter().map(|&(_, position)| weight_at(settings, position)).sum();
                tail.push(posting[0].0, tf, posting.iter().map(|&(_, position)| position));
            }
            tail.list_ends.push(tail.docs.len() as u32);
        }
        tail
    }

    fn push(&mut self, doc: u32, tf: u32, positions: impl IntoIterator<Item = u32>) {
        self.docs.push(doc);
        self.tfs.push(tf);
        self.positions.extend(positions);
        self.position_ends.push(self.positions.len() as u32);
    }

    /// This block and then `next`, whose documents are numbered on from `offset`.
    pub fn merged(&self, next: &Tail, offset: u32) -> Tail {
        let mut sum = Tail::default();
        merge_walk(&self.stems, &next.stems, |stem, left, right| {
            sum.stems.push(stem);
            for (part, list, offset) in [(self, left, 0), (next, right, offset)] {
                for posting in list.map(|list| part.list(list)).into_iter().flatten() {
                    let doc = part.docs[posting] + offset;
                    sum.push(doc, part.tfs[posting], part.positions_of(posting).iter().copied());
                }
            }
            sum.list_ends.push(sum.docs.len() as u32);
        });
        sum
    }

    fn list(&self, stem: usize) -> std::ops::Range<usize> {
        start(&self.list_ends, stem)..self.list_ends[stem] as usize
    }

    fn positions_of(&self, posting: usize) -> &[u32] {
        &self.positions[start(&self.position_ends, posting)..self.position_ends[posting] as usize]
    }

    /// All occurrences, by stem, then document, then position.
    pub fn occurrences(&self) -> impl Iterator<Item = (&str, u32, &[u32])> {
        (0..self.stems.len()).flat_map(move |stem| {
            self.list(stem).map(move |posting| {
                (self.stems.get(stem), self.docs[posting], self.positions_of(posting))
            })
        })
    }
}

fn start(ends: &[u32], index: usize) -> usize {
    if index == 0 { 0 } else { ends[index - 1] as usize }
}

impl Postings for Tail {
    type Cursor<'a> = TailCursor<'a>;

    fn find(&self, stem: &str) -> Result<Option<ListRef>> {
        Ok(self.stems.find(stem).map(|index| ListRef {
            documents: self.list(index).len() as u32,
            place: Place::Tail(index),
        }))
    }

    fn open(&self, list: &ListRef, _: Detail) -> Result<TailCursor<'_>> {
        let range = match list.place {
            Place::Tail(stem) => self.list(stem),
            Place::Sealed(_) => 0..0,
        };
        Ok(TailCursor { tail: self, at: range.start, end: range.end })
    }
}

/// A walk over one list of a [`Tail`].
#[derive(Clone, Debug)]
pub struct TailCursor<'a> {
    tail: &'a Tail,
    at: usize,
    end: usize,
}

impl Cursor for TailCursor<'_> {
    fn doc(&self) -> u32 {
        if self.at < self.end { self.tail.docs[self.at] } else { END }
    }

    fn advance(&mut self) -> u32 {
        self.at = (self.at + 1).min(self.end);
        self.doc()
    }

    fn seek(&mut self, doc: u32) -> u32 {
        self.at += self.tail.docs[self.at..self.end].partition_point(|&here| here < doc);
        self.doc()
    }

    fn tf(&self) -> u32 {
        self.tail.tfs[self.at]
    }

    fn positions(&mut self, into: &mut Vec<u32>) {
        into.clear();
        into.extend_from_slice(self.tail.positions_of(self.at));
    }
}
