//! The four structures, which never know each other.

#[allow(dead_code, unused_imports)] // until the generation above takes it up
pub(crate) mod vector;
