//! What `get` takes.

use clap::Args;

use super::Index;

/// Options of `get`.
#[derive(Debug, Args)]
#[command(
    after_help = "With --format json, one id gives an object and several give a list; with jsonl, one profile a line."
)]
pub struct Get {
    /// The index
    #[command(flatten)]
    pub index: Index,
    /// The ids
    #[arg(required = true, value_name = "ID")]
    pub ids: Vec<String>,
}
