//! The four structures, which never know each other.

#[cfg(feature = "testing")]
pub mod vector;
#[cfg(not(feature = "testing"))]
pub(crate) mod vector;
