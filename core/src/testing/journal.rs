//! What the journal holds, for those who try to break it.

use crate::generation::{changes, write_change};
use crate::model::Result;
use crate::store::ByteWriter;

/// The changes of a commit.
#[derive(Debug)]
pub struct ReadCommit {
    /// In words.
    pub said: String,
    /// As this version writes them.
    pub bytes: Vec<u8>,
}

/// Reads the bytes of a commit.
///
/// # Errors
/// What is not a commit.
pub fn commit(bytes: &[u8]) -> Result<ReadCommit> {
    let read = changes(bytes).collect::<Result<Vec<_>>>()?;
    let mut out = ByteWriter::default();
    read.iter().for_each(|change| write_change(change, &mut out));
    Ok(ReadCommit { said: format!("{read:?}"), bytes: out.0 })
}

/// How far a log of the store is whole, as recovery reads it.
pub fn log(bytes: &[u8]) -> usize {
    crate::store::whole_log(bytes)
}
