//! A judged collection: documents, queries, their embeddings, and which document answers which query.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::measures::Judgements;
use super::qrels::read_qrels;
use crate::model::{AdvisorProfile, Error, Result};

/// Where judged collections lie: `SHORTLIST_SHARED_DATA`, or `shared/data` beside the repository or its work trees.
pub fn shared_data() -> Option<PathBuf> {
    let named = std::env::var_os("SHORTLIST_SHARED_DATA").map(PathBuf::from);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let beside = ["../../shared/data", "../../../shared/data"].map(|place| root.join(place));
    named.into_iter().chain(beside).find(|place| place.is_dir())
}

/// A query with its embedding and its judgements.
pub struct Query {
    /// Its id.
    pub id: String,
    /// The words.
    pub text: String,
    /// The same as a vector.
    pub embedding: Vec<f32>,
    /// The gain of each judged document.
    pub judged: Judgements,
}

/// Documents as profiles, and judged queries.
pub struct Collection {
    /// The documents: title as `professionalTitle`, text as `bio`.
    pub documents: Vec<AdvisorProfile>,
    /// The queries that somebody judged.
    pub queries: Vec<Query>,
}

impl Collection {
    /// Reads a folder of `docs.jsonl`, `docs.f32`, `queries.jsonl`, `queries.f32` and `qrels.trec`.
    ///
    /// # Errors
    /// [`Error::Io`] and [`Error::Malformed`] with the file.
    pub fn read(folder: &Path) -> Result<Self> {
        let mut documents = Vec::new();
        for (line, embedding) in rows(folder, "docs")? {
            let mut document = AdvisorProfile::new(string(&line, "id"));
            document.professional_title = Some(string(&line, "title"));
            document.bio = Some(string(&line, "text"));
            document.embedding = embedding;
            documents.push(document);
        }
        let mut judged = read_qrels(&folder.join("qrels.trec"))?;
        let mut queries = Vec::new();
        for (line, embedding) in rows(folder, "queries")? {
            let id = string(&line, "id");
            if let (Some(judged), Some(embedding)) = (judged.remove(&id), embedding) {
                queries.push(Query { id, text: string(&line, "text"), embedding, judged });
            }
        }
        Ok(Self { documents, queries })
    }
}

/// The lines of a file, each with its row of the vectors beside it; none where that is all zero.
fn rows(folder: &Path, name: &str) -> Result<Vec<(Value, Option<Vec<f32>>)>> {
    let path = folder.join(format!("{name}.jsonl"));
    let malformed = |reason: String| Error::Malformed { what: path.display().to_string(), reason };
    let lines = read(&path)?;
    let lines: Vec<Value> = String::from_utf8_lossy(&lines)
        .lines()
        .map(|line| serde_json::from_str(line).map_err(|error| malformed(error.to_string())))
        .collect::<Result<_>>()?;
    let bytes = read(&folder.join(format!("{name}.f32")))?;
    let floats: Vec<f32> =
        bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    let dimension = floats.len() / lines.len().max(1);
    if dimension == 0 || floats.len() != dimension * lines.len() {
        return Err(malformed(format!("{} lines, {} floats", lines.len(), floats.len())));
    }
    let vectors = floats.chunks_exact(dimension).map(<[f32]>::to_vec);
    let vectors = vectors.map(|vector| vector.iter().any(|x| *x != 0.0).then_some(vector));
    Ok(lines.into_iter().zip(vectors).collect())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| Error::from_io(&error, "read", path))
}

fn string(line: &Value, name: &str) -> String {
    line[name].as_str().unwrap_or_default().to_owned()
}
