//! One stream of profiles, whatever the file they come from.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::read::MultiGzDecoder;

use super::csv_rows::CsvRows;
use super::lines::Lines;
use super::parquet_rows::ParquetRows;
use crate::model::{AdvisorProfile, Error, Result, Schema};

/// A record that cannot become a profile.
#[derive(Clone, Debug, PartialEq)]
pub struct Rejected {
    /// Its line, counted from 1 (of a Parquet file: its row).
    pub line: u64,
    /// What is wrong, and what would be right.
    pub error: Error,
    /// The record as it was read, where it could be; shortened where it was too long.
    pub raw: Option<String>,
    /// Whether nothing after it can be read: the stream ends here.
    pub fatal: bool,
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.error)
    }
}

impl std::error::Error for Rejected {}

/// The profiles of a file, one at a time, with their lines.
///
/// Attributes are read by the schema; one that infers them learns from each record, and
/// [`Records::schema`] is what it has become. Cost: a record's own size, read once.
pub struct Records {
    source: Source,
    schema: Schema,
    progress: Progress,
}

enum Source {
    Lines(Lines),
    Csv(Box<CsvRows>),
    Parquet(Box<ParquetRows>),
}

impl Records {
    /// Opens `.jsonl`, `.ndjson`, `.csv` (each also as `.gz`) or `.parquet`; `-` is JSONL on standard input.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::OutOfRange`] for another kind of file; [`Error::UnknownField`],
    /// [`Error::MissingField`] or [`Error::Malformed`] where a CSV header or a Parquet footer is wrong.
    pub fn open(path: impl AsRef<Path>, mut schema: Schema) -> Result<Self> {
        let path = path.as_ref();
        let (source, progress) = match Format::of(path)? {
            Format::Jsonl => {
                let (reader, progress) = open_text(path)?;
                (Source::Lines(Lines::new(reader, path)), progress)
            }
            Format::Csv => {
                let (reader, progress) = open_text(path)?;
                let rows = CsvRows::new(reader, path, &mut schema)?;
                (Source::Csv(Box::new(rows)), progress)
            }
            Format::Parquet => {
                let rows = ParquetRows::open(path)?;
                let progress = Progress { done: Arc::default(), total: Some(rows.total()) };
                (Source::Parquet(Box::new(rows)), progress)
            }
        };
        Ok(Self { source, schema, progress })
    }

    /// The schema with every attribute inferred so far.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// How much of the file is read, 0 to 1; none where its size is not known.
    pub fn fraction(&self) -> Option<f64> {
        self.progress.fraction()
    }
}

impl Iterator for Records {
    type Item = Result<(u64, AdvisorProfile), Rejected>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.source {
            Source::Lines(lines) => lines.next().map(|line| {
                let (line, text) = line?;
                match AdvisorProfile::from_json_declaring(&text, &mut self.schema) {
                    Ok(profile) => Ok((line, profile)),
                    Err(error) => Err(Rejected { line, error, raw: Some(text), fatal: false }),
                }
            }),
            Source::Csv(rows) => rows.next(&mut self.schema),
            Source::Parquet(rows) => {
                self.progress.done.fetch_add(1, Ordering::Relaxed);
                rows.next(&mut self.schema)
            }
        }
    }
}

enum Format {
    Jsonl,
    Csv,
    Parquet,
}

impl Format {
    fn of(path: &Path) -> Result<Self> {
        let name = path.to_string_lossy().to_lowercase();
        let unpacked = name.strip_suffix(".gz").unwrap_or(&name);
        let extension = Path::new(unpacked).extension().and_then(|extension| extension.to_str());
        match extension {
            None if name == "-" => Ok(Format::Jsonl),
            Some("jsonl" | "ndjson") => Ok(Format::Jsonl),
            Some("csv") => Ok(Format::Csv),
            Some("parquet") if unpacked == name => Ok(Format::Parquet),
            _ => Err(Error::OutOfRange {
                field: "input".to_owned(),
                value: path.display().to_string(),
                expected: "a .jsonl, .jsonl.gz, .csv, .csv.gz or .parquet file, or - for JSONL on standard input".to_owned(),
            }),
        }
    }
}

/// How many bytes (or rows) of how many are read.
#[derive(Clone, Default)]
pub(super) struct Progress {
    done: Arc<AtomicU64>,
    total: Option<u64>,
}

impl Progress {
    fn fraction(&self) -> Option<f64> {
        let total = self.total.filter(|total| *total > 0)?;
        Some((self.done.load(Ordering::Relaxed) as f64 / total as f64).min(1.0))
    }
}

/// A reader that counts what goes through it.
struct Counted<R>(R, Arc<AtomicU64>);

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(buffer)?;
        self.1.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// Opens a text file, unpacked where its name ends in `.gz`; `-` is standard input.
pub(super) fn open_text(path: &Path) -> Result<(Box<dyn BufRead + Send>, Progress)> {
    const BUFFER_BYTES: usize = 256 * 1_024;
    if path.as_os_str() == "-" {
        let reader = BufReader::with_capacity(BUFFER_BYTES, io::stdin());
        return Ok((Box::new(reader), Progress::default()));
    }
    let fail = |error: &io::Error| Error::from_io(error, "open", path);
    let file = File::open(path).map_err(|error| fail(&error))?;
    let metadata = file.metadata().map_err(|error| fail(&error))?;
    if metadata.is_dir() {
        return Err(fail(&io::ErrorKind::IsADirectory.into()));
    }
    let total = metadata.is_file().then_some(metadata.len());
    let progress = Progress { done: Arc::default(), total };
    let counted = Counted(file, progress.done.clone());
    let zipped = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"));
    let reader: Box<dyn BufRead + Send> = if zipped {
        Box::new(BufReader::with_capacity(BUFFER_BYTES, MultiGzDecoder::new(counted)))
    } else {
        Box::new(BufReader::with_capacity(BUFFER_BYTES, counted))
    };
    Ok((reader, progress))
}
