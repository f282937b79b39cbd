//! The state machine: connect, load, catch up, live; wait and try again; or fail and say why.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::address::Address;
use super::failure::{Failure, refused};
use super::options::SyncOptions;
use super::quarantine::Quarantine;
use super::session::Session;
use super::state::{Quarantined, SyncState, SyncStatus};
use crate::engine::Engine;
use crate::model::{Error, Result};

const FIRST_WAIT: Duration = Duration::from_millis(200);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// A sync that runs on a thread of its own, until it is dropped or stopped.
///
/// It reconnects for ever while the server is away; what must be mended by somebody ends it with
/// [`SyncState::Failed`]. Reads of the engine go on whatever it does.
pub struct Sync {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread and its owner both see.
pub(super) struct Shared {
    pub(super) engine: Engine,
    pub(super) options: SyncOptions,
    pub(super) address: Address,
    pub(super) load_address: Option<Address>,
    pub(super) status: Mutex<SyncStatus>,
    pub(super) quarantine: Mutex<Quarantine>,
    changed: Condvar,
    stop: AtomicBool,
}

impl Shared {
    pub(super) fn status(&self) -> MutexGuard<'_, SyncStatus> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn quarantine(&self) -> MutexGuard<'_, Quarantine> {
        self.quarantine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn enter(&self, state: SyncState) {
        let (event, is_begun) = (state.event(), state == SyncState::Connecting);
        let (before, status) = {
            let mut status = self.status();
            let before = std::mem::replace(&mut status.state, state);
            (before, status.clone())
        };
        self.changed.notify_all();
        // How far a load is, is a matter of its status.
        if is_begun || before.name() != event.state {
            self.engine.tell_source(event);
        }
        if let Some(told) = &self.options.on_state {
            told(&status);
        }
    }

    /// An end of the work where the user asked for it.
    pub(super) fn go_on(&self) -> std::result::Result<(), Failure> {
        if self.stop.load(Ordering::Relaxed) { Err(Failure::Stopped) } else { Ok(()) }
    }

    /// Sleeps, unless it is stopped.
    pub(super) fn rest(&self, wait: Duration) {
        let status = self.status();
        let stopped = |_: &mut SyncStatus| !self.stop.load(Ordering::Relaxed);
        drop(self.changed.wait_timeout_while(status, wait, stopped));
    }
}

impl Sync {
    /// Starts to follow. What it needs of the database is looked at on its thread: watch [`Sync::status`].
    ///
    /// # Errors
    /// [`Error::Postgres`] for a URL that is none.
    pub fn start(engine: &Engine, options: SyncOptions) -> Result<Self> {
        let address = Address::parse(&options.url)?;
        let load_address = options.load_url.as_deref().map(Address::parse).transpose()?;
        let kept = engine.source_state(super::session::QUARANTINE);
        let quarantine = kept.as_deref().map(Quarantine::from_bytes).unwrap_or_default();
        let status = SyncStatus {
            state: SyncState::Connecting,
            source: options.source.name(),
            server: address.to_string(),
            position: None,
            upserted: 0,
            removed: 0,
            quarantined: quarantine.count(),
            lag_rows: 0,
            lag_seconds: 0.0,
            replica_lag_seconds: None,
            replica_lag_bytes: None,
            last_error: None,
        };
        let shared = Arc::new(Shared {
            engine: engine.clone(),
            options,
            address,
            load_address,
            status: Mutex::new(status),
            quarantine: Mutex::new(quarantine),
            changed: Condvar::new(),
            stop: AtomicBool::new(false),
        });
        let inner = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("shortlist-sync".to_owned())
            .spawn(move || run(&inner))
            .map_err(|error| refused("start the sync's thread", &error.to_string()))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// How it stands.
    pub fn status(&self) -> SyncStatus {
        self.shared.status().clone()
    }

    /// Rows that make no profile, by id; the first 10,000.
    pub fn quarantined(&self) -> Vec<Quarantined> {
        self.shared.quarantine().list()
    }

    /// Waits until `done` says so of the status, or the time is over; gives the status then.
    pub fn wait_until(&self, limit: Duration, done: impl Fn(&SyncStatus) -> bool) -> SyncStatus {
        let status = self.shared.status();
        let waiting = self.shared.changed.wait_timeout_while(status, limit, |status| !done(status));
        waiting.unwrap_or_else(PoisonError::into_inner).0.clone()
    }

    /// Stops after the batch at hand, which is kept whole; gives the last status.
    pub fn stop(mut self) -> SyncStatus {
        self.end();
        self.status()
    }

    /// The index, and what the sync was told.
    pub(super) fn followed(&self) -> (&Engine, &SyncOptions) {
        (&self.shared.engine, &self.shared.options)
    }

    fn end(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        // Behind the lock, so that the thread is not between its look at `stop` and its sleep.
        drop(self.shared.status());
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has ended it: there is nothing left to wait for.
            let _ = thread.join();
        }
    }
}

impl Drop for Sync {
    fn drop(&mut self) {
        self.end();
    }
}

impl std::fmt::Debug for Sync {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sync").field("status", &self.status()).finish_non_exhaustive()
    }
}

fn run(shared: &Shared) {
    let mut wait = FIRST_WAIT;
    loop {
        shared.enter(SyncState::Connecting);
        let lived = std::time::Instant::now();
        let ended = Session::open(shared).and_then(|mut session| session.run());
        match ended {
            Ok(()) | Err(Failure::Stopped) => return shared.enter(SyncState::Stopped),
            Err(Failure::Final(error)) => {
                shared.status().last_error = Some(error.to_string());
                return shared.enter(SyncState::Failed { error: error.to_string() });
            }
            Err(Failure::Away(error)) => {
                // A session that lived for a while was well: the next failure is a new one.
                if lived.elapsed() > LONGEST_WAIT {
                    wait = FIRST_WAIT;
                }
                let pause = jittered(wait);
                shared.status().last_error = Some(error.to_string());
                shared.enter(SyncState::waiting(pause, &error));
                shared.rest(pause);
                wait = (wait * 2).min(LONGEST_WAIT);
            }
        }
        if shared.go_on().is_err() {
            return shared.enter(SyncState::Stopped);
        }
    }
}

/// Half to all of it, so that many followers of a server that comes back do not come at once.
fn jittered(wait: Duration) -> Duration {
    let mut byte = [0];
    // Without random bytes the wait is as good unvaried.
    let _ = getrandom::fill(&mut byte);
    wait.mul_f64(0.5 + f64::from(byte[0]) / 510.0)
}

/// The error that ended a sync, where one did.
pub(super) fn ended_by(failure: Failure) -> Error {
    failure.error().unwrap_or_else(|| refused("follow the database", "it was stopped"))
}
