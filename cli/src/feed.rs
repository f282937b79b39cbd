//! What `build` reads: records and their embeddings, checked, in batches, on a thread of its own.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::JoinHandle;

use shortlist::import::{Embeddings, Records, Rejected};
use shortlist::{AdvisorProfile, EmbedderId, Error, Schema};

use crate::args::OnError;
use crate::commands::rejects::Rejects;
use crate::failure::{Failure, Place, Result};

/// How many profiles go to the engine at once: enough for its parallel work, few enough to wait for.
const BATCH: usize = 8_192;
/// The bytes of embeddings that one batch holds at most.
const BATCH_BYTES: usize = 64 * 1_024 * 1_024;

/// A batch for the engine.
pub struct Batch {
    /// The profiles, each with its embedding.
    pub profiles: Vec<AdvisorProfile>,
    /// The schema, where records before this batch's end taught it new attributes.
    pub schema: Option<Schema>,
    /// How much of the input is read, 0 to 1.
    pub fraction: Option<f64>,
}

/// What was read in all.
pub struct Fed {
    /// How many records, rejected ones included.
    pub records: u64,
    /// How many were rejected.
    pub rejected: u64,
    /// Where these are.
    pub rejected_file: Option<PathBuf>,
}

/// Starts to read; batches come until the input ends or a record stops it.
pub fn start(feed: Feed) -> (Receiver<Batch>, JoinHandle<Result<Fed>>) {
    let (sender, receiver) = sync_channel(2);
    // A receiver that is gone means that the engine refused a batch: reading on has no use.
    let send = move |batch| sender.send(batch).is_ok();
    (receiver, std::thread::spawn(move || feed.run(send)))
}

/// The reading of one input.
pub struct Feed {
    records: Records,
    embeddings: Option<Embeddings>,
    input: PathBuf,
    on_error: OnError,
    rejects: Rejects,
    /// The line on which each id was.
    lines: HashMap<String, u64>,
    dimension: Option<usize>,
    /// The embedder of the index, beside which records must bring no embeddings of their own.
    pub embedder: Option<EmbedderId>,
    count: u64,
    /// How many attributes the engine was told of.
    declared: usize,
}

impl Feed {
    /// Reads those records with those embeddings.
    pub fn new(
        input: PathBuf,
        records: Records,
        embeddings: Option<Embeddings>,
        on_error: OnError,
        rejects: Rejects,
    ) -> Self {
        let given = embeddings.as_ref().map(Embeddings::dimension);
        let dimension = given.or(records.schema().dimension);
        Self {
            declared: records.schema().attributes().len(),
            records,
            embeddings,
            input,
            on_error,
            rejects,
            lines: HashMap::new(),
            dimension,
            embedder: None,
            count: 0,
        }
    }

    fn run(mut self, mut send: impl FnMut(Batch) -> bool) -> Result<Fed> {
        let mut profiles = Vec::new();
        let mut bytes = 0;
        while let Some(record) = self.records.next() {
            if matches!(&record, Err(rejected) if rejected.fatal) {
                return Err(self.failure(record.err()));
            }
            self.count += 1;
            let row = match self.embeddings.as_mut().map(Iterator::next) {
                None => None,
                Some(Some(row)) => Some(row),
                Some(None) => return Err(self.too_few_rows()),
            };
            match self.checked(record, row) {
                Ok(profile) => {
                    bytes += profile.embedding.as_ref().map_or(0, |vector| vector.len() * 4);
                    profiles.push(profile);
                }
                Err(rejected) if self.on_error == OnError::Skip => self.rejects.add(&rejected)?,
                Err(rejected) => return Err(self.failure(Some(rejected))),
            }
            if profiles.len() == BATCH || bytes >= BATCH_BYTES {
                bytes = 0;
                let batch = self.batch(std::mem::take(&mut profiles));
                if !send(batch) {
                    break;
                }
            }
        }
        self.finish(profiles, send)
    }

    fn batch(&mut self, profiles: Vec<AdvisorProfile>) -> Batch {
        let schema = self.records.schema();
        let known = std::mem::replace(&mut self.declared, schema.attributes().len());
        let schema = (known < self.declared).then(|| schema.clone());
        Batch { profiles, schema, fraction: self.records.fraction() }
    }

    fn finish(
        mut self,
        profiles: Vec<AdvisorProfile>,
        mut send: impl FnMut(Batch) -> bool,
    ) -> Result<Fed> {
        if self.count == 0 {
            return Err(Error::Malformed {
                what: Place::new(1, &self.input).file,
                reason: "it holds no record".to_owned(),
            }
            .into());
        }
        if let Some(embeddings) = &self.embeddings {
            embeddings.check_count(self.count)?;
        }
        if !profiles.is_empty() {
            let batch = self.batch(profiles);
            send(batch);
        }
        Ok(Fed {
            records: self.count,
            rejected: self.rejects.count,
            rejected_file: self.rejects.finish()?,
        })
    }

    /// A record as the engine will take it: with its embedding, of the right dimension, seen once.
    fn checked(
        &mut self,
        record: std::result::Result<(u64, AdvisorProfile), Rejected>,
        row: Option<shortlist::Result<Vec<f32>>>,
    ) -> std::result::Result<AdvisorProfile, Rejected> {
        let (line, mut profile) = record?;
        let rejected = |error, profile: &AdvisorProfile| {
            let raw = Some(shortlist::testing::profile_to_json(profile));
            Rejected { line, error, raw, fatal: false }
        };
        if let (Some(embedder), Some(_)) = (&self.embedder, &profile.embedding) {
            let found = "an embedding of the record's own".to_owned();
            let error = Error::EmbedderMismatch { expected: embedder.to_string(), found };
            return Err(rejected(error, &profile));
        }
        match row {
            None => {}
            Some(Ok(vector)) => profile.embedding = Some(vector),
            Some(Err(error)) => return Err(rejected(error, &profile)),
        }
        if let Some(found) = profile.embedding.as_ref().map(Vec::len) {
            let expected = *self.dimension.get_or_insert(found);
            if found != expected {
                let field = "embedding".to_owned();
                return Err(rejected(Error::WrongDimension { field, found, expected }, &profile));
            }
        }
        if let Some(first) = self.lines.get(&profile.id) {
            let error = Error::DuplicateId { id: profile.id.clone(), first: Some(*first) };
            return Err(rejected(error, &profile));
        }
        self.lines.insert(profile.id.clone(), line);
        Ok(profile)
    }

    fn too_few_rows(&mut self) -> Failure {
        let rest = self.records.by_ref().take_while(|r| !matches!(r, Err(r) if r.fatal)).count();
        let records = self.count + rest as u64;
        match self.embeddings.as_ref().map(|embeddings| embeddings.check_count(records)) {
            Some(Err(error)) => error.into(),
            _ => Error::Internal { what: "an embeddings file ended twice".to_owned() }.into(),
        }
    }

    fn failure(&self, rejected: Option<Rejected>) -> Failure {
        match rejected {
            Some(Rejected { line, error, .. }) => Failure::at(error, Place::new(line, &self.input)),
            None => Error::Internal { what: "a record failed without a reason".to_owned() }.into(),
        }
    }
}
