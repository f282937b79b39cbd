//! Who follows the index: events are taken on a thread of the pool once they are there, and none waits for them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use napi_derive::napi;
use serde::Serialize;
use shortlist::{Changes, Engine, Event, Subscription, SubscriptionCloser};

use crate::door;
use crate::failure::{Failure, Result};
use crate::handle::Shared;
use crate::outcome::Outcome;
use crate::pool::{self, Lane};
use crate::port::{Port, Reply};

/// How many profiles of one commit cross at once, so that JavaScript reads a large commit a slice at a time.
const PROFILES: usize = 256;
/// How much is taken before whoever waits is answered.
const BYTES: usize = 256 << 10;

/// One subscription, and who waits for its next events.
pub struct Follower {
    engine: Weak<Shared>,
    events: Mutex<Subscription>,
    closer: SubscriptionCloser,
    waiting: Mutex<Option<Reply>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Follower {
    /// Follows from now on, or from behind a generation.
    pub fn begin(shared: &Arc<Shared>, engine: &Engine, after: Option<u64>) -> Arc<Self> {
        let events = match after {
            Some(generation) => engine.subscribe_after(generation),
            None => engine.subscribe(),
        };
        let (engine, closer) = (Arc::downgrade(shared), events.closer());
        let (events, waiting) = (Mutex::new(events), Mutex::default());
        let follower = Arc::new(Self { engine, events, closer, waiting });
        let told = Arc::downgrade(&follower);
        locked(&follower.events).notify(move || {
            if let Some(follower) = told.upgrade() {
                follower.stir();
            }
        });
        follower
    }

    /// Has a thread of the pool look, where somebody waits. Called by whoever writes or closes.
    pub fn stir(self: Arc<Self>) {
        if locked(&self.waiting).is_some() {
            pool::hand_over(Lane::Read, move || self.look());
        }
    }

    /// Answers whoever waits, if there is something to answer.
    fn look(&self) {
        let mut events = locked(&self.events);
        if locked(&self.waiting).is_none() {
            return;
        }
        let is_closed = || self.engine.upgrade().is_none_or(|engine| engine.is_closed());
        let answer = match door::through(|| take(&mut events)) {
            Ok(pieces) if pieces.is_empty() && !events.has_ended() && !is_closed() => return,
            answer => answer.map(Outcome::Many),
        };
        if let Some(reply) = locked(&self.waiting).take() {
            reply.send(answer);
        }
    }
}

/// What has come, in pieces.
fn take(events: &mut Subscription) -> Result<Vec<Result<Outcome>>> {
    let (mut pieces, mut bytes) = (Vec::new(), 0);
    while bytes < BYTES {
        match events.try_next() {
            Ok(Some(event)) => cut(&event, &mut |text| {
                bytes += text.len();
                pieces.push(Ok(Outcome::Json(text.into())));
            })?,
            Ok(None) => break,
            // What was taken is told first; the journal is as broken the next time.
            Err(_) if !pieces.is_empty() => break,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(pieces)
}

/// An event in pieces: itself with the first of its profiles, and lists of those that follow.
fn cut(event: &Event, push: &mut impl FnMut(String)) -> Result<()> {
    let Event::Changes(changes) = event else {
        push(event.to_json());
        return Ok(());
    };
    let Some((first, rest)) = changes.profiles.split_at_checked(PROFILES) else {
        push(event.to_json());
        return Ok(());
    };
    let mut head = Changes::default();
    head.generation = changes.generation;
    head.profiles = first.to_vec();
    head.index.clone_from(&changes.index);
    push(Event::Changes(Arc::new(head)).to_json());
    rest.chunks(PROFILES).try_for_each(|slice| {
        push(json(slice)?);
        Ok(())
    })
}

fn json(value: &(impl Serialize + ?Sized)) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Failure::internal(error.to_string()))
}

/// A subscription, as JavaScript holds it.
#[napi]
pub struct SubscriptionHandle {
    follower: Arc<Follower>,
}

impl From<Arc<Follower>> for SubscriptionHandle {
    fn from(follower: Arc<Follower>) -> Self {
        Self { follower }
    }
}

#[napi]
impl SubscriptionHandle {
    /// The next events, told to the port when there are any; none when none will come any more. One asks at a time.
    #[napi(catch_unwind)]
    pub fn next(&self, port: &Port, id: u32) {
        *locked(&self.follower.waiting) = Some(port.reply(id));
        Arc::clone(&self.follower).stir();
    }

    /// Ends it, also for whoever waits.
    #[napi(catch_unwind)]
    pub fn close(&self) {
        self.follower.closer.close();
    }
}

impl Drop for SubscriptionHandle {
    fn drop(&mut self) {
        self.follower.closer.close();
    }
}
