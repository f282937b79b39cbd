//! The mark of a directory whose journal holds nothing after the newest snapshot: it need not be read to open.

use std::fs::{self, File};
use std::io::{self, Write};

use xxhash_rust::xxh3::xxh3_64;

use super::Directory;
use super::directory::sync_directory;
use crate::model::{Error, Result};

const NAME: &str = "closed";

impl Directory {
    /// Sets the mark: the journal of the index of that key ends at the generation of the snapshot of that number.
    pub(crate) fn mark_closed(&self, key: &[u8; 32], number: u64) -> Result<()> {
        let (path, beside) = (self.path().join(NAME), self.path().join("closed.part"));
        let write = || {
            let mut file = File::create(&beside)?;
            file.write_all(&mark(key, number))?;
            file.sync_all()?;
            fs::rename(&beside, &path)
        };
        write().map_err(|error| Error::from_io(&error, "write", &path))?;
        sync_directory(self.path())
    }

    /// Takes the mark away, lastingly: before the journal gets what no snapshot has.
    pub(crate) fn mark_open(&self) -> Result<()> {
        let path = self.path().join(NAME);
        match fs::remove_file(&path) {
            Ok(()) => sync_directory(self.path()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(Error::from_io(&error, "remove", &path)),
        }
    }

    /// Whether the journal holds nothing after the snapshot of that number, of the index of that key.
    pub(crate) fn is_closed(&self, key: &[u8; 32], number: u64) -> bool {
        // A mark that does not hold says nothing, and the journal is read.
        fs::read(self.path().join(NAME)).is_ok_and(|found| found == mark(key, number))
    }
}

fn mark(key: &[u8; 32], number: u64) -> Vec<u8> {
    let mut mark = [&key[..], &number.to_le_bytes()].concat();
    let sum = xxh3_64(&mark);
    mark.extend_from_slice(&sum.to_le_bytes());
    mark
}
