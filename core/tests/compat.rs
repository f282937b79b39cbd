//! What earlier formats wrote opens for ever, and gives the answers it gave.
//!
//! `data/compat/format-N` holds a snapshot that format N wrote, requests, and what they were answered when it was
//! written. `SHORTLIST_WRITE_COMPAT=1 cargo test --test compat` writes the sample of the present format; samples of
//! earlier ones are never written again.

use std::fs;
use std::path::{Path, PathBuf};

use shortlist::{
    AdvisorProfile, ClientCriteria, Engine, EngineOptions, Result, Schema, SearchRequest,
    SimilarRequest, SuggestRequest,
};

const PROFILES: usize = 40;
const DIMENSION: usize = 8;

/// Kind and request, a line each in `cases.txt`.
const CASES: &[(&str, &str)] = &[
    ("search", r#"{"scope": "all", "limit": 50, "facets": ["industries", "services"]}"#),
    ("search", r#"{"sort": "priceAsc", "minRating": 4, "limit": 7}"#),
    ("search", r#"{"text": "tax", "textMatch": "any", "scope": "all", "highlight": true}"#),
    ("search", r#"{"text": "\"fractional cfo\" or audit", "scope": "all"}"#),
    (
        "search",
        r#"{"filter": {"attributes.languages": {"anyOf": ["French", "German"]}}, "scope": "all"}"#,
    ),
    (
        "search",
        r#"{"filter": {"attributes.responseHours": {"lt": 20}}, "scope": "all", "sort": "newest"}"#,
    ),
    (
        "search",
        r#"{"filter": {"not": {"attributes.remote": true}}, "scope": "all", "fields": ["id", "bio", "attributes"]}"#,
    ),
    ("match", r#"{"embedding": [1, 0.5, -0.25, 0.1, 0, 0.3, -0.7, 0.2], "limit": 9}"#),
    (
        "match",
        r#"{"industries": ["Technology", "SaaS", "Retail"], "maxBudget": 260, "rating": "bayesian"}"#,
    ),
    (
        "match",
        r#"{"requiredServices": ["Tax Planning", "Fractional CFO"], "embedding": [0, 1, 0, 0, 0, -1, 0, 0], "diversity": 0.5}"#,
    ),
    ("similar", r#"{"id": "adv-000007", "scope": "all", "limit": 5}"#),
    ("suggest", r#"{"text": "fract", "scope": "all"}"#),
    ("suggest", r#"{"text": "fin", "scope": "all"}"#),
    ("get", "adv-000001"),
    ("get", "adv-000039"),
];

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../data")
}

/// What an index answers to one case, without what differs from call to call.
fn answer(engine: &Engine, kind: &str, request: &str) -> Result<String> {
    let json = match kind {
        "search" => engine.search(&SearchRequest::from_json(request)?)?.to_json(),
        "match" => engine.match_advisors(&ClientCriteria::from_json(request)?)?.to_json(),
        "similar" => engine.similar_to(&SimilarRequest::from_json(request)?)?.to_json(),
        "suggest" => engine.suggest(&SuggestRequest::from_json(request)?)?.to_json(),
        _ => engine.get_json(request)?.unwrap_or_default(),
    };
    let mut value: serde_json::Value = serde_json::from_str(&json).expect("an answer is JSON");
    if let Some(object) = value.as_object_mut() {
        for name in ["tookUs", "nextCursor", "previousCursor", "generation"] {
            object.remove(name);
        }
    }
    Ok(value.to_string())
}

/// Every stored format with its folder.
fn samples() -> Vec<PathBuf> {
    let entries = fs::read_dir(data().join("compat")).expect("the samples");
    let mut found: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    found.retain(|path| path.is_dir());
    found.sort();
    found
}

#[test]
fn every_stored_format_opens_and_answers_as_it_did() -> Result<()> {
    if let Ok(format) = std::env::var("SHORTLIST_WRITE_COMPAT") {
        write(&data().join("compat").join(format!("format-{format}")))?;
    }
    let samples = samples();
    assert!(!samples.is_empty());
    for sample in samples {
        let engine = Engine::open_snapshot(sample.join("index.slx"))?;
        let answers = fs::read_to_string(sample.join("answers.jsonl")).expect("the answers");
        assert_eq!(answers.lines().count(), CASES.len());
        for ((kind, request), expected) in CASES.iter().zip(answers.lines()) {
            assert_eq!(answer(&engine, kind, request)?, expected, "{} {request}", sample.display());
        }
        engine.verify()?;
    }
    Ok(())
}

fn write(folder: &Path) -> Result<()> {
    let sample = data().join("sample");
    let schema = fs::read_to_string(sample.join("schema.json")).expect("the schema");
    let mut schema = Schema::from_json(&schema)?;
    schema.dimension = Some(DIMENSION);
    let profiles = fs::read_to_string(sample.join("profiles.jsonl")).expect("the profiles");
    let vectors = fs::read(sample.join("profiles.f32")).expect("the embeddings");
    let engine = Engine::in_memory_with(EngineOptions::with_schema(schema.clone()))?;
    let mut all = Vec::new();
    for (row, line) in profiles.lines().take(PROFILES).enumerate() {
        let mut profile = AdvisorProfile::from_json(line, &schema)?;
        let numbers = vectors[row * 32 * 4..].as_chunks::<4>().0.iter().take(DIMENSION);
        // Some have none.
        let embedding = numbers.map(|number| f32::from_le_bytes(*number)).collect();
        profile.embedding = (row % 9 != 4).then_some(embedding);
        all.push(profile);
    }
    engine.upsert(all)?;
    engine.remove(&["adv-000003"])?;
    fs::create_dir_all(folder).expect("room");
    engine.snapshot_to(folder.join("index.slx"))?;
    let engine = Engine::open_snapshot(folder.join("index.slx"))?;
    let answers = CASES.iter().map(|(kind, request)| Ok(answer(&engine, kind, request)? + "\n"));
    let answers: String = answers.collect::<Result<_>>()?;
    fs::write(folder.join("answers.jsonl"), answers).expect("room");
    Ok(())
}
