//! What `generate` takes.

use std::path::PathBuf;

use clap::Args;

use super::dimension;

/// Options of `generate`.
#[derive(Debug, Args)]
#[command(after_help = "\
  shortlist generate --advisors 15000 --seed 7 --dim 384 --out a.jsonl --embeddings-out a.f32
  shortlist generate --advisors 15000 --dim 384 --out a.jsonl --embeddings-out a.f32 --requests 200
      also writes a.search.jsonl, a.match.jsonl and a.match.f32 (row i for request i)")]
pub struct Generate {
    /// How many advisors to make
    #[arg(long, value_name = "N", default_value_t = 15_000)]
    pub advisors: u32,
    /// The seed; the same one gives the same files
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Also say where advisors are and when they are free, as the attributes `office` (geo) and `calendar`
    /// (availability), and ask for both in requests
    #[arg(long)]
    pub whereabouts: bool,
    /// How many numbers an embedding has
    #[arg(long, value_name = "D", value_parser = dimension())]
    pub dim: Option<u32>,
    /// Where to write the profiles, one JSON object a line; - for standard output
    #[arg(long, value_name = "FILE.jsonl")]
    pub out: PathBuf,
    /// Where to write the embeddings, one row a profile
    #[arg(long, value_name = "FILE.f32", requires = "dim")]
    pub embeddings_out: Option<PathBuf>,
    /// Where to write the schema, which says more of the attributes than can be inferred
    #[arg(long, value_name = "FILE.json")]
    pub schema_out: Option<PathBuf>,
    /// Also write that many search and match requests, beside the profiles
    #[arg(long, value_name = "N")]
    pub requests: Option<u32>,
}
