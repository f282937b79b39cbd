//! Where answers wait for their JavaScript thread: one port a thread.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use napi::bindgen_prelude::{Float64ArraySlice, Function};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi_derive::napi;
use shortlist::Cancel;

use crate::door;
use crate::failure::{Failure, Result};
use crate::outcome::{Answer, Form, Outcome};
use crate::pool::{self, Lane};

type Wake = ThreadsafeFunction<(), (), (), napi::Status, false, true>;

/// The answers to one JavaScript thread, which is woken once for as many as there are.
#[napi]
pub struct Port {
    shared: Arc<Shared>,
    taken: Option<(Form, Result<Outcome>)>,
}

pub struct Shared {
    wake: Wake,
    /// Whether it was woken and has not come yet.
    woken: AtomicBool,
    done: Mutex<VecDeque<(u32, Form, Result<Outcome>)>>,
    /// What calls off each that is not done.
    open: Mutex<HashMap<u32, Cancel>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn put(&self, id: u32, form: Form, result: Result<Outcome>) {
        locked(&self.done).push_back((id, form, result));
        if !self.woken.swap(true, Ordering::AcqRel) {
            // A thread that is gone takes nothing any more.
            self.wake.call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }
}

#[napi]
impl Port {
    /// A port whose thread is woken by `wake`. It does not keep the thread alive.
    #[napi(constructor, catch_unwind)]
    pub fn new(wake: Function<'_, (), ()>) -> napi::Result<Self> {
        let wake = wake.build_threadsafe_function().weak::<true>().build()?;
        let shared = Shared {
            wake,
            woken: AtomicBool::new(false),
            done: Mutex::default(),
            open: Mutex::default(),
        };
        Ok(Self { shared: Arc::new(shared), taken: None })
    }

    /// Takes the next answer, to be read by `value`; gives the number that it was asked under, or -1.
    #[napi(catch_unwind)]
    pub fn take(&mut self) -> i64 {
        // Whoever puts an answer from here on wakes anew.
        self.shared.woken.store(false, Ordering::Release);
        match locked(&self.shared.done).pop_front() {
            None => -1,
            Some((id, form, result)) => {
                self.taken = Some((form, result));
                i64::from(id)
            }
        }
    }

    /// The answer that was taken last, in the form that was asked for, without the listings that `known` knows.
    #[napi(catch_unwind)]
    pub fn value(&mut self, known: Option<Float64ArraySlice<'_>>) -> napi::Result<Answer> {
        let Some((form, result)) = self.taken.take() else {
            return Err(Failure::internal("no answer was taken").into());
        };
        Ok(door::through(|| Ok(result?.into_answer(form, known.as_deref())))?)
    }

    /// Calls off what was asked under that number: nobody waits for its answer any more.
    #[napi(catch_unwind)]
    pub fn cancel(&self, id: u32) {
        if let Some(cancel) = locked(&self.shared.open).remove(&id) {
            cancel.cancel();
        }
    }
}

impl Port {
    /// Has work done on a thread of the pool, and its outcome put here.
    pub fn start(
        &self,
        id: u32,
        form: Form,
        lane: Lane,
        work: impl FnOnce(&Cancel) -> Result<Outcome> + Send + 'static,
    ) {
        let (shared, cancel) = (Arc::clone(&self.shared), Cancel::new());
        locked(&shared.open).insert(id, cancel.clone());
        pool::hand_over(lane, move || {
            if cancel.is_cancelled() {
                return;
            }
            let result = door::through(|| Ok(work(&cancel)?.prepared(form)));
            if locked(&shared.open).remove(&id).is_some() {
                shared.put(id, form, result);
            }
        });
    }

    /// A place for an answer that comes when it comes, without a thread that waits for it.
    pub fn reply(&self, id: u32) -> Reply {
        locked(&self.shared.open).insert(id, Cancel::new());
        Reply { shared: Arc::clone(&self.shared), id }
    }
}

/// Where one answer is waited for.
pub struct Reply {
    shared: Arc<Shared>,
    id: u32,
}

impl Reply {
    pub fn send(self, answer: Result<Outcome>) {
        if locked(&self.shared.open).remove(&self.id).is_some() {
            self.shared.put(self.id, Form::Objects, answer);
        }
    }
}
