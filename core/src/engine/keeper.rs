//! The thread that does what nobody waits for: syncs what is buffered, takes the snapshots that are due, keeps the
//! journal small.

use std::sync::atomic::Ordering;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::Inner;
use super::keeping::{Keeping, keep_whole, locked};
use super::metrics::Step;
use super::options::{Durability, EngineOptions};
use crate::model::{Error, Result};
use crate::store::WrittenSnapshot;

/// How often it is looked whether something is due.
const TICK: Duration = Duration::from_secs(1);

/// The thread of an engine that owns a directory. The last handle of the engine that goes ends it.
pub(super) struct Keeper {
    inner: Arc<Inner>,
    running: Mutex<Option<(Sender<()>, JoinHandle<()>)>>,
}

/// What is due when.
struct Dues {
    buffered: bool,
    commits: Option<u64>,
    after: Option<Duration>,
    /// When a commit was first seen that no snapshot has.
    since: Option<Instant>,
}

impl Keeper {
    pub(super) fn start(inner: &Arc<Inner>, options: &EngineOptions) -> Result<Self> {
        let (buffered, tick) = match options.durability {
            Durability::Buffered { max_delay } => {
                (true, (max_delay / 2).clamp(Duration::from_millis(1), TICK))
            }
            Durability::Synced | Durability::None => (false, TICK),
        };
        let (commits, after) = (options.snapshot_after_commits, options.snapshot_after);
        let mut dues = Dues { buffered, commits, after, since: None };
        let (stop, stopped) = channel();
        let kept = Arc::clone(inner);
        let run = move || {
            while stopped.recv_timeout(tick) == Err(RecvTimeoutError::Timeout) {
                kept.tend(&mut dues);
            }
        };
        let thread = std::thread::Builder::new().name("shortlist-keeper".to_owned()).spawn(run);
        let thread = thread.map_err(|error| Error::Internal {
            what: format!("no thread for the keeping of the index: {error}"),
        })?;
        Ok(Self { inner: Arc::clone(inner), running: Mutex::new(Some((stop, thread))) })
    }

    /// Ends the thread, and closes what is kept.
    pub(super) fn close(&self) -> Result<()> {
        let Some(keeping) = &self.inner.keeping else { return Ok(()) };
        let running = locked(&self.running).take();
        if keeping.is_forked() {
            // The thread runs in the process that made it.
            std::mem::forget(running);
            return Ok(());
        }
        if let Some((stop, thread)) = running {
            drop(stop);
            // A keeper that panicked has nothing more to say.
            let _ = thread.join();
        }
        let closed = keeping.close();
        self.inner.ring.0.close();
        closed
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // Nobody is left to be told; what was acknowledged as synced is on the disk already.
        let _ = self.close();
    }
}

impl Inner {
    /// Takes a snapshot of what there is; with it, what sources keep is on the disk.
    pub(super) fn keep_snapshot(&self, keeping: &Keeping) -> Result<WrittenSnapshot> {
        let sources = Arc::clone(&self.current.load().sources);
        let take = || keeping.snapshot(|| self.current.load_full());
        let written = self.instruments.timed(Step::Snapshot, take)?;
        self.kept_sources.store(Some(sources));
        Ok(written)
    }

    fn tend(&self, dues: &mut Dues) {
        let Some(keeping) = &self.keeping else { return };
        let Some(journal) = keeping.open_journal() else { return };
        if dues.buffered {
            let generation = self.current.load_full();
            match journal.sync() {
                Ok(()) => self.kept_sources.store(Some(Arc::clone(&generation.sources))),
                Err(error) => keeping.warn(error.to_string()),
            }
        }
        let commits = keeping.commits.load(Ordering::Relaxed);
        dues.since = if commits == 0 { None } else { dues.since.or_else(|| Some(Instant::now())) };
        let many = dues.commits.is_some_and(|most| commits >= most);
        let long = dues.after.zip(dues.since).is_some_and(|(most, since)| since.elapsed() >= most);
        let done = if many || long {
            self.keep_snapshot(keeping).map(|_| ())
        } else {
            keep_whole(&journal, || self.current.load_full())
        };
        if let Err(error) = done {
            keeping.warn(format!("the directory could not be kept in order: {error}"));
        }
    }
}
