//! What `import` and `remove` take.

use std::path::PathBuf;

use clap::Args;

use super::{Index, OnError, dimension};

/// Options of `import`.
#[derive(Debug, Args)]
#[command(after_help = "\
  shortlist import --index idx --input changed.jsonl
  shortlist import --index idx --create --input advisors.csv --embeddings advisors.npy
  psql -c \"copy (select row_to_json(a) from advisors a) to stdout\" | shortlist import --index idx --input -

Profiles are added, or replace those of the same id; the others stay. Each batch of up to 8,192 is lasting
when it is taken: where a record stops the import, the batches before it are there.")]
pub struct Import {
    /// The directory of the index
    #[command(flatten)]
    pub index: Index,
    /// The profiles: .jsonl, .jsonl.gz, .csv, .csv.gz or .parquet; - for JSONL on standard input
    #[arg(long, value_name = "FILE")]
    pub input: PathBuf,
    /// Make a new index where the directory is empty or not there; its attributes are inferred
    #[arg(long)]
    pub create: bool,
    /// The embeddings: .f32 or .npy, one row a record
    #[arg(long, value_name = "FILE")]
    pub embeddings: Option<PathBuf>,
    /// How many numbers an embedding of a new index has; a .f32 file does not say it
    #[arg(long, value_name = "D", value_parser = dimension(), requires = "create")]
    pub dim: Option<u32>,
    /// What to do with a record that is wrong: stop, or write it to DIR.rejected.jsonl and go on
    #[arg(long, value_enum, default_value_t = OnError::Stop)]
    pub on_error: OnError,
}

/// Options of `remove`.
#[derive(Debug, Args)]
#[command(after_help = "\
  shortlist remove --index idx adv-000001 adv-000002
  shortlist remove --index idx --missing-ok - < ids.txt

All of them or none: an id that the index does not hold is an error, unless --missing-ok says otherwise.")]
pub struct Remove {
    /// The directory of the index
    #[command(flatten)]
    pub index: Index,
    /// The ids; - for one a line on standard input
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
    /// Pass over ids that the index does not hold
    #[arg(long)]
    pub missing_ok: bool,
}
