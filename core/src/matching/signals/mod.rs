//! The parts of a score, each a small type that says what one row is worth by it.

mod budget;
mod capacity;
mod experience;
mod overlap;
mod rating;

use crate::api::reasons::Reasons;
use crate::index::column::NumberColumn;

pub(super) use budget::Budget;
pub(super) use capacity::Capacity;
pub(super) use experience::Experience;
pub(super) use overlap::{Of, Overlap};
pub(super) use rating::Rating;

/// One part of a score.
pub(super) trait Signal: Sync {
    /// Its name in breakdowns.
    fn name(&self) -> &'static str;

    /// What a row is worth by it, 0 to 1.
    fn value(&self, row: u32) -> f64;

    /// Tells what a person wants to know of a row by it.
    fn note(&self, row: u32, reasons: &mut Reasons);

    /// Adds `weight` times each row's value to the sums beside them, for ascending rows. One visit a row; the call
    /// is dispatched once.
    fn accumulate(&self, rows: &[u32], weight: f64, sums: &mut [f64]) {
        for (sum, row) in sums.iter_mut().zip(rows) {
            *sum += weight * self.value(*row);
        }
    }
}

/// Rows whose numbers are gathered together: they stay in the nearest cache.
const GATHERED: usize = 512;

/// [`Signal::accumulate`] of what is a function of one column: the numbers are gathered, and the function runs over
/// them side by side.
fn accumulate_from(
    column: &NumberColumn,
    rows: &[u32],
    weight: f64,
    sums: &mut [f64],
    value: impl Fn(f64) -> f64,
) {
    let mut numbers = [0.0; GATHERED];
    for (rows, sums) in rows.chunks(GATHERED).zip(sums.chunks_mut(GATHERED)) {
        let numbers = &mut numbers[..rows.len()];
        column.gather(rows, numbers);
        for (sum, number) in sums.iter_mut().zip(numbers) {
            *sum += weight * value(*number);
        }
    }
}
