//! Vectors from a file, row by row.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::npy;
use crate::api::check_embedding;
use crate::model::schema::MAX_DIMENSION;
use crate::model::{Error, Result};

/// The rows of an embeddings file, in order: raw little-endian f32, row-major (`.f32`), or `.npy`
/// (versions 1 and 2, f4, C order). Row *i*, counted from 1, belongs to record *i*.
///
/// An iterator: each item is one row, or [`Error::InvalidEmbedding`] that names the row (`embedding row
/// 17`), after which the next row can be read. Cost: one row in memory at a time.
#[derive(Debug)]
pub struct Embeddings {
    reader: BufReader<File>,
    path: PathBuf,
    dimension: usize,
    rows: u64,
    next: u64,
}

impl Embeddings {
    /// Opens a file. A `.f32` file does not say its dimension, so it must be given; that of a `.npy`
    /// file must agree with it, if it is.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::MissingField`] without a dimension; [`Error::WrongDimension`];
    /// [`Error::EmbeddingsFile`] where the size is not a whole number of rows or the header is another.
    pub fn open(path: impl AsRef<Path>, dimension: Option<usize>) -> Result<Self> {
        let path = path.as_ref();
        let fail = |error: &std::io::Error| Error::from_io(error, "open", path);
        let mut file = File::open(path).map_err(|error| fail(&error))?;
        let metadata = file.metadata().map_err(|error| fail(&error))?;
        if !metadata.is_file() {
            return Err(refused(path, "it is not a regular file".to_owned()));
        }
        let size = metadata.len();
        let header = npy::read_header(&mut file, path)?;
        if header.is_none() && path.extension().is_some_and(|e| e.eq_ignore_ascii_case("npy")) {
            return Err(refused(path, "it does not begin as a .npy file does".to_owned()));
        }
        let start = header.as_ref().map_or(0, |header| header.bytes);
        file.seek(SeekFrom::Start(start)).map_err(|error| fail(&error))?;
        let dimension = match (&header, dimension) {
            (Some(header), Some(given)) if header.dimension != given => {
                return Err(Error::WrongDimension {
                    field: path.display().to_string(),
                    found: header.dimension,
                    expected: given,
                });
            }
            (Some(header), _) => header.dimension,
            (None, Some(given)) => given,
            (None, None) => {
                return Err(Error::MissingField {
                    field: "dim".to_owned(),
                    expected: "a .f32 file does not say how many dimensions its rows have"
                        .to_owned(),
                });
            }
        };
        if !(1..=MAX_DIMENSION).contains(&dimension) {
            return Err(Error::OutOfRange {
                field: "dim".to_owned(),
                value: dimension.to_string(),
                expected: format!("1 to {MAX_DIMENSION}"),
            });
        }
        let row_bytes = dimension as u64 * 4;
        let rows = (size - start.min(size)) / row_bytes;
        let whole = header.map_or(rows * row_bytes == size, |header| {
            header.rows == rows && start + rows * row_bytes == size
        });
        if !whole {
            return Err(refused(
                path,
                format!(
                    "{} bytes are not a whole number of rows of {dimension} x 4 bytes; either it is cut short or the dimension is another",
                    size - start.min(size)
                ),
            ));
        }
        let reader = BufReader::with_capacity(256 * 1_024, file);
        Ok(Self { reader, path: path.to_owned(), dimension, rows, next: 0 })
    }

    /// How many numbers a row has.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// How many rows the file has.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Refuses the file where it has another number of rows than there are records.
    ///
    /// # Errors
    /// [`Error::EmbeddingsFile`] that names both numbers.
    pub fn check_count(&self, records: u64) -> Result<()> {
        if self.rows == records {
            return Ok(());
        }
        let word = if self.rows < records { "short" } else { "long" };
        Err(refused(
            &self.path,
            format!(
                "it is too {word}: {} rows for {records} records; it needs one row for each record, in their order",
                self.rows
            ),
        ))
    }
}

impl Iterator for Embeddings {
    type Item = Result<Vec<f32>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next == self.rows {
            return None;
        }
        self.next += 1;
        let mut bytes = vec![0; self.dimension * 4];
        if let Err(error) = self.reader.read_exact(&mut bytes) {
            self.next = self.rows;
            return Some(Err(Error::from_io(&error, "read", &self.path)));
        }
        let row: Vec<f32> =
            bytes.as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four)).collect();
        let checked = check_embedding(&format!("embedding row {}", self.next), &row);
        Some(checked.map(|()| row))
    }
}

pub(super) fn refused(path: &Path, reason: String) -> Error {
    Error::EmbeddingsFile { path: path.to_owned(), reason }
}
