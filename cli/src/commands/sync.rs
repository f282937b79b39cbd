//! `shortlist sync`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use shortlist::sync::{SourceKind, Sync, SyncOptions, SyncState, SyncStatus};
use shortlist::{Engine, Error};
use signal_hook::consts::{SIGINT, SIGTERM};

use super::pg::mapping;
use crate::args::SyncArgs;
use crate::exported::Exported;
use crate::failure::{Failure, Result};
use crate::output::Output;
use crate::progress::Progress;
use crate::report::facts::{count, facts};

/// Loads, follows, and writes what it has, until a signal or an end.
pub fn run(options: &SyncArgs, out: &mut Output) -> Result {
    let mut told = SyncOptions::new(&options.database.url);
    told.mapping = mapping(&options.database)?;
    told.source = SourceKind::parse(&options.source)?;
    told.load_url.clone_from(&options.load_url);
    told.once = options.once;
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&stop))
            .map_err(|error| Error::from_io(&error, "listen for", "signals"))?;
    }
    let exported = options.metrics.map(Exported::start).transpose()?;
    let engine = if options.index.index.exists() {
        Engine::open(&options.index.index)?
    } else {
        Engine::in_memory()?
    };
    let sync = Sync::start(&engine, told)?;
    let progress = Progress::start("following");
    let mut written = (Instant::now(), changes(&sync.status()));
    let mut last = None;
    while !stop.load(Ordering::Relaxed) {
        let status = sync.wait_until(Duration::from_millis(200), |status| status.state.has_ended());
        progress.say_that(line(&status));
        exported.iter().for_each(|exported| exported.set(&engine, Some(&status)));
        let state = name(&status.state);
        if last != Some(state) {
            log(&format!("{state}: {}", status.server));
            last = Some(state);
        }
        if status.state.has_ended() {
            break;
        }
        let changed = changes(&status);
        if written.0.elapsed().as_secs() >= options.snapshot_every && changed != written.1 {
            engine.snapshot(&options.index.index)?;
            written = (Instant::now(), changed);
        }
    }
    let status = sync.stop();
    progress.finish();
    // A sync that never began leaves no empty index behind.
    let begun = status.upserted + status.removed > 0 || status.state == SyncState::Stopped;
    if changes(&status) != written.1 || begun && !options.index.index.exists() {
        engine.snapshot(&options.index.index)?;
    }
    if out.format.is_json() {
        out.line(serde_json::to_string(&status).unwrap_or_default())?;
    } else {
        out.line(told_status(&status))?;
    }
    match status.state {
        SyncState::Failed { error } => Err(Failure::Differs(error)),
        _ => Ok(()),
    }
}

/// What a snapshot would keep more, counted.
fn changes(status: &SyncStatus) -> [u64; 3] {
    [status.upserted, status.removed, status.quarantined]
}

fn name(state: &SyncState) -> &'static str {
    match state {
        SyncState::Connecting => "connecting",
        SyncState::Loading { .. } => "loading",
        SyncState::CatchingUp => "catching up",
        SyncState::Live => "live",
        SyncState::Waiting { .. } => "waiting",
        SyncState::Failed { .. } => "failed",
        _ => "stopped",
    }
}

/// One line that a terminal shows again and again.
fn line(status: &SyncStatus) -> String {
    let doing = match &status.state {
        SyncState::Loading { rows, of, rows_per_second, seconds_left } => {
            let left = seconds_left.map(|left| format!(", {left:.0} s left")).unwrap_or_default();
            format!("loading {rows} of {of}, {rows_per_second:.0}/s{left}")
        }
        SyncState::Waiting { retry_in_seconds, error } => {
            format!("waiting {retry_in_seconds:.1} s: {error}")
        }
        state => name(state).to_owned(),
    };
    format!(
        "{doing}; {} written, {} removed, {} quarantined; {} behind, {:.1} s",
        status.upserted, status.removed, status.quarantined, status.lag_rows, status.lag_seconds
    )
}

fn told_status(status: &SyncStatus) -> String {
    facts([
        ("state", name(&status.state).to_owned()),
        ("server", status.server.clone()),
        ("source", status.source.to_owned()),
        ("written", count(status.upserted)),
        ("removed", count(status.removed)),
        ("quarantined", count(status.quarantined)),
    ])
}

/// What a log keeps of each change of state.
fn log(text: &str) {
    use std::io::{IsTerminal, Write};
    let mut stderr = std::io::stderr();
    if !stderr.is_terminal() {
        // A log that cannot be written is no reason to stop following.
        let _ = writeln!(stderr, "{text}");
    }
}
