//! What `demo` takes.

use clap::Args;

/// Options of `demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// How many advisors to make
    #[arg(long, value_name = "N", default_value_t = 15_000, value_parser = clap::value_parser!(u32).range(100..=200_000))]
    pub advisors: u32,
    /// How many searches, and as many matches, to time and verify
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub requests: u32,
    /// The seed; the same one gives the same advisors and requests
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
}
