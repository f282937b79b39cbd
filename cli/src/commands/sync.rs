//! `shortlist sync`.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use shortlist::sync::{SourceKind, Sync, SyncOptions, SyncState, SyncStatus};
use shortlist::{Engine, EngineOptions, Error};
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
    let directory = &options.index.index;
    let made = !directory.exists();
    let every = Some(Duration::from_secs(options.snapshot_every));
    let engine = Engine::open_with(
        directory,
        EngineOptions::default().with_create().with_snapshots(None, every),
    )?;
    let sync = Sync::start(&engine, told)?;
    let progress = Progress::start("following");
    let (mut last, mut rate) = (None, Rate::default());
    while !stop.load(Ordering::Relaxed) {
        let status = sync.wait_until(Duration::from_millis(200), |status| status.state.has_ended());
        let per_second = rate.of(status.upserted + status.removed, Instant::now());
        progress.say_that(line(&status, per_second));
        exported.iter().for_each(|exported| exported.set(&engine, Some(&status)));
        let state = name(&status.state);
        if last != Some(state) {
            log(&format!("{state}: {}", status.server));
            last = Some(state);
        }
        if status.state.has_ended() {
            break;
        }
    }
    let status = sync.stop();
    progress.finish();
    let begun = status.upserted + status.removed > 0 || status.state == SyncState::Stopped;
    if begun && status.upserted + status.removed + status.quarantined > 0 {
        engine.snapshot(directory)?;
    }
    engine.close()?;
    if made && !begun {
        std::fs::remove_dir_all(directory)
            .map_err(|error| Error::from_io(&error, "remove", directory))?;
    }
    if out.format.is_json() {
        out.line(serde_json::to_string(&status).unwrap_or_default())?;
    } else {
        out.line(told_status(&status))?;
    }
    match status.state {
        SyncState::Failed { error } => Err(Failure::Failed(error)),
        _ => Ok(()),
    }
}

/// A state as a person reads it.
fn name(state: &SyncState) -> &'static str {
    match state {
        SyncState::CatchingUp => "catching up",
        state => state.name(),
    }
}

/// One line that a terminal shows again and again.
fn line(status: &SyncStatus, per_second: f64) -> String {
    let doing = match &status.state {
        SyncState::Loading { rows, of, rows_per_second, seconds_left } => {
            let left = seconds_left.map(|left| format!(", {left:.0} s left")).unwrap_or_default();
            format!("loading {rows} of {of}, {rows_per_second:.0}/s{left}")
        }
        SyncState::Waiting { retry_in_seconds, retry_at, error } => {
            format!("waiting {retry_in_seconds:.1} s, until {retry_at}: {error}")
        }
        state => name(state).to_owned(),
    };
    format!(
        "{doing}; {} written, {} removed, {per_second:.0}/s, {} quarantined; {} behind, {:.1} s",
        status.upserted, status.removed, status.quarantined, status.lag_rows, status.lag_seconds
    )
}

/// How many changes a second were applied in the last seconds.
#[derive(Default)]
struct Rate {
    seen: VecDeque<(Instant, u64)>,
}

impl Rate {
    fn of(&mut self, applied: u64, now: Instant) -> f64 {
        let old = |(at, _): &(Instant, u64)| now - *at > Duration::from_secs(5);
        while self.seen.front().is_some_and(old) {
            self.seen.pop_front();
        }
        self.seen.push_back((now, applied));
        match self.seen.front() {
            Some((at, before)) if *at < now => {
                applied.saturating_sub(*before) as f64 / (now - *at).as_secs_f64()
            }
            _ => 0.0,
        }
    }
}

fn told_status(status: &SyncStatus) -> String {
    facts([
        ("state", name(&status.state).to_owned()),
        ("server", status.server.clone()),
        ("source", status.source.to_owned()),
        ("position", status.position.clone().unwrap_or_default()),
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
