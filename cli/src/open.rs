//! Opening an index to read it.

use std::io::ErrorKind;
use std::path::Path;

use shortlist::{Engine, EngineOptions, Error, Result};

/// The index of a directory, or of one snapshot. A directory that another process writes is read as its newest
/// snapshot has it. No answer is kept: a command asks once, and what is timed is the finding of an answer.
pub fn open(index: &Path) -> Result<Engine> {
    let options = || EngineOptions::default().with_cache_bytes(0);
    if index.is_file() {
        return Engine::open_snapshot_with(index, options());
    }
    match Engine::open_with(index, options()) {
        // Nobody can write to a file system that is read only, so its newest snapshot is all that there is to see.
        Err(
            Error::Locked { .. }
            | Error::Io { kind: ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied, .. },
        ) => Engine::open_read_only_with(index, options()),
        opened => opened,
    }
}
