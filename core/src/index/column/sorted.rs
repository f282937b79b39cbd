//! Rows in an order that is kept while rows come, go and move.

use std::cmp::Ordering;
use std::sync::Arc;

/// A chunk is split in two once it is longer.
const LONGEST: usize = 1_024;

/// Rows in some order, in chunks: a change copies one chunk of up to 1,024 rows and a pointer a chunk, readers keep
/// theirs. Four bytes a row. The order itself is the caller's.
#[derive(Clone, Debug, Default)]
pub(crate) struct SortedRows {
    chunks: Arc<Vec<Arc<Vec<u32>>>>,
}

/// A place between two rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    chunk: usize,
    within: usize,
}

impl Position {
    pub(crate) const START: Self = Self { chunk: 0, within: 0 };
}

impl SortedRows {
    /// Of rows that are in order.
    pub(crate) fn new(rows: &[u32]) -> Self {
        // Half full, so that the first changes split nothing.
        let chunks = rows.chunks(LONGEST / 2).map(|chunk| Arc::new(chunk.to_vec())).collect();
        Self { chunks: Arc::new(chunks) }
    }

    /// The same order where rows have other numbers; those that `number` gives none are left out.
    pub(crate) fn renumbered(&self, number: impl Fn(u32) -> Option<u32>) -> Self {
        let chunk = |chunk: &Arc<Vec<u32>>| -> Vec<u32> {
            chunk.iter().filter_map(|row| number(*row)).collect()
        };
        let chunks = self.chunks.iter().map(chunk).filter(|chunk| !chunk.is_empty());
        Self { chunks: Arc::new(chunks.map(Arc::new).collect()) }
    }

    /// Where the rows end for which `is_before` holds; it must hold for a first stretch of them. Two searches by
    /// halves.
    pub(crate) fn position(&self, mut is_before: impl FnMut(u32) -> bool) -> Position {
        let chunk =
            self.chunks.partition_point(|chunk| chunk.last().is_some_and(|row| is_before(*row)));
        let within =
            self.chunks.get(chunk).map_or(0, |chunk| chunk.partition_point(|row| is_before(*row)));
        Position { chunk, within }
    }

    /// The rows from a place on.
    pub(crate) fn onward(&self, from: Position) -> impl Iterator<Item = u32> {
        let chunks = self.chunks.get(from.chunk..).unwrap_or_default();
        let first = chunks.first().and_then(|chunk| chunk.get(from.within..)).unwrap_or_default();
        let others = chunks.iter().skip(1).flat_map(|chunk| chunk.iter());
        first.iter().chain(others).copied()
    }

    /// The rows before a place, the nearest first.
    pub(crate) fn backward(&self, from: Position) -> impl Iterator<Item = u32> {
        let before = self.chunks.get(..from.chunk).unwrap_or(&self.chunks);
        let nearest = self.chunks.get(from.chunk).and_then(|chunk| chunk.get(..from.within));
        let others = before.iter().rev().flat_map(|chunk| chunk.iter().rev());
        nearest.unwrap_or_default().iter().rev().chain(others).copied()
    }

    /// Adds a row that is not there; `compare` says how a row that is there compares to it.
    pub(crate) fn insert(&mut self, row: u32, mut compare: impl FnMut(u32) -> Ordering) {
        let mut place = self.position(|other| compare(other).is_lt());
        let chunks = Arc::make_mut(&mut self.chunks);
        if place.chunk == chunks.len() {
            match chunks.last() {
                // Behind all others: at the end of the last chunk.
                Some(last) => place = Position { chunk: place.chunk - 1, within: last.len() },
                None => chunks.push(Arc::default()),
            }
        }
        let chunk = Arc::make_mut(&mut chunks[place.chunk]);
        chunk.insert(place.within, row);
        if chunk.len() > LONGEST {
            let second = chunk.split_off(LONGEST / 2);
            chunks.insert(place.chunk + 1, Arc::new(second));
        }
    }

    /// Takes a row out; `compare` says how a row that is there compares to it. Says whether it was there.
    pub(crate) fn remove(&mut self, row: u32, mut compare: impl FnMut(u32) -> Ordering) -> bool {
        let place = self.position(|other| compare(other).is_lt());
        if self.onward(place).next() != Some(row) {
            return false;
        }
        let chunks = Arc::make_mut(&mut self.chunks);
        let chunk = Arc::make_mut(&mut chunks[place.chunk]);
        chunk.remove(place.within);
        if chunk.is_empty() {
            chunks.remove(place.chunk);
        }
        true
    }

    pub(crate) fn bytes(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.capacity() * 4 + 40).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_come_and_go_stay_in_order_and_a_reader_keeps_its_own() {
        // Order: by a scrambled number.
        let key = |row: u32| row.wrapping_mul(2_654_435_761) % 10_007;
        let mut right: Vec<u32> = (0..3_000).collect();
        right.sort_by_key(|row| (key(*row), *row));
        let mut sorted = SortedRows::new(&right);
        let readers = sorted.clone();
        let before = right.clone();
        let compare = |row: u32| move |other: u32| (key(other), other).cmp(&(key(row), row));
        for step in 0..6_000_u32 {
            let row = step.wrapping_mul(48_271) % 5_000;
            match right.binary_search_by_key(&(key(row), row), |row| (key(*row), *row)) {
                Ok(at) => {
                    right.remove(at);
                    assert!(sorted.remove(row, compare(row)));
                    assert!(!sorted.remove(row, compare(row)));
                }
                Err(at) => {
                    right.insert(at, row);
                    sorted.insert(row, compare(row));
                }
            }
        }
        assert!(sorted.onward(Position::START).eq(right.iter().copied()));
        assert!(readers.onward(Position::START).eq(before.iter().copied()));
        for bound in [0, 1, 5_000, 9_999, 20_000] {
            let place = sorted.position(|row| key(row) < bound);
            let (head, tail) = right.split_at(right.partition_point(|row| key(*row) < bound));
            assert!(sorted.onward(place).eq(tail.iter().copied()));
            assert!(sorted.backward(place).eq(head.iter().rev().copied()));
        }
    }

    #[test]
    fn an_empty_order_takes_rows_and_loses_them() {
        let mut sorted = SortedRows::default();
        assert_eq!(sorted.onward(Position::START).count(), 0);
        sorted.insert(7, |_| unreachable!("nobody is there"));
        sorted.insert(3, |other| other.cmp(&3));
        assert!(sorted.onward(Position::START).eq([3, 7]));
        for row in [3, 7] {
            assert!(sorted.remove(row, |other| other.cmp(&row)));
        }
        assert_eq!(sorted.backward(sorted.position(|_| true)).count(), 0);
    }
}
