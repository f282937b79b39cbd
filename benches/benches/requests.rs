//! Whole requests through the engine: list pages, texts, facets and matches over generated advisors.
//!
//! `cargo bench -p shortlist-benches --bench requests`. `SHORTLIST_BENCH_ROWS` is the number of advisors (15000),
//! `SHORTLIST_BENCH_DIM` of dimensions (1536). Every answer is checked against the brute-force twin before it is timed.

use std::hint::black_box;

use criterion::Criterion;
use shortlist::testing::{Generator, Twin, compare_match, compare_search, generated_schema};
use shortlist::{ClientCriteria, Engine, EngineOptions, SearchRequest};

const BATCH: usize = 10_000;

fn main() {
    let number = |name: &str, default| {
        std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
    };
    let (rows, dimension) =
        (number("SHORTLIST_BENCH_ROWS", 15_000), number("SHORTLIST_BENCH_DIM", 1_536));
    let generator = Generator::new(1);
    let embeddings = generator.embeddings(dimension);
    let advisors: Vec<_> = generator
        .advisors(rows)
        .enumerate()
        .map(|(row, mut advisor)| {
            advisor.embedding = Some(embeddings.row(row));
            advisor
        })
        .collect();
    let engine =
        Engine::in_memory_with(EngineOptions::with_schema(generated_schema()).with_cache_bytes(0))
            .expect("a new engine");
    for batch in advisors.chunks(BATCH) {
        engine.upsert(batch.to_vec()).expect("generated advisors are sound");
    }
    let twin = Twin::new(generated_schema(), advisors, None).expect("generated advisors are sound");

    let searches: Vec<_> = generator.search_requests(200).collect();
    let pages = searches
        .iter()
        .filter(|r| r.text.is_none())
        .cloned()
        .map(|r| SearchRequest { facets: Vec::new(), ..r });
    let texts = searches
        .iter()
        .filter(|r| r.text.is_some())
        .cloned()
        .map(|r| SearchRequest { facets: Vec::new(), ..r });
    let facets: Vec<_> = searches
        .iter()
        .filter(|request| request.text.is_none())
        .map(|request| SearchRequest {
            facets: vec!["industries".into(), "services".into()],
            ..request.clone()
        })
        .collect();
    let matches: Vec<_> = generator.match_requests(200, Some(&embeddings)).collect();
    let open: Vec<_> = matches
        .iter()
        .map(|need| ClientCriteria {
            embedding: need.embedding.clone(),
            ..ClientCriteria::default()
        })
        .collect();

    let mut criterion = Criterion::default().configure_from_args();
    time_searches(&mut criterion, &engine, &twin, "list page", &pages.collect::<Vec<_>>());
    time_searches(&mut criterion, &engine, &twin, "list page, facets of 55 values", &facets);
    time_searches(&mut criterion, &engine, &twin, "text", &texts.collect::<Vec<_>>());
    time_matches(&mut criterion, &engine, &twin, "filtered match", &matches);
    time_matches(&mut criterion, &engine, &twin, "unfiltered match", &open);
    criterion.final_summary();
}

fn time_searches(
    criterion: &mut Criterion,
    engine: &Engine,
    twin: &Twin,
    name: &str,
    requests: &[SearchRequest],
) {
    for request in requests {
        let answer = engine.search(request).expect("a sound request");
        let expected = twin.search(request).expect("a sound request");
        compare_search(&expected, request, &answer, 0).expect("the twin's answer");
    }
    let mut turn = requests.iter().cycle();
    criterion.bench_function(name, |bench| {
        bench.iter(|| turn.next().map(|request| black_box(engine.search(request))));
    });
}

fn time_matches(
    criterion: &mut Criterion,
    engine: &Engine,
    twin: &Twin,
    name: &str,
    needs: &[ClientCriteria],
) {
    for need in needs {
        let answer = engine.match_advisors(need).expect("a sound need");
        let expected = twin.match_advisors(need).expect("a sound need");
        compare_match(&expected, &answer).expect("the twin's answer");
    }
    let mut turn = needs.iter().cycle();
    criterion.bench_function(name, |bench| {
        bench.iter(|| turn.next().map(|need| black_box(engine.match_advisors(need))));
    });
}
