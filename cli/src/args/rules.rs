//! What `rules` takes.

use clap::{Args, Subcommand};

use super::Index;

/// Options of `rules`.
#[derive(Debug, Args)]
#[command(after_help = "\
  shortlist rules set --index idx spring '{\"pins\": [{\"id\": \"adv-000001\", \"position\": 1}]}'
  shortlist rules set --index idx season - < rules.json
  shortlist rules list --index idx
  shortlist rules remove --index idx spring
  shortlist search --index idx --text cfo --rules spring")]
pub struct Rules {
    /// What to do
    #[command(subcommand)]
    pub action: RulesAction,
}

/// What to do with the rules that an index keeps.
#[derive(Debug, Subcommand)]
pub enum RulesAction {
    /// Keep rules under a name, in the place of those kept under it before
    Set {
        /// The index
        #[command(flatten)]
        index: Index,
        /// The name that requests call them by
        name: String,
        /// The rules as JSON: pins, hide, boost, bury; - reads them from standard input
        #[arg(value_name = "JSON")]
        rules: String,
    },
    /// Print the rules that are kept, by name
    List(Index),
    /// Forget the rules of a name
    Remove {
        /// The index
        #[command(flatten)]
        index: Index,
        /// The name
        name: String,
    },
}
