//! What the journal asks of the store below it: an ordered table whose batches are atomic. A faulty twin stands in for
//! the real one in tests.

use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;

use crate::model::Result;

/// What is done with a key and its value; whether to go on.
pub(crate) type Each<'a> = dyn FnMut(&[u8], &[u8]) -> Result<bool> + 'a;

/// One step of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Put(Vec<u8>, Vec<u8>),
    Delete(Vec<u8>),
}

/// An open table. A failed call leaves it unusable: it is opened anew then, and holds each batch whole or not at all.
pub(crate) trait Table: Debug + Send + Sync {
    /// Writes a batch, atomically; `lasting` says that it is on the disk when the call returns. What is not lasting
    /// survives the death of the process, not that of the machine.
    fn write(&self, batch: Vec<Op>, lasting: bool) -> Result<()>;

    /// Makes everything that was written lasting.
    fn sync(&self) -> Result<()>;

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>>;

    /// Hands on every key from `from` up to and without `to`, in order, until it is told `false`.
    fn scan(&self, from: &[u8], to: &[u8], each: &mut Each<'_>) -> Result<()>;

    /// The last key from `from` up to and without `to`.
    fn last(&self, from: &[u8], to: &[u8]) -> Result<Option<Vec<u8>>>;

    /// Brings what was written into the form that opens quickest.
    fn settle(&self) -> Result<()>;

    /// What was not as it should be when it was opened, and did no harm.
    fn warning(&self) -> Option<String> {
        None
    }

    /// What it takes on the disk.
    fn bytes(&self) -> u64;
}

/// Where tables lie.
pub(crate) trait Tables: Debug + Send + Sync {
    /// Whether there is one, finished or not.
    fn exists(&self, path: &Path) -> bool;

    /// Opens the table of a directory, or makes an empty one.
    fn open(&self, path: &Path) -> Result<Arc<dyn Table>>;

    /// Gives a table that nobody has open another name, lastingly.
    fn rename(&self, from: &Path, to: &Path) -> Result<()>;

    /// Removes a table that nobody has open; absent is no error.
    fn remove(&self, path: &Path) -> Result<()>;
}
