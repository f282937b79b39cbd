//! A number column in one byte a row, bit-sliced: what most rows pass or fail a range by.
//!
//! Each value falls into one of up to 255 buckets; the eight bits of the bucket's number lie in eight slices of 16
//! words a block of 1,024 rows. A comparison of 1,024 rows with a constant is then eight operations on 16 words,
//! and only rows of the one bucket that the constant falls into are looked up; none where that bucket
//! holds a single distinct value, as those of ratings, rates and counts do. A write changes eight bits in place.

use std::sync::Arc;

use crate::model::persistent::Chunked;
use crate::model::rows::{BLOCK_WORDS, Block};
use crate::model::{Comparison, Result};
use crate::store::{ByteReader, Snapshot, SnapshotWriter};

const SLICES: usize = 8;
/// Words that the slices of one block take.
const BLOCK: usize = SLICES * BLOCK_WORDS;
/// The most buckets; 0 is for rows without a value.
const BUCKETS: usize = 255;
/// How many values the bounds are drawn from at most.
const SAMPLE: usize = 1 << 15;

/// The buckets of a column's rows.
#[derive(Clone, Debug)]
pub(super) struct Sketch {
    slices: Chunked<u64>,
    buckets: Arc<Buckets>,
    /// How many rows it held when the bounds were drawn, and how often it was written to since.
    made_at: usize,
    writes: usize,
}

#[derive(Clone, Debug)]
struct Buckets {
    /// The least value of each bucket but the first, which also takes what is less; ascending.
    bounds: Vec<f64>,
    counts: [u32; BUCKETS + 1],
    /// Whether all that a bucket holds equals its bound.
    single: [bool; BUCKETS + 1],
}

/// A comparison with a constant in terms of buckets: rows of `low..=high` may pass, those of `unsure` must be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BucketRange {
    pub(super) low: u8,
    pub(super) high: u8,
    pub(super) unsure: Option<u8>,
}

impl Sketch {
    /// Of all values of a column. Costs a sort of a sample and a search among the bounds a value.
    pub(super) fn of(values: &Chunked<f64>) -> Self {
        let bounds = bounds(values);
        let single = [true; BUCKETS + 1];
        let buckets = Arc::new(Buckets { bounds, counts: [0; BUCKETS + 1], single });
        let mut sketch =
            Self { slices: Chunked::default(), buckets, made_at: values.len(), writes: 0 };
        let buckets = Arc::make_mut(&mut sketch.buckets);
        let mut slices = Vec::with_capacity(values.len().div_ceil(1_024) * BLOCK);
        for (_, values) in values.chunks() {
            let start = slices.len();
            slices.resize(start + BLOCK, 0);
            for (row, value) in values.iter().enumerate() {
                let code = buckets.take(*value);
                for slice in 0..SLICES {
                    let word = start + slice * BLOCK_WORDS + row / 64;
                    slices[word] |= u64::from(code >> slice & 1) << (row % 64);
                }
            }
        }
        sketch.slices = slices.into_iter().collect();
        sketch
    }

    /// Writes the slices and the buckets.
    pub(super) fn save(&self, name: &str, out: &mut SnapshotWriter) -> Result<()> {
        let Buckets { bounds, counts, single } = &*self.buckets;
        out.stream(name, |out| {
            out.number(self.slices.len() as u64)?;
            self.slices.chunks().try_for_each(|(_, words)| out.values(words))?;
            out.values(&[self.made_at as u64, self.writes as u64, bounds.len() as u64])?;
            out.values(bounds)?;
            out.values(counts)?;
            out.values(&single.map(u8::from))
        })
    }

    /// The sketch of a column of `rows` in a snapshot, its slices in place; none where none was kept.
    pub(super) fn open(name: &str, rows: usize, snapshot: &Snapshot) -> Result<Option<Self>> {
        let Some(section) = snapshot.find(name)? else { return Ok(None) };
        let read = || {
            let mut reader = ByteReader::new(&section);
            let slices = usize::try_from(reader.u64()?).ok()?.checked_mul(8)?;
            reader.take(slices)?;
            let slices = section.part(8..8 + slices)?.lend::<u64>()?;
            let [made_at, writes] = [reader.u64()? as usize, reader.u64()? as usize];
            let len = usize::try_from(reader.u64()?).ok().filter(|len| *len <= BUCKETS)?;
            let bounds = (0..len).map(|_| reader.f64()).collect::<Option<Vec<_>>>()?;
            let mut counts = [0; BUCKETS + 1];
            for count in &mut counts {
                *count = reader.u32()?;
            }
            let mut single = [false; BUCKETS + 1];
            for (single, byte) in single.iter_mut().zip(reader.take(BUCKETS + 1)?) {
                *single = *byte == 1;
            }
            // Rows without a value that follow the last one with one have no slices.
            let most = rows.div_ceil(1_024) * BLOCK;
            let fits =
                reader.is_done() && slices.len() <= most && slices.len().is_multiple_of(BLOCK);
            let buckets = Arc::new(Buckets { bounds, counts, single });
            fits.then(|| Self { slices: Chunked::lent(&slices), buckets, made_at, writes })
        };
        read().map(Some).ok_or_else(|| snapshot.damaged(name, "it holds other than it says"))
    }

    /// Whether the column has outgrown its buckets: the bounds were drawn from less than half of its rows, or half
    /// of them were written since.
    pub(super) fn is_stale(&self, rows: usize) -> bool {
        rows > 2 * self.made_at || self.writes > 1_024 + rows / 2
    }

    /// A row's value changes, or a row is added at the end.
    pub(super) fn write(&mut self, row: usize, old: f64, new: f64) {
        let (block, row) = (row / 1_024 * BLOCK, row % 1_024);
        self.slices.extend_to(block + BLOCK, &0);
        self.writes += 1;
        let buckets = Arc::make_mut(&mut self.buckets);
        buckets.counts[usize::from(buckets.code(old))] -= u32::from(!old.is_nan());
        let code = buckets.take(new);
        if let Some(slices) = self.slices.part_mut::<BLOCK>(block) {
            for slice in 0..SLICES {
                let word = &mut slices[slice * BLOCK_WORDS + row / 64];
                *word = *word & !(1 << (row % 64)) | u64::from(code >> slice & 1) << (row % 64);
            }
        }
    }

    /// A comparison in terms of buckets, and about how many rows pass it.
    pub(super) fn range(&self, comparison: Comparison, value: f64) -> (BucketRange, u32) {
        let Buckets { bounds, counts, single } = &*self.buckets;
        let code = self.buckets.code(value);
        let bound = code.checked_sub(1).and_then(|at| bounds.get(usize::from(at)).copied());
        let Some(bound) = bound else { return (BucketRange { low: 1, high: 0, unsure: None }, 0) };
        let (least, most) = match comparison {
            Comparison::Eq => (code, code),
            Comparison::Gt | Comparison::Gte => (code, bounds.len() as u8),
            Comparison::Lt | Comparison::Lte => (1, code),
        };
        let mut range = BucketRange { low: least, high: most, unsure: Some(code) };
        // What the bucket of the constant holds is its bound alone, or its bound is the least of it.
        let all_pass = comparison == Comparison::Gte && bound == value && code > 1;
        let none_passes = comparison == Comparison::Lt && bound == value && code > 1;
        if single[usize::from(code)] || all_pass || none_passes {
            range.unsure = None;
            if none_passes || !all_pass && !comparison.holds(bound, value) {
                match comparison {
                    Comparison::Gt | Comparison::Gte => range.low = range.low.wrapping_add(1),
                    _ => range.high -= 1,
                }
            }
        }
        // 255 and one more is no bucket.
        if range.low == 0 || range.low > range.high {
            range = BucketRange { low: 1, high: 0, unsure: None };
        }
        let inside = usize::from(range.low)..=usize::from(range.high);
        let count = counts.get(inside).map_or(0, |counts| counts.iter().sum());
        (range, count - range.unsure.map_or(0, |code| counts[usize::from(code)] / 2))
    }

    /// How many rows have a value.
    pub(super) fn present(&self) -> u32 {
        self.buckets.counts[1..].iter().sum()
    }

    /// Keeps of a block the rows whose bucket is in the range, and gives those of the bucket that is unsure.
    #[inline]
    pub(super) fn narrow(&self, range: BucketRange, at: usize, block: &mut Block) -> Block {
        let Some(slices) = self.slices.part::<BLOCK>(at * BLOCK) else {
            *block = [0; BLOCK_WORDS];
            return [0; BLOCK_WORDS];
        };
        if range.low > range.high {
            *block = [0; BLOCK_WORDS];
            return [0; BLOCK_WORDS];
        }
        and_between(block, slices, range.low, range.high);
        match range.unsure {
            None => [0; BLOCK_WORDS],
            Some(code) => {
                let mut unsure = *block;
                and_between(&mut unsure, slices, code, code);
                unsure
            }
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.slices.len() * 8 + size_of::<Buckets>() + self.buckets.bounds.len() * 8
    }
}

impl Buckets {
    /// The bucket that a value falls into.
    fn code(&self, value: f64) -> u8 {
        if value.is_nan() {
            return 0;
        }
        self.bounds.partition_point(|bound| *bound <= value).max(1) as u8
    }

    /// As [`Buckets::code`], for a value that is kept.
    fn take(&mut self, value: f64) -> u8 {
        let code = self.code(value);
        if code > 0 {
            self.counts[usize::from(code)] += 1;
            self.single[usize::from(code)] &=
                self.bounds.get(usize::from(code) - 1).is_some_and(|bound| *bound == value);
        }
        code
    }
}

/// Keeps of a block the rows whose bucket is `low..=high`; `low` is at least 1.
#[inline]
fn and_between(block: &mut Block, slices: &[u64; BLOCK], low: u8, high: u8) {
    let over = at_least(slices, low);
    block.iter_mut().zip(over).for_each(|(word, over)| *word &= over);
    if let Some(beyond) = high.checked_add(1) {
        let beyond = at_least(slices, beyond);
        block.iter_mut().zip(beyond).for_each(|(word, beyond)| *word &= !beyond);
    }
}

/// The rows of a block whose bucket is at least `code`: from the lowest bit up, a row is ahead by a bit that it has
/// and `code` has not, and stays level only by one that both have.
#[inline]
fn at_least(slices: &[u64; BLOCK], code: u8) -> Block {
    let mut ahead = [u64::MAX; BLOCK_WORDS];
    for (bit, slice) in slices.as_chunks::<BLOCK_WORDS>().0.iter().enumerate() {
        if code >> bit & 1 == 1 {
            ahead.iter_mut().zip(slice).for_each(|(word, slice)| *word &= slice);
        } else {
            ahead.iter_mut().zip(slice).for_each(|(word, slice)| *word |= slice);
        }
    }
    ahead
}

/// Up to 255 distinct values, ascending: all there are in a sample, or its quantiles.
fn bounds(values: &Chunked<f64>) -> Vec<f64> {
    let step = values.len().div_ceil(SAMPLE).max(1);
    let mut sample: Vec<f64> =
        values.iter().step_by(step).copied().filter(|value| !value.is_nan()).collect();
    sample.sort_unstable_by(f64::total_cmp);
    let mut distinct = sample.clone();
    distinct.dedup();
    if distinct.len() <= BUCKETS {
        // A column without values in the sample still has a bucket for those that come.
        return if distinct.is_empty() { vec![0.0] } else { distinct };
    }
    let mut bounds: Vec<f64> =
        (0..BUCKETS).map(|bucket| sample[bucket * sample.len() / BUCKETS]).collect();
    bounds.dedup();
    bounds
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passing(sketch: &Sketch, values: &[f64], comparison: Comparison, value: f64) -> Vec<usize> {
        let (range, _) = sketch.range(comparison, value);
        let mut rows = Vec::new();
        for at in 0..values.len().div_ceil(1_024) {
            let mut block = [u64::MAX; BLOCK_WORDS];
            let unsure = sketch.narrow(range, at, &mut block);
            for row in at * 1_024..values.len().min((at + 1) * 1_024) {
                let bit = |block: &Block| block[row / 64 % BLOCK_WORDS] >> (row % 64) & 1 == 1;
                let holds = comparison.holds(values[row], value);
                assert!(bit(&block) || !bit(&unsure), "what is unsure is in the range");
                if bit(&block) && (!bit(&unsure) || holds) {
                    rows.push(row);
                }
            }
        }
        rows
    }

    fn agrees(sketch: &Sketch, values: &[f64], constants: &[f64]) {
        for (name, comparison) in Comparison::ALL {
            for constant in constants {
                let right: Vec<usize> = (0..values.len())
                    .filter(|row| comparison.holds(values[*row], *constant))
                    .collect();
                let found = passing(sketch, values, comparison, *constant);
                assert_eq!(found, right, "{name} {constant}");
            }
        }
    }

    #[test]
    fn every_comparison_is_that_of_the_values_whatever_the_buckets() {
        let few =
            |row: usize| if row.is_multiple_of(7) { f64::NAN } else { (row % 50) as f64 / 10.0 };
        let many = |row: usize| (row * 7_919 % 6_007) as f64 - 3_000.0;
        let one = |_: usize| 3.0;
        let none = |_: usize| f64::NAN;
        let constants =
            [f64::NEG_INFINITY, -3_001.0, -3_000.0, -0.5, 0.0, 0.1, 0.15, 3.0, 4.9, 2_999.5, 1e300];
        for make in [&few as &dyn Fn(usize) -> f64, &many, &one, &none] {
            let mut values: Vec<f64> = (0..2_500).map(make).collect();
            let mut sketch = Sketch::of(&values.iter().copied().collect());
            agrees(&sketch, &values, &constants);
            // Values that no bound was drawn from, rows that were not there.
            for row in (0..2_500).step_by(3).chain([2_500, 2_501]) {
                let new = [0.15, -5_000.0, f64::NAN, 3.0, 77.5][row % 5];
                let old = values.get(row).copied().unwrap_or(f64::NAN);
                sketch.write(row, old, new);
                if row < values.len() { values[row] = new } else { values.push(new) }
            }
            agrees(&sketch, &values, &constants);
            let right = values.iter().filter(|value| !value.is_nan()).count();
            assert_eq!(sketch.present() as usize, right);
        }
    }
}
