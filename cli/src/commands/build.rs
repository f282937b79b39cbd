//! `shortlist build`.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use serde_json::json;
use shortlist::import::{Embeddings, Records};
use shortlist::{
    Embedder, Engine, EngineOptions, Error, HashEmbedder, Schema, SnapshotReport, limits,
};

use super::rejects::Rejects;
use crate::args::{Build, EmbedderKind};
use crate::failure::{Failure, Result};
use crate::feed::{self, Fed, Feed};
use crate::output::Output;
use crate::progress::Progress;
use crate::report::facts::{bytes, count, facts, parts};

/// Dimensions of the hash embedder where none are asked for.
pub const HASH_DIMENSION: usize = 256;

/// What an index's directory holds beside snapshots, and a file system's own.
const OURS: [&str; 6] = ["journal", "journal.part", "closed", "closed.part", "lock", "lost+found"];

/// Reads the input on one thread, feeds the engine on another, then writes the index at once.
pub fn run(options: &Build, out: &mut Output) -> Result {
    let start = Instant::now();
    refuse_other_directory(&options.index)?;
    let schema = schema(options)?;
    let embedder = options.embedder.map(|EmbedderKind::Hash| {
        Arc::new(HashEmbedder::new(schema.dimension.unwrap_or(HASH_DIMENSION)))
    });
    let embeddings = match &options.embeddings {
        Some(path) => Some(Embeddings::open(path, schema.dimension)?),
        None => None,
    };
    let records = Records::open(&options.input, schema.clone())?;
    let mut engine_options = EngineOptions::with_schema(schema);
    if let Some(embedder) = &embedder {
        engine_options = engine_options.with_embedder(Arc::clone(embedder) as Arc<dyn Embedder>);
    }
    let engine = Engine::in_memory_with(engine_options)?;

    let progress = Progress::start("building");
    let rejects = Rejects::beside(&options.index);
    let input = options.input.clone();
    let mut feed = Feed::new(input, records, embeddings, options.on_error, rejects);
    feed.embedder = embedder.map(|embedder| embedder.id());
    let fed = fill(&engine, feed, &progress);
    progress.say("writing");
    let written = fed.and_then(|fed| {
        // An index of nothing but rejected records would only hide that its input is wrong.
        if fed.records == fed.rejected {
            return Err(Error::Malformed {
                what: options.input.display().to_string(),
                reason: format!("all {} records were rejected; nothing is written", fed.records),
            }
            .into());
        }
        let report = engine.snapshot(&options.index)?;
        Ok((fed, report))
    });
    progress.finish();
    let (fed, report) = written?;
    let read = start.elapsed().as_secs_f64() - report.seconds;
    tell(&Built { options, engine: &engine, fed: &fed, report: &report, read_seconds: read }, out)
}

/// Takes batches as they come. An engine that refuses one stops the reader with it.
pub fn fill(engine: &Engine, feed: Feed, progress: &Progress) -> Result<Fed> {
    let (batches, reader) = feed::start(feed);
    let mut done = 0;
    let mut filled = Ok(());
    for batch in batches {
        let profiles = batch.profiles.len() as u64;
        let declared = batch.schema.map_or(Ok(()), |schema| engine.declare(&schema).map(|_| ()));
        if let Err(error) = declared.and_then(|()| engine.upsert(batch.profiles)) {
            filled = Err(error);
            break;
        }
        done += profiles;
        progress.at(batch.fraction, done, "profiles");
    }
    let read = reader.join().map_err(|_| {
        Failure::from(Error::Internal { what: "the reader of the input panicked".to_owned() })
    })?;
    filled?;
    read
}

/// A directory with something else in it is not ours to write to.
fn refuse_other_directory(index: &Path) -> Result {
    match fs::metadata(index) {
        Ok(found) if !found.is_dir() => Err(Error::NotAnIndex {
            path: index.to_owned(),
            reason: "it is a file; name a directory that is empty, an index, or not there yet"
                .to_owned(),
        }
        .into()),
        Ok(_) => {
            let fail = |error: &std::io::Error| Error::from_io(error, "read", index);
            let mut other = None;
            for entry in fs::read_dir(index).map_err(|error| fail(&error))? {
                let name = entry.map_err(|error| fail(&error))?.file_name();
                let ours = name
                    .to_str()
                    .is_some_and(|name| OURS.contains(&name) || name.starts_with("snapshot-"));
                if !ours {
                    other = Some(name);
                }
            }
            match other {
                None => Ok(()),
                Some(name) => Err(Error::NotAnIndex {
                    path: index.to_owned(),
                    reason: format!(
                        "it holds {}; name a directory that is empty, an index, or not there yet",
                        name.display()
                    ),
                }
                .into()),
            }
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Error::from_io(&error, "read", index).into()),
    }
}

/// The given schema, or one that infers; the dimension of the command line must agree with it.
fn schema(options: &Build) -> Result<Schema> {
    let mut schema = match &options.schema {
        None => {
            let mut schema = Schema::default();
            schema.infer_attributes = true;
            schema
        }
        Some(path) => {
            let fail = |error: &std::io::Error| Error::from_io(error, "read", path);
            let size = fs::metadata(path).map_err(|error| fail(&error))?.len();
            if size > limits::REQUEST_BYTES as u64 {
                let (field, limit) = ("schema".to_owned(), limits::REQUEST_BYTES as u64);
                return Err(Error::TooLarge { field, found: size, limit, unit: "bytes" }.into());
            }
            Schema::from_json(&fs::read_to_string(path).map_err(|error| fail(&error))?)?
        }
    };
    if let Some(given) = options.dim.map(|dimension| dimension as usize) {
        if let Some(expected) = schema.dimension.filter(|declared| *declared != given) {
            let field = "dim".to_owned();
            return Err(Error::WrongDimension { field, found: given, expected }.into());
        }
        schema.dimension = Some(given);
    }
    Ok(schema)
}

struct Built<'a> {
    options: &'a Build,
    engine: &'a Engine,
    fed: &'a Fed,
    report: &'a SnapshotReport,
    read_seconds: f64,
}

fn tell(built: &Built<'_>, out: &mut Output) -> Result {
    let Built { options, engine, fed, report, read_seconds } = built;
    let stats = engine.stats();
    let rejected_file = fed.rejected_file.as_ref().map(|path| path.display().to_string());
    if out.format.is_json() {
        return out.line(json!({
            "index": options.index.display().to_string(),
            "profiles": stats.profiles,
            "embedded": stats.embedded,
            "dimension": stats.dimension,
            "rejected": fed.rejected,
            "rejectedFile": rejected_file,
            "attributes": stats.attributes,
            "memory": stats.memory,
            "snapshotBytes": report.bytes,
            "seconds": {"build": read_seconds, "write": report.seconds},
        }));
    }
    let rate = stats.profiles as f64 / read_seconds.max(1e-3);
    let mut rows = vec![
        ("index", options.index.display().to_string()),
        ("profiles", format!("{} ({rate:.0}/s)", count(stats.profiles))),
        (
            "embeddings",
            match stats.dimension {
                Some(dimension) => {
                    format!("{} of {dimension} dimensions", count(stats.embedded))
                }
                None => "none".to_owned(),
            },
        ),
    ];
    if !stats.attributes.is_empty() {
        let how = if options.schema.is_none() { " (inferred)" } else { "" };
        rows.push(("attributes", format!("{}{how}", stats.attributes.join(", "))));
    }
    if let Some(file) = rejected_file {
        rows.push(("rejected", format!("{}, written to {file}", count(fed.rejected))));
    }
    rows.push(("snapshot", bytes(report.bytes)));
    rows.push(("time", format!("{read_seconds:.2} s to build, {:.2} s to write", report.seconds)));
    out.line(facts(rows))?;
    let sizes = stats.memory.iter().map(|part| (part.name.as_str(), part.bytes));
    out.line(parts(sizes))
}
