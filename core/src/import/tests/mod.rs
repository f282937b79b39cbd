//! What the file readers promise.

mod csv;
mod embeddings;
mod lines;
mod parquet;

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{Records, Rejected};
use crate::model::{AdvisorProfile, Schema};

fn inferring() -> Schema {
    Schema { infer_attributes: true, ..Schema::default() }
}

/// A file of that name and content, in a directory that goes with the guard.
fn file(name: &str, content: &[u8]) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join(name);
    std::fs::write(&path, content).expect("a temporary file");
    (directory, path)
}

fn read(path: &Path) -> Vec<Result<(u64, AdvisorProfile), Rejected>> {
    Records::open(path, inferring()).expect("a file that opens").collect()
}

fn good(records: &[Result<(u64, AdvisorProfile), Rejected>]) -> Vec<(u64, &str)> {
    let good = records.iter().filter_map(|record| record.as_ref().ok());
    good.map(|(line, profile)| (*line, profile.id.as_str())).collect()
}

fn bad(records: &[Result<(u64, AdvisorProfile), Rejected>]) -> Vec<(u64, &'static str)> {
    let bad = records.iter().filter_map(|record| record.as_ref().err());
    bad.map(|rejected| (rejected.line, rejected.error.code())).collect()
}
