//! Shortlist for Node: a shell that converts, calls and converts back, and never decides.
//!
//! JavaScript comes in by two doors, `handle::EngineHandle::call` and `handle::EngineHandle::start`: the one answers before
//! it returns, the other on a thread of the `pool`, to be taken from a `port::Port`. What is asked is an
//! `operation::Operation` with its request in the core's JSON; embeddings come beside it, as they lie in memory.
#![cfg_attr(test, allow(dead_code, reason = "the exports are left out where there is no Node"))]
#![allow(clippy::needless_pass_by_value, reason = "what JavaScript hands over is owned")]
#![allow(unsafe_code, reason = "the export macro writes the C entry points that Node calls")]

mod batch;
mod door;
mod failure;
mod follower;
mod handle;
mod kept;
mod many;
#[cfg(feature = "measure")]
mod measure;
mod opening;
mod operation;
mod outcome;
mod pool;
mod port;
mod postgres;
mod request;

use napi_derive::napi;

/// The version of the engine inside this package.
#[napi(catch_unwind)]
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// The names of the operations; each is asked for by its place in this list.
#[napi(catch_unwind)]
pub fn operations() -> Vec<&'static str> {
    operation::Operation::ALL.iter().map(|(name, _)| *name).collect()
}
