//! What `schema` takes.

use clap::Args;

use super::Index;

/// Options of `schema`.
#[derive(Debug, Args)]
#[command(after_help = "\
  shortlist schema --index idx
  shortlist schema --index idx --add languages=keywords --add since=date:license.since
  shortlist schema --index idx --remove oldRank

The values of an added attribute are read from the `details` of the profiles that are there: the member of its
name, or the one behind the colon.")]
pub struct Schema {
    /// The index
    #[command(flatten)]
    pub index: Index,
    /// Add an attribute
    #[arg(long, value_name = "NAME=KIND[:FROM]")]
    pub add: Vec<String>,
    /// Remove an attribute
    #[arg(long, value_name = "NAME")]
    pub remove: Vec<String>,
}
