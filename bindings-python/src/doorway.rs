//! The one doorway to the engine: the interpreter is let go, panics stop here, and Ctrl-C is heard.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use pyo3::prelude::*;
use shortlist::{Cancel, Engine, Error, Result};

use crate::alive::Working;
use crate::error::exception;

/// How often a call that may take long asks whether a signal came.
const LISTEN_EVERY: Duration = Duration::from_millis(20);
/// How long a call that was called off is waited for; what goes on then is a commit, which ends whole.
const FAREWELL: Duration = Duration::from_millis(40);

/// Makes Python's object of what the engine answered.
type Show = Box<dyn for<'py> FnOnce(Python<'py>) -> PyResult<Bound<'py, PyAny>> + Send>;

/// One call: what the engine is asked without the interpreter, and how its answer is shown with it.
pub struct Call {
    work: Box<dyn FnOnce(&Engine) -> Result<Show> + Send>,
    is_long: bool,
}

impl Call {
    pub fn new<T: Send + 'static>(
        work: impl FnOnce(&Engine) -> Result<T> + Send + 'static,
        show: impl for<'py> FnOnce(Python<'py>, T) -> PyResult<Bound<'py, PyAny>> + Send + 'static,
    ) -> Self {
        let work = Box::new(move |engine: &Engine| {
            let answer = work(engine)?;
            let shown: Show = Box::new(move |py| show(py, answer));
            Ok(shown)
        });
        Self { work, is_long: false }
    }

    /// A call that may take longer than a person waits.
    pub fn long(mut self, is_long: bool) -> Self {
        self.is_long = is_long;
        self
    }

    pub fn is_long(&self) -> bool {
        self.is_long
    }

    /// Asks, and waits for the answer.
    pub fn now(self, py: Python<'_>, engine: Engine) -> PyResult<Bound<'_, PyAny>> {
        let work = self.work;
        let answered = if self.is_long {
            interruptible(py, move |cancel| work(&engine.cancelled_by(cancel)))?
        } else {
            py.detach(move || guarded(move || work(&engine)))
        };
        answered.map_err(|error| exception(&error))?(py)
    }

    /// Asks on this thread, which has not got the interpreter, and shows the answer with it.
    pub fn here(self, engine: Engine) -> impl FnOnce(Python<'_>) -> PyResult<Py<PyAny>> {
        let work = self.work;
        let answered = guarded(move || work(&engine));
        move |py| Ok(answered.map_err(|error| exception(&error))?(py)?.unbind())
    }
}

/// Does a piece of work on another thread while this one hears signals. An interrupt calls it off, waits for an instant,
/// and goes on as the exception that it is.
pub fn interruptible<T: Send + 'static>(
    py: Python<'_>,
    work: impl FnOnce(&Cancel) -> Result<T> + Send + 'static,
) -> PyResult<Result<T>> {
    let cancel = Cancel::new();
    let theirs = cancel.clone();
    let (send, mut receive) = sync_channel(1);
    let named = std::thread::Builder::new().name("shortlist-call".to_owned());
    let working = Working::begin();
    let spawned = named.spawn(move || {
        let sent = send.send(guarded(move || work(&theirs)));
        drop(working);
        sent
    });
    if let Err(error) = spawned {
        let what = format!("no thread for the call: {error}");
        return Ok(Err(Error::Internal { what }));
    }
    loop {
        let (back, received) = py.detach(move || wait(receive, LISTEN_EVERY));
        match received {
            Ok(answer) => return Ok(answer),
            Err(RecvTimeoutError::Disconnected) => {
                return Ok(Err(Error::Internal { what: "the call's thread died".to_owned() }));
            }
            Err(RecvTimeoutError::Timeout) => receive = back,
        }
        if let Err(interrupt) = py.check_signals() {
            cancel.cancel();
            py.detach(move || drop(wait(receive, FAREWELL)));
            return Err(interrupt);
        }
    }
}

fn wait<T>(
    receive: Receiver<T>,
    limit: Duration,
) -> (Receiver<T>, std::result::Result<T, RecvTimeoutError>) {
    let received = receive.recv_timeout(limit);
    (receive, received)
}

/// Runs what may panic: a panic is a defect of ours, which the engine survives.
pub fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        Err(Error::Internal { what: format!("a panic: {}", words(&*panic)) })
    })
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without words")
}
