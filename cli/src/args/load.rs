//! What `load` takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::dimension;

/// Options of `load`.
#[derive(Debug, Args)]
#[command(after_help = "\
  shortlist load peak --html peak.html
  shortlist load browsing --index idx --users 5000 --seconds 120
  shortlist load matching --url http://127.0.0.1:8080 --pid $(pgrep -n service)

browsing: people who list, filter 2 s later, look at a profile 3 s later, and start again 5 s later; they join
evenly over the first half of the run. matching: matches, 10 a second at first, rising evenly to --rate over
two thirds of the run, then held. peak: 60 % list pages and searches, 30 % profile views, 10 % matches, --rate a
second from the first on. Requests of an open loop come at random (Poisson), whether or not others are
answered. Each different page and match is asked once before the clock starts, uncounted. Latency counts from the
moment a request was meant to start (no coordinated omission), until its answer is written as JSON or read from
the service. All the while profiles are written anew with other text, and hot fields are patched.

In the process: an index in memory, made by the generator or filled from --index, which is only read; with --keep
every change is journaled too. At the end up to 200
answers are compared with brute force. With --url, of a service: POST /search and /match take the JSON of
a request, GET /advisors/{id} gives a profile, PUT and PATCH /advisors/{id} change it; a service that knows no PUT and
PATCH is driven without changes, and the report says so. It must serve profiles of the same generator.

Exit code 1 where a threshold is missed or an answer is wrong.")]
pub struct Load {
    /// Who asks for what
    #[arg(value_enum)]
    pub profile: LoadProfile,
    /// Fill the index from this one (a directory or a snapshot) instead of the generator
    #[arg(long, value_name = "DIR|FILE", conflicts_with_all = ["advisors", "url"])]
    pub index: Option<PathBuf>,
    /// Keep the index that is driven in this new directory: every change is then on the disk before it is acknowledged
    #[arg(long, value_name = "DIR", conflicts_with = "url")]
    pub keep: Option<PathBuf>,
    /// How many advisors the generator makes, or the service has
    #[arg(long, value_name = "N", default_value_t = 15_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub advisors: u32,
    /// How many numbers an embedding has
    #[arg(long, value_name = "D", default_value_t = 384, value_parser = dimension())]
    pub dim: u32,
    /// The seed of advisors, requests and arrivals
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Drive a service instead of the engine inside this process
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// The process whose memory is watched, with --url
    #[arg(long, value_name = "PID", requires = "url")]
    pub pid: Option<u32>,
    /// How long
    #[arg(long, value_name = "N", default_value_t = 60.0, value_parser = super::bench::seconds)]
    pub seconds: f64,
    /// How many requests a second: of peak [default: 10000], of matching in the end [default: 200]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub rate: Option<u32>,
    /// How many people browse
    #[arg(long, value_name = "N", default_value_t = 5_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub users: u32,
    /// How many threads ask, each with a connection of its own [default: as many as processors; 64 with --url]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// How many different searches and matches are asked; the first ones most often, as Zipf has it
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub distinct: u32,
    /// How many profiles a second are written anew, with other text
    #[arg(long, value_name = "N", default_value_t = 50, help_heading = "Changes")]
    pub upserts: u32,
    /// How many hot fields a second are patched
    #[arg(long, value_name = "N", default_value_t = 500, help_heading = "Changes")]
    pub patches: u32,
    /// 95 of 100 requests take at most so long
    #[arg(long, value_name = "MS", default_value_t = 500.0, help_heading = "Thresholds")]
    pub max_p95_ms: f64,
    /// 99 of 100 requests take at most so long [default: 5 for peak inside the process, else none]
    #[arg(long, value_name = "MS", help_heading = "Thresholds")]
    pub max_p99_ms: Option<f64>,
    /// How many requests and changes may fail
    #[arg(long, value_name = "N", default_value_t = 0, help_heading = "Thresholds")]
    pub max_errors: u64,
    /// How much the memory may grow once the run has settled (peak after a quarter of its time, browsing after a half,
    /// matching after two thirds): from the first third of the rest to the last, by the medians; below 8 MiB is none
    #[arg(long, value_name = "PERCENT", default_value_t = 5.0, help_heading = "Thresholds")]
    pub max_growth: f64,
    /// Also write a report with charts, as one HTML file
    #[arg(long, value_name = "FILE.html")]
    pub html: Option<PathBuf>,
}

/// Who asks for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LoadProfile {
    /// People who list, filter, look at profiles, and think between.
    Browsing,
    /// A rising number of matches.
    Matching,
    /// Everything mixed, as fast as on the busiest day.
    Peak,
}
