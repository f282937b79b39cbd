//! The engine asked every query of a collection.

use super::collection::{Collection, Query};
use super::measures::Measures;
use super::trec::trec_lines;
use crate::api::limits;
use crate::api::search::{Fusion, Scope, SearchRequest, TextMatch};
use crate::engine::{Engine, EngineOptions};
use crate::model::{Result, Schema, TextWeights};

/// What a query is asked by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mode {
    /// Its words.
    Text,
    /// Its embedding.
    Dense,
    /// Both.
    Fused(Fusion),
}

/// An index of a collection's documents, title and text of the same weight.
///
/// # Errors
/// As [`Engine::upsert`].
pub fn engine_of(collection: &Collection) -> Result<Engine> {
    let weights = TextWeights { professional_title: 1, ..TextWeights::default() };
    let schema = Schema { text_weights: weights, ..Schema::default() };
    let engine = Engine::in_memory_with(EngineOptions::with_schema(schema))?;
    engine.upsert(collection.documents.clone())?;
    Ok(engine)
}

/// The mean measures over all queries of a collection, any word of the text matching.
///
/// # Errors
/// As [`Engine::search`].
pub fn evaluate(engine: &Engine, collection: &Collection, mode: Mode) -> Result<Measures> {
    let measure = |query: &Query| -> Result<Measures> {
        let answer = engine.search(&request(query, mode))?;
        Ok(Measures::of(answer.ids(), &query.judged, 100))
    };
    let each = collection.queries.iter().map(measure).collect::<Result<Vec<_>>>()?;
    Ok(Measures::mean(&each))
}

/// The rankings of all queries as lines of a TREC run.
///
/// # Errors
/// As [`Engine::search`].
pub fn run_lines(engine: &Engine, collection: &Collection, mode: Mode) -> Result<String> {
    let mut lines = String::new();
    for query in &collection.queries {
        let answer = engine.search(&request(query, mode))?;
        lines.push_str(&trec_lines(&query.id, answer.ids(), "shortlist"));
    }
    Ok(lines)
}

fn request(query: &Query, mode: Mode) -> SearchRequest {
    let mut request = SearchRequest {
        text_match: TextMatch::Any,
        scope: Scope::All,
        limit: limits::LIMIT,
        fields: Some(vec!["id".to_owned()]),
        ..SearchRequest::default()
    };
    if mode != Mode::Dense {
        request.text = Some(query.text.clone());
    }
    if mode != Mode::Text {
        request.embedding = Some(query.embedding.clone());
    }
    if let Mode::Fused(fusion) = mode {
        request.fusion = fusion;
    }
    request
}
