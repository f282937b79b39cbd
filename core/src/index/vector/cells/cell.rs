//! One cell: rows that lie near each other, with their first coordinates side by side.

use super::super::kernels::{Line, SIEVE_LINES};

/// Rows of one neighbourhood and a copy of the first codes of each, sixteen rows a block as
/// [`Kernels::sift`](super::super::kernels::Kernels::sift) reads them: a visit reads memory from front to back.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cell {
    rows: Vec<u32>,
    codes: Vec<Line>,
}

impl Cell {
    /// A cell that was kept: as many blocks of codes as its rows fill.
    pub fn of(rows: Vec<u32>, codes: Vec<Line>) -> Self {
        assert_eq!(codes.len(), rows.len().div_ceil(16) * SIEVE_LINES, "whole blocks");
        Self { rows, codes }
    }

    /// Its rows, in no order.
    pub fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// The codes of its rows, a block after the other; the last block may have lanes without a row.
    pub fn codes(&self) -> &[Line] {
        &self.codes
    }

    /// Adds a row with the line that its first pass reads.
    pub fn push(&mut self, row: u32, head: &Line) {
        let at = self.rows.len();
        if at.is_multiple_of(16) {
            self.codes.resize(self.codes.len() + SIEVE_LINES, Line::ZERO);
        }
        self.rows.push(row);
        let fours = head.0.as_chunks::<4>().0;
        for (four, lane) in fours.iter().zip(self.lanes(at)) {
            *lane = *four;
        }
    }

    /// Takes a row out; the last one moves to its place. Whether it was there.
    pub fn remove(&mut self, row: u32) -> bool {
        let Some(at) = self.rows.iter().position(|&one| one == row) else { return false };
        let last = self.rows.len() - 1;
        let moved: Vec<[i8; 4]> = self.lanes(last).map(std::mem::take).collect();
        if at < last {
            self.lanes(at).zip(moved).for_each(|(lane, four)| *lane = four);
        }
        self.rows.swap_remove(at);
        if last.is_multiple_of(16) {
            self.codes.truncate(last / 16 * SIEVE_LINES);
        }
        true
    }

    /// Where the codes of the row at a place lie, four by four.
    fn lanes(&mut self, at: usize) -> impl Iterator<Item = &mut [i8; 4]> {
        let (block, lane) = (at / 16, at % 16);
        let lines = &mut self.codes[block * SIEVE_LINES..][..SIEVE_LINES];
        lines.iter_mut().map(move |line| &mut line.0.as_chunks_mut::<4>().0[lane])
    }

    /// The bytes of memory that it takes.
    pub fn memory_bytes(&self) -> usize {
        size_of_val(&*self.rows) + size_of_val(&*self.codes)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::kernels::SIEVE_DIMS;
    use super::*;

    fn head(row: u32) -> Line {
        Line(std::array::from_fn(|i| (row as i32 * 7 + i as i32) as i8))
    }

    #[test]
    fn a_row_keeps_its_codes_wherever_removals_move_it() {
        let mut cell = Cell::default();
        (0..50).for_each(|row| cell.push(row, &head(row)));
        for gone in [49, 0, 16, 17, 31, 48, 2] {
            assert!(cell.remove(gone));
            assert!(!cell.remove(gone));
            for (at, row) in cell.rows().to_vec().into_iter().enumerate() {
                let kept: Vec<i8> = cell.lanes(at).flat_map(|lane| *lane).collect();
                assert_eq!(kept, head(row).0[..SIEVE_DIMS]);
            }
            assert_eq!(cell.codes().len(), cell.rows().len().div_ceil(16) * SIEVE_LINES);
        }
        (0..50).for_each(|row| _ = cell.remove(row));
        assert_eq!(cell, Cell::default());
    }
}
