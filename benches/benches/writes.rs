//! Writes of an index in a directory: how long until one is lasting and visible, what callers that come together
//! share, what readers feel of it, and how long opening takes from the journal alone.
//!
//! `cargo bench -p shortlist-benches --bench writes`. `SHORTLIST_BENCH_ROWS` is the number of advisors (15000),
//! `SHORTLIST_BENCH_DIMENSION` that of their embeddings (1536), `SHORTLIST_BENCH_AT` the folder of the directories: a sync
//! costs what it costs there.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use shortlist::testing::{Embeddings, Generator, generated_schema};
use shortlist::{
    AdvisorProfile, ClientCriteria, Durability, Engine, EngineOptions, ProfilePatch, SearchRequest,
};

const BATCH: usize = 10_000;
const CALLERS: usize = 64;
const READING: Duration = Duration::from_secs(8);

struct Bench {
    rows: usize,
    ids: Vec<String>,
    generator: Generator,
    embeddings: Embeddings,
    at: PathBuf,
}

fn main() {
    let setting = |name: &str, otherwise: usize| {
        std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
    };
    let rows = setting("SHORTLIST_BENCH_ROWS", 15_000);
    let dimension = setting("SHORTLIST_BENCH_DIMENSION", 1_536);
    let at = std::env::var_os("SHORTLIST_BENCH_AT").map_or_else(std::env::temp_dir, PathBuf::from);
    let at = at.join(format!("shortlist-writes-{}", std::process::id()));
    let generator = Generator::new(1);
    let embeddings = generator.embeddings(dimension);
    let ids = generator.advisors(rows).map(|advisor| advisor.id).collect();
    let bench = Bench { rows, ids, generator, embeddings, at };
    println!("{rows} advisors x {dimension}, in {}", bench.at.display());
    bench.journal_alone();
    bench.one_caller();
    bench.callers_together();
    bench.readers();
    fs::remove_dir_all(&bench.at).expect("it was made");
}

impl Bench {
    fn id(&self, turn: usize) -> String {
        self.ids[turn * 7_919 % self.rows].clone()
    }

    fn patch(&self, turn: usize) -> Vec<(String, ProfilePatch)> {
        let clients = Some(turn as u32 % 20);
        vec![(self.id(turn), ProfilePatch { current_clients: clients, ..ProfilePatch::default() })]
    }

    fn other_words(&self, engine: &Engine, turn: usize) -> AdvisorProfile {
        let mut advisor = engine.get(&self.id(turn)).expect("sound").expect("an advisor");
        let bio = advisor.bio.take().unwrap_or_default();
        advisor.bio = Some(format!("{bio} Season {turn}."));
        advisor
    }

    fn options(durability: Durability) -> EngineOptions {
        EngineOptions::with_schema(generated_schema())
            .with_create()
            .with_durability(durability)
            .with_snapshots(None, None)
    }

    fn fill(&self, engine: &Engine) {
        let mut source = self.generator.advisors(self.rows).enumerate();
        loop {
            let batch = source.by_ref().take(BATCH).map(|(row, mut advisor)| {
                advisor.embedding = Some(self.embeddings.row(row));
                advisor
            });
            let batch: Vec<_> = batch.collect();
            if batch.is_empty() {
                return;
            }
            engine.upsert(batch).expect("generated advisors are sound");
        }
    }

    /// The same index for each part, opened from its snapshot.
    fn opened(&self, name: &str, durability: Durability) -> Engine {
        let (from, to) = (self.at.join("journal-alone"), self.at.join(name));
        fs::create_dir_all(&to).expect("room");
        for entry in fs::read_dir(from).expect("it is there") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|end| end == "slx") {
                fs::copy(&path, to.join(path.file_name().expect("a name"))).expect("room");
            }
        }
        let engine = Engine::open_with(&to, Self::options(durability)).expect("an index");
        engine.patch(self.patch(0)).expect("a patch");
        // What follows is the steady state: the profiles are in the journal too.
        engine.snapshot(&to).expect("room");
        for request in self.generator.search_requests(200) {
            engine.search(&request).expect("generated requests are sound");
        }
        engine
    }

    fn journal_alone(&self) {
        let directory = self.at.join("journal-alone");
        let engine =
            Engine::open_with(&directory, Self::options(Durability::Synced)).expect("a new index");
        self.fill(&engine);
        let asked: Vec<_> = self.generator.search_requests(50).collect();
        let answers = |engine: &Engine| -> Vec<Vec<String>> {
            let ids = |request: &SearchRequest| {
                let answer = engine.search(request).expect("sound");
                answer.ids().iter().map(ToString::to_string).collect()
            };
            asked.iter().map(ids).collect()
        };
        let before = answers(&engine);
        drop(engine);
        for folded in [false, true] {
            let start = Instant::now();
            let engine = Engine::open(&directory).expect("an index");
            let seconds = start.elapsed().as_secs_f64();
            assert_eq!(answers(&engine), before);
            let what = if folded { "folded profiles" } else { "commits" };
            println!("opened from the journal alone, {what}: {seconds:.2} s");
            if !folded {
                let taken = engine.snapshot(&directory).expect("room");
                engine.patch(self.patch(0)).expect("a patch");
                drop(engine);
                fs::rename(&taken.path, taken.path.with_extension("aside")).expect("it is there");
                fs::remove_file(directory.join("closed")).ok();
                continue;
            }
            engine.snapshot(&directory).expect("room");
        }
    }

    fn one_caller(&self) {
        for durability in [Durability::None, Durability::Synced] {
            let engine = self.opened(&format!("one-{durability:?}"), durability);
            let (patches, upserts) =
                if durability == Durability::None { (20_000, 2_000) } else { (2_000, 300) };
            let mut synced = Synced::new(&self.at);
            let (mut times, mut syncs) = (Vec::new(), Vec::new());
            for turn in 0..patches {
                let patch = self.patch(turn);
                times.push(timed(|| assert!(engine.patch(patch).is_ok())));
                if durability == Durability::Synced {
                    syncs.push(timed(|| synced.write()));
                }
            }
            let last = engine.get(&self.id(patches - 1)).expect("sound").expect("an advisor");
            assert_eq!(last.current_clients, (patches as u32 - 1) % 20);
            let patch = report(&format!("patch, {durability:?}"), times);
            if !syncs.is_empty() {
                let sync = report("fdatasync of 150 bytes, beside it", syncs);
                println!("  a synced patch takes {:.2} times the disk's own sync", patch / sync);
            }
            let times = (0..upserts).map(|turn| {
                let advisor = self.other_words(&engine, turn);
                timed(|| assert!(engine.upsert(vec![advisor]).is_ok()))
            });
            report(&format!("upsert with another bio, {durability:?}"), times.collect());
        }
    }

    fn callers_together(&self) {
        let engine = self.opened("together", Durability::Synced);
        let rate = |callers: usize| {
            let (done, start) = (AtomicBool::new(false), Instant::now());
            let count = AtomicU64::new(0);
            thread::scope(|scope| {
                for caller in 0..callers {
                    let (engine, done, count) = (&engine, &done, &count);
                    scope.spawn(move || {
                        let mut turn = caller;
                        while !done.load(Ordering::Relaxed) {
                            engine.patch(self.patch(turn)).expect("a patch");
                            turn += callers;
                            count.fetch_add(1, Ordering::Relaxed);
                        }
                    });
                }
                thread::sleep(Duration::from_secs(3));
                done.store(true, Ordering::Relaxed);
            });
            count.load(Ordering::Relaxed) as f64 / start.elapsed().as_secs_f64()
        };
        let (one, many) = (rate(1), rate(CALLERS));
        println!(
            "synced patches: one caller {one:.0}/s, {CALLERS} callers {many:.0}/s, {:.1} times as many",
            many / one
        );
    }

    /// One reader; beside it 2,000 patches and 50 upserts of other words a second.
    fn readers(&self) {
        let buffered = Durability::Buffered { max_delay: Duration::from_millis(100) };
        let engine = self.opened("readers", buffered);
        let lists: Vec<_> = self.generator.search_requests(2_000).collect();
        let lists: Vec<_> =
            lists.into_iter().filter(|request| request.text.is_none()).take(500).collect();
        let matches: Vec<_> = self.generator.match_requests(200, Some(&self.embeddings)).collect();
        for round in ["quiet", "beside writes", "quiet again"] {
            let (done, written) = (AtomicBool::new(false), AtomicU64::new(0));
            thread::scope(|scope| {
                if round == "beside writes" {
                    scope.spawn(|| self.write_steadily(&engine, &done, &written));
                }
                Self::read(&engine, round, &lists, &matches);
                done.store(true, Ordering::Relaxed);
            });
            let written = written.load(Ordering::Relaxed);
            if written > 0 {
                println!("  {:.0} changes/s meanwhile", written as f64 / READING.as_secs_f64());
            }
        }
    }

    fn read(engine: &Engine, round: &str, lists: &[SearchRequest], matches: &[ClientCriteria]) {
        let (mut pages, mut ranked) = (Vec::new(), Vec::new());
        let start = Instant::now();
        for turn in 0.. {
            if start.elapsed() >= READING {
                break;
            }
            let request = &lists[turn % lists.len()];
            pages.push(timed(|| assert!(engine.search(request).is_ok())));
            if turn % 4 == 0 {
                let criteria = &matches[turn / 4 % matches.len()];
                ranked.push(timed(|| assert!(engine.match_advisors(criteria).is_ok())));
            }
            // A core that readers leave nothing of measures the scheduler.
            thread::sleep(Duration::from_micros(200));
        }
        report(&format!("list page, {round}"), pages);
        report(&format!("match, {round}"), ranked);
    }

    fn write_steadily(&self, engine: &Engine, done: &AtomicBool, written: &AtomicU64) {
        let start = Instant::now();
        let mut turn = 0;
        while !done.load(Ordering::Relaxed) {
            let due = (start.elapsed().as_secs_f64() * 2_000.0) as usize;
            while turn < due {
                engine.patch(self.patch(turn)).expect("a patch");
                if turn % 40 == 0 {
                    engine.upsert(vec![self.other_words(engine, turn)]).expect("an upsert");
                    written.fetch_add(1, Ordering::Relaxed);
                }
                turn += 1;
                written.fetch_add(1, Ordering::Relaxed);
            }
            thread::sleep(Duration::from_micros(300));
        }
    }
}

/// What the disk itself takes: a file that is there, written to and synced.
struct Synced(File);

impl Synced {
    fn new(at: &Path) -> Self {
        let path = at.join("synced");
        let mut file = File::create(path).expect("room");
        file.write_all(&vec![0; 1 << 20]).expect("room");
        file.sync_all().expect("a disk");
        Self(file)
    }

    fn write(&mut self) {
        self.0.write_all(&[7; 150]).expect("room");
        self.0.sync_data().expect("a disk");
    }
}

fn timed(change: impl FnOnce()) -> f64 {
    let start = Instant::now();
    change();
    start.elapsed().as_secs_f64() * 1e6
}

/// Prints the distribution; gives the median.
fn report(name: &str, mut times: Vec<f64>) -> f64 {
    times.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() as f64 * share) as usize).min(times.len() - 1)];
    let (p50, p95, p99, worst) = (at(0.5), at(0.95), at(0.99), at(1.0));
    println!("{name}: p50 {p50:.1} us, p95 {p95:.1}, p99 {p99:.1}, worst {worst:.0}");
    p50
}
