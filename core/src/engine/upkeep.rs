//! The background: one thread that does what is due while nobody waits for it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::alter::{CHANGED, LOOKED_AT};
use super::{Engine, Inner};
use crate::generation::{Done, Generation, Upkeep};
use crate::model::Result;
use crate::store::give_back;

/// How often work that is overtaken by changes is brought after them before the writer waits for the rest.
const ROUNDS: usize = 8;

/// The background of one engine. Begun with the first work that is due, ended with the last handle.
pub(super) struct Background {
    signal: Arc<Signal>,
    thread: Mutex<Option<JoinHandle<()>>>,
    enabled: bool,
}

#[derive(Default)]
struct Signal {
    /// Whether something may be due.
    woken: Mutex<bool>,
    wake: Condvar,
    stop: AtomicBool,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What stands behind these locks is sound whoever panicked.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Background {
    pub(super) fn new(enabled: bool) -> Self {
        Self { signal: Arc::default(), thread: Mutex::default(), enabled }
    }

    /// Says that something is due. Cost: a lock that the thread holds for an instant; once, the start of the thread.
    pub(super) fn wake(&self, inner: &Arc<Inner>) {
        if !self.enabled {
            return;
        }
        *locked(&self.signal.woken) = true;
        self.signal.wake.notify_one();
        let mut thread = locked(&self.thread);
        if thread.is_none() {
            let (signal, inner) = (Arc::clone(&self.signal), Arc::downgrade(inner));
            let started = thread::Builder::new().name("shortlist-upkeep".to_owned());
            // Where the system gives no thread, `Engine::maintain` is left.
            *thread = started.spawn(move || keep_up(&signal, &inner)).ok();
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.signal.stop.store(true, Ordering::Relaxed);
        *locked(&self.signal.woken) = true;
        self.signal.wake.notify_one();
        if let Some(thread) = locked(&self.thread).take()
            && thread.thread().id() != thread::current().id()
        {
            let _ = thread.join();
        }
    }
}

fn keep_up(signal: &Signal, inner: &Weak<Inner>) {
    loop {
        let mut woken = locked(&signal.woken);
        while !std::mem::take(&mut *woken) {
            // A clock that tests turn is looked at now and then.
            let lapse = inner.upgrade().and_then(|inner| inner.until_lapse());
            let Some(lapse) = lapse else {
                woken = signal.wake.wait(woken).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let wait = lapse.clamp(Duration::from_millis(1), Duration::from_millis(200));
            let (again, _) =
                signal.wake.wait_timeout(woken, wait).unwrap_or_else(PoisonError::into_inner);
            woken = again;
            if let Some(inner) = inner.upgrade().filter(|_| !*woken) {
                drop(woken);
                // What cannot be written now is tried again, and by each write.
                let _ = inner.lapse();
                woken = locked(&signal.woken);
            }
        }
        drop(woken);
        // What fails is due again with the next change, and `Engine::maintain` says why.
        loop {
            if signal.stop.load(Ordering::Relaxed) {
                return;
            }
            match inner.upgrade().map(|inner| inner.step()) {
                Some(Ok(true)) => {}
                _ => break,
            }
        }
    }
}

impl Inner {
    /// Does one piece of what is due; false where nothing is.
    fn step(&self) -> Result<bool> {
        let _one = locked(&self.upkeep);
        let Some(due) = self.current.load().due() else {
            return self.alter_some(LOOKED_AT, CHANGED);
        };
        // Changes are noted from here on, so that the work can be brought after them.
        let base = self.at_turn(|current| Ok(Some(current.noting())))?;
        let done = self.work(due, &base);
        if done.is_err() {
            self.at_turn(|current| Ok(Some(current.without_notes())))?;
        }
        drop(base);
        if due == Upkeep::Compaction {
            self.alter_anew();
            give_back();
        }
        done
    }

    fn work(&self, due: Upkeep, base: &Generation) -> Result<bool> {
        self.take_over(due.run(base)?)?;
        Ok(true)
    }

    /// A piece of work that need not be due, with what happens while it is done.
    #[cfg(feature = "testing")]
    pub(super) fn step_by_hand(&self, piece: Upkeep, between: &mut dyn FnMut()) -> Result<()> {
        let _one = locked(&self.upkeep);
        let base = self.at_turn(|current| Ok(Some(current.noting())))?;
        let mut done = piece.run(&base)?;
        between();
        done.follow(&self.current.load())?;
        between();
        self.take_over(done)?;
        self.alter_anew();
        Ok(())
    }

    fn take_over(&self, mut done: Done) -> Result<()> {
        for _ in 0..ROUNDS {
            if !done.follow(&self.current.load())? {
                break;
            }
        }
        self.at_turn(|current| {
            let adopted = done.adopt(current)?;
            Ok(Some(adopted.unwrap_or_else(|| current.without_notes())))
        })?;
        Ok(())
    }
}

impl Engine {
    /// Does now what the background would do in its time: seals and joins blocks of text, fits the vectors'
    /// directions, makes the index anew without tombstones where these are more than a quarter of the profiles and
    /// 1,024 beside, and works through the profiles for attributes that [`Engine::alter`] added or removed. Beside the latter, answers are the same before and
    /// after, to the last bit, and so is the generation's number; readers and writers go on meanwhile.
    ///
    /// ```
    /// use shortlist::{AdvisorProfile, Engine, EngineOptions};
    ///
    /// let engine = Engine::in_memory_with(EngineOptions::default().with_background(false))?;
    /// engine.upsert((0..2_000).map(|n| AdvisorProfile::new(format!("a{n}"))).collect())?;
    /// engine.remove(&(0..1_900).map(|n| format!("a{n}")).collect::<Vec<_>>())?;
    /// assert_eq!(engine.stats().tombstones, 1_900);
    /// engine.maintain()?;
    /// assert_eq!(engine.stats().tombstones, 0);
    /// # Ok::<(), shortlist::Error>(())
    /// ```
    ///
    /// Cost: that of what is due; a compaction copies everything and writes all postings anew.
    ///
    /// # Errors
    /// [`Error::Internal`](crate::Error::Internal), which is a defect; the state before goes on being served.
    pub fn maintain(&self) -> Result<()> {
        self.inner.lapse_where_written()?;
        while self.inner.step()? {}
        Ok(())
    }

    /// Does all that the background ever does, due or not, with changes while it is done: each piece is made of one
    /// state, `between` is called, what it did is brought in, and once more before the piece is taken over.
    ///
    /// # Errors
    /// As [`Engine::maintain`].
    #[cfg(feature = "testing")]
    pub fn maintain_by_hand(&self, mut between: impl FnMut()) -> Result<()> {
        for piece in Upkeep::all(self.generation().numbers.len()) {
            self.inner.step_by_hand(piece, &mut between)?;
        }
        Ok(())
    }
}
