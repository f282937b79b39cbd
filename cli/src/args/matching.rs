//! What `match` takes.

use clap::Args;
use shortlist::GroupCap;

use super::{Asked, Index};

/// Options of `match`.
#[derive(Debug, Args)]
#[command(after_help = "\
  shortlist match --index idx --industry Healthcare --service 'Tax Planning' --max-budget 250
  shortlist match --index idx --need 'someone to raise a series A for a clinic' --limit 5
  shortlist match --index idx --service Audit --max-budget 90 --relax --max-per attributes.firm=2 --explain
  shortlist match --index idx --request '{\"industries\": [\"Retail\"], \"rating\": \"bayesian\"}'
  shortlist match --index idx --requests needs.jsonl --embeddings needs.f32 > matches.jsonl

--need works where the index embeds text itself (`build --embedder hash`).")]
pub struct Match {
    /// The index
    #[command(flatten)]
    pub index: Index,
    /// JSON requests
    #[command(flatten)]
    pub asked: Asked,
    /// A typed request
    #[command(flatten)]
    pub typed: TypedMatch,
}

/// Criteria, typed. Exclusive with JSON requests.
#[derive(Debug, Default, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag that a person types")]
#[group(id = "typed_match", multiple = true, conflicts_with_all = ["request", "requests"])]
pub struct TypedMatch {
    /// The need in free text
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, help_heading = "Typed request")]
    pub need: Option<String>,
    /// Industry asked for; at least one is shared
    #[arg(long, short, value_name = "NAME", help_heading = "Typed request")]
    pub industry: Vec<String>,
    /// Service asked for; at least one is shared
    #[arg(long, short, value_name = "NAME", help_heading = "Typed request")]
    pub service: Vec<String>,
    /// All services must be shared
    #[arg(long, help_heading = "Typed request")]
    pub all_services: bool,
    /// At most this an hour
    #[arg(long, value_name = "N", help_heading = "Typed request")]
    pub max_budget: Option<f64>,
    /// Rated at least this, 0 to 5
    #[arg(long, value_name = "N", help_heading = "Typed request")]
    pub min_rating: Option<f64>,
    /// A further filter, as JSON
    #[arg(long, value_name = "JSON", help_heading = "Typed request")]
    pub filter: Option<String>,
    /// Not this advisor; may be repeated
    #[arg(long, value_name = "ID", help_heading = "Typed request")]
    pub exclude: Vec<String>,
    /// Shrink ratings of few reviews towards the catalogue's mean
    #[arg(long, help_heading = "Typed request")]
    pub bayesian: bool,
    /// The likely best, sooner; has an effect from 65,536 embeddings on
    #[arg(long, help_heading = "Typed request")]
    pub approximate: bool,
    /// The likely best where the true ones are estimated to take longer than so many milliseconds
    #[arg(long, value_name = "MS", help_heading = "Typed request")]
    pub exact_budget_ms: Option<f64>,
    /// Spread the matches: 0 (most) to 1 (score alone)
    #[arg(long, value_name = "LAMBDA", help_heading = "Typed request")]
    pub diversity: Option<f64>,
    /// At most N matches for each value of a keyword field or userId; may be repeated
    #[arg(long, value_name = "FIELD=N", value_parser = group_cap, help_heading = "Typed request")]
    pub max_per: Vec<GroupCap>,
    /// Leave out who scores less, -1 to 1
    #[arg(
        long,
        value_name = "SCORE",
        allow_negative_numbers = true,
        help_heading = "Typed request"
    )]
    pub min_score: Option<f64>,
    /// Where too few fit, loosen: budget by 10, 20, 30 %, then services, then industries
    #[arg(long, help_heading = "Typed request")]
    pub relax: bool,
    /// Rules: the name of those that the index keeps, or JSON
    #[arg(long, value_name = "NAME|JSON", help_heading = "Typed request")]
    pub rules: Option<String>,
    /// Take each score apart, and say which path was taken and why
    #[arg(long, help_heading = "Typed request")]
    pub explain: bool,
    /// How many matches, 1 to 1000 [default: 20]
    #[arg(long, short = 'n', value_name = "N", help_heading = "Typed request")]
    pub limit: Option<u32>,
}

fn group_cap(text: &str) -> Result<GroupCap, String> {
    let cap = text.rsplit_once('=').and_then(|(field, count)| {
        Some(GroupCap { field: field.to_owned(), count: count.parse().ok()? })
    });
    cap.ok_or_else(|| "it takes a field and a number, such as attributes.firm=2".to_owned())
}
