//! The four structures, which never know each other.

#[allow(dead_code, unused_imports, reason = "the generation is its first user")]
pub(crate) mod text;
