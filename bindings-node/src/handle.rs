//! One engine, as JavaScript threads hold it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};

use napi::bindgen_prelude::{Float32ArraySlice, Float64ArraySlice, Uint32ArraySlice};
use napi_derive::napi;
use shortlist::{Cancel, Engine, Filter};

use crate::batch::Batch;
use crate::door;
use crate::failure::{Failure, Result};
use crate::follower::{Follower, SubscriptionHandle};
use crate::operation::{Call, Operation, upsert};
use crate::outcome::{Answer, Form, Outcome};
use crate::pool::{self, Lane};
use crate::port::Port;
use crate::request::Request;

/// The engine until it is closed, for all threads of the process.
pub struct Shared {
    number: u32,
    engine: RwLock<Option<Engine>>,
    /// Who follows it, and is told when it is closed.
    followers: Mutex<Vec<Weak<Follower>>>,
}

impl Shared {
    fn engine(&self) -> Result<Engine> {
        let engine = self.engine.read().unwrap_or_else(PoisonError::into_inner);
        engine.clone().ok_or(Failure::Closed)
    }

    pub fn is_closed(&self) -> bool {
        self.engine.read().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    fn take(&self) -> Option<Engine> {
        let engine = self.engine.write().unwrap_or_else(PoisonError::into_inner).take();
        let followers = std::mem::take(&mut *self.followers());
        followers.iter().filter_map(Weak::upgrade).for_each(Follower::stir);
        engine
    }

    fn followers(&self) -> MutexGuard<'_, Vec<Weak<Follower>>> {
        self.followers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn follow(self: &Arc<Self>, after: Option<u64>) -> Result<Arc<Follower>> {
        let follower = Follower::begin(self, &self.engine()?, after);
        let mut followers = self.followers();
        followers.retain(|one| one.strong_count() > 0);
        followers.push(Arc::downgrade(&follower));
        Ok(follower)
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        registry(|all| all.remove(&self.number));
        if let Some(engine) = self.take() {
            // The last handle waits for the engine's own thread: not on the one that collects garbage.
            pool::hand_over(Lane::Write, move || drop(engine));
        }
    }
}

fn run(call: Call, engine: &Engine, tenant: Option<Filter>) -> Result<Outcome> {
    let tenant = tenant.map(|filter| engine.for_tenant(filter)).transpose()?;
    call.run(engine, tenant.as_ref())
}

/// All open engines by number, so that a worker thread finds one that another thread opened.
fn registry<T>(look: impl FnOnce(&mut HashMap<u32, Weak<Shared>>) -> T) -> T {
    static ALL: Mutex<Option<HashMap<u32, Weak<Shared>>>> = Mutex::new(None);
    let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
    look(all.get_or_insert_default())
}

/// One engine.
#[napi]
pub struct EngineHandle {
    shared: Arc<Shared>,
    /// Whom it shows, where it is a tenant's.
    tenant: Option<Filter>,
}

impl EngineHandle {
    pub fn new(engine: Engine) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let (engine, followers) = (RwLock::new(Some(engine)), Mutex::default());
        let shared = Arc::new(Shared { number, engine, followers });
        registry(|all| all.insert(number, Arc::downgrade(&shared)));
        Self { shared, tenant: None }
    }

    pub fn engine(&self) -> Result<Engine> {
        self.shared.engine()
    }
}

#[napi]
impl EngineHandle {
    /// The engine of that number, opened by whichever thread of the process.
    #[napi(factory, catch_unwind)]
    pub fn attach(number: u32) -> napi::Result<Self> {
        let found = registry(|all| all.get(&number).and_then(Weak::upgrade));
        Ok(Self { shared: found.ok_or(Failure::Closed)?, tenant: None })
    }

    /// The same engine, as one tenant sees it.
    #[napi(catch_unwind)]
    pub fn for_tenant(&self, filter: String) -> napi::Result<Self> {
        Ok(door::through(|| {
            let filter = Filter::from_json(&filter)?;
            self.shared.engine()?.for_tenant(filter.clone())?;
            Ok(Self { shared: Arc::clone(&self.shared), tenant: Some(filter) })
        })?)
    }

    /// What `attach` finds it by.
    #[napi(getter, catch_unwind)]
    pub fn number(&self) -> u32 {
        self.shared.number
    }

    /// Whether it was closed.
    #[napi(getter, catch_unwind)]
    pub fn is_closed(&self) -> bool {
        self.shared.is_closed()
    }

    /// Follows the index, from now on or from behind a generation.
    #[napi(catch_unwind)]
    pub fn subscribe(&self, after: Option<f64>) -> napi::Result<SubscriptionHandle> {
        Ok(door::through(|| Ok(self.shared.follow(after.map(|at| at as u64))?.into()))?)
    }

    /// Answers before it returns.
    #[napi(catch_unwind)]
    pub fn call(
        &self,
        operation: u32,
        form: u32,
        text: String,
        floats: Option<Float32ArraySlice<'_>>,
        lengths: Option<Uint32ArraySlice<'_>>,
        known: Option<Float64ArraySlice<'_>>,
    ) -> napi::Result<Answer> {
        Ok(door::through(|| {
            let form = Form::of(form)?;
            let request = Request::new(text, floats.as_deref(), lengths.as_deref());
            let call = Call { operation: Operation::of(operation)?, request };
            let answered = run(call, &self.shared.engine()?, self.tenant.clone())?;
            Ok(answered.into_answer(form, known.as_deref()))
        })?)
    }

    /// Answers on a thread of the pool, to that port under that number.
    #[napi(catch_unwind)]
    #[allow(clippy::too_many_arguments, reason = "an object of them would cost more than the call")]
    pub fn start(
        &self,
        port: &Port,
        id: u32,
        operation: u32,
        form: u32,
        text: String,
        floats: Option<Float32ArraySlice<'_>>,
        lengths: Option<Uint32ArraySlice<'_>>,
    ) -> napi::Result<()> {
        Ok(door::through(|| {
            let (form, operation) = (Form::of(form)?, Operation::of(operation)?);
            let request = Request::new(text, floats.as_deref(), lengths.as_deref());
            let (call, engine) = (Call { operation, request }, self.shared.engine()?);
            let tenant = self.tenant.clone();
            let work = move |cancel: &Cancel| run(call, &engine.cancelled_by(cancel), tenant);
            port.start(id, form, operation.lane(), work);
            Ok(())
        })?)
    }

    /// Upserts a batch on a thread of the pool.
    #[napi(catch_unwind)]
    pub fn start_batch(&self, port: &Port, id: u32, batch: &Batch) -> napi::Result<()> {
        Ok(door::through(|| {
            let (slices, engine) = (batch.take(), self.shared.engine()?);
            let work = move |cancel: &Cancel| upsert(slices, &engine.cancelled_by(cancel));
            port.start(id, Form::Objects, Lane::Write, work);
            Ok(())
        })?)
    }

    /// Closes it for all threads. What was begun ends as it would have; the port hears when all of it has.
    #[napi(catch_unwind)]
    pub fn close(&self, port: &Port, id: u32) {
        let engine = self.shared.take();
        port.start(id, Form::Objects, Lane::Write, move |_| {
            engine.map_or(Ok(()), Engine::close)?;
            Ok(Outcome::NOTHING)
        });
    }

    /// Closes it at once, on this thread.
    #[napi(catch_unwind)]
    pub fn close_sync(&self) -> napi::Result<()> {
        let engine = self.shared.take();
        Ok(door::through(|| Ok(engine.map_or(Ok(()), Engine::close)?))?)
    }
}
