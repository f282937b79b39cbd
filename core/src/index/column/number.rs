//! One number field by row.

use crate::model::persistent::Chunked;
use crate::model::{Bits, Rows};

/// One number a row; a missing one is NaN inside, which no profile can bring.
#[derive(Clone, Debug, Default)]
pub(crate) struct NumberColumn {
    values: Chunked<f64>,
}

impl NumberColumn {
    /// A column that is missing everywhere.
    pub(crate) fn missing(rows: usize) -> Self {
        let mut values = Chunked::default();
        values.extend_to(rows, &f64::NAN);
        Self { values }
    }

    pub(crate) fn push(&mut self, value: Option<f64>) {
        self.values.push(kept(value));
    }

    /// Writes one row; copies its chunk if readers hold it.
    pub(crate) fn set(&mut self, row: u32, value: Option<f64>) {
        if let Some(slot) = self.values.get_mut(row as usize) {
            *slot = kept(value);
        }
    }

    /// The value, NaN where it is missing.
    #[inline]
    pub(crate) fn raw(&self, row: u32) -> f64 {
        self.values.get(row as usize).copied().unwrap_or(f64::NAN)
    }

    pub(crate) fn get(&self, row: u32) -> Option<f64> {
        Some(self.raw(row)).filter(|value| !value.is_nan())
    }

    /// Keeps of `rows` those whose value passes `test`, which must be false for NaN.
    /// One test a member, or one a row of words that are more than an eighth full.
    pub(crate) fn narrow(&self, rows: &mut Rows, test: impl Fn(f64) -> bool) {
        let mut done = 0;
        for (start, values) in self.values.chunks() {
            let first = start / 64;
            for (word, values) in rows.words_mut().iter_mut().skip(first).zip(values.chunks(64)) {
                narrow_word(word, values, &test);
                done += 1;
            }
        }
        // Rows that the column does not reach are missing.
        for word in rows.words_mut().iter_mut().skip(done) {
            *word = 0;
        }
    }

    /// Visits the rows of a set with their values, ascending; NaN where the value is missing. One read a member,
    /// and no look-up of its chunk.
    pub(crate) fn visit(&self, rows: &Rows, mut see: impl FnMut(u32, f64)) {
        let mut words = rows.words().iter().zip((0u32..).step_by(64));
        for (start, values) in self.values.chunks() {
            // Chunks hold a whole number of words, so that words and chunks end together.
            for (&word, first) in words.by_ref().take(values.len().div_ceil(64)) {
                for row in Bits(word).map(|bit| first + bit) {
                    see(row, values.get(row as usize - start).copied().unwrap_or(f64::NAN));
                }
            }
        }
        // Rows that the column does not reach are missing.
        for (&word, first) in words {
            Bits(word).for_each(|bit| see(first + bit, f64::NAN));
        }
    }

    /// Keeps of `rows` those for which `test` holds between this column and another.
    pub(crate) fn narrow_with(
        &self,
        other: &Self,
        rows: &mut Rows,
        test: impl Fn(f64, f64) -> bool,
    ) {
        for (at, word) in rows.words_mut().iter_mut().enumerate() {
            for bit in Bits(*word) {
                let row = at as u32 * 64 + bit;
                if !test(self.raw(row), other.raw(row)) {
                    *word &= !(1 << bit);
                }
            }
        }
    }

    /// All values in order, NaN for missing.
    pub(crate) fn iter(&self) -> impl Iterator<Item = f64> {
        self.values.iter().copied()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.values.len() * 8
    }
}

impl FromIterator<f64> for NumberColumn {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        Self { values: values.into_iter().collect() }
    }
}

// Negative zero becomes zero: they are equal, and must not sort apart.
fn kept(value: Option<f64>) -> f64 {
    value.map_or(f64::NAN, |value| value + 0.0)
}

fn narrow_word(word: &mut u64, values: &[f64], test: &impl Fn(f64) -> bool) {
    if word.count_ones() > 8 {
        *word &= passing(values, test);
    } else {
        for bit in Bits(*word) {
            if !values.get(bit as usize).is_some_and(|value| test(*value)) {
                *word &= !(1 << bit);
            }
        }
    }
}

/// One bit a value, set where the test holds. Eight values make a byte, without a branch: the compiler does them
/// side by side.
fn passing(values: &[f64], test: &impl Fn(f64) -> bool) -> u64 {
    let (eights, rest) = values.as_chunks::<8>();
    let mut mask = 0;
    for (at, eight) in eights.iter().enumerate() {
        let byte = (0..8).fold(0, |byte, bit| byte | u64::from(test(eight[bit])) << bit);
        mask |= byte << (at * 8);
    }
    for (at, value) in rest.iter().enumerate() {
        mask |= u64::from(test(*value)) << (eights.len() * 8 + at);
    }
    mask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_value_passes_no_test() {
        let column: NumberColumn = [1.0, f64::NAN, 3.0].into_iter().collect();
        for full in [0, 200] {
            let mut rows = Rows::all(3 + full);
            column.narrow(&mut rows, |value| value <= 3.0);
            assert_eq!(rows.iter().collect::<Vec<_>>(), [0, 2]);
        }
    }

    #[test]
    fn dense_and_sparse_words_narrow_alike() {
        let column: NumberColumn = (0..5_000).map(|row| f64::from(row % 97)).collect();
        let mut dense = Rows::all(5_000);
        column.narrow(&mut dense, |value| value < 40.0);
        for row in 0..5_000 {
            let mut sparse = Rows::from_rows(5_000, [row]);
            column.narrow(&mut sparse, |value| value < 40.0);
            assert_eq!(sparse.contains(row), dense.contains(row));
        }
    }

    #[test]
    fn a_visit_sees_each_member_once_with_its_value_and_beyond_the_column_none() {
        let column: NumberColumn = (0..2_100).map(f64::from).collect();
        let rows = Rows::from_rows(2_300, (0..2_300).filter(|row| row % 7 == 3));
        let mut seen = Vec::new();
        column.visit(&rows, |row, value| seen.push((row, value)));
        assert_eq!(
            seen.iter().map(|(row, _)| *row).collect::<Vec<_>>(),
            rows.iter().collect::<Vec<_>>()
        );
        for (row, value) in seen {
            assert_eq!(Some(value).filter(|value| !value.is_nan()), column.get(row));
        }
    }

    #[test]
    fn a_reader_keeps_its_values_while_a_writer_changes_a_copy() {
        let readers: NumberColumn = (0..3_000).map(f64::from).collect();
        let mut writers = readers.clone();
        writers.set(1_500, None);
        assert_eq!((readers.get(1_500), writers.get(1_500)), (Some(1_500.0), None));
    }
}
