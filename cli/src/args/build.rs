//! What `build` takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{OnError, dimension};

/// Options of `build`.
#[derive(Debug, Args)]
#[command(after_help = "\
  shortlist build --input advisors.jsonl.gz --index idx
  shortlist build --input advisors.csv --embeddings advisors.npy --index idx
  shortlist build --input advisors.parquet --embedder hash --dim 256 --index idx --on-error skip
  psql -c \"copy (select row_to_json(a) from advisors a) to stdout\" | shortlist build --input - --index idx

Fields are camelCase or snake_case. Of a CSV, a list is `a; b` or a JSON list, an empty cell is a missing
value, and a column `attributes.x` is an attribute. Embeddings are row-major little-endian f32 (.f32) or
.npy (f4, C order); row i belongs to record i. An index that was in DIR is replaced when the new one is
whole, and not before.")]
pub struct Build {
    /// The profiles: .jsonl, .jsonl.gz, .csv, .csv.gz or .parquet; - for JSONL on standard input
    #[arg(long, value_name = "FILE")]
    pub input: PathBuf,
    /// The directory to write
    #[arg(long, value_name = "DIR")]
    pub index: PathBuf,
    /// The embeddings: .f32 or .npy, one row a record
    #[arg(long, value_name = "FILE", conflicts_with = "embedder")]
    pub embeddings: Option<PathBuf>,
    /// How many numbers an embedding has; a .f32 file does not say it
    #[arg(long, value_name = "D", value_parser = dimension())]
    pub dim: Option<u32>,
    /// Make embeddings from the profiles' own text. `hash` compares words and spellings, not meanings; without --dim, 256 dimensions
    #[arg(long, value_enum)]
    pub embedder: Option<EmbedderKind>,
    /// The attributes, dimension, language and weights, as JSON; without it attributes are inferred
    #[arg(long, value_name = "FILE.json")]
    pub schema: Option<PathBuf>,
    /// What to do with a record that is wrong: stop and write nothing, or write it to DIR.rejected.jsonl and go on
    #[arg(long, value_enum, default_value_t = OnError::Stop)]
    pub on_error: OnError,
}

/// What makes embeddings from text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EmbedderKind {
    /// Words and character n-grams hashed into the dimensions.
    Hash,
}
