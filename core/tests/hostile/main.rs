//! Thousands of requests that mean harm, against a live engine on a thread with a small stack: each is answered or
//! refused as the caller's, within a second and within 256 MiB.

mod allocation;
mod requests;

use std::time::{Duration, Instant};

use shortlist::testing::{Generator, generated_schema};
use shortlist::{
    Actor, ClientCriteria, Engine, EngineOptions, Error, FacetRequest, Filter, Result, Rules,
    SearchRequest, SimilarRequest, SuggestRequest, criteria_list_from_json, search_list_from_json,
};

use crate::requests::{Requests, WORST};

const ADVISORS: usize = 400;
const DIMENSION: usize = 16;
const REQUESTS: usize = 10_000;
const STACK: usize = 512 * 1_024;
const MOST_BYTES: usize = 256 << 20;
/// For all ways of asking together, each of which has a second.
const MOST_TIME: Duration = Duration::from_secs(9);

fn engine() -> Engine {
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
}

/// Asks the engine in every way that takes JSON; what is answered is written out.
fn ask(engine: &Engine, json: &str) -> [Result<usize>; 9] {
    let written = |text: String| text.len();
    [
        SearchRequest::from_json(json)
            .and_then(|request| engine.search(&request))
            .map(|answer| written(answer.to_json())),
        ClientCriteria::from_json(json)
            .and_then(|criteria| engine.match_advisors(&criteria))
            .map(|answer| written(answer.to_json())),
        SuggestRequest::from_json(json)
            .and_then(|request| engine.suggest(&request))
            .map(|answer| written(answer.to_json())),
        criteria_list_from_json(json)
            .map(|list| engine.match_many(&list[..list.len().min(4)]).len()),
        Filter::from_json(json)
            .and_then(|filter| {
                engine.search(&SearchRequest { filter: Some(filter), ..SearchRequest::default() })
            })
            .map(|answer| written(answer.to_json())),
        search_list_from_json(json)
            .map(|list| engine.search_many(&list[..list.len().min(4)]).len()),
        SimilarRequest::from_json(json)
            .and_then(|request| engine.similar_to(&request))
            .map(|answer| written(answer.to_json())),
        FacetRequest::from_json(json)
            .and_then(|facet| {
                engine.search(&SearchRequest { facets: vec![facet], ..SearchRequest::default() })
            })
            .map(|answer| written(answer.to_json())),
        Rules::from_json(json)
            .and_then(|rules| {
                engine.search(&SearchRequest {
                    rules: Some(rules.into()),
                    ..SearchRequest::default()
                })
            })
            .map(|answer| written(answer.to_json())),
    ]
}

/// The least time that a request takes of a few tries, since a busy machine may stop any of them.
fn asked_in_time(engine: &Engine, json: &str) -> [Result<usize>; 9] {
    let mut least = Duration::MAX;
    for _ in 0..3 {
        let start = Instant::now();
        let answers = ask(engine, json);
        least = least.min(start.elapsed());
        if least < MOST_TIME {
            return answers;
        }
    }
    panic!("it takes {least:?}: {}", shown(json));
}

fn shown(json: &str) -> String {
    json.chars().take(300).collect()
}

fn check(engine: &Engine, json: &str) -> usize {
    let (answers, peak) = allocation::peak_of(|| asked_in_time(engine, json));
    assert!(peak < MOST_BYTES, "it takes {peak} bytes: {}", shown(json));
    for error in answers.iter().filter_map(|answer| answer.as_ref().err()) {
        let is_callers = error.actor() == Actor::Caller || matches!(error, Error::TimedOut { .. });
        assert!(is_callers, "{} {error}: {}", error.code(), shown(json));
        assert!(error.to_string().len() < 4_096, "an error as long as what it refuses: {error}");
    }
    answers.iter().filter(|answer| answer.is_ok()).count()
}

#[test]
fn hostile_requests_are_answered_or_refused_on_a_small_stack() {
    let work = || {
        let engine = engine();
        for json in WORST.iter().map(|make| make()) {
            check(&engine, &json);
        }
        let answered: usize =
            Requests::new(11).take(REQUESTS).map(|json| check(&engine, &json)).sum();
        assert!(answered > REQUESTS / 20, "only {answered} requests reach the engine");
    };
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(work);
    let outcome = thread.expect("a thread starts").join();
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}
