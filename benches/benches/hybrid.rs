//! Text and embedding in one request: the first page and the next, by each way of joining them, with and without filters.
//!
//! `cargo bench -p shortlist-benches --bench hybrid`. `SHORTLIST_BENCH_ROWS` is the number of advisors (15000),
//! `SHORTLIST_BENCH_DIM` of dimensions (1536). The first answers of each kind are compared with the brute-force twin's
//! before any is timed. The text alone and the nearest alone are timed beside them.

use std::hint::black_box;

use shortlist::testing::{Generator, Twin, compare_search, generated_schema};
use shortlist::{Engine, EngineOptions, Fusion, SearchRequest, Sort};
use shortlist_benches::rounds;

const BATCH: usize = 5_000;
const REQUESTS: usize = 100;
/// How many answers of each kind are compared with the twin's.
const CHECKED: usize = 10;

fn main() {
    let number = |name: &str, default| {
        std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
    };
    let (rows, dimension) =
        (number("SHORTLIST_BENCH_ROWS", 15_000), number("SHORTLIST_BENCH_DIM", 1_536));
    let generator = Generator::new(1);
    let embeddings = generator.embeddings(dimension);
    let engine =
        Engine::in_memory_with(EngineOptions::with_schema(generated_schema()).with_cache_bytes(0))
            .expect("a new engine");
    let mut advisors: Vec<_> = generator
        .advisors(rows)
        .enumerate()
        .map(|(row, mut advisor)| {
            advisor.embedding = Some(embeddings.row(row));
            advisor
        })
        .collect();
    for batch in advisors.chunks(BATCH) {
        engine.upsert(batch.to_vec()).expect("generated advisors are sound");
    }
    engine.maintain().expect("sealed and fitted");
    let twin = Twin::new(generated_schema(), std::mem::take(&mut advisors), None).expect("sound");

    let asked: Vec<SearchRequest> = generator
        .search_requests(REQUESTS * 4)
        .filter(|request| request.text.is_some())
        .take(REQUESTS)
        .zip(rows..)
        .map(|(request, row)| SearchRequest {
            embedding: Some(embeddings.row(row)),
            sort: Some(Sort::Relevance),
            facets: Vec::new(),
            ..request
        })
        .collect();
    let kind = |change: &dyn Fn(SearchRequest) -> SearchRequest| -> Vec<SearchRequest> {
        asked.iter().cloned().map(change).collect()
    };
    let open = |request: SearchRequest| SearchRequest {
        text: request.text,
        embedding: request.embedding,
        sort: request.sort,
        ..SearchRequest::default()
    };
    let pages = kind(&|request| {
        let answer = engine.search(&open(request.clone())).expect("a sound request");
        SearchRequest { cursor: answer.next_cursor, ..open(request) }
    });
    println!("{rows} advisors of {dimension} dimensions");
    for (name, requests) in [
        ("auto, filtered", kind(&|request| request)),
        ("rrf, filtered", kind(&|request| SearchRequest { fusion: Fusion::Rrf, ..request })),
        ("text alone, filtered", kind(&|request| SearchRequest { embedding: None, ..request })),
        ("nearest alone, filtered", kind(&|request| SearchRequest { text: None, ..request })),
        ("auto, all", kind(&open)),
        ("rrf, all", kind(&|request| SearchRequest { fusion: Fusion::Rrf, ..open(request) })),
        (
            "weighted, all",
            kind(&|request| SearchRequest { fusion: Fusion::Weighted(0.5), ..open(request) }),
        ),
    ] {
        for request in requests.iter().take(CHECKED) {
            let answer = engine.search(request).expect("a sound request");
            let expected = twin.search(request).expect("a sound request");
            compare_search(&expected, request, &answer, 0).expect("the twin's answer");
        }
        let times = rounds(&requests, || (), |request| drop(black_box(engine.search(request))));
        println!("{name:<24} {times}");
    }
    let times = rounds(&pages, || (), |request| drop(black_box(engine.search(request))));
    println!("{:<24} {times}", "auto, all, page 2");
}
