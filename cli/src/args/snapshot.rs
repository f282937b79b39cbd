//! What `snapshot` takes.

use std::path::PathBuf;

use clap::Args;

use super::Index;

/// Options of `snapshot`.
#[derive(Debug, Args)]
#[command(after_help = "\
  shortlist snapshot --index idx --to advisors.slx
  shortlist search --index advisors.slx --text cfo

The file is written beside its place and renamed: who reads an older one of that name reads on in it.")]
pub struct Snapshot {
    /// The index
    #[command(flatten)]
    pub index: Index,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    pub to: PathBuf,
}
