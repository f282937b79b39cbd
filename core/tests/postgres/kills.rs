//! A process that follows a table, killed again and again while the table is written to.
//!
//! `SHORTLIST_KILLS=500` kills so often; fifty times otherwise.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use shortlist::sync::{Mapping, SourceKind, Sync, SyncOptions, install, publish};
use shortlist::{Engine, EngineOptions};

use super::cluster::{Cluster, PASSWORD};
use super::market::{differences, live, market};
use super::writer::{Dice, Writer};

const ROWS: u32 = 2_000;

fn kills() -> usize {
    std::env::var("SHORTLIST_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(50)
}

fn follow(folder: &Path, url: &str, source: SourceKind) -> (Engine, Sync) {
    let engine = Engine::open_with(folder, EngineOptions::default().with_create());
    let engine = engine.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut options = SyncOptions::new(url);
    options.source = source;
    options.batch_rows = 50;
    options.compare_every = Duration::from_secs(2);
    let sync = Sync::start(&engine, options).expect("a sync");
    (engine, sync)
}

/// The process that is killed, run by the tests below; it ends with whoever holds its standard input.
#[test]
#[ignore = "a process of its own, told by its environment what to follow"]
fn a_follower() {
    let told = |name: &str| std::env::var(format!("SHORTLIST_FOLLOW_{name}"));
    let (Ok(url), Ok(folder), Ok(source)) = (told("URL"), told("FOLDER"), told("SOURCE")) else {
        return;
    };
    let source = SourceKind::parse(&source).expect("a source");
    let (_engine, sync) = follow(Path::new(&folder), &url, source);
    let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
    println!("{:?}", sync.stop());
}

struct Follower(Child);

impl Follower {
    fn start(cluster: &Cluster, place: &Place) -> Self {
        let log = File::options().create(true).append(true).open(&place.log).expect("a file");
        let child = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "kills::a_follower", "--ignored", "--nocapture"])
            .env("SHORTLIST_FOLLOW_URL", cluster.url())
            .env("SHORTLIST_FOLLOW_FOLDER", &place.index)
            .env("SHORTLIST_FOLLOW_SOURCE", place.source.name())
            .stdin(Stdio::piped())
            .stdout(log.try_clone().expect("a file"))
            .stderr(log)
            .spawn();
        Self(child.expect("it starts"))
    }
}

/// SIGKILL: it is asked nothing.
impl Drop for Follower {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Where a follower keeps its index, and what it says.
struct Place {
    source: SourceKind,
    index: PathBuf,
    log: PathBuf,
    _folder: tempfile::TempDir,
}

impl Place {
    fn new(source: SourceKind) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (index, log) = (folder.path().join("index"), folder.path().join("log"));
        Self { source, index, log, _folder: folder }
    }

    fn shows_no_password(&self) {
        let said = std::fs::read_to_string(&self.log).expect("a log");
        assert!(!said.contains(PASSWORD) && !said.contains("panicked"), "{said}");
    }
}

#[test]
fn nothing_is_lost_with_the_process() {
    let Some((cluster, client)) = market(ROWS) else { return };
    drop(client);
    install(&cluster.url(), &Mapping::default(), &[]).expect("an outbox");
    publish(&cluster.url(), &Mapping::default()).expect("a publication");
    let places = SourceKind::ALL.map(|(_, source)| Place::new(source));
    let writer = Writer::start(cluster.url());
    let mut dice = Dice(11);
    for _ in 0..kills() {
        let followers = places.each_ref().map(|place| Follower::start(&cluster, place));
        std::thread::sleep(Duration::from_millis(dice.below(500)));
        drop(followers);
    }
    let written = writer.stop();
    assert!(written > 0);
    for place in &places {
        let (engine, sync) = follow(&place.index, &cluster.url(), place.source);
        live(&sync);
        assert_eq!(differences(&engine, &cluster), [], "{:?}", sync.status());
        drop((sync, engine));
        place.shows_no_password();
    }
    // A position is where the data is: whoever follows by it reads nothing twice.
    for place in places.iter().filter(|place| place.source != SourceKind::Poll) {
        let idle = Follower::start(&cluster, place);
        std::thread::sleep(Duration::from_secs(2));
        drop(idle);
        let (engine, sync) = follow(&place.index, &cluster.url(), place.source);
        let status = live(&sync);
        assert_eq!((status.upserted, status.removed), (0, 0), "{status:?}");
        assert_eq!(differences(&engine, &cluster), []);
    }
    println!("{} kills, {written} rows written meanwhile, no difference", kills());
}

#[test]
fn a_load_goes_on_where_it_was_killed() {
    let rows = 6_000_u32;
    let Some((cluster, _client)) = market(rows) else { return };
    install(&cluster.url(), &Mapping::default(), &[]).expect("an outbox");
    let place = Place::new(SourceKind::Outbox);
    let (mut loaded, mut amid) = (0, 0);
    let mut dice = Dice(5);
    for _ in 0..200 {
        let follower = Follower::start(&cluster, &place);
        std::thread::sleep(Duration::from_millis(100 + dice.below(200)));
        drop(follower);
        let engine = Engine::open_with(&place.index, EngineOptions::default().with_create());
        let held = engine.expect("whole, whenever it was killed").stats().profiles;
        assert!(held >= loaded, "{held} after {loaded}");
        amid += usize::from(held > loaded && held < u64::from(rows));
        loaded = held;
        if amid > 1 {
            break;
        }
    }
    let (engine, sync) = follow(&place.index, &cluster.url(), place.source);
    let status = live(&sync);
    if amid > 0 {
        assert!(status.upserted <= u64::from(rows) - loaded, "{loaded} were there: {status:?}");
    }
    assert_eq!(differences(&engine, &cluster), []);
    place.shows_no_password();
}
