//! `shortlist generate`.

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde_json::json;
use shortlist::testing::{
    Embeddings, Generator, criteria_to_json, generated_schema, profile_to_json, request_to_json,
    whereabouts_schema,
};
use shortlist::{ClientCriteria, Error};

use crate::args::Generate;
use crate::failure::{Failure, Result};
use crate::output::Output;
use crate::progress::Progress;
use crate::report::facts::{bytes, facts};

/// Writes advisors and what goes with them, row by row.
pub fn run(options: &Generate, out: &mut Output) -> Result {
    let plain = Generator::new(options.seed);
    let generator = if options.whereabouts { plain.with_whereabouts() } else { plain };
    let embeddings = options.dim.map(|dimension| generator.embeddings(dimension as usize));
    let rows = options.advisors as usize;
    let progress = Progress::start("generating");
    let mut written = Vec::new();

    let mut profiles = Target::create(&options.out)?;
    for (row, advisor) in generator.advisors(rows).enumerate() {
        profiles.line(&profile_to_json(&advisor))?;
        if row % 1_024 == 0 {
            progress.at(Some(row as f64 / rows as f64), row as u64, "advisors");
        }
    }
    written.push(profiles.finish()?);
    if let (Some(path), Some(embeddings)) = (&options.embeddings_out, &embeddings) {
        let mut file = Target::create(path)?;
        for row in 0..rows {
            file.floats(&embeddings.row(row))?;
            if row % 1_024 == 0 {
                progress.at(Some(row as f64 / rows as f64), row as u64, "embeddings");
            }
        }
        written.push(file.finish()?);
    }
    if let Some(path) = &options.schema_out {
        let mut schema =
            if options.whereabouts { whereabouts_schema() } else { generated_schema() };
        schema.dimension = embeddings.as_ref().map(Embeddings::dimension);
        let mut file = Target::create(path)?;
        file.line(&schema.to_json())?;
        written.push(file.finish()?);
    }
    if let Some(requests) = options.requests {
        written.extend(write_requests(options, generator, embeddings.as_ref(), requests as usize)?);
    }
    progress.finish();

    // With the profiles on standard output, nothing else belongs there.
    if options.out.as_os_str() == "-" {
        return Ok(());
    }
    if out.format.is_json() {
        let files: Vec<_> =
            written.iter().map(|(path, size)| json!({"path": path, "bytes": size})).collect();
        return out.line(json!({"advisors": rows, "seed": options.seed, "files": files}));
    }
    out.line(facts(written.into_iter().map(|(path, size)| (path, bytes(size)))))
}

fn write_requests(
    options: &Generate,
    generator: Generator,
    embeddings: Option<&Embeddings>,
    count: usize,
) -> Result<Vec<(String, u64)>> {
    if options.out.as_os_str() == "-" {
        return Err(Error::OutOfRange {
            field: "requests".to_owned(),
            value: count.to_string(),
            expected: "left out where --out is -: they are written beside that file".to_owned(),
        }
        .into());
    }
    let mut searches = Target::create(&options.out.with_extension("search.jsonl"))?;
    for request in generator.search_requests(count) {
        searches.line(&request_to_json(&request))?;
    }
    let mut matches = Target::create(&options.out.with_extension("match.jsonl"))?;
    let mut vectors = match embeddings {
        Some(_) => Some(Target::create(&options.out.with_extension("match.f32"))?),
        None => None,
    };
    for criteria in generator.match_requests(count, embeddings) {
        if let (Some(vectors), Some(embedding)) = (&mut vectors, &criteria.embedding) {
            vectors.floats(embedding)?;
        }
        let criteria = ClientCriteria { embedding: None, ..criteria };
        matches.line(&criteria_to_json(&criteria))?;
    }
    let mut written = vec![searches.finish()?, matches.finish()?];
    if let Some(vectors) = vectors {
        written.push(vectors.finish()?);
    }
    Ok(written)
}

/// A file, or standard output, that counts what it is given.
struct Target {
    writer: Box<dyn Write>,
    path: PathBuf,
    bytes: u64,
}

impl Target {
    fn create(path: &Path) -> Result<Self> {
        let writer: Box<dyn Write> = if path.as_os_str() == "-" {
            Box::new(BufWriter::new(io::stdout()))
        } else {
            let file = File::create(path).map_err(|error| Error::from_io(&error, "make", path))?;
            Box::new(BufWriter::with_capacity(1 << 20, file))
        };
        Ok(Self { writer, path: path.to_owned(), bytes: 0 })
    }

    fn line(&mut self, text: &str) -> Result {
        self.bytes += text.len() as u64 + 1;
        let written = writeln!(self.writer, "{text}");
        written.map_err(|error| self.failed(&error))
    }

    fn floats(&mut self, numbers: &[f32]) -> Result {
        self.bytes += numbers.len() as u64 * 4;
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        let written = self.writer.write_all(&bytes);
        written.map_err(|error| self.failed(&error))
    }

    fn finish(mut self) -> Result<(String, u64)> {
        let flushed = self.writer.flush();
        flushed.map_err(|error| self.failed(&error))?;
        Ok((self.path.display().to_string(), self.bytes))
    }

    fn failed(&self, error: &io::Error) -> Failure {
        if self.path.as_os_str() == "-" && error.kind() == ErrorKind::BrokenPipe {
            return Failure::Closed;
        }
        Error::from_io(error, "write", &self.path).into()
    }
}
