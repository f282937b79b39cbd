//! The four structures, which never know each other.

pub(crate) mod bitmap;
pub(crate) mod column;
