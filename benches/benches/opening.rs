//! Opening a snapshot until the first list page is answered, and what two processes that have it open take together.
//!
//! `cargo bench -p shortlist-benches --bench opening`. `SHORTLIST_BENCH_ROWS` is the number of advisors (15000),
//! `SHORTLIST_BENCH_DIM` of dimensions (1536), `SHORTLIST_BENCH_KEEP` a file to keep the snapshot in between runs. Each
//! opening's page is compared with that of the index that was written (with a kept file, with the first opening's).

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use shortlist::testing::{Generator, generated_schema};
use shortlist::{ClientCriteria, Engine, EngineOptions, SearchRequest};

const BATCH: usize = 10_000;
const ROUNDS: usize = 21;
/// A process of this program that opens a snapshot and waits.
const CHILD: &str = "SHORTLIST_BENCH_CHILD";

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// What is timed is the finding of an answer.
fn uncached() -> EngineOptions {
    EngineOptions::default().with_cache_bytes(0)
}

fn main() {
    let dimension = number("SHORTLIST_BENCH_DIM", 1_536);
    if let Ok(file) = std::env::var(CHILD) {
        return child(Path::new(&file), dimension);
    }
    let rows = number("SHORTLIST_BENCH_ROWS", 15_000);
    let file = std::env::var("SHORTLIST_BENCH_KEEP").map(PathBuf::from);
    let file = file.unwrap_or_else(|_| {
        std::env::temp_dir().join(format!("shortlist-opening-{}.slx", std::process::id()))
    });
    let mut expected = (!file.exists()).then(|| page(&write(rows, dimension, &file)));

    let mut times: Vec<[f64; 2]> = Vec::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let engine = Engine::open_snapshot_with(&file, uncached()).expect("a sound snapshot");
        let opened = start.elapsed().as_secs_f64() * 1e3;
        let answer = page(&engine);
        times.push([opened, start.elapsed().as_secs_f64() * 1e3]);
        assert_eq!(expected.get_or_insert_with(|| answer.clone()), &answer, "the same page");
    }
    let size = std::fs::metadata(&file).expect("the file").len() as f64 / 1e6;
    println!("{rows} advisors x {dimension}, a file of {size:.0} MB; every page was right");
    for (at, name) in ["opened", "opened and first list page answered"].iter().enumerate() {
        let mut sorted: Vec<f64> = times.iter().map(|time| time[at]).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        println!(
            "{name}: p50 {:.1} ms, best {:.1}, worst {:.1}",
            sorted[ROUNDS / 2],
            sorted[0],
            sorted[ROUNDS - 1]
        );
    }
    memory(&file);
    if std::env::var("SHORTLIST_BENCH_KEEP").is_err() {
        std::fs::remove_file(&file).expect("it is there");
    }
}

fn write(rows: usize, dimension: usize, file: &Path) -> Engine {
    let generator = Generator::new(1);
    let embeddings = generator.embeddings(dimension);
    let engine =
        Engine::in_memory_with(EngineOptions::with_schema(generated_schema()).with_cache_bytes(0))
            .expect("a new engine");
    let mut source = generator.advisors(rows).enumerate();
    loop {
        let batch: Vec<_> = source
            .by_ref()
            .take(BATCH)
            .map(|(row, mut advisor)| {
                advisor.embedding = Some(embeddings.row(row));
                advisor
            })
            .collect();
        if batch.is_empty() {
            break;
        }
        engine.upsert(batch).expect("generated advisors are sound");
    }
    engine.snapshot_to(file).expect("room");
    engine
}

/// The first list page: hits, total and facets, without what differs from call to call.
fn page(engine: &Engine) -> (String, u64) {
    let request = SearchRequest {
        industries: vec!["Healthcare".to_owned()],
        min_rating: Some(4.0),
        available: true,
        ..SearchRequest::default()
    };
    let answer = engine.search(&request).expect("a sound request");
    let ids = answer
        .hits()
        .map(|hit| format!("{} {:?}", hit.listing.id(), hit.listing.to_profile().is_ok()));
    (ids.collect::<Vec<_>>().join(";"), answer.total)
}

/// What one process takes that has the snapshot open and matches with it, and what two take together, by the share
/// that the system counts to each (PSS).
fn memory(file: &Path) {
    let mut first = Reader::start(file);
    let alone = first.pss();
    let mut second = Reader::start(file);
    let together = [first.pss(), second.pss()];
    let sum = together[0] + together[1];
    println!(
        "one process takes {:.1} MB, two together {:.1} MB: {:.2} times as much",
        alone / 1e3,
        sum / 1e3,
        sum / alone
    );
    first.stop();
    second.stop();
}

struct Reader(std::process::Child);

impl Reader {
    fn start(file: &Path) -> Self {
        let program = std::env::current_exe().expect("this program");
        let mut child = Command::new(program)
            .env(CHILD, file)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().expect("piped")).read_line(&mut line).expect("a line");
        Self(child)
    }

    /// Its proportional set size in kB.
    fn pss(&mut self) -> f64 {
        let path = format!("/proc/{}/smaps_rollup", self.0.id());
        let rollup = std::fs::read_to_string(path).expect("Linux");
        let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).expect("a Pss");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    fn stop(mut self) {
        drop(self.0.stdin.take());
        self.0.wait().expect("it ends");
    }
}

/// Opens, answers a page and 200 matches, says so, and waits until its parent is done.
fn child(file: &Path, dimension: usize) {
    let engine = Engine::open_snapshot_with(file, uncached()).expect("a sound snapshot");
    page(&engine);
    let generator = Generator::new(1);
    let embeddings = generator.embeddings(dimension);
    for need in generator.match_requests(200, Some(&embeddings)) {
        let open = ClientCriteria { embedding: need.embedding, ..ClientCriteria::default() };
        engine.match_advisors(&open).expect("a sound need");
    }
    println!("open");
    std::io::stdout().flush().expect("a pipe");
    let _ = std::io::stdin().lock().read_line(&mut String::new());
}
