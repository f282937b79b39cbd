//! The parts of a score, each a small type that says what one row is worth by it.

mod budget;
mod capacity;
mod experience;
mod overlap;
mod rating;

pub(super) use budget::Budget;
pub(super) use capacity::Capacity;
pub(super) use experience::Experience;
pub(super) use overlap::Overlap;
pub(super) use rating::Rating;

/// One part of a score.
pub(super) trait Signal: Sync {
    /// Its name in breakdowns.
    fn name(&self) -> &'static str;

    /// What a row is worth by it, 0 to 1.
    fn value(&self, row: u32) -> f64;

    /// Adds `weight` times each row's value to the sums beside them. One visit a row; the call is dispatched once.
    fn accumulate(&self, rows: &[u32], weight: f64, sums: &mut [f64]) {
        for (sum, row) in sums.iter_mut().zip(rows) {
            *sum += weight * self.value(*row);
        }
    }
}
