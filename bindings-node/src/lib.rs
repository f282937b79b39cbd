//! Shortlist for Node: a shell that converts, calls and converts back, and never decides.
#![allow(unsafe_code, reason = "the export macro writes the C entry points that Node calls")]

use napi_derive::napi;

/// The version of the engine inside this package.
#[napi]
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}
