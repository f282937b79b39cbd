//! How JavaScript comes by an engine.

use napi_derive::napi;
use shortlist::{Engine, EngineOptions};

use crate::door;
use crate::failure::{Failure, Result};
use crate::handle::EngineHandle;
use crate::outcome::{Form, Outcome};
use crate::pool::Lane;
use crate::port::Port;

fn opened(how: &str, path: &str, options: &str) -> Result<Engine> {
    let options = EngineOptions::from_json(options)?;
    Ok(match how {
        "open" => Engine::open_with(path, options)?,
        "openSnapshot" => Engine::open_snapshot_with(path, options)?,
        "openReadOnly" => Engine::open_read_only_with(path, options)?,
        "inMemory" => Engine::in_memory_with(options)?,
        _ => return Err(Failure::internal("no such way to open an engine")),
    })
}

/// Opens an engine on this thread.
#[napi(catch_unwind)]
pub fn open_sync(how: String, path: String, options: String) -> napi::Result<EngineHandle> {
    Ok(door::through(|| opened(&how, &path, &options).map(EngineHandle::new))?)
}

/// Opens an engine on a thread of the pool.
#[napi(catch_unwind)]
pub fn open(port: &Port, id: u32, how: String, path: String, options: String) {
    port.start(id, Form::Objects, Lane::Write, move |_| {
        opened(&how, &path, &options).map(Outcome::Engine)
    });
}

/// The error of a value of another kind than is taken, in the words of all others: what JavaScript refuses
/// before the engine sees it.
#[napi(catch_unwind)]
pub fn wrong_type(field: String, value: String, expected: String) -> String {
    Failure::wrong_type(&field, value, &expected).to_json()
}

/// The error of a value outside of what is allowed.
#[napi(catch_unwind)]
pub fn out_of_range(field: String, value: String, expected: String) -> String {
    Failure::from(shortlist::Error::OutOfRange { field, value, expected }).to_json()
}

/// The error of a test that a `where` does not know.
#[napi(catch_unwind)]
pub fn unknown_test(field: String) -> String {
    const WITHIN: &str =
        "a `where` (equals, not, in, notIn, has, hasSome, hasEvery, isEmpty, lt, lte, gt, gte)";
    Failure::unknown_field(field, WITHIN).to_json()
}

/// The error of a request that is no JSON.
#[napi(catch_unwind)]
pub fn malformed(what: String, reason: String) -> String {
    Failure::from(shortlist::Error::Malformed { what, reason }).to_json()
}
