//! The engine that is driven inside this process: made by the generator, or filled from an index that is only read.

use shortlist::testing::{Generator, generated_schema};
use shortlist::{Engine, EngineOptions, Error, Schema};

use crate::args::Load;
use crate::failure::Result;
use crate::open::open;
use crate::progress::Progress;

/// Few enough that the bar moves.
const BATCH: usize = 2_048;

/// An engine with its profiles, in memory or kept in a directory of its own.
pub fn engine(options: &Load) -> Result<Engine> {
    let progress = Progress::start("building");
    let engine = if let Some(index) = &options.index {
        copied(options, &open(index)?, &progress)?
    } else {
        generated(options, &progress)?
    };
    // What a catalogue that was just filled owes itself is not part of the day: a service opens one that has done it.
    engine.maintain()?;
    progress.finish();
    Ok(engine)
}

fn copied(options: &Load, read: &Engine, progress: &Progress) -> Result<Engine> {
    let engine = empty(options, read.schema())?;
    let mut profiles = read.profiles();
    let mut count = 0;
    loop {
        let batch = profiles.by_ref().take(BATCH).collect::<shortlist::Result<Vec<_>>>()?;
        if batch.is_empty() {
            return Ok(engine);
        }
        count += batch.len() as u64;
        engine.upsert(batch)?;
        progress.at(None, count, "profiles");
    }
}

fn generated(options: &Load, progress: &Progress) -> Result<Engine> {
    let mut schema = generated_schema();
    let (dimension, rows) = (options.dim as usize, options.advisors as usize);
    schema.dimension = Some(dimension);
    let engine = empty(options, schema)?;
    let generator = Generator::new(options.seed);
    let space = generator.embeddings(dimension);
    let profile = |row| {
        let mut profile = generator.advisor(row);
        profile.embedding = Some(space.row(row));
        profile
    };
    for first in (0..rows).step_by(BATCH) {
        let last = rows.min(first + BATCH);
        engine.upsert((first..last).map(profile).collect())?;
        progress.at(Some(last as f64 / rows as f64), last as u64, "advisors");
    }
    Ok(engine)
}

fn empty(options: &Load, schema: Schema) -> Result<Engine> {
    let new = EngineOptions::with_schema(schema);
    let Some(directory) = &options.keep else { return Ok(Engine::in_memory_with(new)?) };
    let engine = Engine::open_with(directory, new.with_create())?;
    if engine.stats().profiles > 0 {
        return Err(Error::OutOfRange {
            field: "keep".to_owned(),
            value: directory.display().to_string(),
            expected: "a directory that is empty or not there yet".to_owned(),
        }
        .into());
    }
    Ok(engine)
}
