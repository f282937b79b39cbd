//! The `shortlist` command line: build an index, find, match, explain, verify, time.

mod answer;
mod args;
mod ask;
mod commands;
mod exported;
mod failure;
mod feed;
mod open;
mod output;
mod progress;
mod proof;
mod report;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Cli, Command};
use crate::output::{Format, Output};

/// Readers free what the writer made, and the other way round. The system's own allocator grew by a quarter in a minute
/// of that with nothing more in use; this one gives back what is free.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static MEMORY: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let format = match cli.command {
        // A show is for a person, even through a pipe, unless a program asks for it.
        Command::Demo(_) => cli.format.unwrap_or(Format::Table),
        _ => Format::resolve(cli.format),
    };
    let mut out = Output::new(format, cli.format.is_some());
    let done = run(&cli.command, &mut out);
    // What was written before a failure is still worth reading.
    let flushed = out.flush();
    match done.and(flushed) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => ExitCode::from(failure.tell(format)),
    }
}

fn run(command: &Command, out: &mut Output) -> failure::Result {
    match command {
        Command::Demo(options) => commands::demo::run(options, out),
        Command::Generate(options) => commands::generate::run(options, out),
        Command::Build(options) => commands::build::run(options, out),
        Command::Import(options) => commands::import::run(options, out),
        Command::Remove(options) => commands::remove::run(options, out),
        Command::Compact(options) => commands::compact::run(options, out),
        Command::Search(options) => commands::search::run(options, out),
        Command::Suggest(options) => commands::suggest::run(options, out),
        Command::Match(options) => commands::matching::run(options, out),
        Command::Similar(options) => commands::similar::run(options, out),
        Command::Get(options) => commands::get::run(options, out),
        Command::Info(options) => commands::info::run(options, out),
        Command::Snapshot(options) => commands::snapshot::run(options, out),
        Command::Verify(options) => commands::verify::run(options, out),
        Command::Schema(options) => commands::schema::run(options, out),
        Command::Synonyms(options) => commands::synonyms::run(options, out),
        Command::Rules(options) => commands::rules::run(options, out),
        Command::Holds(options) => commands::holds::run(options, out),
        Command::Bench(options) => commands::bench::run(options, out),
        Command::Load(options) => commands::load::run(options, out),
        Command::Eval(options) => commands::eval::run(options, out),
        Command::Pg(options) => commands::pg::run(options, out),
        Command::Sync(options) => commands::sync::run(options, out),
        Command::Completions { shell } => commands::completions::run(*shell, out),
    }
}
