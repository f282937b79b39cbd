//! The vector index alone, at sizes where an engine would take long to fill: the exact search on one thread and on
//! several, and the search by cells with its recall, by selectivity.
//!
//! `cargo bench -p shortlist-benches --bench cells`. `SHORTLIST_BENCH_ROWS` is the number of vectors of 384 dimensions
//! (100000; a million take 3 GB). `SHORTLIST_BENCH_VECTORS` names a file of little-endian float32 to take them from
//! instead of generated ones, `SHORTLIST_BENCH_QUERIES` one of queries. Every score is compared with brute force's.

use std::fs::File;
use std::hint::black_box;
use std::io::{BufReader, Read};
use std::time::{Duration, Instant};

use rayon::prelude::*;
use shortlist::Result;
use shortlist::testing::Generator;
use shortlist::testing::internals::Rows;
use shortlist::testing::internals::vector::{
    Answer, Ask, Candidates, CostModel, Path, Probe, RowBases, UnitQuery, VectorIndex, spread_bases,
};

const DIMENSION: usize = 384;
const K: usize = 20;
const WEIGHT: f64 = 0.6;
const QUERIES: usize = 64;
const LEAST_RECALL: f64 = 0.95;

/// Rows of a thousand that are candidates.
const PER_MILLE: [u64; 6] = [1_000, 300, 100, 50, 10, 1];

fn mixed(x: u64) -> u64 {
    let x = (x ^ x >> 31 ^ 0x5851_f42d).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (x ^ x >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 20
}

/// Business and rating parts: a few levels and a few smooth ones.
fn base(row: u64) -> f64 {
    let part = |salt: u64| (mixed(row * 4 + salt) % 4096) as f64 / 4096.0;
    0.12 * ((mixed(row * 4) % 3) as f64 / 2.0) + 0.2 * part(1) * part(2) + 0.08
}

struct Table(Vec<f64>);

impl RowBases for Table {
    fn add(&self, rows: &[u32], bases: &mut [f64]) -> Result<()> {
        bases.iter_mut().zip(rows).for_each(|(base, &row)| *base += self.0[row as usize]);
        Ok(())
    }

    fn most(&self) -> f64 {
        0.4
    }
}

/// The vectors of a file, a batch at a time.
fn vectors_of(path: &str) -> impl Iterator<Item = Vec<f32>> {
    let mut file = BufReader::with_capacity(1 << 20, File::open(path).expect("a file of vectors"));
    std::iter::from_fn(move || {
        let mut bytes = [0; DIMENSION * 4];
        file.read_exact(&mut bytes).ok()?;
        Some(bytes.as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four)).collect())
    })
}

fn main() {
    let variable = |name: &str| std::env::var(name).ok();
    let rows = variable("SHORTLIST_BENCH_ROWS").and_then(|value| value.parse().ok());
    let rows: usize = rows.unwrap_or(100_000);
    let generator = Generator::new(1);
    let embeddings = generator.embeddings(DIMENSION);
    let mut index = VectorIndex::new(DIMENSION);
    match variable("SHORTLIST_BENCH_VECTORS") {
        Some(path) => vectors_of(&path).take(rows).for_each(|vector| {
            index.push(Some(&vector)).expect("a vector");
        }),
        None => {
            for first in (0..rows).step_by(8_192) {
                let range = first..rows.min(first + 8_192);
                let made: Vec<_> = range.into_par_iter().map(|row| embeddings.row(row)).collect();
                for vector in made {
                    index.push(Some(&vector)).expect("a vector");
                }
            }
        }
    }
    let started = Instant::now();
    index.rebuild_codes();
    let (coded, before) = (started.elapsed(), index.memory_bytes());
    let started = Instant::now();
    index.rebuild_cells();
    let (celled, bytes) = (started.elapsed(), index.memory_bytes() - before);
    let costs = CostModel::measure(&index, &spread_bases);
    println!(
        "{} vectors of {DIMENSION}: bases and codes in {coded:?}, cells in {celled:?}, {} bytes a row",
        index.len(),
        bytes / index.len() as usize
    );
    let queries: Vec<Vec<f32>> = match variable("SHORTLIST_BENCH_QUERIES") {
        Some(path) => vectors_of(&path).take(QUERIES).collect(),
        None => generator
            .match_requests(QUERIES, Some(&embeddings))
            .filter_map(|criteria| criteria.embedding)
            .collect(),
    };
    let queries: Vec<UnitQuery> = queries
        .iter()
        .map(|query| UnitQuery::new(query, DIMENSION, "query").expect("a query"))
        .collect();
    let bases = Table((0..u64::from(index.len())).map(base).collect());
    for per_mille in PER_MILLE {
        measure(&index, &costs, &queries, &bases, per_mille);
    }
}

fn measure(
    index: &VectorIndex,
    costs: &CostModel,
    queries: &[UnitQuery],
    bases: &Table,
    per_mille: u64,
) {
    let chosen = (0..index.len()).filter(|&row| mixed(u64::from(row)) % 1_000 < per_mille);
    let within = Rows::from_rows(index.len(), chosen);
    let candidates = within.count() as usize;
    let (mut one, mut all, mut cells) = (Vec::new(), Vec::new(), Vec::new());
    let (mut found, mut least, mut looks, mut visited, mut done) = (0, K, 0, 0, 0);
    for query in queries {
        let exact = |path| exact(index, query, &within, bases, path);
        let single = if candidates > 20 * K { Path::Prefix } else { Path::Brute };
        let truth = timed(&mut one, || exact(single));
        let parallel = timed(&mut all, || exact(Path::PrefixParallel));
        assert_eq!(truth.found, parallel.found, "one answer on any number of threads");
        let exact_us = costs.exact_us(candidates, K, true);
        let probe = Probe {
            query,
            within: &within,
            candidates,
            bases,
            weight: WEIGHT,
            k: K,
            most_looks: costs.looks(exact_us),
        };
        let worth = costs.cells_us(candidates, K).is_some_and(|us| us < exact_us);
        if !worth {
            continue;
        }
        let probed = || index.probe(&probe, &|a, b| a.cmp(&b)).expect("these bases never fail");
        let Some(likely) = timed(&mut cells, probed) else { continue };
        let shared = truth.found.iter().filter(|row| likely.rows.contains(row)).count();
        found += shared;
        least = least.min(shared);
        looks += likely.counts.bounded;
        visited += likely.visited;
        done += 1;
    }
    let share = per_mille as f64 / 10.0;
    println!(
        "{share:5.1} %: exact, one thread {}; {} threads {}",
        percentiles(&mut one),
        rayon::current_num_threads(),
        percentiles(&mut all),
    );
    let wanted = done * candidates.min(K);
    if wanted == 0 {
        return println!("         cells have no advantage");
    }
    let recall = found as f64 / wanted as f64;
    println!(
        "         cells {}, {done} of {}; recall {recall:.4}, least {least}; {} rows and {} cells a query",
        percentiles(&mut cells),
        queries.len(),
        looks / done,
        visited / done,
    );
    assert!(recall >= LEAST_RECALL, "a recall of {recall}");
}

fn exact(
    index: &VectorIndex,
    query: &UnitQuery,
    within: &Rows,
    bases: &Table,
    path: Path,
) -> Answer {
    let ask = Ask {
        query,
        rows: Candidates::Set(within),
        bases: &|rows, sums| bases.add(rows, sums).expect("it never fails"),
        weight: WEIGHT,
        k: K,
        path: Some(path),
        check: &|| Ok(()),
    };
    index.search(&ask, &CostModel::default(), &|a, b| a.cmp(&b)).expect("nothing stops it")
}

/// Times the second of two calls.
fn timed<T>(times: &mut Vec<Duration>, call: impl Fn() -> T) -> T {
    black_box(call());
    let started = Instant::now();
    let answer = call();
    times.push(started.elapsed());
    answer
}

/// p50 and p95 in milliseconds.
fn percentiles(times: &mut [Duration]) -> String {
    times.sort_unstable();
    let at = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1e3;
    format!("{:.3} / {:.3} ms", at(50), at(95))
}
