//! Exact search by bounds against brute force, and the f32 kernel against a plain read.
//!
//! Answers are checked before anything is timed. `SHORTLIST_BENCH_LARGE=1` adds a million rows.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput};
use rayon::prelude::*;
use shortlist::testing::internals::Rows;
use shortlist::testing::internals::vector::kernels::Kernels;
use shortlist::testing::internals::vector::{
    Answer, Ask, Candidates, CostModel, Path, UnitQuery, VectorIndex, spread_bases,
};

/// The numbers of splitmix64: the same on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn unit(&mut self) -> f64 {
        (self.roll() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Near enough to normal: the sum of four uniform numbers.
    fn normal(&mut self) -> f32 {
        let bits = self.roll();
        let sum: u64 = (0..4).map(|i| bits >> (16 * i) & 0xffff).sum();
        (sum as f32 / 65535.0 - 2.0) * 1.732
    }
}

/// Embeddings as models make them: a common direction, topics mixed two at a time, and noise whose
/// spectrum falls. Coordinates are mixed by signs and a fast Walsh-Hadamard transform of each block, so
/// that no coordinate leads.
struct Generator {
    common: Vec<f32>,
    topics: Vec<Vec<f32>>,
    fall: Vec<f32>,
}

impl Generator {
    fn new(dimension: usize, decay: f32) -> Self {
        let mut dice = Dice(7);
        let mut direction = |length: f32| -> Vec<f32> {
            let made: Vec<f32> = (0..dimension).map(|_| dice.normal()).collect();
            let norm = made.iter().map(|x| x * x).sum::<f32>().sqrt();
            made.into_iter().map(|x| x / norm * length).collect()
        };
        let topics = (0..40).map(|_| direction(0.55)).collect();
        let common = direction(0.5);
        let raw: Vec<f32> = (0..dimension).map(|i| (1.0 + i as f32).powf(-decay)).collect();
        let norm = raw.iter().map(|x| x * x).sum::<f32>().sqrt();
        Self { common, topics, fall: raw.into_iter().map(|x| x / norm * 0.65).collect() }
    }

    fn vector(&self, seed: u64) -> Vec<f32> {
        let mut dice = Dice(seed.wrapping_mul(0x1234_5678_9abc_def1));
        let mut noise: Vec<f32> = self.fall.iter().map(|fall| fall * dice.normal()).collect();
        let (near, far) = (dice.roll() as usize % 40, dice.roll() as usize % 40);
        let share = 0.6 + 0.4 * dice.unit() as f32;
        // 128 divides every dimension that is timed here.
        for block in noise.chunks_exact_mut(128) {
            hadamard(block);
        }
        let len = noise.len();
        let mut turned: Vec<f32> =
            (0..len).map(|i| noise[(i % 128) * (len / 128) + i / 128]).collect();
        for block in turned.chunks_exact_mut(128) {
            hadamard(block);
        }
        let topics = self.topics[near].iter().zip(&self.topics[far]);
        let topics = topics.map(|(near, far)| share * near + (1.0 - share) * far);
        let mean = self.common.iter().zip(topics).map(|(common, topic)| common + topic);
        turned.iter().zip(mean).map(|(noise, mean)| noise + mean).collect()
    }
}

fn hadamard(block: &mut [f32]) {
    let mut half = 1;
    while half < block.len() {
        for first in (0..block.len()).step_by(2 * half) {
            for i in first..first + half {
                let (a, b) = (block[i], block[i + half]);
                (block[i], block[i + half]) = (a + b, a - b);
            }
        }
        half *= 2;
    }
    let scale = 1.0 / (block.len() as f32).sqrt();
    for x in block {
        *x *= scale;
    }
}

/// Business and rating parts: a few steps, as counts of shared keywords make them, and a fine remainder.
fn base(row: u32) -> f64 {
    let mut dice = Dice(u64::from(row) ^ 0xabcd_ef01);
    0.12 * (dice.roll() % 3) as f64 / 2.0 + 0.2 * dice.unit() * dice.unit() + 0.08
}

struct Case {
    index: VectorIndex,
    queries: Vec<UnitQuery>,
    name: String,
}

impl Case {
    fn new(rows: u32, dimension: usize, decay: f32) -> Self {
        let generator = Generator::new(dimension, decay);
        let mut index = VectorIndex::new(dimension);
        let start = std::time::Instant::now();
        let mut pushing = Duration::ZERO;
        for first in (0..rows).step_by(4096) {
            let batch: Vec<Vec<f32>> = (first..rows.min(first + 4096))
                .into_par_iter()
                .map(|row| generator.vector(u64::from(row)))
                .collect();
            let start = std::time::Instant::now();
            for vector in &batch {
                index.push(Some(vector)).expect("finite and not zero");
            }
            pushing += start.elapsed();
        }
        let generated = start.elapsed();
        let start = std::time::Instant::now();
        index.rebuild_codes();
        let name = format!("{rows}x{dimension}/decay {decay}");
        println!(
            "{name}: generated and pushed in {generated:?} (pushing {pushing:?}), basis and prefixes in {:?}, {} bytes a row",
            start.elapsed(),
            index.memory_bytes() / rows as usize
        );
        let query = |i: u64| {
            UnitQuery::new(&generator.vector(1 << 40 | i), dimension, "embedding").expect("finite")
        };
        Self { index, queries: (0..64).map(query).collect(), name }
    }

    /// Real embeddings, where the shared data lies beside the project; `None`, and a word, where not.
    fn real(folder: &str) -> Option<Self> {
        let numbers = |file: &str| -> Option<Vec<f32>> {
            let bytes = std::fs::read(format!("{folder}/{file}")).ok()?;
            Some(bytes.as_chunks::<4>().0.iter().map(|x| f32::from_le_bytes(*x)).collect())
        };
        let (Some(profiles), Some(asked)) = (numbers("profiles.f32"), numbers("match.f32")) else {
            println!("{folder} is not there: real embeddings are skipped");
            return None;
        };
        let mut index = VectorIndex::new(384);
        for vector in profiles.chunks_exact(384) {
            index.push(Some(vector)).expect("finite and not zero");
        }
        index.rebuild_codes();
        let query = |vector| UnitQuery::new(vector, 384, "embedding").expect("finite");
        Some(Self {
            index,
            queries: asked.chunks_exact(384).map(query).collect(),
            name: "catalogue".to_owned(),
        })
    }

    fn search(
        &self,
        i: usize,
        (rows, bases): &(Rows, Vec<f64>),
        path: Option<Path>,
        costs: &CostModel,
    ) -> Answer {
        let ask = Ask {
            query: &self.queries[i % self.queries.len()],
            rows: Candidates::Set(rows),
            bases: &|rows, sums| {
                rows.iter().zip(sums).for_each(|(&row, sum)| *sum = bases[row as usize]);
            },
            weight: 0.6,
            k: 20,
            path,
            check: &|| Ok(()),
        };
        self.index.search(&ask, costs, &|a, b| a.cmp(&b)).expect("nothing stops it")
    }

    /// Compares paths for a number of queries and prints what each stage looked at.
    fn check(&self, chosen: &(Rows, Vec<f64>), queries: usize) {
        let mut total = [0; 3];
        let costs = CostModel::default();
        for query in 0..queries {
            let answer = |path| self.search(query, chosen, Some(path), &costs);
            let brute = answer(Path::Brute);
            for path in [Path::Codes, Path::Prefix, Path::PrefixParallel] {
                assert_eq!(answer(path).found, brute.found, "{path:?}");
            }
            let counts = answer(Path::Prefix).counts;
            total = [total[0] + counts.bounded, total[1] + counts.coded, total[2] + counts.dotted];
        }
        let mean = total.map(|sum| sum / queries);
        println!("{}: of {}: bounded, coded, dotted {mean:?}", self.name, chosen.0.count());
    }

    fn run(&self, criterion: &mut Criterion, brute: bool) {
        let costs = CostModel::measure(&self.index, &spread_bases);
        println!("{}: {costs:?}", self.name);
        let mut group = criterion.benchmark_group(&self.name);
        for percent in [100, 30, 5, 1] {
            let kept = |row: &u32| Dice(u64::from(*row)).roll() % 100 < percent;
            let rows = Rows::from_rows(self.index.len(), (0..self.index.len()).filter(kept));
            let bases: Vec<f64> = (0..self.index.len()).map(base).collect();
            let chosen = (rows, bases);
            self.check(&chosen, if self.index.len() > 100_000 { 3 } else { 10 });
            let mut paths = vec![
                ("chosen", None),
                ("prefix", Some(Path::Prefix)),
                ("codes", Some(Path::Codes)),
            ];
            if brute {
                paths.push(("brute", Some(Path::Brute)));
            }
            if self.index.len() >= 100_000 {
                paths.push(("parallel", Some(Path::PrefixParallel)));
            }
            for (name, path) in paths {
                let mut i = 0;
                group.bench_function(BenchmarkId::new(name, format!("{percent}%")), |bencher| {
                    bencher.iter(|| {
                        i += 1;
                        black_box(self.search(i, &chosen, path, &costs)).counts.dotted
                    });
                });
            }
        }
    }
}

/// The f32 kernel over all rows beside a plain read of the same bytes.
fn bandwidth(criterion: &mut Criterion, case: &Case) {
    let kernels = Kernels::best();
    let rows = case.index.len();
    let query = case.queries[0].floats();
    let mut group = criterion.benchmark_group(format!("{}/bytes", case.name));
    group.throughput(Throughput::Bytes(u64::from(rows) * size_of_val(query) as u64));
    group.bench_function("read", |bencher| {
        bencher.iter(|| {
            let units = (0..rows).filter_map(|row| case.index.unit(row));
            units.map(read).fold(0, |sum, bits| sum ^ bits)
        });
    });
    group.bench_function("dot", |bencher| {
        bencher.iter(|| {
            let units = (0..rows).filter_map(|row| case.index.unit(row));
            units.map(|unit| kernels.dot(unit, query)).fold(0.0, |sum, dot| sum + dot)
        });
    });
}

/// All bits of a row into one number: the cheapest use of every byte.
fn read(unit: &[f32]) -> u32 {
    let (chunks, _) = unit.as_chunks::<64>();
    let mut sums = [0u32; 64];
    for chunk in chunks {
        for (sum, x) in sums.iter_mut().zip(chunk) {
            *sum ^= x.to_bits();
        }
    }
    sums.iter().fold(0, |all, sum| all ^ sum)
}

fn main() {
    let mut criterion = Criterion::default()
        .configure_from_args()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1500))
        .sample_size(20);
    let wanted = std::env::var("SHORTLIST_BENCH_ROWS").ok();
    let wants = |rows: &str| wanted.as_deref().is_none_or(|wanted| wanted == rows);
    if wants("catalogue") {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/catalogue");
        let folder = std::env::var("SHORTLIST_CATALOGUE").unwrap_or_else(|_| folder.to_owned());
        if let Some(case) = Case::real(&folder) {
            case.run(&mut criterion, true);
        }
    }
    if wants("15000") {
        for decay in [0.5, 0.8] {
            let case = Case::new(15_000, 1536, decay);
            case.run(&mut criterion, true);
            bandwidth(&mut criterion, &case);
        }
    }
    if wants("100000") {
        let case = Case::new(100_000, 1536, 0.5);
        case.run(&mut criterion, true);
        bandwidth(&mut criterion, &case);
    }
    if std::env::var_os("SHORTLIST_BENCH_LARGE").is_some() && wants("1000000") {
        Case::new(1_000_000, 384, 0.5).run(&mut criterion, true);
    }
    criterion.final_summary();
}
