//! Any bytes as every kind of JSON that a caller sends, asked of a live engine: each is answered or refused as the
//! caller's, and never panics. The first byte says which kind, so that a corpus keeps to what it found.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use shortlist::testing::{Generator, generated_schema};
use shortlist::{
    Actor, ClientCriteria, Engine, EngineOptions, Error, FacetRequest, Filter, Result, Rules,
    SearchRequest, SimilarRequest, SuggestRequest, SynonymRule, criteria_list_from_json,
    search_list_from_json,
};

const ADVISORS: usize = 300;
const DIMENSION: usize = 8;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let generator = Generator::new(3);
    let embeddings = generator.embeddings(DIMENSION);
    let advisors = generator.advisors(ADVISORS).enumerate().map(|(row, mut advisor)| {
        advisor.embedding = Some(embeddings.row(row));
        advisor
    });
    let options = EngineOptions::with_schema(generated_schema());
    let engine = Engine::in_memory_with(options).expect("a new engine");
    engine.upsert(advisors.collect()).expect("generated advisors are sound");
    engine
});

fuzz_target!(|bytes: &[u8]| {
    let Some((kind, rest)) = bytes.split_first() else { return };
    let Ok(json) = std::str::from_utf8(rest) else { return };
    let engine = &*ENGINE;
    let search = |request: SearchRequest| {
        engine.search(&request).map(|answer| {
            follow(engine, &request, answer.next_cursor.clone());
            answer.to_json().len()
        })
    };
    let outcome = match kind % 10 {
        0 => SearchRequest::from_json(json).and_then(search),
        1 => ClientCriteria::from_json(json)
            .and_then(|criteria| engine.match_advisors(&criteria))
            .map(|answer| answer.to_json().len()),
        2 => SuggestRequest::from_json(json)
            .and_then(|request| engine.suggest(&request))
            .map(|answer| answer.to_json().len()),
        3 => SimilarRequest::from_json(json)
            .and_then(|request| engine.similar_to(&request))
            .map(|answer| answer.to_json().len()),
        4 => search_list_from_json(json).and_then(|list| {
            let answers = engine.search_many(&list[..list.len().min(4)]);
            answers.into_iter().map(|answer| answer.map(|answer| answer.len())).sum()
        }),
        5 => criteria_list_from_json(json).and_then(|list| {
            let answers = engine.match_many(&list[..list.len().min(4)]);
            answers.into_iter().map(|answer| answer.map(|answer| answer.len())).sum()
        }),
        6 => Filter::from_json(json).and_then(|filter| {
            search(SearchRequest { filter: Some(filter), ..SearchRequest::default() })
        }),
        7 => FacetRequest::from_json(json).and_then(|facet| {
            search(SearchRequest { facets: vec![facet], ..SearchRequest::default() })
        }),
        8 => Rules::from_json(json).and_then(|rules| {
            let criteria =
                ClientCriteria { rules: Some(rules.clone().into()), ..ClientCriteria::default() };
            engine.match_advisors(&criteria)?;
            search(SearchRequest { rules: Some(rules.into()), ..SearchRequest::default() })
        }),
        _ => SynonymRule::list_from_json(json).map(|rules| rules.len()),
    };
    refusals_are_explained(outcome);
});

/// The second page, which the first one leads to.
fn follow(engine: &Engine, request: &SearchRequest, cursor: Option<String>) {
    if cursor.is_some() {
        let next = SearchRequest { cursor, before: None, ..request.clone() };
        refusals_are_explained(engine.search(&next).map(|answer| answer.len()));
    }
}

fn refusals_are_explained(outcome: Result<usize>) {
    if let Err(error) = outcome {
        let is_callers = error.actor() == Actor::Caller || matches!(error, Error::TimedOut { .. });
        assert!(is_callers, "the caller is wrong, yet {}: {error}", error.code());
        assert!(error.to_string().len() < 4_096, "an error as long as what it refuses");
    }
}
