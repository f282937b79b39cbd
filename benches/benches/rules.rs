//! Pages under rules beside the same pages without: hiding, pins, and boosts that multiply scores.
//!
//! `cargo bench -p shortlist-benches --bench rules`. `SHORTLIST_BENCH_ROWS` is the number of advisors (15000). Every answer
//! is compared with the brute-force twin's before it is timed (of more than 100,000 advisors, one in fifty).

use std::hint::black_box;

use shortlist::testing::{Generator, Twin, compare_search, generated_schema};
use shortlist::{Engine, EngineOptions, Rules, SearchRequest, Sort};
use shortlist_benches::rounds;

const BATCH: usize = 10_000;
const REQUESTS: usize = 100;

fn main() {
    let rows = std::env::var("SHORTLIST_BENCH_ROWS").ok().and_then(|rows| rows.parse().ok());
    let rows: usize = rows.unwrap_or(15_000);
    let generator = Generator::new(1);
    let advisors: Vec<_> = generator.advisors(rows).collect();
    let engine =
        Engine::in_memory_with(EngineOptions::with_schema(generated_schema()).with_cache_bytes(0))
            .expect("a new engine");
    for batch in advisors.chunks(BATCH) {
        engine.upsert(batch.to_vec()).expect("generated advisors are sound");
    }
    engine.maintain().expect("sealed and fitted");
    let twin = Twin::new(generated_schema(), advisors, None).expect("generated advisors are sound");
    let rules = |json: &str| Rules::from_json(json).expect("sound rules");
    let pins = rules(
        r#"{"pins": [{"id": "adv-000003", "position": 1}, {"id": "adv-000100", "position": 4}]}"#,
    );
    let hide = rules(r#"{"hide": {"services": "Audit"}}"#);
    let factors = rules(
        r#"{"boost": [{"filter": {"industries": "Healthcare"}, "factor": 2}],
            "bury": [{"filter": {"yearsExperience": {"lt": 5}}, "factor": 0.5}]}"#,
    );
    let pages: Vec<_> = generator
        .search_requests(4 * REQUESTS)
        .filter(|request| request.text.is_none())
        .map(|request| SearchRequest { facets: Vec::new(), ..request })
        .take(REQUESTS)
        .collect();
    let texts: Vec<_> = generator
        .search_requests(4 * REQUESTS)
        .filter(|request| request.text.is_some())
        .map(|request| SearchRequest { facets: Vec::new(), sort: Some(Sort::Relevance), ..request })
        .take(REQUESTS)
        .collect();
    println!("{rows} advisors; every answer was the twin's");
    for (name, requests, rules) in [
        ("list page", &pages, None),
        ("list page, two pins", &pages, Some(&pins)),
        ("list page, some hidden", &pages, Some(&hide)),
        ("list page, two factors", &pages, Some(&factors)),
        ("by BM25", &texts, None),
        ("by BM25, two pins", &texts, Some(&pins)),
        ("by BM25, two factors", &texts, Some(&factors)),
    ] {
        let requests: Vec<_> = requests
            .iter()
            .map(|request| SearchRequest {
                rules: rules.cloned().map(Into::into),
                ..request.clone()
            })
            .collect();
        for request in requests.iter().step_by(if rows > 100_000 { 50 } else { 1 }) {
            let answer = engine.search(request).expect("a sound request");
            let expected = twin.search(request).expect("a sound request");
            compare_search(&expected, request, &answer, 0).expect("the twin's answer");
        }
        let times = rounds(&requests, || (), |request| drop(black_box(engine.search(request))));
        println!("{name:<24} {times}");
    }
}
