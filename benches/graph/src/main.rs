//! A graph (`hnsw_rs`) beside the exact search and the cells: time, and recall of the final ranking.
//!
//! `cargo run --release --manifest-path benches/graph/Cargo.toml`. `SHORTLIST_BENCH_ROWS` (15000) and
//! `SHORTLIST_BENCH_DIM` (1536) say how much. The graph compares by the kernel of the index, proposes its nearest
//! within the filter, and these are ranked by the full score: what it misses is what similarity alone misses.

use std::time::Instant;

use anndists::dist::Distance;
use hnsw_rs::prelude::Hnsw;
use rayon::prelude::*;
use shortlist::Result;
use shortlist::testing::Generator;
use shortlist::testing::internals::Rows;
use shortlist::testing::internals::vector::kernels::Kernels;
use shortlist::testing::internals::vector::{
    Ask, Candidates, CostModel, Probe, RowBases, UnitQuery, VectorIndex, spread_bases,
};

const K: usize = 20;
const WEIGHT: f64 = 0.6;
const QUERIES: usize = 64;
const PER_MILLE: [u64; 4] = [1_000, 300, 100, 10];
/// How many neighbours the graph proposes: each is one run.
const PROPOSED: [usize; 3] = [50, 200, 500];

/// One less the cosine of unit vectors.
#[derive(Clone, Copy, Default)]
struct Cosine;

impl Distance<f32> for Cosine {
    fn eval(&self, a: &[f32], b: &[f32]) -> f32 {
        (1.0 - Kernels::best().dot(a, b)).max(0.0)
    }
}

struct Spread;

impl RowBases for Spread {
    fn add(&self, rows: &[u32], bases: &mut [f64]) -> Result<()> {
        spread_bases(rows, bases);
        Ok(())
    }

    fn most(&self) -> f64 {
        0.4
    }
}

fn main() {
    let number = |name: &str, default| {
        std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
    };
    let (rows, dimension) =
        (number("SHORTLIST_BENCH_ROWS", 15_000), number("SHORTLIST_BENCH_DIM", 1_536));
    let generator = Generator::new(1);
    let embeddings = generator.embeddings(dimension);
    let unit = |vector: &[f32]| UnitQuery::new(vector, dimension, "embedding").expect("sound");
    let units: Vec<UnitQuery> =
        (0..rows).into_par_iter().map(|row| unit(&embeddings.row(row))).collect();

    let mut index = VectorIndex::new(dimension);
    let started = Instant::now();
    for vector in &units {
        index.push(Some(&vector.floats()[..dimension])).expect("sound");
    }
    index.tune();
    println!("{rows} x {dimension}: index with its bounds in {:?}", started.elapsed());
    let costs = CostModel::measure(&index, &spread_bases);

    let started = Instant::now();
    let graph: Hnsw<'_, f32, Cosine> = Hnsw::new(16, rows, 16, 100, Cosine);
    let data: Vec<(&[f32], usize)> =
        units.iter().enumerate().map(|(row, unit)| (unit.floats(), row)).collect();
    graph.parallel_insert_slice(&data);
    println!("graph in {:?}", started.elapsed());

    let queries: Vec<UnitQuery> = generator
        .match_requests(QUERIES, Some(&embeddings))
        .filter_map(|need| need.embedding.map(|vector| unit(&vector)))
        .collect();
    for per_mille in PER_MILLE {
        let mixed = |row: u32| (u64::from(row) ^ 0x5851_f42d).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let chosen = (0..index.len()).filter(|&row| (mixed(row) >> 32) % 1_000 < per_mille);
        let within = Rows::from_rows(index.len(), chosen);
        compare(&index, &costs, &graph, &units, &queries, &within);
    }
}

fn compare(
    index: &VectorIndex,
    costs: &CostModel,
    graph: &Hnsw<'_, f32, Cosine>,
    units: &[UnitQuery],
    queries: &[UnitQuery],
    within: &Rows,
) {
    let candidates = within.count() as usize;
    println!(
        "{candidates} candidates; p50 in microseconds, recall of the {K} best by the full score"
    );
    let mut truths = Vec::new();
    let mut times = Vec::new();
    for query in queries {
        let ask = Ask {
            query,
            rows: Candidates::Set(within),
            bases: &spread_bases,
            weight: WEIGHT,
            k: K,
            path: None,
            check: &|| Ok(()),
        };
        let found = timed(&mut times, || index.search(&ask, costs, &|a, b| a.cmp(&b)));
        truths.push(found.expect("sound").found.iter().map(|one| one.row).collect::<Vec<u32>>());
    }
    println!("  exact       {:>9.1}   1.0", p50(&mut times));
    if index.has_cells() {
        let (mut times, mut hit) = (Vec::new(), 0);
        for (query, truth) in queries.iter().zip(&truths) {
            let most_looks = usize::MAX;
            let (bases, weight, k) = (&Spread, WEIGHT, K);
            let probe = Probe { query, within, candidates, bases, weight, k, most_looks };
            let found = timed(&mut times, || index.probe(&probe, &|a, b| a.cmp(&b)));
            let rows = found.expect("sound").map_or(Vec::new(), |found| found.rows);
            hit += rows.iter().filter(|one| truth.contains(&one.row)).count();
        }
        println!("  cells       {:>9.1}   {:.4}", p50(&mut times), recall(hit, &truths));
    }
    for proposed in PROPOSED {
        let (mut times, mut hit) = (Vec::new(), 0);
        for (query, truth) in queries.iter().zip(&truths) {
            let best = timed(&mut times, || propose(graph, units, query, within, proposed));
            hit += best.iter().filter(|row| truth.contains(row)).count();
        }
        println!("  graph, {proposed:<4} {:>9.1}   {:.4}", p50(&mut times), recall(hit, &truths));
    }
}

/// The graph's nearest within the filter, ranked by the full score.
fn propose(
    graph: &Hnsw<'_, f32, Cosine>,
    units: &[UnitQuery],
    query: &UnitQuery,
    within: &Rows,
    proposed: usize,
) -> Vec<u32> {
    let passes = |row: &usize| within.contains(*row as u32);
    let near = graph.search_filter(query.floats(), proposed, proposed, Some(&passes));
    let rows: Vec<u32> = near.iter().map(|one| one.d_id as u32).collect();
    let mut bases = vec![0.0; rows.len()];
    spread_bases(&rows, &mut bases);
    let score = |row: u32| {
        f64::from(Kernels::best().dot(units[row as usize].floats(), query.floats())) * WEIGHT
    };
    let mut scored: Vec<(f64, u32)> =
        rows.iter().zip(bases).map(|(&row, base)| (score(row) + base, row)).collect();
    scored.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    scored.truncate(K);
    scored.into_iter().map(|(_, row)| row).collect()
}

/// The second of two calls.
fn timed<T>(times: &mut Vec<f64>, call: impl Fn() -> T) -> T {
    call();
    let started = Instant::now();
    let answer = call();
    times.push(started.elapsed().as_secs_f64() * 1e6);
    answer
}

fn p50(times: &mut [f64]) -> f64 {
    times.sort_unstable_by(f64::total_cmp);
    times[times.len() / 2]
}

fn recall(hit: usize, truths: &[Vec<u32>]) -> f64 {
    hit as f64 / truths.iter().map(Vec::len).sum::<usize>().max(1) as f64
}
