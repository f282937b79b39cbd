//! `shortlist snapshot`.

use serde_json::json;

use crate::args::Snapshot;
use crate::failure::Result;
use crate::open::open;
use crate::output::Output;
use crate::report::facts::{bytes, facts};

/// Writes an index as one file.
pub fn run(options: &Snapshot, out: &mut Output) -> Result {
    let report = open(&options.index.index)?.snapshot_to(&options.to)?;
    if out.format.is_json() {
        return out.line(json!({
            "file": report.path, "bytes": report.bytes, "seconds": report.seconds,
        }));
    }
    out.line(facts([
        ("file", report.path.display().to_string()),
        ("size", bytes(report.bytes)),
        ("time", format!("{:.2} s", report.seconds)),
    ]))
}
