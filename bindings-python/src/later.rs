//! Calls whose answers asyncio waits for: worked through by threads of our own, told to the loop that asked.

use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::{self, available_parallelism};

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use shortlist::{Cancel, Engine, Error};

use crate::alive::Working;
use crate::doorway::Call;
use crate::error::exception;

type Job = Box<dyn FnOnce() + Send>;

/// One thread a core for calls that take microseconds; each that may take long has one of its own.
fn run(is_long: bool, job: Job) -> PyResult<()> {
    static POOL: OnceLock<Sender<Job>> = OnceLock::new();
    if is_long {
        let named = thread::Builder::new().name("shortlist-call".to_owned());
        return named.spawn(job).map(drop).map_err(|error| no_thread(&error.to_string()));
    }
    let pool = POOL.get_or_init(|| {
        let (send, receive) = channel::<Job>();
        let receive = Arc::new(Mutex::new(receive));
        for _ in 0..available_parallelism().map_or(2, usize::from).max(2) {
            let receive = Arc::clone(&receive);
            let work = move || {
                loop {
                    let next = receive.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok(job) = next else { return };
                    job();
                }
            };
            // Where the system gives fewer threads, fewer work.
            let _ = thread::Builder::new().name("shortlist-async".to_owned()).spawn(work);
        }
        send
    });
    pool.send(job).map_err(|_| no_thread("the pool has none"))
}

fn no_thread(reason: &str) -> PyErr {
    exception(&Error::Internal { what: format!("no thread for the call: {reason}") })
}

/// Calls a call off when the one who waits for it does not any more.
#[pyclass(frozen)]
struct CallOff(Cancel);

#[pymethods]
impl CallOff {
    fn __call__(&self, _future: &Bound<'_, PyAny>) {
        self.0.cancel();
    }
}

/// Gives a future its answer, on its loop's own thread.
#[pyfunction]
fn settle(future: &Bound<'_, PyAny>, answer: &Bound<'_, PyAny>, is_error: bool) -> PyResult<()> {
    // Whoever waited may have gone.
    if future.call_method0("done")?.is_truthy()? {
        return Ok(());
    }
    future.call_method1(if is_error { "set_exception" } else { "set_result" }, (answer,))?;
    Ok(())
}

fn settler(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    static SETTLE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let settle = SETTLE.get_or_try_init(py, || {
        let module = py.import("shortlist._native")?;
        Ok::<_, PyErr>(pyo3::wrap_pyfunction!(settle, &module)?.into_any().unbind())
    })?;
    Ok(settle.bind(py).clone())
}

fn running_loop(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    static RUNNING: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let running = RUNNING.get_or_try_init(py, || {
        Ok::<_, PyErr>(py.import("asyncio")?.getattr("get_running_loop")?.unbind())
    })?;
    running.bind(py).call0()
}

/// A future, and the loop that waits for it.
pub struct Waiter {
    asked: Py<PyAny>,
    future: Py<PyAny>,
}

impl Waiter {
    /// A new future of the running loop.
    pub fn new(py: Python<'_>) -> PyResult<(Self, Bound<'_, PyAny>)> {
        let asked = running_loop(py)?;
        let future = asked.call_method0(pyo3::intern!(py, "create_future"))?;
        Ok((Self { asked: asked.unbind(), future: future.clone().unbind() }, future))
    }

    /// Tells the loop what `show` makes, from whatever thread.
    pub fn tell(self, show: impl FnOnce(Python<'_>) -> PyResult<Py<PyAny>>) {
        // An interpreter that ends waits for nobody.
        let _ = Python::try_attach(|py| {
            let (answer, is_error) = match show(py) {
                Ok(answer) => (answer, false),
                Err(error) => (error.into_value(py).into_any(), true),
            };
            let told = settler(py).and_then(|settle| {
                let arguments = (settle, self.future, answer, is_error);
                self.asked.call_method1(py, pyo3::intern!(py, "call_soon_threadsafe"), arguments)
            });
            // A loop that was closed meanwhile has nobody to tell.
            drop(told);
        });
    }
}

/// Hands a piece of work that takes microseconds to a thread of the pool.
pub fn hand_over(job: impl FnOnce() + Send + 'static) -> PyResult<()> {
    run(false, Box::new(job))
}

/// A future of the running loop for whatever `work` makes without the interpreter.
pub fn promise<'py>(
    py: Python<'py>,
    is_long: bool,
    work: impl FnOnce(&Cancel) -> Box<dyn FnOnce(Python<'_>) -> PyResult<Py<PyAny>>> + Send + 'static,
) -> PyResult<Bound<'py, PyAny>> {
    let (waiter, future) = Waiter::new(py)?;
    let cancel = Cancel::new();
    let off = Bound::new(py, CallOff(cancel.clone()))?;
    future.call_method1(pyo3::intern!(py, "add_done_callback"), (off,))?;
    let working = Working::begin();
    let job = move || {
        waiter.tell(work(&cancel));
        drop(working);
    };
    run(is_long, Box::new(job))?;
    Ok(future)
}

/// A future for one call.
pub fn later<'py>(py: Python<'py>, engine: Engine, call: Call) -> PyResult<Bound<'py, PyAny>> {
    promise(py, call.is_long(), move |cancel| Box::new(call.here(engine.cancelled_by(cancel))))
}
