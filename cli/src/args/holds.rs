//! What `holds` takes.

use clap::{Args, Subcommand};

use super::Index;

/// Options of `holds`.
#[derive(Debug, Args)]
#[command(after_help = "\
  shortlist holds reserve --index idx adv-000001 --minutes 15
  shortlist holds confirm --index idx 4503599627370496
  shortlist holds release --index idx 4503599627370496
  shortlist holds list --index idx

A held place counts as taken until it is confirmed, released, or has lapsed by itself.")]
pub struct Holds {
    /// What to do
    #[command(subcommand)]
    pub action: HoldsAction,
}

/// What to do with the places of advisors.
#[derive(Debug, Subcommand)]
pub enum HoldsAction {
    /// Hold one place of an advisor
    Reserve {
        /// The index
        #[command(flatten)]
        index: Index,
        /// The advisor
        id: String,
        /// For how long: over 0, at most 30 days
        #[arg(long, value_name = "N", default_value_t = 15.0)]
        minutes: f64,
    },
    /// Make a client of a hold
    Confirm {
        /// The index
        #[command(flatten)]
        index: Index,
        /// The hold, as `reserve` names it
        hold: u64,
    },
    /// Give the place of a hold back
    Release {
        /// The index
        #[command(flatten)]
        index: Index,
        /// The hold, as `reserve` names it
        hold: u64,
    },
    /// Print the places that are held
    List(Index),
}
