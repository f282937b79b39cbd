//! One number field by row.

use std::convert::Infallible;

use super::sketch::{BucketRange, Sketch};
use crate::model::persistent::Chunked;
use crate::model::rows::Block;
use crate::model::{Bits, Comparison, Result, Rows};
use crate::store::{Snapshot, SnapshotWriter};

/// From how many rows on a column is sketched: fewer are one block, and compared one by one.
const SKETCHED: usize = 64;

/// One number a row; a missing one is NaN inside, which no profile can bring.
#[derive(Clone, Debug, Default)]
pub struct NumberColumn {
    values: Chunked<f64>,
    sketch: Option<Sketch>,
}

/// A comparison with a constant, made ready for the blocks of one column.
#[derive(Clone, Copy, Debug)]
pub struct NumberTest {
    comparison: Comparison,
    value: f64,
    range: Option<BucketRange>,
    /// About how many rows pass.
    pub(crate) estimate: u32,
}

impl NumberColumn {
    /// A column that is missing everywhere.
    pub(crate) fn missing(rows: usize) -> Self {
        let mut values = Chunked::default();
        values.extend_to(rows, &f64::NAN);
        Self { values, sketch: None }
    }

    /// Appends the next row.
    pub fn push(&mut self, value: Option<f64>) {
        self.values.push(kept(value));
    }

    /// Writes one row; copies its chunk if readers hold it.
    pub fn set(&mut self, row: u32, value: Option<f64>) {
        if let Some(slot) = self.values.get_mut(row as usize) {
            let old = std::mem::replace(slot, kept(value));
            if let Some(sketch) = &mut self.sketch {
                sketch.write(row as usize, old, kept(value));
            }
        }
    }

    /// Sketches the column where it is not or has outgrown its sketch. No answer changes by it.
    pub fn tune(&mut self) {
        if self.is_untuned() {
            self.sketch = Some(Sketch::of(&self.values));
        }
    }

    /// Whether [`NumberColumn::tune`] would do something.
    pub(crate) fn is_untuned(&self) -> bool {
        let rows = self.values.len();
        rows >= SKETCHED && self.sketch.as_ref().is_none_or(|sketch| sketch.is_stale(rows))
    }

    /// Takes the sketch of a tuned copy of how this column was, of which `changed` rows have changed since.
    pub(crate) fn adopt_sketch(&mut self, tuned: &Self, changed: impl Iterator<Item = u32>) {
        let Some(mut sketch) = tuned.sketch.clone() else { return };
        for row in changed {
            let (old, new) = (tuned.raw(row), self.raw(row));
            if (row as usize) < self.values.len() && old.to_bits() != new.to_bits() {
                sketch.write(row as usize, old, new);
            }
        }
        self.sketch = Some(sketch);
    }

    /// The value, NaN where it is missing.
    #[inline]
    pub(crate) fn raw(&self, row: u32) -> f64 {
        self.values.get(row as usize).copied().unwrap_or(f64::NAN)
    }

    pub(crate) fn get(&self, row: u32) -> Option<f64> {
        Some(self.raw(row)).filter(|value| !value.is_nan())
    }

    /// A comparison of this column with a constant.
    pub fn test(&self, comparison: Comparison, value: f64) -> NumberTest {
        let sketched = self.sketch.as_ref().map(|sketch| sketch.range(comparison, value));
        let (range, estimate) = match sketched {
            Some((range, estimate)) => (Some(range), estimate),
            None => (None, self.values.len() as u32),
        };
        NumberTest { comparison, value, range, estimate }
    }

    /// How many rows have a value, where that is known.
    pub(crate) fn present(&self) -> Option<u32> {
        self.sketch.as_ref().map(Sketch::present)
    }

    /// Keeps of block `at` the rows that pass a test made by this column.
    pub fn narrow(&self, test: &NumberTest, at: usize, block: &mut Block) {
        let NumberTest { comparison, value, range, .. } = *test;
        let values = self.values.chunk(at);
        match (range, &self.sketch) {
            (Some(range), Some(sketch)) => {
                let unsure = sketch.narrow(range, at, block);
                for (at, (word, unsure)) in block.iter_mut().zip(unsure).enumerate() {
                    for bit in Bits(unsure) {
                        let here = values.get(at * 64 + bit as usize);
                        if !here.is_some_and(|here| comparison.holds(*here, value)) {
                            *word &= !(1 << bit);
                        }
                    }
                }
            }
            // One loop a comparison: the test is inlined and the words are made branch-free.
            _ => match comparison {
                Comparison::Eq => narrow_words(block, values, |left| left == value),
                Comparison::Gt => narrow_words(block, values, |left| left > value),
                Comparison::Gte => narrow_words(block, values, |left| left >= value),
                Comparison::Lt => narrow_words(block, values, |left| left < value),
                Comparison::Lte => narrow_words(block, values, |left| left <= value),
            },
        }
    }

    /// Keeps of block `at` the rows that have a value.
    pub(crate) fn narrow_present(&self, at: usize, block: &mut Block) {
        narrow_words(block, self.values.chunk(at), |value| !value.is_nan());
    }

    /// Keeps of block `at` the rows for which the comparison holds between this column and another.
    pub(crate) fn narrow_with(
        &self,
        other: &Self,
        comparison: Comparison,
        at: usize,
        block: &mut Block,
    ) {
        let (left, right) = (self.values.chunk(at), other.values.chunk(at));
        for (at, word) in block.iter_mut().enumerate() {
            for bit in Bits(*word) {
                let row = at * 64 + bit as usize;
                let (left, right) = (left.get(row), right.get(row));
                if !left.zip(right).is_some_and(|(left, right)| comparison.holds(*left, *right)) {
                    *word &= !(1 << bit);
                }
            }
        }
    }

    /// Visits the rows of a set with their values, ascending; NaN where the value is missing. One read a member,
    /// and no look-up of its chunk.
    pub(crate) fn visit(&self, rows: &Rows, see: impl FnMut(u32, f64)) {
        let Ok(()) = self.visit_while(rows, || Ok::<(), Infallible>(()), see);
    }

    /// Visits as [`visit`](Self::visit) does, and asks before each chunk of rows whether to go on.
    ///
    /// # Errors
    /// What the question answers.
    pub(crate) fn visit_while<E>(
        &self,
        rows: &Rows,
        mut go_on: impl FnMut() -> Result<(), E>,
        mut see: impl FnMut(u32, f64),
    ) -> Result<(), E> {
        let mut words = rows.words().iter().zip((0u32..).step_by(64));
        for (start, values) in self.values.chunks() {
            go_on()?;
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
        Ok(())
    }

    /// The values of ascending rows, NaN where missing, for as many places. Rows without a gap are copied chunk by
    /// chunk; of others each is one read, and a chunk is looked up once.
    pub(crate) fn gather(&self, rows: &[u32], out: &mut [f64]) {
        const CHUNK: usize = Chunked::<f64>::CHUNK;
        let mut at = 0;
        while at < rows.len() {
            let first = rows[at] as usize;
            let (start, chunk) = (first / CHUNK * CHUNK, self.values.chunk(first / CHUNK));
            let most = (rows.len() - at).min(start + CHUNK - first);
            let is_run = rows[at + most - 1] as usize - first == most - 1;
            if let (true, Some(values)) = (is_run, chunk.get(first - start..first - start + most)) {
                out[at..at + most].copy_from_slice(values);
                at += most;
                continue;
            }
            while at < rows.len() && (rows[at] as usize) < start + CHUNK {
                out[at] = chunk.get(rows[at] as usize - start).copied().unwrap_or(f64::NAN);
                at += 1;
            }
        }
    }

    /// All values in order, NaN for missing.
    pub(crate) fn iter(&self) -> impl Iterator<Item = f64> {
        self.values.iter().copied()
    }

    /// Writes the values and, where there is one, their sketch: two sections.
    pub(crate) fn save(&self, place: usize, out: &mut SnapshotWriter) -> Result<()> {
        out.stream(&format!("number-{place}"), |out| {
            self.values.chunks().try_for_each(|(_, values)| out.values(values))
        })?;
        match &self.sketch {
            Some(sketch) => sketch.save(&format!("sketch-{place}"), out),
            None => Ok(()),
        }
    }

    /// The column of a snapshot, in place.
    pub(crate) fn open(place: usize, rows: u32, snapshot: &Snapshot) -> Result<Self> {
        let name = format!("number-{place}");
        let values = snapshot.values::<f64>(&name)?;
        if values.len() != rows as usize {
            return Err(snapshot.damaged(&name, "rows are missing"));
        }
        let sketch = Sketch::open(&format!("sketch-{place}"), values.len(), snapshot)?;
        let mut column = Self { values: Chunked::lent(&values), sketch };
        column.tune();
        Ok(column)
    }

    pub(crate) fn bytes(&self) -> usize {
        self.values.len() * 8 + self.sketch.as_ref().map_or(0, Sketch::bytes)
    }
}

impl FromIterator<f64> for NumberColumn {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut column = Self { values: values.into_iter().collect(), sketch: None };
        column.tune();
        column
    }
}

// Negative zero becomes zero: they are equal, and must not sort apart.
fn kept(value: Option<f64>) -> f64 {
    value.map_or(f64::NAN, |value| value + 0.0)
}

/// Keeps of a block the rows whose value passes the test, which is false for NaN; rows without a value there go.
fn narrow_words(block: &mut Block, values: &[f64], test: impl Fn(f64) -> bool) {
    let mut values = values.chunks(64);
    block.iter_mut().for_each(|word| narrow_word(word, values.next().unwrap_or_default(), &test));
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
    use crate::model::rows::BLOCK_WORDS;

    fn passing(column: &NumberColumn, comparison: Comparison, value: f64) -> Vec<u32> {
        let test = column.test(comparison, value);
        let mut rows = Rows::all(column.values.len() as u32 + 200);
        for (at, words) in rows.words_mut().chunks_mut(BLOCK_WORDS).enumerate() {
            let mut block = [0; BLOCK_WORDS];
            block[..words.len()].copy_from_slice(words);
            column.narrow(&test, at, &mut block);
            words.copy_from_slice(&block[..words.len()]);
        }
        rows.iter().collect()
    }

    #[test]
    fn a_missing_value_passes_no_test_nor_does_a_row_beyond_the_column() {
        for len in [3, 300, 1_500] {
            let column: NumberColumn = (0..len).map(|row| [1.0, f64::NAN, 3.0][row % 3]).collect();
            let found = passing(&column, Comparison::Lte, 3.0);
            let right: Vec<u32> = (0..len as u32).filter(|row| row % 3 != 1).collect();
            assert_eq!(found, right);
        }
    }

    #[test]
    fn what_is_sketched_and_what_is_not_narrow_alike() {
        let sketched: NumberColumn = (0..5_000).map(|row| f64::from(row % 97)).collect();
        let plain = NumberColumn { sketch: None, ..sketched.clone() };
        for (_, comparison) in Comparison::ALL {
            for value in [-1.0, 0.0, 40.0, 40.5, 96.0, 97.0] {
                let right = passing(&plain, comparison, value);
                assert_eq!(passing(&sketched, comparison, value), right, "{comparison:?} {value}");
            }
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
    fn gathered_values_are_those_of_the_rows_with_and_without_gaps_and_beyond_the_end() {
        let column: NumberColumn = (0..2_600).map(|row| f64::from(row) * 0.5).collect();
        for step in [1, 2, 900] {
            for first in [0, 1_000, 2_500] {
                let rows: Vec<u32> = (first..3_000).filter(|row| row % step == 0).collect();
                let mut out = vec![0.0; rows.len()];
                column.gather(&rows, &mut out);
                let raw: Vec<u64> = rows.iter().map(|row| column.raw(*row).to_bits()).collect();
                assert_eq!(out.iter().map(|x| x.to_bits()).collect::<Vec<_>>(), raw);
            }
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
