//! Following the index: events as they come, waited for without the interpreter.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use pyo3::exceptions::PyIndexError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use shortlist::{Changes, Error, Event, Result, SubscriptionCloser};

use crate::alive::Working;
use crate::doorway::guarded;
use crate::error::exception;
use crate::fork;
use crate::handle::Handle;
use crate::later::{self, Waiter};
use crate::options::seconds;
use crate::outgoing::object::{Names, to_object};

/// How long a wait lets signals be.
const LISTEN_EVERY: Duration = Duration::from_millis(50);
/// How many events are taken at once where nobody waits on a thread.
const AT_ONCE: usize = 64;

/// The events of an index, as they come: what ``Engine.subscribe`` gives. Iterating waits for the next one, without the
/// interpreter, and hears Ctrl-C; it ends with the engine, by ``close``, or when nothing has come for the ``timeout``.
///
/// >>> import shortlist
/// >>> engine = shortlist.Engine.in_memory()
/// >>> events = engine.subscribe()
/// >>> applied = engine.upsert({"id": "ada"})
/// >>> engine.close()
/// >>> [event.generation for event in events]
/// [1]
#[pyclass(frozen, module = "shortlist", name = "Subscription")]
pub struct Subscription {
    feed: Arc<Feed>,
    timeout: Option<Duration>,
    closer: SubscriptionCloser,
}

/// One subscription, for those who wait on a thread and for a loop that does not.
struct Feed {
    handle: Arc<Handle>,
    state: Mutex<State>,
    waiting: Mutex<Option<Waiter>>,
}

struct State {
    events: shortlist::Subscription,
    /// What was taken for a loop and not read yet.
    ready: VecDeque<Result<Event>>,
    generation: u64,
}

impl State {
    fn taken(&mut self) -> Result<Option<Event>> {
        let event = self.ready.pop_front().transpose()?;
        Ok(event.map(|event| self.handed(event)))
    }

    fn handed(&mut self, event: Event) -> Event {
        match &event {
            Event::Changes(changes) => self.generation = changes.generation,
            Event::Missed { through, .. } => self.generation = *through,
            _ => {}
        }
        event
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a wait comes to.
enum Next {
    Event(Event),
    Nothing,
    Ended,
}

impl Feed {
    /// The next event, waited for so long on this thread, which has not got the interpreter.
    fn next_within(&self, limit: Duration) -> Result<Next> {
        let mut state = locked(&self.state);
        let next = match state.taken()? {
            Some(event) => Some(event),
            None => state.events.next_within(limit)?,
        };
        Ok(match next {
            Some(event) => Next::Event(state.handed(event)),
            None if self.has_ended(&state) => Next::Ended,
            None => Next::Nothing,
        })
    }

    fn has_ended(&self, state: &State) -> bool {
        state.events.has_ended() || self.handle.is_closed()
    }

    /// Has another thread look, where a loop waits. Called by whoever writes or closes.
    fn stir(self: Arc<Self>) {
        if locked(&self.waiting).is_some() {
            let working = Working::begin();
            // Without the pool there is no loop to tell either.
            let _ = later::hand_over(move || {
                self.look();
                drop(working);
            });
        }
    }

    /// Takes what has come, and tells the loop whether anything will.
    fn look(&self) {
        let mut state = locked(&self.state);
        if locked(&self.waiting).is_none() {
            return;
        }
        while state.ready.len() < AT_ONCE {
            match guarded(|| state.events.try_next()).transpose() {
                Some(event) => {
                    let failed = event.is_err();
                    state.ready.push_back(event);
                    if failed {
                        break;
                    }
                }
                None => break,
            }
        }
        let more = !state.ready.is_empty();
        if !more && !self.has_ended(&state) {
            return;
        }
        drop(state);
        if let Some(waiter) = locked(&self.waiting).take() {
            waiter.tell(|py| Ok(more.into_pyobject(py)?.to_owned().into_any().unbind()));
        }
    }
}

impl Subscription {
    /// Follows from now on, or from behind a generation.
    pub fn begin(handle: &Arc<Handle>, after: Option<u64>, timeout: Option<f64>) -> PyResult<Self> {
        let engine = handle.get()?;
        let timeout = timeout.map(seconds).transpose()?;
        let events = match after {
            Some(generation) => engine.subscribe_after(generation),
            None => engine.subscribe(),
        };
        let (closer, generation) = (events.closer(), events.generation());
        let state = Mutex::new(State { events, ready: VecDeque::new(), generation });
        let feed = Feed { handle: Arc::clone(handle), state, waiting: Mutex::default() };
        Ok(Self { feed: Arc::new(feed), timeout, closer })
    }

    fn wait<'py>(
        &self,
        py: Python<'py>,
        timeout: Option<Duration>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        fork::check()?;
        let until = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        loop {
            let left =
                until.map_or(LISTEN_EVERY, |until| until.saturating_duration_since(Instant::now()));
            let limit = left.min(LISTEN_EVERY);
            let next = py.detach(|| guarded(|| self.feed.next_within(limit)));
            match next.map_err(|error| exception(&error))? {
                Next::Event(event) => return shown(py, event).map(Some),
                Next::Ended => return Ok(None),
                Next::Nothing if until.is_some_and(|until| Instant::now() >= until) => {
                    return Ok(None);
                }
                Next::Nothing => py.check_signals()?,
            }
        }
    }
}

/// An event as Python's part of the package has it.
fn shown(py: Python<'_>, event: Event) -> PyResult<Bound<'_, PyAny>> {
    let events = py.import("shortlist.events")?;
    match event {
        Event::Changes(changes) => {
            let index = to_object(py, &changes.index, Names::Snake)?;
            let generation = changes.generation;
            events.call_method1("_changes", (generation, Touched(changes), index))
        }
        Event::Missed { after, through } => events.call_method1("Missed", (after, through)),
        Event::Source(source) => {
            let fields = to_object(py, &source, Names::Snake)?;
            let fields = fields.cast_into::<PyDict>().map_err(PyErr::from)?;
            events.call_method("SourceEvent", (), Some(&fields))
        }
        other => Err(exception(&Error::Internal { what: format!("an unknown event: {other:?}") })),
    }
}

#[pymethods]
impl Subscription {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.wait(py, self.timeout)
    }

    /// The next event, waited for so many seconds at most; none where none came, or none will: see ``ended``.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     events = engine.subscribe()
    /// ...     events.poll() is None, events.ended
    /// (True, False)
    #[pyo3(signature = (timeout=0.0))]
    fn poll<'py>(&self, py: Python<'py>, timeout: f64) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.wait(py, Some(seconds(timeout)?))
    }

    /// The generation up to which every event was handed out: where to go on by ``after``.
    #[getter]
    fn generation(&self, py: Python<'_>) -> u64 {
        py.detach(|| locked(&self.feed.state).generation)
    }

    /// Whether nothing will come any more.
    #[getter]
    fn ended(&self, py: Python<'_>) -> bool {
        py.detach(|| {
            let state = locked(&self.feed.state);
            state.ready.is_empty() && self.feed.has_ended(&state)
        })
    }

    /// Ends it, also for whoever waits for its next event in another thread.
    fn close(&self, py: Python<'_>) {
        py.detach(|| {
            self.closer.close();
            locked(&self.feed.state).ready.clear();
            Arc::clone(&self.feed).stir();
        });
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, PyTuple>) {
        self.close(py);
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        let (generation, ended) = (self.generation(py), self.ended(py));
        let ended = if ended { ", ended" } else { "" };
        format!("<shortlist.Subscription after generation {generation}{ended}>")
    }

    fn __reduce__(&self) -> PyResult<()> {
        let text = "a subscription cannot be pickled: subscribe anew after its `generation`";
        Err(pyo3::exceptions::PyTypeError::new_err(text))
    }

    /// A future of the running loop: whether there is something to take, told once there is or nothing will come.
    fn _later<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        fork::check()?;
        let (waiter, future) = Waiter::new(py)?;
        py.detach(|| {
            let told = Arc::downgrade(&self.feed);
            *locked(&self.feed.waiting) = Some(waiter);
            // It is called at once, and by whatever comes.
            locked(&self.feed.state).events.notify(move || {
                if let Some(feed) = told.upgrade() {
                    feed.stir();
                }
            });
        });
        Ok(future)
    }

    /// The next of what was taken for a loop: nothing is read here.
    fn _taken<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let taken = py.detach(|| locked(&self.feed.state).taken());
        taken.map_err(|error| exception(&error))?.map(|event| shown(py, event)).transpose()
    }
}

/// The profiles that a commit touched, for Python to make objects of.
#[pyclass(frozen, module = "shortlist._native", name = "_Touched")]
pub struct Touched(Arc<Changes>);

#[pymethods]
impl Touched {
    fn __len__(&self) -> usize {
        self.0.profiles.len()
    }

    fn __getitem__<'py>(&self, py: Python<'py>, at: usize) -> PyResult<Bound<'py, PyAny>> {
        let Some(profile) = self.0.profiles.get(at) else {
            return Err(PyIndexError::new_err("there are not so many profiles"));
        };
        to_object(py, profile, Names::Snake)
    }
}
