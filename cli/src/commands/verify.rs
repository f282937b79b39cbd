//! `shortlist verify`.

use serde_json::json;
use shortlist::Error;

use crate::args::Index;
use crate::failure::{Failure, Result};
use crate::open::open;
use crate::output::Output;
use crate::report::facts::{count, parts};

/// Reads everything again. A checksum that does not hold is a damaged file (exit code 2); an invariant
/// that does not hold is a wrong answer in waiting (exit code 1).
pub fn run(options: &Index, out: &mut Output) -> Result {
    let engine = open(&options.index)?;
    let report = engine.verify().map_err(|error| match error {
        Error::Internal { .. } => Failure::Differs(error.to_string()),
        error => error.into(),
    })?;
    if out.format.is_json() {
        return out.line(json!({
            "verified": true, "profiles": report.profiles, "sections": report.sections,
        }));
    }
    out.line(parts(report.sections.iter().map(|section| (section.name.as_str(), section.bytes))))?;
    let sections = report.sections.len();
    out.line(out.style.strong(&format!(
        "verified: {} profiles, {sections} sections, every checksum and every invariant holds",
        count(report.profiles)
    )))
}
