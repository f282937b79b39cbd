//! Batches that the death of a machine tore in the write-ahead log of the store.
//!
//! The store takes a log that ends within a batch, and refuses one whose batch is whole in length and wrong in its
//! bytes, as pages that came to the disk out of order leave it. Nobody was told that such a batch is lasting: it is cut
//! off, with what follows it. A commit says up to where everything was synced when it was written, and so a commit
//! that follows tells a tear from damage to what was lasting, which is an error.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

use xxhash_rust::xxh3::xxh3_64;

use super::{damaged, key, part};
use crate::model::{Error, Result};
use crate::store::ByteReader;

/// How a batch of the log ends.
const END: &[u8] = b"FJL\x03";

/// A whole batch.
struct Found {
    bytes: usize,
    /// The last commit that it holds, and up to where everything was synced then.
    commit: Option<(u64, u64)>,
}

/// Cuts off what was torn in the log of a table; says what it cut.
///
/// # Errors
/// [`Error::Damaged`] where what is wrong was lasting once.
pub(super) fn mend(table: &Path) -> Result<Option<String>> {
    let read = |path: &Path, error: &io::Error| Error::from_io(error, "read", path);
    let mut logs = Vec::new();
    for entry in fs::read_dir(table).map_err(|error| read(table, &error))? {
        let path = entry.map_err(|error| read(table, &error))?.path();
        let is_log = path.extension().is_some_and(|end| end == "jnl");
        let number = path.file_stem().and_then(|name| name.to_str()?.parse::<u64>().ok());
        logs.extend(number.filter(|_| is_log).map(|number| (number, path)));
    }
    logs.sort_unstable();
    let (mut last, active) = (None, logs.last().map(|(number, _)| *number));
    for (number, path) in logs {
        let bytes = fs::read(&path).map_err(|error| read(&path, &error))?;
        let at = whole(&bytes, &mut last);
        let Some(end) = bytes.iter().rposition(|byte| *byte != 0).filter(|end| *end >= at) else {
            continue;
        };
        // A log is synced before the next one begins.
        if active != Some(number) || was_lasting(&bytes[at..=end], last) {
            let reason = format!("{} is wrong from byte {at} on", path.display());
            return Err(damaged(table, reason));
        }
        cut(&path, at).map_err(|error| Error::from_io(&error, "cut", &path))?;
        return Ok(Some(warning(&path, at, end + 1 - at)));
    }
    Ok(None)
}

fn warning(path: &Path, at: usize, bytes: usize) -> String {
    format!(
        "the last write did not come to the disk whole: {bytes} bytes of {} after byte {at}, which nobody was told are lasting, were cut off",
        path.display()
    )
}

fn cut(path: &Path, at: usize) -> io::Result<()> {
    let log: File = OpenOptions::new().write(true).open(path)?;
    log.set_len(at as u64)?;
    log.sync_all()
}

/// How far the batches are whole, and the last commit in them.
fn whole(bytes: &[u8], last: &mut Option<u64>) -> usize {
    let mut at = 0;
    while let Some(found) = batch(&bytes[at..]) {
        at += found.bytes;
        *last = found.commit.map(|(generation, _)| generation).or(*last);
    }
    at
}

/// How far a log is whole.
#[cfg(feature = "testing")]
pub(crate) fn whole_log(bytes: &[u8]) -> usize {
    whole(bytes, &mut None)
}

/// Whether a batch somewhere after the one that is wrong says that everything before it was lasting.
fn was_lasting(bytes: &[u8], last: Option<u64>) -> bool {
    let after = (1..bytes.len()).filter_map(|at| batch(&bytes[at..])?.commit);
    after.into_iter().any(|(_, synced)| last.is_none_or(|last| synced > last))
}

/// The batch that begins there, if one does and its checksum holds.
fn batch(bytes: &[u8]) -> Option<Found> {
    let mut reader = ByteReader::new(bytes);
    let tag = |reader: &mut ByteReader<'_>| reader.take(1)?.first().copied();
    if tag(&mut reader)? != 1 {
        return None;
    }
    let items = reader.u32()?;
    reader.u64()?;
    let (body, mut commit) = (reader.rest(), None);
    for _ in 0..items {
        match tag(&mut reader)? {
            2 => {
                // The kind of the item, no compression, the table's number.
                let (_, compression) = (reader.take(1)?, reader.take(1)?);
                reader.take(8)?;
                let key_bytes = u16::from_le_bytes(reader.take(2)?.try_into().ok()?);
                let (value_bytes, stored) = (reader.u32()?, reader.u32()?);
                if compression != [0] || value_bytes != stored {
                    return None;
                }
                let (key, sealed) =
                    (reader.take(key_bytes.into())?, reader.take(value_bytes as usize)?);
                commit = commit_of(key, sealed).or(commit);
            }
            4 => drop(reader.take(8)?),
            _ => return None,
        }
    }
    let length = body.len() - reader.rest().len();
    if tag(&mut reader)? != 3 || reader.u64()? != xxh3_64(&body[..length]) {
        return None;
    }
    (reader.take(END.len())? == END)
        .then(|| Found { bytes: bytes.len() - reader.rest().len(), commit })
}

fn commit_of(key: &[u8], sealed: &[u8]) -> Option<(u64, u64)> {
    let (generation, _) = key::of_commit(key)?;
    Some((generation, part::read(key::unseal(key, sealed)?)?.synced))
}
