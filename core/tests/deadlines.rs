//! A request whose time is up is stopped, whatever it asks for.

use std::time::{Duration, Instant};

use shortlist::testing::{Generator, generated_schema};
use shortlist::{
    ClientCriteria, Engine, EngineOptions, Error, SearchRequest, SimilarRequest, SuggestRequest,
};

const ADVISORS: usize = 6_000;
const DIMENSION: usize = 16;

fn engine() -> Engine {
    let generator = Generator::new(5);
    let embeddings = generator.embeddings(DIMENSION);
    let advisors = generator.advisors(ADVISORS).enumerate().map(|(row, mut advisor)| {
        advisor.embedding = Some(embeddings.row(row));
        advisor
    });
    let engine = Engine::in_memory_with(EngineOptions::with_schema(generated_schema()));
    let engine = engine.expect("a new engine");
    engine.upsert(advisors.collect()).expect("generated advisors are sound");
    engine
}

const EMBEDDING: &str = "[1,0,2,-1,0.5,0,0,1,1,0,2,-1,0.5,0,0,1]";

#[test]
fn every_kind_of_search_stops_at_its_time() {
    let engine = engine();
    for asked in [
        r#""scope": "all""#.to_owned(),
        r#""filter": {"hourlyRate": {"gte": 100}}, "sort": "priceAsc""#.to_owned(),
        r#""sort": [{"field": "monthlyRetainerMin", "order": "desc"}]"#.to_owned(),
        r#""text": "cash flow""#.to_owned(),
        r#""text": "cash flow", "sort": "newest""#.to_owned(),
        r#""text": "forcasting consultnat", "typos": true"#.to_owned(),
        r#""text": "f", "prefix": true, "highlight": true"#.to_owned(),
        r#""text": "unherad", "typos": false"#.to_owned(),
        r#""facets": ["industries", {"field": "hourlyRate", "histogram": 10, "stats": true}]"#
            .to_owned(),
        r#""industries": "Retail", "facets": ["industries"], "disjunctive": true"#.to_owned(),
        r#""rules": {"boost": [{"filter": {"services": "Audit"}, "factor": 2}]}"#.to_owned(),
        format!(r#""embedding": {EMBEDDING}"#),
        format!(r#""embedding": {EMBEDDING}, "text": "tax""#),
        format!(r#""embedding": {EMBEDDING}, "text": "tax", "fusion": "rrf""#),
    ] {
        let json = format!(r#"{{{asked}, "timeoutMs": 0}}"#);
        let request = SearchRequest::from_json(&json).expect("a right request");
        let outcome = engine.search(&request);
        assert!(matches!(outcome, Err(Error::TimedOut { limit_ms: 0 })), "{json}: {outcome:?}");
        let many = engine.search_many(&[request.clone(), request]);
        assert!(many.iter().all(|one| matches!(one, Err(Error::TimedOut { .. }))), "{json}");
    }
}

#[test]
fn every_kind_of_match_stops_at_its_time() {
    let engine = engine();
    for asked in [
        r#""maxBudget": 200"#.to_owned(),
        r#""requiredServices": "Tax Planning", "relax": true, "limit": 1000"#.to_owned(),
        r#""maxPer": {"field": "services", "count": 1}"#.to_owned(),
        r#""rules": {"bury": [{"filter": {"services": "Audit"}, "factor": 0.5}]}"#.to_owned(),
        format!(r#""embedding": {EMBEDDING}"#),
        format!(r#""embedding": {EMBEDDING}, "diversity": 0.5"#),
    ] {
        let json = format!(r#"{{{asked}, "timeoutMs": 0}}"#);
        let criteria = ClientCriteria::from_json(&json).expect("right criteria");
        let outcome = engine.match_advisors(&criteria);
        assert!(matches!(outcome, Err(Error::TimedOut { limit_ms: 0 })), "{json}: {outcome:?}");
        let many = engine.match_many(&[criteria.clone(), criteria]);
        assert!(many.iter().all(|one| matches!(one, Err(Error::TimedOut { .. }))), "{json}");
    }
    let similar = SimilarRequest { timeout_ms: Some(0), ..SimilarRequest::of("adv-000001") };
    assert!(matches!(engine.similar_to(&similar), Err(Error::TimedOut { .. })));
    for text in ["c", "consultnat", "cash f"] {
        let typed = SuggestRequest {
            text: text.to_owned(),
            timeout_ms: Some(0),
            ..SuggestRequest::default()
        };
        assert!(matches!(engine.suggest(&typed), Err(Error::TimedOut { .. })));
    }
}

#[test]
fn a_request_goes_on_for_no_longer_than_a_stretch_of_its_work() {
    let engine = engine();
    let json = format!(
        r#"{{"text": "cash or tax or fractional or consultnat", "typos": true, "typosInFirstLetter": true,
            "embedding": {EMBEDDING}, "scope": "all", "limit": 1000, "facets": ["services", "industries"],
            "timeoutMs": 1}}"#
    );
    let request = SearchRequest::from_json(&json).expect("a right request");
    for _ in 0..5 {
        let start = Instant::now();
        let outcome = engine.search(&request);
        let took = start.elapsed();
        assert!(outcome.is_ok() || took < Duration::from_secs(1), "it goes on for {took:?}");
    }
}
