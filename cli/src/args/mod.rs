//! What can be asked of the command line; the options of each command stand in a file of its name.

mod bench;
mod build;
mod demo;
mod eval;
mod free;
mod generate;
mod get;
mod holds;
mod import;
mod load;
mod matching;
mod near;
mod pg;
mod rules;
mod schema;
mod search;
mod similar;
mod snapshot;
mod suggest;
mod synonyms;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::output::Format;

pub use bench::{Bench, BenchKind};
pub use build::{Build, EmbedderKind};
pub use demo::Demo;
pub use eval::Eval;
pub use free::Free;
pub use generate::Generate;
pub use get::Get;
pub use holds::{Holds, HoldsAction};
pub use import::{Import, Remove};
pub use load::{Load, LoadProfile};
pub use matching::{Match, TypedMatch};
pub use near::Near;
pub use pg::{Applied, Database, Install, Pg, PgCommand, PgVerify, SyncArgs};
pub use rules::{Rules, RulesAction};
pub use schema::Schema;
pub use search::{Search, TypedSearch};
pub use similar::Similar;
pub use snapshot::Snapshot;
pub use suggest::Suggest;
pub use synonyms::Synonyms;

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

Exit codes: 0 done; 1 an answer was wrong (demo, bench, eval, verify) or a threshold
was missed (load); 2 something given was wrong,
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
    /// Add the profiles of a file to an index, or replace those that it has
    Import(Import),
    /// Remove profiles from an index, for good
    Remove(Remove),
    /// Make an index as small and as quick to open as it can be
    Compact(Index),
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
    /// Write an index as one file, to carry to other machines
    Snapshot(Snapshot),
    /// Read everything again and check every checksum and invariant
    Verify(Index),
    /// Print an index's schema, or add attributes to it and remove some
    Schema(Schema),
    /// List or change the words that stand for others in searches
    Synonyms(Synonyms),
    /// Keep rules with an index: pins, hiding, boosts, that requests call by name
    Rules(Rules),
    /// Hold, confirm and release places of advisors, so that the last is promised once
    Holds(Holds),
    /// Time requests inside the process, and verify their answers
    Bench(Bench),
    /// Drive the engine, or a service, as a marketplace does on its busiest days
    Load(Load),
    /// Measure rankings against judgements, and compare what configs do to them
    Eval(Eval),
    /// Look at, prepare and compare a Postgres that an index follows
    Pg(Pg),
    /// Keep an index fresh from a Postgres: load it, then follow every change
    Sync(SyncArgs),
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
    /// The directory of the index, or one snapshot of it
    #[arg(long, value_name = "DIR|FILE")]
    pub index: PathBuf,
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

/// What to do about a line that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OnError {
    /// End with exit code 2.
    Stop,
    /// Tell it and go on.
    Skip,
}

fn dimension() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..=16_384)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        super::Cli::command().debug_assert();
    }
}
