//! How a range of a number becomes a set of rows: the column's bit-sliced sketch beside a sorted order, zone maps, and
//! a plain look at every value; over the ranges that list pages ask for, and what a change of one row costs each.
//!
//! `cargo bench -p shortlist-benches --bench ranges`. `SHORTLIST_BENCH_ROWS` is the number of advisors (15000). All four
//! give the same rows for every range before anything is timed. The rivals are plain arrays, changed in place; the
//! sketch is changed as the writer does it, beside readers who keep the state before.

use std::hint::black_box;

use shortlist::testing::Generator;
use shortlist::testing::internals::column::NumberColumn;
use shortlist::{AdvisorProfile, Comparison};
use shortlist_benches::{Times, rounds};

const BLOCK: usize = 1_024;
const BLOCK_WORDS: usize = BLOCK / 64;
const PATCHES: usize = 200;

/// One range of one field.
#[derive(Clone, Copy, Debug)]
struct Range {
    column: usize,
    comparison: Comparison,
    value: f64,
}

/// What answers ranges and takes changes.
trait Structure {
    fn select(&self, comparison: Comparison, value: f64, words: &mut [u64]);
    fn set(&mut self, row: usize, value: Option<f64>);
}

fn main() {
    let rows = std::env::var("SHORTLIST_BENCH_ROWS").ok().and_then(|rows| rows.parse().ok());
    let rows: usize = rows.unwrap_or(15_000);
    let generator = Generator::new(1);
    let mut fields: [Vec<f64>; 2] = [Vec::with_capacity(rows), Vec::with_capacity(rows)];
    for advisor in generator.advisors(rows) {
        let AdvisorProfile { hourly_rate, overall_rating, .. } = advisor;
        fields[0].push(hourly_rate.unwrap_or(f64::NAN));
        fields[1].push(overall_rating);
    }
    let ranges: Vec<Range> = generator
        .search_requests(600)
        .flat_map(|request| {
            let most = request.max_hourly_rate.map(|value| (0, Comparison::Lte, value));
            let least = request.min_rating.map(|value| (1, Comparison::Gte, value));
            most.into_iter().chain(least)
        })
        .map(|(column, comparison, value)| Range { column, comparison, value })
        .take(200)
        .collect();

    let sketches = fields.each_ref().map(|values| Sketched::of(values));
    let orders = fields.each_ref().map(|values| Sorted::of(values));
    let zones = fields.each_ref().map(|values| Zones::of(values));
    let plain = fields.each_ref().map(|values| Plain(values.clone()));
    for range in &ranges {
        let right = answer(&plain, range, rows);
        for (name, found) in [
            ("sketch", answer(&sketches, range, rows)),
            ("order", answer(&orders, range, rows)),
            ("zones", answer(&zones, range, rows)),
        ] {
            assert!(found == right, "{name} of {range:?}");
        }
    }
    println!("{rows} advisors, {} ranges; all four gave the same rows", ranges.len());
    time("bit-sliced sketch", &ranges, sketches, rows);
    time("sorted order to bitmap", &ranges, orders, rows);
    time("zone maps", &ranges, zones, rows);
    time("plain column", &ranges, plain, rows);
}

fn answer<S: Structure>(columns: &[S; 2], range: &Range, rows: usize) -> Vec<u64> {
    let mut words = vec![0; rows.div_ceil(BLOCK) * BLOCK_WORDS];
    columns[range.column].select(range.comparison, range.value, &mut words);
    words
}

fn time<S: Structure>(name: &str, ranges: &[Range], mut columns: [S; 2], rows: usize) {
    let found: Times =
        rounds(ranges, || (), |range| drop(black_box(answer(&columns, range, rows))));
    let patches: Vec<usize> = (0..PATCHES).map(|at| at * 7_919 % rows).collect();
    let mut rate = 40.0;
    let changed = rounds(
        &patches,
        || (),
        |row| {
            rate = if rate > 400.0 { 40.0 } else { rate + 1.0 };
            columns[0].set(*row, Some(rate));
        },
    );
    println!("{name:24} range {found}\n{:24} patch {changed}", "");
}

struct Sketched(NumberColumn);

impl Sketched {
    fn of(values: &[f64]) -> Self {
        let mut column = NumberColumn::default();
        values.iter().for_each(|value| column.push((!value.is_nan()).then_some(*value)));
        column.tune();
        Self(column)
    }
}

impl Structure for Sketched {
    fn select(&self, comparison: Comparison, value: f64, words: &mut [u64]) {
        let test = self.0.test(comparison, value);
        for (at, block) in words.as_chunks_mut::<BLOCK_WORDS>().0.iter_mut().enumerate() {
            *block = [u64::MAX; BLOCK_WORDS];
            self.0.narrow(&test, at, block);
        }
    }

    fn set(&mut self, row: usize, value: Option<f64>) {
        let readers_keep = self.0.clone();
        self.0.set(row as u32, value);
        black_box(readers_keep);
    }
}

/// Values in their order, each with its row; what is missing is not in it.
struct Sorted {
    values: Vec<f64>,
    order: Vec<(f64, u32)>,
}

impl Sorted {
    fn of(values: &[f64]) -> Self {
        let present = (0..).zip(values).filter(|(_, value)| !value.is_nan());
        let mut order: Vec<(f64, u32)> = present.map(|(row, value)| (*value, row)).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        Self { values: values.to_vec(), order }
    }

    fn place(&self, value: f64, row: u32) -> usize {
        self.order.partition_point(|(other, at)| (*other, *at) < (value, row))
    }
}

impl Structure for Sorted {
    fn select(&self, comparison: Comparison, value: f64, words: &mut [u64]) {
        let passing = match comparison {
            Comparison::Lte => &self.order[..self.order.partition_point(|(own, _)| *own <= value)],
            _ => &self.order[self.order.partition_point(|(own, _)| *own < value)..],
        };
        for (_, row) in passing {
            words[*row as usize / 64] |= 1 << (row % 64);
        }
    }

    fn set(&mut self, row: usize, value: Option<f64>) {
        let old = std::mem::replace(&mut self.values[row], value.unwrap_or(f64::NAN));
        if !old.is_nan() {
            self.order.remove(self.place(old, row as u32));
        }
        if let Some(value) = value {
            self.order.insert(self.place(value, row as u32), (value, row as u32));
        }
    }
}

/// Least and greatest value of each block.
struct Zones {
    values: Vec<f64>,
    extents: Vec<(f64, f64)>,
}

impl Zones {
    fn of(values: &[f64]) -> Self {
        let extents = values.chunks(BLOCK).map(extent).collect();
        Self { values: values.to_vec(), extents }
    }
}

/// Of a block without missing values; else nothing is known.
fn extent(block: &[f64]) -> (f64, f64) {
    if block.iter().any(|value| value.is_nan()) {
        return (f64::NEG_INFINITY, f64::INFINITY);
    }
    block.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(*value), high.max(*value))
    })
}

impl Structure for Zones {
    fn select(&self, comparison: Comparison, value: f64, words: &mut [u64]) {
        let blocks = self.values.chunks(BLOCK).zip(&self.extents);
        for ((block, (low, high)), words) in blocks.zip(words.chunks_mut(BLOCK_WORDS)) {
            let (all, none) = match comparison {
                Comparison::Lte => (*high <= value, *low > value),
                _ => (*low >= value, *high < value),
            };
            if all && block.len() == BLOCK {
                words.fill(u64::MAX);
            } else if !none {
                compare(block, comparison, value, words);
            }
        }
    }

    fn set(&mut self, row: usize, value: Option<f64>) {
        self.values[row] = value.unwrap_or(f64::NAN);
        let block = row / BLOCK * BLOCK;
        let end = self.values.len().min(block + BLOCK);
        self.extents[row / BLOCK] = extent(&self.values[block..end]);
    }
}

struct Plain(Vec<f64>);

impl Structure for Plain {
    fn select(&self, comparison: Comparison, value: f64, words: &mut [u64]) {
        compare(&self.0, comparison, value, words);
    }

    fn set(&mut self, row: usize, value: Option<f64>) {
        self.0[row] = value.unwrap_or(f64::NAN);
    }
}

fn compare(values: &[f64], comparison: Comparison, value: f64, words: &mut [u64]) {
    fn each(values: &[f64], words: &mut [u64], holds: impl Fn(f64) -> bool) {
        for (values, word) in values.chunks(64).zip(words) {
            *word = (0..)
                .zip(values)
                .fold(0, |word, (bit, value)| word | u64::from(holds(*value)) << bit);
        }
    }
    match comparison {
        Comparison::Lte => each(values, words, |own| own <= value),
        _ => each(values, words, |own| own >= value),
    }
}
