//! What `suggest` takes.

use clap::Args;

use super::Index;

/// Options of `suggest`.
#[derive(Debug, Args)]
#[command(after_help = "\
  shortlist suggest --index idx fract
  shortlist suggest --index idx --kind titles --limit 10 'interim c'
  shortlist suggest --index idx --request '{\"text\": \"cfo\", \"typos\": false}'
  shortlist suggest --index idx --filter '{\"industries\": \"Retail\"}' tax")]
pub struct Suggest {
    /// The index
    #[command(flatten)]
    pub index: Index,
    /// The text so far
    #[arg(value_name = "TEXT", required_unless_present = "request", allow_hyphen_values = true)]
    pub text: Option<String>,
    /// The request as JSON
    #[arg(long, short, value_name = "JSON", conflicts_with_all = ["text", "kind", "limit", "filter", "all"])]
    pub request: Option<String>,
    /// titles, services, industries or words; several: in that order [default: all]
    #[arg(long, value_name = "KIND")]
    pub kind: Vec<String>,
    /// How many of each kind, 1 to 50 [default: 5]
    #[arg(long, short = 'n', value_name = "N")]
    pub limit: Option<u32>,
    /// Count only profiles of this filter, as JSON
    #[arg(long, value_name = "JSON")]
    pub filter: Option<String>,
    /// Count every profile that is not deleted, not only the marketplace's
    #[arg(long)]
    pub all: bool,
}
