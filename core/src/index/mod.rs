//! The four structures, which never know each other.
