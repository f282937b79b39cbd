//! `shortlist pg`.

use std::path::Path;

use serde_json::to_string;
use shortlist::sync::{
    CheckReport, Mapping, VerifyOptions, VerifySummary, check, indexes, install, install_script,
    make_indexes, publish, publish_script, uninstall, uninstall_script, verify,
};
use shortlist::{Engine, Schema};

use crate::args::{Applied, Database, Install, Pg, PgCommand, PgVerify};
use crate::failure::{Failure, Result};
use crate::output::Output;
use crate::report::facts::{count, facts};

/// Does what is asked of the database.
pub fn run(options: &Pg, out: &mut Output) -> Result {
    match &options.command {
        PgCommand::Check(database) => {
            let report = check(&database.url, &mapping(database)?, &Schema::default())?;
            out.line(if out.format.is_json() { json(&report) } else { fields(&report) })?;
            if report.fits() {
                Ok(())
            } else {
                Err(Failure::Differs("the database does not fit the mapping".to_owned()))
            }
        }
        PgCommand::Install(Install { asked, source, .. }) if source == "replication" => {
            printed_or_done(
                asked,
                out,
                |database, mapping| publish_script(&database.url, mapping),
                |database, mapping| publish(&database.url, mapping),
            )
        }
        PgCommand::Install(Install { asked, reader, .. }) => printed_or_done(
            asked,
            out,
            |database, mapping| install_script(&database.url, mapping, reader),
            |database, mapping| install(&database.url, mapping, reader),
        ),
        PgCommand::Uninstall(asked) => printed_or_done(
            asked,
            out,
            |_, _| Ok(uninstall_script().to_owned()),
            |database, _| uninstall(&database.url),
        ),
        PgCommand::Indexes(asked) => printed_or_done(
            asked,
            out,
            |database, mapping| Ok(format!("{};\n", indexes(&database.url, mapping)?.join(";\n"))),
            |database, mapping| make_indexes(&database.url, mapping).map(|_| ()),
        ),
        PgCommand::Verify(asked) => compare(asked, out),
    }
}

/// The mapping of a file, or the default.
pub fn mapping(database: &Database) -> Result<Mapping> {
    Ok(database
        .mapping
        .as_deref()
        .map(|path: &Path| Mapping::open(path))
        .transpose()?
        .unwrap_or_default())
}

fn printed_or_done(
    asked: &Applied,
    out: &mut Output,
    print: impl FnOnce(&Database, &Mapping) -> shortlist::Result<String>,
    done: impl FnOnce(&Database, &Mapping) -> shortlist::Result<()>,
) -> Result {
    let mapping = mapping(&asked.database)?;
    if asked.apply {
        done(&asked.database, &mapping)?;
        return out.line(if out.format.is_json() { r#"{"done":true}"# } else { "done" }.to_owned());
    }
    let sql = print(&asked.database, &mapping)?;
    out.line(sql.trim_end().to_owned())
}

fn compare(asked: &PgVerify, out: &mut Output) -> Result {
    let engine = Engine::open(&asked.index.index)?;
    let mut options = VerifyOptions::default();
    options.repair = asked.repair;
    let summary = verify(&engine, &asked.database.url, &mapping(&asked.database)?, &options)?;
    out.line(if out.format.is_json() { json(&summary) } else { told(&summary) })?;
    if summary.is_clean() {
        Ok(())
    } else {
        Err(Failure::Differs(format!("{} profiles differ from their rows", summary.different)))
    }
}

fn told(summary: &VerifySummary) -> String {
    let mut text = facts([
        ("rows", count(summary.rows)),
        ("profiles", count(summary.profiles)),
        ("quarantined", count(summary.quarantined)),
        ("different", count(summary.different)),
        ("repaired", count(summary.repaired)),
    ]);
    for difference in &summary.differences {
        text = format!("{text}\n{}: {}", difference.id, difference.what);
    }
    text
}

fn fields(report: &CheckReport) -> String {
    let mut lines = vec![format!("table {}", report.table), String::new()];
    for field in &report.fields {
        let column = match (&field.column, &field.kind) {
            (Some(column), Some(kind)) => format!("{column} ({kind})"),
            _ => "-".to_owned(),
        };
        let wrong = match (&field.wrong, &field.remedy) {
            (Some(wrong), Some(remedy)) => format!("  WRONG: {wrong}; {remedy}"),
            _ => String::new(),
        };
        lines.push(format!("{:<22} {column}{wrong}", field.field));
    }
    lines.push(String::new());
    lines.push(format!(
        "{} rows tried, {} make no profile",
        report.rows_tried,
        report.rows_wrong.len()
    ));
    lines.extend(
        report.rows_wrong.iter().take(20).map(|row| format!("  {}: {}", row.id, row.reason)),
    );
    lines.push(format!("outbox {}", if report.outbox { "installed" } else { "not installed" }));
    lines.push(match report.replication_lacks.as_slice() {
        [] => "replication ready".to_owned(),
        lacks => format!("replication lacks: {}", lacks.join("; ")),
    });
    if !report.mend.is_empty() {
        lines.push(String::new());
        lines.extend(report.mend.iter().cloned());
    }
    lines.join("\n")
}

fn json(report: &impl serde::Serialize) -> String {
    // Neither report has keys that JSON could not write.
    to_string(report).unwrap_or_default()
}
