//! Following the index: every change, in order, at least once.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use super::ring::{Ring, Taken};
use super::{Engine, Inner};
use crate::api::event::Event;
use crate::generation::event_of;
use crate::model::Result;

/// How many commits are read from the journal at once, and about how many bytes of them.
const READ_COMMITS: usize = 256;
const READ_BYTES: usize = 4 << 20;

/// Follows an index: [`Engine::subscribe`].
///
/// An iterator over the events, which waits for the next and ends with the engine, or when a
/// [`closer`](Self::closer) is called from another thread; or ask by
/// [`try_next`](Self::try_next) and [`next_within`](Self::next_within), or, without a thread, as a task by
/// [`poll_next`](Self::poll_next) or from a callback by [`notify`](Self::notify).
pub struct Subscription {
    inner: Weak<Inner>,
    ring: Arc<Ring>,
    /// Everything up to this generation was taken.
    after: u64,
    /// The place of the next event in the ring.
    place: u64,
    /// What was read from the journal and not handed on yet.
    read: VecDeque<Event>,
    delivered: u64,
    waker: Option<u64>,
    closed: Arc<AtomicBool>,
}

/// Closes a [`Subscription`] from wherever: [`Subscription::closer`].
#[derive(Clone, Debug)]
pub struct SubscriptionCloser {
    ring: Arc<Ring>,
    closed: Arc<AtomicBool>,
}

impl SubscriptionCloser {
    /// Ends the subscription: whoever waits for its next event is woken and gets `None`, and so does whoever asks
    /// later. The engine and its other followers go on.
    pub fn close(&self) {
        self.ring.close_one(&self.closed);
    }
}

impl Engine {
    /// Follows the index from now on: each commit is an event that says which profiles it touched, how, and the
    /// values of their keyword fields before and after.
    ///
    /// ```
    /// use std::time::Duration;
    /// use shortlist::{AdvisorProfile, ChangeKind, Engine, Event};
    ///
    /// let engine = Engine::in_memory()?;
    /// let mut events = engine.subscribe();
    /// let mut ada = AdvisorProfile::new("ada");
    /// ada.industries = vec!["Healthcare".to_owned()];
    /// let applied = engine.upsert(vec![ada])?;
    ///
    /// let Some(Event::Changes(changes)) = events.next_within(Duration::from_secs(5))? else { panic!() };
    /// assert_eq!(changes.generation, applied.generation);
    /// let ada = &changes.profiles[0];
    /// assert_eq!((ada.id.as_str(), ada.kind), ("ada", ChangeKind::Added));
    /// let industries = ada.keywords.iter().find(|one| one.field == "industries").unwrap();
    /// assert_eq!((industries.old.len(), &industries.new[0][..]), (0, "Healthcare"));
    /// # Ok::<(), shortlist::Error>(())
    /// ```
    ///
    /// Events come in the order of generations, each at least once, after what they tell of is visible. A follower
    /// never holds up a writer: one that is further behind than memory reaches reads on in the journal, and one that is
    /// behind that too is told by [`Event::Missed`] what it will not hear of. What is only read and not written
    /// ([`Engine::open_read_only`]) knows no single changes: each [`Engine::refresh`] is an [`Event::Missed`].
    ///
    /// Cost: for the writer, the keyword values of each profile that it touches; where there is no journal, only once
    /// somebody has subscribed.
    pub fn subscribe(&self) -> Subscription {
        let ring = Arc::clone(&self.inner.ring.0);
        let place = ring.record(|| self.inner.current.load().number);
        self.follow_from(self.inner.current.load().number, place, ring)
    }

    /// Follows the index from a generation on, as [`Subscription::generation`] gave it: also one of an earlier process,
    /// as far back as the journal is kept ([`EngineOptions::with_window`](crate::EngineOptions::with_window)).
    ///
    /// ```
    /// use shortlist::{AdvisorProfile, Engine, Event};
    ///
    /// let engine = Engine::in_memory()?;
    /// let mut events = engine.subscribe();
    /// engine.upsert(vec![AdvisorProfile::new("ada")])?;
    /// engine.upsert(vec![AdvisorProfile::new("ben")])?;
    /// events.try_next()?;
    /// let reached = events.generation();
    ///
    /// let mut later = engine.subscribe_after(reached);
    /// let Some(Event::Changes(changes)) = later.try_next()? else { panic!() };
    /// assert_eq!((changes.generation, &changes.profiles[0].id[..]), (reached + 1, "ben"));
    /// # Ok::<(), shortlist::Error>(())
    /// ```
    ///
    /// Cost: as [`Engine::subscribe`]; what memory does not reach is read from the journal as it is asked for.
    ///
    /// A generation that is yet to come is waited for. Where the death of the machine took commits that were not
    /// synced (see [`Durability`](crate::Durability)), other ones may have their numbers.
    pub fn subscribe_after(&self, generation: u64) -> Subscription {
        let ring = Arc::clone(&self.inner.ring.0);
        ring.record(|| self.inner.current.load().number);
        self.follow_from(generation, 0, ring)
    }

    fn follow_from(&self, after: u64, place: u64, ring: Arc<Ring>) -> Subscription {
        let inner = Arc::downgrade(&self.inner);
        let (read, waker, closed) = (VecDeque::new(), None, Arc::default());
        Subscription { inner, ring, after, place, read, delivered: after, waker, closed }
    }
}

impl Subscription {
    /// The next event, if there is one by now. Reads the journal where it is behind.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged) or [`Error::Io`](crate::Error::Io) of the journal.
    pub fn try_next(&mut self) -> Result<Option<Event>> {
        Ok(match self.take()? {
            Taken::Event(event) => Some(event),
            _ => None,
        })
    }

    /// The next event, waited for so long; `None` where none came, or none will: see [`has_ended`](Self::has_ended).
    ///
    /// # Errors
    /// As [`Subscription::try_next`].
    pub fn next_within(&mut self, timeout: Duration) -> Result<Option<Event>> {
        let until = Instant::now().checked_add(timeout);
        self.next_until(until)
    }

    /// The next event for a task: its waker is woken by whatever comes after. `None` where none will come.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Event>>> {
        // First the waker: what comes while this looks wakes it.
        self.ring.set_waker(&mut self.waker, context.waker().clone());
        match self.take() {
            Ok(Taken::Event(event)) => Poll::Ready(Some(Ok(event))),
            Ok(Taken::Ended) => Poll::Ready(None),
            Ok(_) => Poll::Pending,
            Err(error) => Poll::Ready(Some(Err(error))),
        }
    }

    /// Has `called` called whenever something may have come, and once right away: then ask by
    /// [`try_next`](Self::try_next) until it gives nothing. It is called on the thread of whoever writes, behind no lock,
    /// and should do no more than to tell another thread or loop.
    pub fn notify(&mut self, called: impl Fn() + Send + Sync + 'static) {
        let waker = Waker::from(Arc::new(Callback(called)));
        self.ring.set_waker(&mut self.waker, waker.clone());
        waker.wake();
    }

    /// The generation up to which every event was handed out: where to go on by [`Engine::subscribe_after`].
    pub fn generation(&self) -> u64 {
        self.delivered
    }

    /// What ends the subscription from another thread, while this one waits.
    ///
    /// ```
    /// use shortlist::Engine;
    ///
    /// let engine = Engine::in_memory()?;
    /// let mut events = engine.subscribe();
    /// let closer = events.closer();
    /// let follower = std::thread::spawn(move || events.by_ref().count());
    /// closer.close();
    /// assert_eq!(follower.join().unwrap(), 0);
    /// # Ok::<(), shortlist::Error>(())
    /// ```
    pub fn closer(&self) -> SubscriptionCloser {
        SubscriptionCloser { ring: Arc::clone(&self.ring), closed: Arc::clone(&self.closed) }
    }

    /// Whether nothing will come any more: it was closed, or the engine has ended and all of its events were handed out
    /// that memory holds.
    pub fn has_ended(&self) -> bool {
        if self.closed.load(Ordering::Acquire) {
            return true;
        }
        self.read.is_empty()
            && matches!(self.ring.take(self.after, &mut self.place.clone()), Taken::Ended)
    }

    fn next_until(&mut self, until: Option<Instant>) -> Result<Option<Event>> {
        loop {
            match self.take()? {
                Taken::Event(event) => return Ok(Some(event)),
                Taken::Ended => return Ok(None),
                _ if until.is_some_and(|until| until <= Instant::now()) => return Ok(None),
                _ => self.ring.wait(self.after, self.place, &self.closed, until),
            }
        }
    }

    fn take(&mut self) -> Result<Taken> {
        loop {
            if self.closed.load(Ordering::Acquire) {
                return Ok(Taken::Ended);
            }
            let taken = match self.read.pop_front() {
                Some(event) => Taken::Event(event),
                None => self.ring.take(self.after, &mut self.place),
            };
            match &taken {
                Taken::Event(Event::Changes(changes)) => {
                    self.after = self.after.max(changes.generation);
                    self.delivered = changes.generation;
                }
                Taken::Event(Event::Missed { through, .. }) => {
                    self.after = self.after.max(*through);
                    self.delivered = *through;
                }
                Taken::Behind(base) => {
                    let Some(inner) = self.inner.upgrade() else { return Ok(Taken::Ended) };
                    let (read, reached) = inner.past(self.after, *base)?;
                    self.read.extend(read);
                    self.after = reached;
                    continue;
                }
                _ => {}
            }
            return Ok(taken);
        }
    }
}

impl Iterator for Subscription {
    type Item = Result<Event>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_until(None).transpose()
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(number) = self.waker {
            self.ring.forget_waker(number);
        }
    }
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subscription").field("generation", &self.delivered).finish_non_exhaustive()
    }
}

struct Callback<F>(F);

impl<F: Fn() + Send + Sync + 'static> Wake for Callback<F> {
    fn wake(self: Arc<Self>) {
        (self.0)();
    }
}

/// Adds that a generation is not known, or lengthens what is said of those before it.
fn miss(events: &mut Vec<Event>, after: u64, generation: u64) {
    match events.last_mut() {
        Some(Event::Missed { through, .. }) => *through = generation,
        _ => events.push(Event::Missed { after, through: generation }),
    }
}

impl Inner {
    /// Some of what happened after a generation and up to another, and how far that is.
    fn past(&self, after: u64, through: u64) -> Result<(Vec<Event>, u64)> {
        let missed = |through| (vec![Event::Missed { after, through }], through);
        let journal = match &self.keeping {
            Some(keeping) => keeping.past(&self.current.load_full())?,
            None => None,
        };
        let Some(journal) = journal else { return Ok(missed(through)) };
        let kept_after = journal.head().kept_after;
        if after < kept_after {
            return Ok(missed(kept_after));
        }
        let (mut events, mut reached, mut bytes) = (Vec::new(), after, 0);
        let read = journal.commits_after(after, &mut |generation, commit| {
            match event_of(generation, commit)? {
                Some(changes) if changes.is_empty() => {}
                Some(changes) => events.push(Event::Changes(Arc::new(changes))),
                None => miss(&mut events, reached, generation),
            }
            (reached, bytes) = (generation, bytes + commit.len());
            Ok(generation < through && events.len() < READ_COMMITS && bytes < READ_BYTES)
        });
        match read {
            // What it was about to read was forgotten meanwhile.
            Err(_) if events.is_empty() && after < journal.head().kept_after => {
                Ok(missed(journal.head().kept_after))
            }
            Err(error) => Err(error),
            Ok(()) if reached == after => Ok(missed(through)),
            Ok(()) => Ok((events, reached)),
        }
    }
}
