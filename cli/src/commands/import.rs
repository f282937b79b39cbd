//! `shortlist import`.

use std::time::Instant;

use serde_json::json;
use shortlist::import::{Embeddings, Records};
use shortlist::{Engine, EngineOptions, Schema};

use super::build::fill;
use super::rejects::Rejects;
use crate::args::Import;
use crate::failure::Result;
use crate::feed::Feed;
use crate::output::Output;
use crate::progress::Progress;
use crate::report::facts::{count, facts};

/// Adds the profiles of a file to an index that is there.
pub fn run(options: &Import, out: &mut Output) -> Result {
    let (start, directory) = (Instant::now(), &options.index.index);
    let mut how = EngineOptions::default();
    if options.create {
        let mut schema = Schema::default();
        schema.infer_attributes = true;
        schema.dimension = options.dim.map(|dimension| dimension as usize);
        how = EngineOptions::with_schema(schema).with_create();
    }
    let engine = Engine::open_with(directory, how)?;
    let schema = engine.schema();
    let embeddings = match &options.embeddings {
        Some(path) => Some(Embeddings::open(path, schema.dimension)?),
        None => None,
    };
    let before = engine.stats();
    let records = Records::open(&options.input, schema.clone())?;
    let rejects = Rejects::beside(directory);
    let mut feed = Feed::new(options.input.clone(), records, embeddings, options.on_error, rejects);
    feed.embedder = schema.embedder;
    let progress = Progress::start("importing");
    let fed = fill(&engine, feed, &progress);
    progress.finish();
    let (fed, after) = (fed?, engine.stats());
    engine.close()?;
    let (seconds, taken) = (start.elapsed().as_secs_f64(), fed.records - fed.rejected);
    let rejected_file = fed.rejected_file.as_ref().map(|path| path.display().to_string());
    if out.format.is_json() {
        return out.line(json!({
            "index": directory.display().to_string(),
            "imported": taken,
            "added": after.profiles - before.profiles,
            "rejected": fed.rejected,
            "rejectedFile": rejected_file,
            "profiles": after.profiles,
            "generation": after.generation,
            "seconds": seconds,
        }));
    }
    let added = after.profiles - before.profiles;
    let mut rows = vec![
        ("imported", format!("{}, of them {} new", count(taken), count(added))),
        ("profiles", count(after.profiles)),
        ("generation", after.generation.to_string()),
    ];
    if let Some(file) = rejected_file {
        rows.push(("rejected", format!("{}, written to {file}", count(fed.rejected))));
    }
    rows.push(("time", format!("{seconds:.2} s")));
    out.line(facts(rows))
}
