//! What `synonyms` takes.

use std::path::PathBuf;

use clap::Args;

use super::Index;

/// Options of `synonyms`.
#[derive(Debug, Args)]
#[command(after_help = "\
  shortlist synonyms --index idx > rules.json
  shortlist synonyms --index idx --set rules.json
  echo '[[\"cfo\", \"chief financial officer\"], {\"from\": \"cpa\", \"to\": \"accountant\"}]' |
      shortlist synonyms --index idx --set -

A list of forms is two-way, an object one-way. The new rules replace all that were there; [] leaves none.")]
pub struct Synonyms {
    /// The index
    #[command(flatten)]
    pub index: Index,
    /// The new rules, as JSON; - for standard input. Without it the rules are listed
    #[arg(long, value_name = "FILE.json")]
    pub set: Option<PathBuf>,
}
