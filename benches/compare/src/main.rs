//! Shortlist beside what users would take instead: loops by hand over arrays in Rust and with numpy, `SQLite`, `PostgreSQL`,
//! Qdrant Edge, `LanceDB`.
//!
//! `benches/compare/run` installs what the peers need and starts it. All of them hold the same generated advisors and answer
//! the same 200 requests of each kind, one client each. First every answer is compared: the same ids in the same order, but
//! where scores are equal to 1e-6. Then all are timed in turn, round after round, so that a busy moment of the machine meets
//! each of them. `SHORTLIST_COMPARE_ROWS` (15000) and `SHORTLIST_COMPARE_DIM` (1536) say how large the catalogue is,
//! `SHORTLIST_COMPARE_PEERS` which peers take part (`numpy,sqlite`; all). A peer that cannot be started is left out, and a
//! kind of request that it has no words for is a dash.

mod arrays;
mod contender;
mod engine;
mod kind;
mod peer;
mod table;

use std::process::ExitCode;

use shortlist::testing::Generator;

use arrays::Arrays;
use contender::{Contender, Failure};
use engine::Library;
use kind::{Kind, Workload};
use peer::{PROGRAMS, Peer};

const ROUNDS: usize = 7;
const REQUESTS: usize = 200;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

fn run() -> Result<(), Failure> {
    let rows = number("SHORTLIST_COMPARE_ROWS", 15_000);
    let dimension = number("SHORTLIST_COMPARE_DIM", 1_536);
    eprintln!("making {rows} advisors of {dimension} dimensions");
    let workload = Workload::new(Generator::new(1), rows, dimension, REQUESTS);
    let arrays = Arrays::new(&workload);
    let mut contenders: Vec<Box<dyn Contender + '_>> = Vec::new();
    let files = tempfile::tempdir()?;
    peer::write(&arrays, &workload, files.path())?;
    let asked_for = std::env::var("SHORTLIST_COMPARE_PEERS").unwrap_or_default();
    let is_asked_for = |program: &&&str| {
        asked_for.is_empty() || asked_for.split(',').any(|name| program.starts_with(name.trim()))
    };
    let peers: Vec<Peer> = PROGRAMS
        .iter()
        .filter(is_asked_for)
        .filter_map(|program| {
            let started = Peer::start(program, files.path());
            started.inspect_err(|failure| eprintln!("{program} is left out: {failure}")).ok()
        })
        .collect();
    contenders.push(Box::new(Library::new(&workload)?));
    contenders.push(Box::new(arrays));
    contenders.extend(peers.into_iter().map(|peer| Box::new(peer) as Box<dyn Contender + '_>));

    let mut lines = Vec::new();
    for kind in Kind::ALL {
        eprintln!("{}: comparing the answers", kind.name());
        agree(kind, &mut contenders)?;
        let mut times = vec![Vec::new(); contenders.len()];
        for round in 0..=ROUNDS {
            for (contender, times) in contenders.iter_mut().zip(&mut times) {
                if !contender.knows(kind) {
                    continue;
                }
                let taken = contender.time(kind)?;
                // The first round warms up.
                if round > 0 {
                    times.extend(taken);
                }
            }
        }
        lines.push((kind, times));
    }
    let names: Vec<&str> = contenders.iter().map(|contender| contender.name()).collect();
    println!("{}", table::table(&names, lines));
    println!("{}, {}", today(), processor());
    println!(
        "{rows} advisors x {dimension}, {REQUESTS} requests of each kind, {ROUNDS} rounds, one thread: \
         p50 / p95 in microseconds, and how many times the first's"
    );
    Ok(())
}

/// Every contender's answers against the first's.
fn agree(kind: Kind, contenders: &mut [Box<dyn Contender + '_>]) -> Result<(), Failure> {
    let mut answers = Vec::with_capacity(contenders.len());
    for contender in contenders.iter_mut().filter(|contender| contender.knows(kind)) {
        let given = contender.answers(kind)?;
        answers.push((contender.name().to_owned(), given));
    }
    let Some(((first, expected), others)) = answers.split_first() else { return Ok(()) };
    for (other, found) in others {
        for (at, (expected, found)) in expected.iter().zip(found).enumerate() {
            expected.same_as(found).map_err(|what| {
                Failure(format!(
                    "{}, request {at}: {first} and {other} differ: {what}",
                    kind.name()
                ))
            })?;
        }
        if expected.len() != found.len() {
            return Err(Failure(format!("{other} answers {} requests", found.len())));
        }
    }
    let found: usize = expected.iter().map(|answer| answer.ids.len()).sum();
    if found == 0 {
        return Err(Failure(format!("{}: nobody finds anything", kind.name())));
    }
    Ok(())
}

/// The date, as the system has it.
fn today() -> String {
    let date = std::process::Command::new("date").arg("+%F").output();
    let date = date.map(|said| String::from_utf8_lossy(&said.stdout).trim().to_owned());
    date.unwrap_or_else(|_| "on an unknown date".to_owned())
}

/// What the machine calls its processor.
fn processor() -> String {
    let facts = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let named = facts.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{} ({threads} threads)", named.map_or("an unknown processor", |(_, name)| name))
}
