//! Opening an index to read it.

use std::path::Path;

use shortlist::{Engine, Error, Result};

/// The index of a directory, or of one snapshot. A directory that another process writes is read as its newest
/// snapshot has it.
pub fn open(index: &Path) -> Result<Engine> {
    if index.is_file() {
        return Engine::open_snapshot(index);
    }
    match Engine::open(index) {
        Err(Error::Locked { .. }) => Engine::open_read_only(index),
        opened => opened,
    }
}
