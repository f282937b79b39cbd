//! Lines of text that a stranger wrote: numbered, bounded, checked.

use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};

use super::records::{self, Rejected};
use crate::model::{Error, Result};

/// The longest line that is read, in bytes. A longer one is rejected and skipped without being kept.
pub const LINE_BYTES: usize = 4 * 1_024 * 1_024;

/// How much of a line that is too long or not UTF-8 is kept to show it.
const SHOWN_BYTES: usize = 200;

/// The lines of a text file, its gzip, or standard input, with their numbers from 1.
///
/// A byte order mark, CRLF and blank lines (which count, but are not given) are tolerated.
/// Cost: one copy of each line; never more than [`LINE_BYTES`] at once.
///
/// # Errors
/// Each item may be a [`Rejected`]: [`Error::TooLarge`] for a line over the limit, [`Error::Malformed`]
/// for one that is not UTF-8; [`Error::Io`] where the file cannot be read on, which is the last item.
pub struct Lines {
    reader: Box<dyn BufRead + Send>,
    path: PathBuf,
    number: u64,
    ended: bool,
    buffer: Vec<u8>,
}

impl Lines {
    /// Opens a file (`.gz` is unpacked), or standard input for `-`.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let (reader, _) = records::open_text(path)?;
        Ok(Self::new(reader, path))
    }

    pub(super) fn new(reader: Box<dyn BufRead + Send>, path: &Path) -> Self {
        let (path, buffer) = (path.to_owned(), Vec::new());
        Self { reader, path, number: 0, ended: false, buffer }
    }

    /// Reads one line into the buffer; gives its whole length, which may be more than was kept.
    fn read(&mut self) -> std::io::Result<usize> {
        self.buffer.clear();
        let limit = LINE_BYTES as u64 + 2; // a full line and its CRLF
        let read = self.reader.by_ref().take(limit).read_until(b'\n', &mut self.buffer)?;
        if read as u64 == limit && !self.buffer.ends_with(b"\n") {
            return Ok(read + self.reader.skip_until(b'\n')?);
        }
        Ok(read)
    }

    fn checked(&mut self, whole: usize) -> Result<&str> {
        if whole > self.buffer.len() || self.buffer.len() > LINE_BYTES + 2 {
            self.buffer.truncate(SHOWN_BYTES);
            return Err(Error::TooLarge {
                field: "line".to_owned(),
                found: whole as u64,
                limit: LINE_BYTES as u64,
                unit: "bytes",
            });
        }
        let line = self.buffer.strip_suffix(b"\n").unwrap_or(&self.buffer);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let mark: &[u8] = if self.number == 1 { b"\xef\xbb\xbf" } else { b"" };
        let line = line.strip_prefix(mark).unwrap_or(line);
        std::str::from_utf8(line).map_err(|error| Error::Malformed {
            what: "the line".to_owned(),
            reason: format!("not UTF-8 at byte {}", error.valid_up_to() + 1),
        })
    }
}

impl Iterator for Lines {
    type Item = Result<(u64, String), Rejected>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            self.number += 1;
            let line = self.number;
            let whole = match self.read() {
                Ok(0) => break,
                Ok(whole) => whole,
                Err(error) => {
                    self.ended = true;
                    let error = Error::from_io(&error, "read", &self.path);
                    return Some(Err(Rejected { line, error, raw: None, fatal: true }));
                }
            };
            match self.checked(whole) {
                Ok(text) if text.trim().is_empty() => {}
                Ok(text) => return Some(Ok((line, text.to_owned()))),
                Err(error) => {
                    let raw = String::from_utf8_lossy(self.buffer.trim_ascii_end()).into_owned();
                    return Some(Err(Rejected { line, error, raw: Some(raw), fatal: false }));
                }
            }
        }
        self.ended = true;
        None
    }
}
