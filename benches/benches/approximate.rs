//! The approximate path beside the exact one, through the engine: how fast, and how much of the exact top it finds.
//!
//! `cargo bench -p shortlist-benches --bench approximate`. `SHORTLIST_BENCH_ROWS` is the number of advisors (100000);
//! a million take some 4 GB. Every answer is compared with the exact one of the same criteria: a score that differs,
//! or a recall below the floor, ends the run.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use rayon::prelude::*;
use shortlist::testing::{Generator, generated_schema};
use shortlist::{ClientCriteria, Engine, EngineOptions, Filter, MatchAnswer};

const DIMENSION: usize = 384;
const BATCH: usize = 10_000;
const REQUESTS: usize = 64;

/// The least share of the exact top that any selectivity may leave.
const LEAST_RECALL: f64 = 0.95;

/// Advisors of a thousand that a filter lets pass.
const PER_MILLE: [u32; 6] = [1_000, 300, 100, 50, 10, 1];

fn main() {
    let rows = std::env::var("SHORTLIST_BENCH_ROWS").ok().and_then(|value| value.parse().ok());
    let rows = rows.unwrap_or(100_000);
    let generator = Generator::new(1);
    let embeddings = generator.embeddings(DIMENSION);
    let started = Instant::now();
    let engine =
        Engine::in_memory_with(EngineOptions::with_schema(generated_schema()).with_cache_bytes(0))
            .expect("a new engine");
    let mut advisors = generator.advisors(rows);
    for first in (0..rows).step_by(BATCH) {
        let mut batch: Vec<_> = advisors.by_ref().take(BATCH).collect();
        batch.par_iter_mut().enumerate().for_each(|(at, advisor)| {
            let row = first + at;
            advisor.embedding = Some(embeddings.row(row));
            // What the filters select by: it has no part in any score.
            advisor.total_reviews = shuffled(row as u64);
        });
        engine.upsert(batch).expect("generated advisors are sound");
    }
    let made = started.elapsed();
    // What a thread of the engine would do a moment later, on one of the cores that are timed.
    let tuning = Instant::now();
    engine.maintain().expect("nothing is damaged");
    println!(
        "{rows} advisors of {DIMENSION} dimensions, made and indexed in {made:?}, tuned in {:?}",
        tuning.elapsed()
    );

    let needs: Vec<_> = generator.match_requests(REQUESTS, Some(&embeddings)).collect();
    println!("p50 and p95 in milliseconds over {REQUESTS} criteria, 20 matches each");
    for per_mille in PER_MILLE {
        let filter = format!(r#"{{"totalReviews": {{"lt": {per_mille}}}}}"#);
        let filter = Filter::from_json(&filter).expect("a sound filter");
        let open = |need: &ClientCriteria| ClientCriteria {
            embedding: need.embedding.clone(),
            filter: (per_mille < 1_000).then(|| filter.clone()),
            ..ClientCriteria::default()
        };
        measure(&engine, per_mille, &needs.iter().map(open).collect::<Vec<_>>());
    }
}

/// 0 to 999, alike for each row in every run and unlike its neighbours.
fn shuffled(row: u64) -> u32 {
    let mixed = (row ^ 0x5851_f42d).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((mixed >> 32) % 1_000) as u32
}

fn measure(engine: &Engine, per_mille: u32, needs: &[ClientCriteria]) {
    let (mut exact_times, mut times) = (Vec::new(), Vec::new());
    let (mut found, mut wanted, mut least, mut by_cells, mut considered) = (0, 0, 1.0f64, 0, 0);
    for need in needs {
        let (exact, time) = timed(engine, &ClientCriteria { exact: true, ..need.clone() });
        exact_times.push(time);
        let (likely, time) = timed(engine, &ClientCriteria { approximate: true, ..need.clone() });
        times.push(time);
        by_cells += usize::from(!likely.exact);
        considered = exact.considered;
        let shared = shared(&exact, &likely);
        found += shared;
        wanted += exact.len();
        least = least.min(shared as f64 / exact.len().max(1) as f64);
    }
    let recall = found as f64 / wanted.max(1) as f64;
    println!(
        "{:5.1} % ({considered} candidates): recall {recall:.4}, least {least:.2}; approximate {}; exact {}; {by_cells} of {} by cells",
        f64::from(per_mille) / 10.0,
        percentiles(&mut times),
        percentiles(&mut exact_times),
        needs.len(),
    );
    assert!(recall >= LEAST_RECALL, "a recall of {recall}");
}

/// The second of two calls: both paths are timed with what a first one brought near.
fn timed(engine: &Engine, need: &ClientCriteria) -> (MatchAnswer, Duration) {
    engine.match_advisors(need).expect("a sound need");
    let started = Instant::now();
    let answer = engine.match_advisors(need).expect("a sound need");
    (answer, started.elapsed())
}

/// How many of the exact matches are among the likely ones; each must have the very score.
fn shared(exact: &MatchAnswer, likely: &MatchAnswer) -> usize {
    assert!(exact.exact, "exact was asked for");
    assert_eq!(exact.considered, likely.considered);
    let scores: HashMap<_, _> = exact.matches().map(|one| (one.advisor_id, one.score)).collect();
    let common = likely.matches().filter_map(|one| Some((one.score, *scores.get(one.advisor_id)?)));
    common.inspect(|(likely, exact)| assert!((likely - exact).abs() < 1e-12)).count()
}

fn percentiles(times: &mut [Duration]) -> String {
    times.sort_unstable();
    let at = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1e3;
    format!("{:.3} / {:.3}", at(50), at(95))
}
