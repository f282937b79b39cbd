//! The four structures, which never know each other.

pub(crate) mod bitmap;
pub(crate) mod column;
pub(crate) mod text;
#[cfg(feature = "testing")]
pub mod vector;
#[cfg(not(feature = "testing"))]
pub(crate) mod vector;
