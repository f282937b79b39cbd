//! A condition bound to the words and columns it reads: how it narrows one block of rows.

use crate::model::rows::{BLOCK_WORDS, Block};
use crate::model::{Bits, Rows};

/// A condition, ready to narrow block after block.
pub(crate) struct Bound<'a> {
    /// About how many rows hold.
    pub(super) estimate: u32,
    /// What a block costs, in passes over its words.
    pub(super) passes: u32,
    pub(super) kind: Kind<'a>,
}

/// Narrows the block of that number.
type NarrowBlock<'a> = Box<dyn Fn(usize, &mut Block) + 'a>;

pub(super) enum Kind<'a> {
    Every,
    Rows(&'a Rows),
    /// Members of any of the sets, or of the ascending list.
    Any(Vec<&'a Rows>, Vec<u32>),
    Blocks(NarrowBlock<'a>),
    And(Vec<Bound<'a>>),
    Or(Vec<Bound<'a>>),
    Not(Box<Bound<'a>>),
}

impl<'a> Bound<'a> {
    /// Holds everywhere.
    pub(crate) fn every(universe: u32) -> Self {
        Self { estimate: universe, passes: 0, kind: Kind::Every }
    }

    /// Holds nowhere.
    pub(crate) fn nowhere() -> Self {
        Self::list(Vec::new())
    }

    /// Holds for the members of a set of `count`.
    pub(crate) fn rows(rows: &'a Rows, count: u32) -> Self {
        Self { estimate: count, passes: 1, kind: Kind::Rows(rows) }
    }

    /// Holds for these rows, in any order. Blocks without any are not looked at.
    pub(crate) fn list(mut rows: Vec<u32>) -> Self {
        rows.sort_unstable();
        rows.dedup();
        Self { estimate: rows.len() as u32, passes: 1, kind: Kind::Any(Vec::new(), rows) }
    }

    /// Holds for the members of any of the sets, or of a list of rows in any order; `count` is about how many.
    pub(crate) fn any(sets: Vec<&'a Rows>, mut list: Vec<u32>, count: u32) -> Self {
        list.sort_unstable();
        let passes = 1 + sets.len() as u32;
        Self { estimate: count, passes, kind: Kind::Any(sets, list) }
    }

    /// Whatever narrows a block by itself, at the cost of that many passes over words; `count` is about how many
    /// rows hold.
    pub(crate) fn blocks(count: u32, passes: u32, narrow: impl Fn(usize, &mut Block) + 'a) -> Self {
        Self { estimate: count, passes, kind: Kind::Blocks(Box::new(narrow)) }
    }

    /// Whatever has to be asked row by row; `count` is about how many rows hold.
    pub(crate) fn each_row(count: u32, holds: impl Fn(u32) -> bool + 'a) -> Self {
        Self::blocks(count, PER_ROW, move |at, block| {
            for (word, first) in block.iter_mut().zip((at as u32 * 1_024..).step_by(64)) {
                for bit in Bits(*word) {
                    if !holds(first + bit) {
                        *word &= !(1 << bit);
                    }
                }
            }
        })
    }

    /// Holds where any of the parts does.
    pub(crate) fn either(parts: Vec<Self>, universe: u32) -> Self {
        let sum = |of: fn(&Self) -> u32| {
            parts.iter().fold(0, |sum: u32, part| sum.saturating_add(of(part)))
        };
        let (estimate, passes) = (sum(|part| part.estimate).min(universe), sum(|part| part.passes));
        Self { estimate, passes, kind: Kind::Or(parts) }
    }

    /// Keeps of a block the rows for which the condition holds.
    pub(super) fn narrow(&self, at: usize, block: &mut Block) {
        match &self.kind {
            Kind::Every => {}
            Kind::Rows(rows) => and(block, &rows.block(at)),
            Kind::Any(sets, list) => {
                let mut any = [0; BLOCK_WORDS];
                sets.iter().for_each(|rows| or(&mut any, &rows.block(at)));
                for row in in_block(list, at) {
                    any[*row as usize / 64 % BLOCK_WORDS] |= 1 << (row % 64);
                }
                and(block, &any);
            }
            Kind::Blocks(narrow) => narrow(at, block),
            Kind::And(parts) => {
                for part in parts {
                    if is_empty(block) {
                        return;
                    }
                    part.narrow(at, block);
                }
            }
            Kind::Or(parts) => {
                let (mut found, mut open) = ([0; BLOCK_WORDS], *block);
                for part in parts {
                    if is_empty(&open) {
                        break;
                    }
                    let mut more = open;
                    part.narrow(at, &mut more);
                    and_not(&mut open, &more);
                    or(&mut found, &more);
                }
                *block = found;
            }
            Kind::Not(part) => {
                let mut held = *block;
                part.narrow(at, &mut held);
                and_not(block, &held);
            }
        }
    }

    /// The rows that could hold, where they are listed: no other block needs a look.
    pub(super) fn listed(&self) -> Option<&[u32]> {
        match &self.kind {
            Kind::Any(sets, list) if sets.is_empty() => Some(list),
            _ => None,
        }
    }
}

/// What asking each row costs, in passes over words.
const PER_ROW: u32 = 100;

pub(super) fn in_block(list: &[u32], at: usize) -> &[u32] {
    let end = |at: usize| list.partition_point(|row| (*row as usize) < at * BLOCK_WORDS * 64);
    &list[end(at)..end(at + 1)]
}

pub(super) fn is_empty(block: &Block) -> bool {
    block.iter().fold(0, |any, word| any | word) == 0
}

pub(super) fn and(block: &mut Block, other: &Block) {
    block.iter_mut().zip(other).for_each(|(word, other)| *word &= other);
}

fn and_not(block: &mut Block, other: &Block) {
    block.iter_mut().zip(other).for_each(|(word, other)| *word &= !other);
}

fn or(block: &mut Block, other: &Block) {
    block.iter_mut().zip(other).for_each(|(word, other)| *word |= other);
}
