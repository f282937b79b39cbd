//! The newest events, kept in memory for those who follow the index.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::{Duration, Instant};

use crate::api::event::{Changes, Event};

/// About how much memory events may take; without a journal the newest is kept however large it is.
const MOST_BYTES: usize = 16 << 20;

/// The newest events. Whoever publishes one never waits for whoever reads them.
#[derive(Debug)]
pub(super) struct Ring {
    state: Mutex<State>,
    came: Condvar,
    /// Whether anybody wants to know; for good, once somebody did.
    recording: AtomicBool,
    /// Whether something came that nobody was woken for.
    news: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    events: VecDeque<(usize, Event)>,
    /// How many events were dropped: the place of the first that is kept.
    first: u64,
    /// Everything that happened after this generation is there.
    base: u64,
    bytes: usize,
    most: usize,
    /// Whether what is dropped can be read elsewhere.
    is_kept: bool,
    closed: bool,
    wakers: BTreeMap<u64, Waker>,
    next_waker: u64,
}

/// What a look at the ring gives.
pub(super) enum Taken {
    Event(Event),
    Nothing,
    /// Nothing will come any more.
    Ended,
    /// What the follower needs is dropped up to this generation.
    Behind(u64),
}

impl Ring {
    /// A ring for so many events at most; whoever keeps them in a journal too records from the start.
    pub(super) fn new(generation: u64, most: usize, is_kept: bool) -> Self {
        let state = State { base: generation, most: most.max(1), is_kept, ..State::default() };
        Self {
            state: Mutex::new(state),
            came: Condvar::new(),
            recording: AtomicBool::new(is_kept),
            news: AtomicBool::new(false),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Whole at every moment.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_recording(&self) -> bool {
        self.recording.load(Ordering::SeqCst)
    }

    /// Begins to record, after the generation that `current` says; gives the place of the next event.
    pub(super) fn record(&self, current: impl Fn() -> u64) -> u64 {
        let mut state = self.state();
        if !self.recording.swap(true, Ordering::SeqCst) {
            // A writer that saw no flag has published before this looks.
            state.base = current();
        }
        state.first + state.events.len() as u64
    }

    /// Adds what a generation that is published changed; `None` where that was not recorded.
    pub(super) fn publish(&self, generation: u64, changes: Option<Changes>) {
        let Some(changes) = changes else {
            if self.is_recording() {
                let mut state = self.state();
                state.base = state.base.max(generation);
                drop(state);
                self.announce();
            }
            return;
        };
        if !changes.is_empty() {
            self.push(changes.bytes(), Event::Changes(Arc::new(changes)));
        }
    }

    pub(super) fn push(&self, bytes: usize, event: Event) {
        let mut state = self.state();
        state.bytes += bytes;
        state.events.push_back((bytes, event));
        while state.events.len() > state.most
            || (state.bytes > MOST_BYTES && (state.events.len() > 1 || state.is_kept))
        {
            let Some((bytes, event)) = state.events.pop_front() else { break };
            state.bytes -= bytes;
            state.first += 1;
            if let Event::Changes(changes) = event {
                state.base = state.base.max(changes.generation);
            }
        }
        drop(state);
        self.announce();
    }

    fn announce(&self) {
        self.news.store(true, Ordering::Release);
        self.came.notify_all();
    }

    /// Wakes those who do not wait on a thread of their own. Not to be called under a lock that they might want.
    pub(super) fn wake(&self) {
        if self.news.swap(false, Ordering::AcqRel) {
            let wakers: Vec<Waker> = self.state().wakers.values().cloned().collect();
            wakers.iter().for_each(Waker::wake_by_ref);
        }
    }

    /// Nothing will come any more.
    pub(super) fn close(&self) {
        self.state().closed = true;
        self.announce();
        self.wake();
    }

    /// Ends one follower, which looks at this flag.
    pub(super) fn close_one(&self, closed: &AtomicBool) {
        // Behind the lock, so that it is not between its look and its sleep.
        let state = self.state();
        closed.store(true, Ordering::Release);
        drop(state);
        self.announce();
        self.wake();
    }

    /// The event at a place, for somebody who knows everything up to a generation.
    pub(super) fn take(&self, after: u64, place: &mut u64) -> Taken {
        let state = self.state();
        if after < state.base {
            return Taken::Behind(state.base);
        }
        *place = (*place).max(state.first);
        while let Some((_, event)) = state.events.get((*place - state.first) as usize) {
            *place += 1;
            match event {
                Event::Changes(changes) if changes.generation <= after => {}
                event => return Taken::Event(event.clone()),
            }
        }
        if state.closed { Taken::Ended } else { Taken::Nothing }
    }

    /// Waits until there is something at a place, or the time is over.
    pub(super) fn wait(&self, after: u64, place: u64, closed: &AtomicBool, until: Option<Instant>) {
        let mut state = self.state();
        let idle = |state: &State| {
            !state.closed
                && !closed.load(Ordering::Acquire)
                && after >= state.base
                && place >= state.first + state.events.len() as u64
        };
        while idle(&state) {
            let Some(until) = until else {
                state = self.came.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let left = until.saturating_duration_since(Instant::now());
            if left == Duration::ZERO {
                return;
            }
            let waited = self.came.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Has a waker woken by what comes, in the place of the one that was known by that number.
    pub(super) fn set_waker(&self, number: &mut Option<u64>, waker: Waker) {
        let mut state = self.state();
        let number = *number.get_or_insert_with(|| {
            state.next_waker += 1;
            state.next_waker
        });
        state.wakers.insert(number, waker);
    }

    pub(super) fn forget_waker(&self, number: u64) {
        self.state().wakers.remove(&number);
    }
}

/// The ring as its engine has it: closed when the engine goes.
#[derive(Debug)]
pub(super) struct Broadcast(pub(super) Arc<Ring>);

impl Drop for Broadcast {
    fn drop(&mut self) {
        self.0.close();
    }
}
