//! The records that a build leaves out, kept beside the index.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::json;
use shortlist::Error;
use shortlist::import::Rejected;

/// `DIR.rejected.jsonl`: made with the first rejected record.
pub struct Rejects {
    path: PathBuf,
    file: Option<BufWriter<File>>,
    /// How many there are.
    pub count: u64,
}

impl Rejects {
    /// Those of the index in that directory.
    pub fn beside(index: &Path) -> Self {
        let mut name = index.components().as_path().as_os_str().to_owned();
        name.push(".rejected.jsonl");
        Self { path: name.into(), file: None, count: 0 }
    }

    /// Writes one: its line, what is wrong, and the record as it was.
    pub fn add(&mut self, rejected: &Rejected) -> shortlist::Result<()> {
        let Rejected { line, error, raw, fatal: _ } = rejected;
        let record = json!({
            "line": line,
            "error": {"code": error.code(), "message": error.to_string(), "field": error.field()},
            "raw": raw,
        });
        if self.file.is_none() {
            let file = File::create(&self.path).map_err(|error| self.failed(&error))?;
            self.file = Some(BufWriter::new(file));
        }
        let written = self.file.as_mut().map_or(Ok(()), |file| writeln!(file, "{record}"));
        self.count += 1;
        written.map_err(|error| self.failed(&error))
    }

    /// Ends the file; gives its path where there is one.
    pub fn finish(mut self) -> shortlist::Result<Option<PathBuf>> {
        match self.file.as_mut().map(Write::flush) {
            None => Ok(None),
            Some(Ok(())) => Ok(Some(self.path)),
            Some(Err(error)) => Err(self.failed(&error)),
        }
    }

    fn failed(&self, error: &std::io::Error) -> Error {
        Error::from_io(error, "write", &self.path)
    }
}
