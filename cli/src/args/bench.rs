//! What `bench` takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Index;

/// Options of `bench`.
#[derive(Debug, Args)]
#[command(after_help = "\
  shortlist bench search --index idx --requests search.jsonl --seconds 5 --format json > before.json
  shortlist bench search --index idx --requests search.jsonl --html report.html --baseline before.json
  shortlist bench match --index idx --requests match.jsonl --embeddings match.f32 --threads 2

Requests are read before and answers are not written: what is timed is the engine's call alone. All
requests are gone through once to warm up, then in turn until the time is over. Up to 200 answers,
evenly spread over the requests, are compared with a brute-force twin; one that differs is exit code 1.")]
pub struct Bench {
    /// What is timed
    #[arg(value_enum)]
    pub what: BenchKind,
    /// The index
    #[command(flatten)]
    pub index: Index,
    /// One request a line; - for standard input
    #[arg(long, value_name = "FILE.jsonl")]
    pub requests: PathBuf,
    /// The embeddings of the requests, .f32 or .npy: row i for request i
    #[arg(long, value_name = "FILE")]
    pub embeddings: Option<PathBuf>,
    /// How many threads ask at once
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: u16,
    /// How long to time
    #[arg(long, value_name = "N", default_value_t = 5.0, value_parser = seconds)]
    pub seconds: f64,
    /// Also write a report with charts, as one HTML file
    #[arg(long, value_name = "FILE.html")]
    pub html: Option<PathBuf>,
    /// What an earlier run printed with --format json: the report compares
    #[arg(long, value_name = "FILE.json", requires = "html")]
    pub baseline: Option<PathBuf>,
}

/// What `bench` times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BenchKind {
    /// Searches.
    Search,
    /// Matches.
    Match,
}

pub(super) fn seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| "it takes a number of seconds".to_owned())?;
    if (0.01..=86_400.0).contains(&seconds) {
        Ok(seconds)
    } else {
        Err("it must be 0.01 to 86400".to_owned())
    }
}
