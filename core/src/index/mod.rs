//! The four structures, which never know each other.

pub(crate) mod bitmap;
#[cfg(feature = "testing")]
pub mod column;
#[cfg(not(feature = "testing"))]
pub(crate) mod column;
pub(crate) mod text;
#[cfg(feature = "testing")]
pub mod vector;
#[cfg(not(feature = "testing"))]
#[allow(
    dead_code,
    unused_imports,
    reason = "benches and tests reach further into it than the engine does"
)]
pub(crate) mod vector;
