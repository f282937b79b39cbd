//! Who may not write.

use super::directory;
use crate::engine::keeping::{Found, Keeping, Newest};
use crate::engine::options::Durability;
use crate::generation::Generation;
use crate::model::{Error, Result, Schema};
use crate::store::memory::MemoryTables;
use crate::store::{Directory, Head, Journal};

#[test]
fn a_process_that_was_forked_off_is_refused() -> Result<()> {
    let kept = directory();
    let found = || -> Result<Found> {
        let directory = Directory::new(kept.path());
        let tables = std::sync::Arc::new(MemoryTables::default());
        let journal =
            Journal::create(tables.clone(), &directory.journal(), &Head::of_new([7; 32]), &[])?;
        let lock = directory.lock()?;
        let journal = Some(journal);
        let (newest, warnings) = (Newest::default(), Vec::new());
        Ok(Found { directory, lock, tables, journal, marked: false, newest, warnings })
    };
    let mut keeping = Keeping::new(found()?, Durability::Synced, 1);
    keeping.writable()?;
    // As in a child: the memory is the same, the process is another.
    keeping.opened_by = std::process::id() + 1;
    assert!(matches!(keeping.writable(), Err(Error::Forked { .. })));
    let generation = Generation::empty(Schema::default(), [7; 32])?;
    assert!(keeping.snapshot(|| generation.clone().into()).is_err());
    keeping.close()
}
