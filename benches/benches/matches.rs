//! Whole match requests through the engine, as a table that a person can read: how long, by which path, and how many
//! rows each stage looked at; the f32 scan that everybody else does beside it; one thread and two; memory by part.
//!
//! ```sh
//! cargo bench -p shortlist-benches --bench matches
//! SHORTLIST_BENCH_ROWS=1000000 SHORTLIST_BENCH_DIM=384 cargo bench -p shortlist-benches --bench matches
//! ```
//!
//! Before anything is timed, generated requests are compared with the slow twin (up to 200,000 rows) and unfiltered
//! ones with a scan by the f32 kernel. `SHORTLIST_BENCH_LOOP=filtered` (or `unfiltered`) repeats one kind for some
//! seconds instead, for a profiler.

use std::cmp::Ordering;
use std::hint::black_box;
use std::time::{Duration, Instant};

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use shortlist::testing::internals::vector::UnitQuery;
use shortlist::testing::internals::vector::kernels::Kernels;
use shortlist::testing::{Embeddings, Generator, Twin, compare_match, generated_schema};
use shortlist::{AdvisorProfile, ClientCriteria, Engine, EngineOptions, MatchAnswer};

const BATCH: usize = 5_000;
const TOP: usize = 20;
/// The twin looks at every profile in f64: above this it is left out.
const MOST_FOR_TWIN: usize = 200_000;

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

fn main() {
    let rows = number("SHORTLIST_BENCH_ROWS", 15_000);
    let dimension = number("SHORTLIST_BENCH_DIM", 1_536);
    let generator = Generator::new(1);
    let embeddings = generator.embeddings(dimension);
    let one = pool(1);
    let engine = build(generator, &embeddings, rows);
    let catalogue = Catalogue::new(generator, &embeddings, rows);
    let filtered: Vec<_> = generator.match_requests(200, Some(&embeddings)).collect();
    let open: Vec<_> = filtered
        .iter()
        .map(|need| ClientCriteria {
            embedding: need.embedding.clone(),
            ..ClientCriteria::default()
        })
        .collect();
    if let Ok(kind) = std::env::var("SHORTLIST_BENCH_LOOP") {
        let needs = if kind == "unfiltered" { &open } else { &filtered };
        return one.install(|| repeat(&engine, needs, Duration::from_secs(10)));
    }
    check(&engine, generator, &embeddings, rows, &filtered);
    catalogue.check(&engine, &open[..if rows > MOST_FOR_TWIN { 10 } else { 40 }]);

    println!(
        "\n{:<26}{:>10}{:>10}{:>10}{:>9}{:>9}{:>8}{:>8}  path",
        "one thread, microseconds", "candidates", "p50", "p95", "bounded", "coded", "dotted", ""
    );
    let time = |name: &str, needs: &[ClientCriteria]| one.install(|| line(name, &engine, needs));
    time("filtered, as generated", &filtered);
    let p50 = time("unfiltered", &open);
    for (name, keep) in [("30 %", 0.3), ("5 %", 0.05), ("1 %", 0.01), ("0.1 %", 0.001)] {
        time(&format!("selectivity {name}"), &catalogue.narrowed(&open, keep));
    }
    let scan = catalogue.scan(&open[..20]);
    println!("f32 scan, top {TOP}: {scan:.0} us, {:.1} times unfiltered", scan / p50);
    if rows >= 100_000 {
        let two = pool(2).install(|| times(&engine, &open));
        let again = one.install(|| times(&engine, &open));
        println!(
            "unfiltered on two threads: p50 {:.0} us, {:.2} times one ({:.0})",
            two[two.len() / 2],
            again[again.len() / 2] / two[two.len() / 2],
            again[again.len() / 2]
        );
        let (single, double) = (read_rate(&one, 1, rows), read_rate(&pool(2), 2, rows));
        println!(
            "plain read of the bytes of the first pass: {single:.1} GiB/s on one thread, {double:.1} on two, {:.2} times",
            double / single
        );
    }
    many(&engine, &filtered);
}

/// The best rate of a plain read of as many bytes as the first pass looks at, in GiB/s: what memory itself gives more
/// threads than one.
fn read_rate(pool: &ThreadPool, threads: usize, rows: usize) -> f64 {
    let words = vec![1u64; 8 * rows];
    let part = words.len().div_ceil(threads);
    let times = (0..20).map(|_| {
        let start = Instant::now();
        let sum = pool.install(|| {
            let sums = words.par_chunks(part).map(|part| part.iter().fold(0, |all, x| all ^ x));
            sums.reduce(|| 0, |a, b| a ^ b)
        });
        black_box(sum);
        start.elapsed().as_secs_f64()
    });
    let best = times.fold(f64::INFINITY, f64::min);
    size_of_val(&*words) as f64 / best / f64::from(1 << 30)
}

fn pool(threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be had")
}

fn advisors(
    generator: Generator,
    embeddings: &Embeddings,
    rows: std::ops::Range<usize>,
) -> Vec<AdvisorProfile> {
    rows.into_par_iter()
        .map(|row| AdvisorProfile {
            embedding: Some(embeddings.row(row)),
            ..generator.advisor(row)
        })
        .collect()
}

/// Builds the engine in batches that are made while the clock stands, and says what it takes.
fn build(generator: Generator, embeddings: &Embeddings, rows: usize) -> Engine {
    let before = resident_bytes();
    let options = EngineOptions::with_schema(generated_schema()).with_cache_bytes(0);
    let engine = Engine::in_memory_with(options).expect("a new engine");
    let (mut building, mut text) = (Duration::ZERO, 0);
    for first in (0..rows).step_by(BATCH) {
        let batch = advisors(generator, embeddings, first..rows.min(first + BATCH));
        text += batch.iter().map(text_bytes).sum::<usize>();
        let start = Instant::now();
        engine.upsert(batch).expect("generated advisors are sound");
        building += start.elapsed();
    }
    let raw = 4 * embeddings.dimension() * rows + text;
    // What a thread of the engine would do a moment later, on one of the cores that are timed.
    let start = Instant::now();
    engine.maintain().expect("nothing is damaged");
    println!(
        "{rows} x {}: built in {:.2} s, tuned in {:.2}",
        embeddings.dimension(),
        building.as_secs_f64(),
        start.elapsed().as_secs_f64()
    );
    println!("{:<26}{:>10}", "memory", "bytes/row");
    let stats = engine.stats();
    for part in &stats.memory {
        println!("  {:<24}{:>10}", part.name, part.bytes as usize / rows);
    }
    let total = stats.memory_bytes() as usize;
    println!(
        "  {:<24}{:>10}, {:.3} of raw vectors and text ({})",
        "all",
        total / rows,
        total as f64 / raw as f64,
        raw / rows
    );
    if let (Some(before), Some(after)) = (before, resident_bytes()) {
        let grown = after.saturating_sub(before);
        println!(
            "  {:<24}{:>10}, {:.3} of raw",
            "resident, grown by",
            grown / rows,
            grown as f64 / raw as f64
        );
    }
    engine
}

/// What a profile brings as text: its strings, without the names of their fields.
fn text_bytes(advisor: &AdvisorProfile) -> usize {
    let texts = [
        &advisor.user_id,
        &advisor.professional_title,
        &advisor.headline,
        &advisor.bio,
        &advisor.profile_image_url,
    ];
    let lists = [&advisor.industries, &advisor.services, &advisor.certifications];
    advisor.id.len()
        + texts.into_iter().flatten().map(String::len).sum::<usize>()
        + lists.into_iter().flatten().map(String::len).sum::<usize>()
        + advisor.details.as_ref().map_or(0, String::len)
}

/// The memory of this process that is not only promised, where the system says.
fn resident_bytes() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse::<usize>().ok().map(|kib| kib * 1024)
}

/// Every generated request against the twin.
fn check(
    engine: &Engine,
    generator: Generator,
    embeddings: &Embeddings,
    rows: usize,
    needs: &[ClientCriteria],
) {
    if rows > MOST_FOR_TWIN {
        println!("{rows} rows: the twin is left out");
        return;
    }
    let twin = Twin::new(generated_schema(), advisors(generator, embeddings, 0..rows), None)
        .expect("generated advisors are sound");
    needs.par_iter().for_each(|need| {
        let expected = twin.match_advisors(need).expect("a sound need");
        let answer = engine.match_advisors(need).expect("a sound need");
        compare_match(&expected, &answer).expect("the twin's answer");
    });
    println!("{} generated requests: no difference from the twin", needs.len());
}

/// What the score of an unfiltered request needs of an advisor, beside its vector.
struct Row {
    id: String,
    base: f64,
    created: i64,
}

/// Those whom an unfiltered request chooses from, as a loop by hand would keep them.
struct Catalogue {
    rows: Vec<Row>,
    units: Vec<UnitQuery>,
    dimension: usize,
}

impl Catalogue {
    fn new(generator: Generator, embeddings: &Embeddings, rows: usize) -> Self {
        let dimension = embeddings.dimension();
        let all: Vec<Option<(Row, UnitQuery)>> = (0..rows)
            .into_par_iter()
            .map(|row| {
                let advisor = generator.advisor(row);
                let room = advisor.is_available && advisor.current_clients < advisor.max_clients;
                let listed = advisor.marketplace_status == "active" && advisor.is_verified;
                if !room || !listed || advisor.deleted_at.is_some() {
                    return None;
                }
                let years = f64::from(advisor.years_experience.unwrap_or(0));
                let base = 0.3 * (years / 15.0).min(1.0) + 0.1 * advisor.overall_rating / 5.0;
                let unit = UnitQuery::new(&embeddings.row(row), dimension, "embedding");
                let created = advisor.created_at.map_or(0, shortlist::Instant::micros);
                let row = Row { id: advisor.id, base, created };
                Some((row, unit.expect("generated vectors are sound")))
            })
            .collect();
        let (rows, units): (Vec<Row>, Vec<UnitQuery>) = all.into_iter().flatten().unzip();
        Self { rows, units, dimension }
    }

    /// The best by a loop over the f32 rows, with their scores.
    fn best(&self, need: &ClientCriteria) -> Vec<(f64, &str)> {
        let kernels = Kernels::best();
        let query = need.embedding.as_deref().expect("every need here has one");
        let query = UnitQuery::new(query, self.dimension, "embedding").expect("a sound need");
        let order = |a: &(f64, &str), b: &(f64, &str)| -> Ordering {
            b.0.total_cmp(&a.0).then(a.1.cmp(b.1))
        };
        let mut best: Vec<(f64, &str)> = Vec::with_capacity(4 * TOP);
        let mut floor = f64::NEG_INFINITY;
        for (row, unit) in self.rows.iter().zip(&self.units) {
            let score = 0.6 * f64::from(kernels.dot(unit.floats(), query.floats())) + row.base;
            if score < floor {
                continue;
            }
            best.push((score, &row.id));
            if best.len() == 4 * TOP {
                best.sort_unstable_by(order);
                best.truncate(TOP);
                floor = best[TOP - 1].0;
            }
        }
        best.sort_unstable_by(order);
        best.truncate(TOP);
        best
    }

    fn check(&self, engine: &Engine, needs: &[ClientCriteria]) {
        needs.par_iter().for_each(|need| {
            let answer = engine.match_advisors(need).expect("a sound need");
            let best = self.best(need);
            assert_eq!(answer.considered as usize, self.rows.len());
            assert_eq!(answer.len(), best.len());
            for (found, (score, id)) in answer.matches().zip(best) {
                assert!((found.score - score).abs() < 1e-9, "{id}: {} is not {score}", found.score);
                assert!(found.advisor_id == id, "{} is not {id} at {score}", found.advisor_id);
            }
        });
        println!("{} unfiltered requests: no difference from the f32 scan", needs.len());
    }

    /// The scan's p50 in microseconds.
    fn scan(&self, needs: &[ClientCriteria]) -> f64 {
        let mut times: Vec<f64> = needs
            .iter()
            .map(|need| {
                let start = Instant::now();
                black_box(self.best(need));
                start.elapsed().as_secs_f64() * 1e6
            })
            .collect();
        times.sort_unstable_by(f64::total_cmp);
        times[times.len() / 2]
    }

    /// The needs with a filter that keeps a share of the candidates.
    fn narrowed(&self, needs: &[ClientCriteria], share: f64) -> Vec<ClientCriteria> {
        let mut moments: Vec<i64> = self.rows.iter().map(|row| row.created).collect();
        moments.sort_unstable();
        let from = moments[((1.0 - share) * (moments.len() - 1) as f64) as usize];
        let moment = shortlist::Instant::from_micros(from).expect("a moment of the catalogue");
        let filter = format!(r#"{{"filter": {{"createdAt": {{"gt": "{moment}"}}}}}}"#);
        let narrow = ClientCriteria::from_json(&filter).expect("a sound filter");
        needs
            .iter()
            .map(|need| ClientCriteria { embedding: need.embedding.clone(), ..narrow.clone() })
            .collect()
    }
}

/// Times of each request in turn, sorted, in microseconds: some rounds, of which the first warms up.
fn times(engine: &Engine, needs: &[ClientCriteria]) -> Vec<f64> {
    let mut times = Vec::new();
    let start = Instant::now();
    for round in 0..20 {
        for need in needs {
            let start = Instant::now();
            black_box(engine.match_advisors(need).is_ok());
            if round > 0 {
                times.push(start.elapsed().as_secs_f64() * 1e6);
            }
        }
        if round > 1 && start.elapsed() > Duration::from_secs(4) {
            break;
        }
    }
    times.sort_unstable_by(f64::total_cmp);
    times
}

/// Times one kind of request and prints its line; the p50.
fn line(name: &str, engine: &Engine, needs: &[ClientCriteria]) -> f64 {
    let explained: Vec<MatchAnswer> = needs
        .iter()
        .map(|need| ClientCriteria { explain: true, ..need.clone() })
        .map(|need| engine.match_advisors(&need).expect("a sound need"))
        .collect();
    let reports: Vec<_> = explained.iter().filter_map(|answer| answer.explain.clone()).collect();
    let mean = |count: fn(&shortlist::PlanReport) -> u64| {
        reports.iter().map(count).sum::<u64>() / reports.len().max(1) as u64
    };
    let mut candidates: Vec<u64> = explained.iter().map(|answer| answer.considered).collect();
    candidates.sort_unstable();
    let mut paths: Vec<&str> = reports.iter().map(|report| report.path).collect();
    paths.sort_unstable();
    let most = paths.chunk_by(|a, b| a == b).max_by_key(|chunk| chunk.len());
    let path = most.map_or("", |chunk| chunk[0]);
    let times = times(engine, needs);
    let (p50, p95) = (times[times.len() / 2], times[times.len() * 95 / 100]);
    println!(
        "{name:<26}{:>10}{p50:>10.1}{p95:>10.1}{:>9}{:>9}{:>8}{:>8}  {path}",
        candidates[candidates.len() / 2],
        mean(|report| report.bounded),
        mean(|report| report.coded),
        mean(|report| report.dotted),
        ""
    );
    p50
}

/// Many requests at once, on one thread and on two.
fn many(engine: &Engine, needs: &[ClientCriteria]) {
    let rate = |threads: usize| {
        let pool = pool(threads);
        let mut best = 0.0f64;
        for _ in 0..5 {
            let start = Instant::now();
            let mut answered = 0;
            while start.elapsed() < Duration::from_millis(400) {
                answered += black_box(pool.install(|| engine.match_many(needs))).len();
            }
            best = best.max(answered as f64 / start.elapsed().as_secs_f64());
        }
        best
    };
    let (one, two) = (rate(1), rate(2));
    println!("match_many: {one:.0}/s on one thread, {two:.0}/s on two, {:.2} times", two / one);
}

fn repeat(engine: &Engine, needs: &[ClientCriteria], long: Duration) {
    let start = Instant::now();
    while start.elapsed() < long {
        for need in needs {
            black_box(engine.match_advisors(need).is_ok());
        }
    }
}
