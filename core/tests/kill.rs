//! A process that writes is killed at random times: what it acknowledged is there, and of no batch a part.
//!
//! A hundred rounds, or `SHORTLIST_KILLS` of them; `SHORTLIST_SEED` draws the times (printed where something differs).

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use shortlist::{AdvisorProfile, Durability, Engine, EngineOptions, Error, Result};

const CHILD: &str = "SHORTLIST_KILLED_DIRECTORY";
const ROUNDS: u64 = 100;
/// So many rounds in one directory.
const GENERATIONS: u64 = 25;
const WRITERS: u32 = 3;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn draw(state: &mut u64, below: u64) -> u64 {
    // splitmix64
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut x = *state;
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (x ^ (x >> 31)) % below
}

fn counter(writer: u32) -> String {
    format!("writer-{writer}")
}

/// How many batches of a writer there are.
fn count(engine: &Engine, writer: u32) -> Result<u32> {
    Ok(engine.get(&counter(writer))?.map_or(0, |counter| counter.current_clients))
}

/// The profiles that a batch adds beside its counter.
fn beside(writer: u32, batch: u32) -> [String; 2] {
    [format!("{writer}-{batch}-a"), format!("{writer}-{batch}-b")]
}

/// Each batch adds two profiles and counts itself in a third; one that is acknowledged is printed.
fn write(engine: &Engine, writer: u32) -> Result<()> {
    let mut batch = count(engine, writer)?;
    loop {
        batch += 1;
        let mut counter = AdvisorProfile::new(counter(writer));
        counter.current_clients = batch;
        let mut profiles = vec![counter];
        profiles.extend(beside(writer, batch).map(|id| {
            let mut profile = AdvisorProfile::new(id);
            profile.professional_title = Some(format!("Advisor number {batch}"));
            profile.embedding = Some(vec![1.0, batch as f32]);
            profile
        }));
        engine.upsert(profiles)?;
        let acknowledged = format!("{writer} {batch}\n");
        // One call, so that lines of several writers do not mix.
        std::io::stderr().write_all(acknowledged.as_bytes()).expect("somebody reads");
    }
}

/// Not a test of its own: what the other one kills.
#[test]
fn the_process_that_is_killed() -> Result<()> {
    let Some(directory) = std::env::var_os(CHILD) else { return Ok(()) };
    let lasting = if std::process::id().is_multiple_of(3) {
        Durability::Buffered { max_delay: Duration::from_millis(5) }
    } else {
        Durability::Synced
    };
    let options = EngineOptions::default()
        .with_create()
        .with_durability(lasting)
        .with_window(10)
        .with_snapshots(None, None);
    let engine = Engine::open_with(&directory, options)?;
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let engine = &engine;
            scope.spawn(move || write(engine, writer));
        }
        loop {
            engine.snapshot(&directory)?;
            engine.maintain()?;
        }
    })
}

fn start(directory: &Path) -> Child {
    Command::new(std::env::current_exe().expect("this test"))
        .args(["the_process_that_is_killed", "--exact", "--nocapture"])
        .env(CHILD, directory)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a process")
}

/// Lets a process write for a while; what each writer was told last.
fn life(directory: &Path, millis: u64) -> BTreeMap<u32, u32> {
    let mut child = start(directory);
    let pipe = child.stderr.take().expect("it is piped");
    let reader = thread::spawn(move || {
        let mut told = BTreeMap::new();
        for line in BufReader::new(pipe).lines() {
            let line = line.expect("text");
            // The last line may be cut: it was not told then.
            let words: Vec<_> = line.split(' ').map(str::parse::<u32>).collect();
            let [Ok(writer), Ok(batch)] = words[..] else { panic!("it says: {line}") };
            told.insert(writer, batch);
        }
        told
    });
    thread::sleep(Duration::from_millis(millis));
    child.kill().expect("it lives");
    child.wait().expect("it ends");
    reader.join().expect("it reads")
}

fn check(directory: &Path, told: &BTreeMap<u32, u32>) -> Result<u64> {
    let engine = match Engine::open(directory) {
        // It was killed before there was an index.
        Err(Error::NotAnIndex { .. }) if told.is_empty() => return Ok(0),
        opened => opened?,
    };
    engine.verify()?;
    let (mut expected, mut acknowledged) = (0, 0);
    for writer in 0..WRITERS {
        let batches = count(&engine, writer)?;
        let last = told.get(&writer).copied().unwrap_or(0);
        assert!(batches >= last, "writer {writer} was told of batch {last}, there are {batches}");
        assert!(batches <= last + 1 || last == 0, "a batch after one that was not acknowledged");
        for batch in 1..=batches + 1 {
            for id in beside(writer, batch) {
                assert_eq!(engine.get(&id)?.is_some(), batch <= batches, "a part of {id}");
            }
        }
        expected += u64::from(2 * batches) + u64::from(batches > 0);
        acknowledged += u64::from(last);
    }
    assert_eq!(engine.stats().profiles, expected);
    assert_eq!(engine.stats().warnings, Vec::<String>::new());
    Ok(acknowledged)
}

#[test]
fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    let (rounds, seed) =
        (number("SHORTLIST_KILLS").unwrap_or(ROUNDS), number("SHORTLIST_SEED").unwrap_or(1));
    let mut draws = seed;
    let (mut acknowledged, mut in_directory) = (0, 0);
    let mut directory = tempfile::tempdir().expect("a directory");
    for round in 0..rounds {
        if round % GENERATIONS == 0 {
            (acknowledged, in_directory) = (acknowledged + in_directory, 0);
            directory = tempfile::tempdir().expect("a directory");
        }
        let told = life(directory.path(), 5 + draw(&mut draws, 120));
        match check(directory.path(), &told) {
            Ok(batches) => in_directory = batches.max(in_directory),
            Err(error) => panic!("round {round} of seed {seed}: {error}"),
        }
    }
    println!("{rounds} kills, {} batches acknowledged, none lost", acknowledged + in_directory);
    assert!(acknowledged + in_directory > rounds);
}
