//! What can be asked of the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use shortlist::GroupCap;

use crate::output::Format;

/// Finds and ranks experts of a marketplace: exact answers in microseconds, from one directory.
#[derive(Debug, Parser)]
#[command(name = "shortlist", version, propagate_version = true, after_help = AFTER_HELP)]
pub struct Cli {
    /// The form of answers [default: table in a terminal, json when piped]
    #[arg(long, short = 'f', global = true, value_enum, help_heading = "Output")]
    pub format: Option<Format>,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

const AFTER_HELP: &str = "\
Start here:
  shortlist demo                                         see everything at once, on 15,000 advisors
  shortlist build --input advisors.jsonl --index idx     make an index of your own
  shortlist search --index idx --text 'cfo' --limit 5
  shortlist match --index idx --industry Healthcare --max-budget 200

Exit codes: 0 done; 1 an answer was wrong (demo, bench, verify); 2 something given was wrong,
and the message says what would be right. With --format json, errors are JSON on standard error.";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show what Shortlist does: 15,000 advisors, searches, matches, all answers verified
    Demo(Demo),
    /// Write seeded advisors, embeddings and requests to try things with
    Generate(Generate),
    /// Make an index from a file of profiles
    Build(Build),
    /// Find advisors: filters, sorting, text, facets, pages
    Search(Search),
    /// Complete a text as a search box does while it is typed
    Suggest(Suggest),
    /// Rank advisors for a client's need, with a reason for every score
    Match(Match),
    /// Find the advisors that are most like one
    Similar(Similar),
    /// Print whole profiles by id
    Get(Get),
    /// Say what an index holds
    Info(Index),
    /// Read everything again and check every checksum and invariant
    Verify(Index),
    /// Print an index's schema: its attributes, dimension, language, weights
    Schema(Index),
    /// Time requests inside the process, and verify their answers
    Bench(Bench),
    /// Print the completion script of a shell
    #[command(after_help = "  shortlist completions bash > /etc/bash_completion.d/shortlist\n  \
        shortlist completions zsh > ~/.zfunc/_shortlist\n  \
        shortlist completions fish > ~/.config/fish/completions/shortlist.fish")]
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: Shell,
    },
}

/// The shells that completions are made for.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Shell {
    /// GNU Bash.
    Bash,
    /// Z shell.
    Zsh,
    /// Fish.
    Fish,
}

/// An index.
#[derive(Clone, Debug, Args)]
pub struct Index {
    /// The directory of the index
    #[arg(long, value_name = "DIR")]
    pub index: PathBuf,
}

/// Options of `demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// How many advisors to make
    #[arg(long, value_name = "N", default_value_t = 15_000, value_parser = clap::value_parser!(u32).range(100..=200_000))]
    pub advisors: u32,
    /// How many searches, and as many matches, to time and verify
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub requests: u32,
    /// The seed; the same one gives the same advisors and requests
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
}

/// Options of `generate`.
#[derive(Debug, Args)]
#[command(after_help = "\
  shortlist generate --advisors 15000 --seed 7 --dim 384 --out a.jsonl --embeddings-out a.f32
  shortlist generate --advisors 15000 --dim 384 --out a.jsonl --embeddings-out a.f32 --requests 200
      also writes a.search.jsonl, a.match.jsonl and a.match.f32 (row i for request i)")]
pub struct Generate {
    /// How many advisors to make
    #[arg(long, value_name = "N", default_value_t = 15_000)]
    pub advisors: u32,
    /// The seed; the same one gives the same files
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// How many numbers an embedding has
    #[arg(long, value_name = "D", value_parser = dimension())]
    pub dim: Option<u32>,
    /// Where to write the profiles, one JSON object a line; - for standard output
    #[arg(long, value_name = "FILE.jsonl")]
    pub out: PathBuf,
    /// Where to write the embeddings, one row a profile
    #[arg(long, value_name = "FILE.f32", requires = "dim")]
    pub embeddings_out: Option<PathBuf>,
    /// Where to write the schema, which says more of the attributes than can be inferred
    #[arg(long, value_name = "FILE.json")]
    pub schema_out: Option<PathBuf>,
    /// Also write that many search and match requests, beside the profiles
    #[arg(long, value_name = "N")]
    pub requests: Option<u32>,
}

/// Options of `build`.
#[derive(Debug, Args)]
#[command(after_help = "\
  shortlist build --input advisors.jsonl.gz --index idx
  shortlist build --input advisors.csv --embeddings advisors.npy --index idx
  shortlist build --input advisors.parquet --embedder hash --dim 256 --index idx --on-error skip
  psql -c \"copy (select row_to_json(a) from advisors a) to stdout\" | shortlist build --input - --index idx

Fields are camelCase or snake_case. Of a CSV, a list is `a; b` or a JSON list, an empty cell is a missing
value, and a column `attributes.x` is an attribute. Embeddings are row-major little-endian f32 (.f32) or
.npy (f4, C order); row i belongs to record i. An index that was in DIR is replaced when the new one is
whole, and not before.")]
pub struct Build {
    /// The profiles: .jsonl, .jsonl.gz, .csv, .csv.gz or .parquet; - for JSONL on standard input
    #[arg(long, value_name = "FILE")]
    pub input: PathBuf,
    /// The directory to write
    #[arg(long, value_name = "DIR")]
    pub index: PathBuf,
    /// The embeddings: .f32 or .npy, one row a record
    #[arg(long, value_name = "FILE", conflicts_with = "embedder")]
    pub embeddings: Option<PathBuf>,
    /// How many numbers an embedding has; a .f32 file does not say it
    #[arg(long, value_name = "D", value_parser = dimension())]
    pub dim: Option<u32>,
    /// Make embeddings from the profiles' own text. `hash` compares words and spellings, not meanings; without --dim, 256 dimensions
    #[arg(long, value_enum)]
    pub embedder: Option<EmbedderKind>,
    /// The attributes, dimension, language and weights, as JSON; without it attributes are inferred
    #[arg(long, value_name = "FILE.json")]
    pub schema: Option<PathBuf>,
    /// What to do with a record that is wrong: stop and write nothing, or write it to DIR.rejected.jsonl and go on
    #[arg(long, value_enum, default_value_t = OnError::Stop)]
    pub on_error: OnError,
}

/// What makes embeddings from text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EmbedderKind {
    /// Words and character n-grams hashed into the dimensions.
    Hash,
}

/// What to do about a line that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OnError {
    /// End with exit code 2.
    Stop,
    /// Tell it and go on.
    Skip,
}

/// Where requests come from when they are not typed.
#[derive(Debug, Args)]
pub struct Asked {
    /// One request as JSON; - reads it from standard input
    #[arg(long, short, value_name = "JSON", help_heading = "Requests")]
    pub request: Option<String>,
    /// One request a line, answered one a line in order; - for standard input
    #[arg(long, value_name = "FILE.jsonl", conflicts_with = "request", help_heading = "Requests")]
    pub requests: Option<PathBuf>,
    /// The embeddings of the requests, .f32 or .npy: row i for request i
    #[arg(long, value_name = "FILE", help_heading = "Requests")]
    pub embeddings: Option<PathBuf>,
    /// What to do with a request that is wrong: stop, or answer its line with the error
    #[arg(long, value_enum, default_value_t = OnError::Stop, help_heading = "Requests")]
    pub on_error: OnError,
}

/// Options of `search`.
#[derive(Debug, Args)]
#[command(after_help = "\
  shortlist search --index idx --text 'fractional cfo -crypto' --industry Healthcare --available
  shortlist search --index idx --min-rating 4 --max-rate 250 --sort priceAsc --facet industries --limit 10
  shortlist search --index idx --facet '{\"field\": \"hourlyRate\", \"histogram\": 50, \"stats\": true}'
  shortlist search --index idx --filter '{\"yearsExperience\": {\"gte\": 10}}'
  shortlist search --index idx --request '{\"text\": \"tax\", \"facets\": [\"services\"]}' | jq .total
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
    /// Complete the last word
    #[arg(long, help_heading = "Typed request")]
    pub prefix: bool,
    /// Show where the words were found (in JSON)
    #[arg(long, help_heading = "Typed request")]
    pub highlight: bool,
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
    /// Look at every profile that is not deleted, not only at the marketplace's
    #[arg(long, help_heading = "Typed request")]
    pub all: bool,
    /// relevance, rating, experience, reviews, newest, priceAsc or priceDesc
    #[arg(long, value_name = "ORDER", help_heading = "Typed request")]
    pub sort: Option<String>,
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
}

/// Options of `suggest`.
#[derive(Debug, Args)]
#[command(after_help = "\
  shortlist suggest --index idx fract
  shortlist suggest --index idx --kind titles --limit 10 'interim c'
  shortlist suggest --index idx --filter '{\"industries\": \"Retail\"}' tax")]
pub struct Suggest {
    /// The index
    #[command(flatten)]
    pub index: Index,
    /// The text so far
    pub text: String,
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
    /// Take each score apart, and say which path was taken and why
    #[arg(long, help_heading = "Typed request")]
    pub explain: bool,
    /// How many matches, 1 to 1000 [default: 20]
    #[arg(long, short = 'n', value_name = "N", help_heading = "Typed request")]
    pub limit: Option<u32>,
}

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

/// Options of `bench`.
#[derive(Debug, Args)]
#[command(after_help = "\
  shortlist bench search --index idx --requests search.jsonl --seconds 5 --format json
  shortlist bench match --index idx --requests match.jsonl --embeddings match.f32 --threads 2

Requests are read before and answers are not written: what is timed is the engine's call alone. All
requests are gone through once to warm up, then in turn until the time is over. Up to 200 answers,
evenly spread over the requests, are compared with a brute-force twin; one that differs is exit code 1.")]
pub struct Bench {
    /// What is timed
    #[arg(value_enum)]
    pub what: BenchKind,
    /// The index
    #[command(flatten)]
    pub index: Index,
    /// One request a line; - for standard input
    #[arg(long, value_name = "FILE.jsonl")]
    pub requests: PathBuf,
    /// The embeddings of the requests, .f32 or .npy: row i for request i
    #[arg(long, value_name = "FILE")]
    pub embeddings: Option<PathBuf>,
    /// How many threads ask at once
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: u16,
    /// How long to time
    #[arg(long, value_name = "N", default_value_t = 5.0, value_parser = seconds)]
    pub seconds: f64,
}

/// What `bench` times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BenchKind {
    /// Searches.
    Search,
    /// Matches.
    Match,
}

fn dimension() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..=16_384)
}

fn group_cap(text: &str) -> Result<GroupCap, String> {
    let cap = text.rsplit_once('=').and_then(|(field, count)| {
        Some(GroupCap { field: field.to_owned(), count: count.parse().ok()? })
    });
    cap.ok_or_else(|| "it takes a field and a number, such as attributes.firm=2".to_owned())
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| "it takes a number of seconds".to_owned())?;
    if (0.01..=86_400.0).contains(&seconds) {
        Ok(seconds)
    } else {
        Err("it must be 0.01 to 86400".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        super::Cli::command().debug_assert();
    }
}
