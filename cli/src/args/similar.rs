//! What `similar` takes.

use clap::Args;

use super::Index;

/// Options of `similar`.
#[derive(Debug, Args)]
#[command(after_help = "\
  shortlist similar --index idx adv-000042 --limit 5
  shortlist similar --index idx adv-000042 --filter '{\"isAvailable\": true}' --explain
  shortlist similar --index idx --request '{\"id\": \"adv-000042\", \"scope\": \"all\"}'")]
pub struct Similar {
    /// The index
    #[command(flatten)]
    pub index: Index,
    /// The advisor to compare with; it is left out itself
    #[arg(value_name = "ID", required_unless_present = "request")]
    pub id: Option<String>,
    /// The request as JSON
    #[arg(long, short, value_name = "JSON", conflicts_with_all = ["id", "filter", "all", "limit", "explain"])]
    pub request: Option<String>,
    /// Only who passes this filter, as JSON
    #[arg(long, value_name = "JSON")]
    pub filter: Option<String>,
    /// Look at every profile that is not deleted, not only at the marketplace's
    #[arg(long)]
    pub all: bool,
    /// How many, 1 to 1000 [default: 20]
    #[arg(long, short = 'n', value_name = "N")]
    pub limit: Option<u32>,
    /// Say which path was taken and why
    #[arg(long)]
    pub explain: bool,
}
