//! The engine on disks that fail.

mod faults;
#[cfg(feature = "testing")]
mod lives;
mod publish;
mod refusals;

use std::path::Path;
use std::sync::Arc;

use super::{Engine, EngineOptions};
use crate::model::Result;
use crate::store::memory::MemoryTables;

/// A directory whose syncs cost nothing, where the system has such a place: snapshots lie there.
fn directory() -> tempfile::TempDir {
    let fast = Path::new("/dev/shm");
    let made = if fast.is_dir() { tempfile::tempdir_in(fast) } else { tempfile::tempdir() };
    made.expect("a directory")
}

fn open(tables: &MemoryTables, directory: &Path, options: EngineOptions) -> Result<Engine> {
    Engine::open_on(Arc::new(tables.clone()), directory, &options.with_create())
}
