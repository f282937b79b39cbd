//! What `search` takes.

use clap::Args;
use shortlist::Fusion;

use super::free::FreeTime;
use super::near::Nearness;
use super::{Asked, Index};

/// Options of `search`.
#[derive(Debug, Args)]
#[command(after_help = "\
  shortlist search --index idx --text 'fractional cfo -crypto' --industry Healthcare --available
  shortlist search --index idx --min-rating 4 --max-rate 250 --sort priceAsc --facet industries --limit 10
  shortlist search --index idx --facet '{\"field\": \"hourlyRate\", \"histogram\": 50, \"stats\": true}'
  shortlist search --index idx --filter '{\"yearsExperience\": {\"gte\": 10}}'
  shortlist search --index idx --near attributes.office=52.52,13.405 --within 25
  shortlist search --index idx --free attributes.calendar=2026-12-01T09:00:00Z/2026-12-01T17:00:00Z --for 60
  shortlist search --index idx --request '{\"text\": \"tax\", \"facets\": [\"services\"]}' | jq .total
  shortlist search --index idx --text 'turnaround' --embeddings query.f32 --fusion 0.3
  shortlist search --index idx --requests requests.jsonl > answers.jsonl")]
pub struct Search {
    /// The index
    #[command(flatten)]
    pub index: Index,
    /// JSON requests
    #[command(flatten)]
    pub asked: Asked,
    /// A typed request
    #[command(flatten)]
    pub typed: TypedSearch,
}

/// A search, typed. Exclusive with JSON requests.
#[derive(Debug, Default, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag that a person types")]
#[group(id = "typed_search", multiple = true, conflicts_with_all = ["request", "requests"])]
pub struct TypedSearch {
    /// Words as in web search: all of them, "a phrase", -not, or
    #[arg(
        long,
        short,
        value_name = "WORDS",
        allow_hyphen_values = true,
        help_heading = "Typed request"
    )]
    pub text: Option<String>,
    /// Any of the words instead of all
    #[arg(long, help_heading = "Typed request")]
    pub any: bool,
    /// Tolerate one edit in longer words
    #[arg(long, help_heading = "Typed request")]
    pub typos: bool,
    /// Tolerate the edit in the first letter too
    #[arg(long, requires = "typos", help_heading = "Typed request")]
    pub typos_in_first_letter: bool,
    /// Complete the last word
    #[arg(long, help_heading = "Typed request")]
    pub prefix: bool,
    /// Show where the words were found
    #[arg(long, help_heading = "Typed request")]
    pub highlight: bool,
    /// How text and embedding are joined: auto, rrf, or the embedding's weight, 0 to 1; with --embeddings
    #[arg(long, value_name = "HOW", value_parser = fusion, requires = "embeddings", help_heading = "Typed request")]
    pub fusion: Option<Fusion>,
    /// In this industry; several: in any of them
    #[arg(long, short, value_name = "NAME", help_heading = "Typed request")]
    pub industry: Vec<String>,
    /// With this service; several: with any of them
    #[arg(long, short, value_name = "NAME", help_heading = "Typed request")]
    pub service: Vec<String>,
    /// Rated at least this, 0 to 5
    #[arg(long, value_name = "N", help_heading = "Typed request")]
    pub min_rating: Option<f64>,
    /// At most this an hour
    #[arg(long, value_name = "N", help_heading = "Typed request")]
    pub max_rate: Option<f64>,
    /// Only who has room for another client
    #[arg(long, help_heading = "Typed request")]
    pub available: bool,
    /// A further filter, as JSON
    #[arg(long, value_name = "JSON", help_heading = "Typed request")]
    pub filter: Option<String>,
    /// Rules: the name of those that the index keeps, or JSON
    #[arg(long, value_name = "NAME|JSON", help_heading = "Typed request")]
    pub rules: Option<String>,
    /// Look at every profile that is not deleted, not only at the marketplace's
    #[arg(long, help_heading = "Typed request")]
    pub all: bool,
    /// relevance, rating, experience, reviews, newest, priceAsc or priceDesc
    #[arg(long, value_name = "ORDER", help_heading = "Typed request")]
    pub sort: Option<String>,
    /// Where advisors are
    #[command(flatten)]
    pub nearness: Nearness,
    /// When advisors are free
    #[command(flatten)]
    pub free_time: FreeTime,
    /// How many hits, 1 to 1000 [default: 20]
    #[arg(long, short = 'n', value_name = "N", help_heading = "Typed request")]
    pub limit: Option<u32>,
    /// Where the page starts: what the page before said
    #[arg(long, value_name = "CURSOR", help_heading = "Typed request")]
    pub cursor: Option<String>,
    /// Where the page ends: what the page after said, to walk back
    #[arg(long, value_name = "CURSOR", conflicts_with = "cursor", help_heading = "Typed request")]
    pub before: Option<String>,
    /// Count the values of this field over the whole result, or, as JSON, tell of a number's; may be repeated
    #[arg(long, value_name = "FIELD|JSON", help_heading = "Typed request")]
    pub facet: Vec<String>,
    /// Leave a facet's own condition out of its counts
    #[arg(long, requires = "facet", help_heading = "Typed request")]
    pub disjunctive: bool,
}

fn fusion(text: &str) -> Result<Fusion, String> {
    match text {
        "auto" => Ok(Fusion::Auto),
        "rrf" => Ok(Fusion::Rrf),
        weight => match weight.parse() {
            Ok(weight) if (0.0..=1.0).contains(&weight) => Ok(Fusion::Weighted(weight)),
            _ => Err("it takes auto, rrf, or a weight of the embedding from 0 to 1".to_owned()),
        },
    }
}
