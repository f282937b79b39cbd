//! Shortlist beside the loops that one would write by hand: over arrays in Rust, and with numpy.
//!
//! ```sh
//! python3 -m venv /tmp/numpy && /tmp/numpy/bin/pip install numpy
//! SHORTLIST_PYTHON=/tmp/numpy/bin/python cargo run --release -p shortlist-compare
//! ```
//!
//! All of them hold the same generated advisors and answer the same 200 requests of each kind, one thread each.
//! First every answer is compared: the same ids in the same order, but where scores are equal to 1e-6. Then all
//! are timed in turn, round after round, so that a busy moment of the machine meets each of them.
//! `SHORTLIST_COMPARE_ROWS` (15000) and `SHORTLIST_COMPARE_DIM` (1536) say how large the catalogue is.
//! Without numpy the table lacks its columns, and says so.

mod arrays;
mod contender;
mod engine;
mod kind;
mod numpy;
mod table;

use std::process::ExitCode;

use shortlist::testing::Generator;

use arrays::Arrays;
use contender::{Contender, Failure};
use engine::Library;
use kind::{Kind, Workload};
use numpy::Numpy;

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
    let numpy = Numpy::start(&arrays, &workload);
    contenders.push(Box::new(Library::new(&workload)?));
    contenders.push(Box::new(arrays));
    match numpy {
        Ok(numpy) => contenders.push(Box::new(numpy)),
        Err(failure) => eprintln!("numpy is left out: {failure}"),
    }

    let mut lines = Vec::new();
    for kind in Kind::ALL {
        eprintln!("{}: comparing the answers", kind.name());
        agree(kind, &mut contenders)?;
        let mut times = vec![Vec::new(); contenders.len()];
        for round in 0..=ROUNDS {
            for (contender, times) in contenders.iter_mut().zip(&mut times) {
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
    println!(
        "{rows} advisors x {dimension}, {REQUESTS} requests of each kind, {ROUNDS} rounds, one thread: \
         p50 / p95 in microseconds, and how many times the first's"
    );
    Ok(())
}

/// Every contender's answers against the first's.
fn agree(kind: Kind, contenders: &mut [Box<dyn Contender + '_>]) -> Result<(), Failure> {
    let mut answers = Vec::with_capacity(contenders.len());
    for contender in contenders.iter_mut() {
        answers.push((contender.name(), contender.answers(kind)?));
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
