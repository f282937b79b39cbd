//! Texts over generated advisors: words as a filter, by relevance, with typos; suggestions. p50, p95 and p99 a kind, and
//! beside them a plain loop over lower-cased texts, for the ratio.
//!
//! `cargo bench -p shortlist-benches --bench texts`. `SHORTLIST_BENCH_ROWS` is the number of advisors (15000). The first
//! 40 answers of each kind are checked against the brute-force twin before any is timed; 0 in `SHORTLIST_BENCH_CHECKS`
//! leaves that out.

use std::hint::black_box;
use std::time::{Duration, Instant};

use shortlist::testing::{Generator, Twin, compare_search, generated_schema};
use shortlist::{AdvisorProfile, Engine, EngineOptions, SearchRequest, Sort, SuggestRequest};

const BATCH: usize = 10_000;
/// How often all requests of a kind are gone through.
const TURNS: usize = 20;

fn main() {
    let number = |name: &str, default| {
        std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
    };
    let rows = number("SHORTLIST_BENCH_ROWS", 15_000);
    let checks = number("SHORTLIST_BENCH_CHECKS", 40);
    let generator = Generator::new(1);
    let advisors: Vec<_> = generator.advisors(rows).collect();
    let start = Instant::now();
    let engine =
        Engine::in_memory_with(EngineOptions::with_schema(generated_schema()).with_cache_bytes(0))
            .expect("a new engine");
    for batch in advisors.chunks(BATCH) {
        engine.upsert(batch.to_vec()).expect("generated advisors are sound");
    }
    println!("{rows} advisors, built in {:.1} s", start.elapsed().as_secs_f64());
    let lowered: Vec<String> = advisors.iter().map(lowered).collect();
    let twin = (checks > 0)
        .then(|| Twin::new(generated_schema(), advisors, None).expect("sound advisors"));

    let texts: Vec<SearchRequest> = generator
        .search_requests(500)
        .filter(|request| request.text.is_some())
        .map(|request| SearchRequest { facets: Vec::new(), ..request })
        .collect();
    let kind = |change: &dyn Fn(SearchRequest) -> SearchRequest| -> Vec<SearchRequest> {
        texts.iter().cloned().map(change).collect()
    };
    let sorted = kind(&|request| SearchRequest { sort: Some(Sort::Rating), ..request });
    let ranked = kind(&|request| SearchRequest { sort: Some(Sort::Relevance), ..request });
    let typos = kind(&|request| SearchRequest {
        text: request.text.as_deref().map(mistyped),
        typos: true,
        sort: Some(Sort::Relevance),
        ..request
    });
    for (name, requests) in
        [("text, sorted", &sorted), ("by BM25", &ranked), ("typo-tolerant", &typos)]
    {
        for request in requests.iter().take(checks) {
            let answer = engine.search(request).expect("a sound request");
            if let Some(twin) = &twin {
                let expected = twin.search(request).expect("a sound request");
                compare_search(&expected, request, &answer, 0).expect("the twin's answer");
            }
        }
        let loops = loop_time(&lowered, requests);
        time(name, requests, Some(loops), |request| drop(black_box(engine.search(request))));
    }

    let typed: Vec<SuggestRequest> = texts
        .iter()
        .filter_map(|request| request.text.as_deref())
        .enumerate()
        .map(|(at, text)| SuggestRequest {
            text: text.chars().take(3 + at % 6).collect(),
            ..SuggestRequest::default()
        })
        .collect();
    for request in typed.iter().take(checks) {
        let answer = engine.suggest(request).expect("a sound request");
        if let Some(twin) = &twin {
            assert_eq!(answer.suggestions, twin.suggest(request).expect("a sound request"));
        }
    }
    time("suggest", &typed, None, |request| drop(black_box(engine.suggest(request))));
}

/// All that is searched of an advisor, in small letters.
fn lowered(advisor: &AdvisorProfile) -> String {
    let texts = [&advisor.professional_title, &advisor.headline, &advisor.bio];
    let lists = [&advisor.industries, &advisor.services, &advisor.certifications];
    let texts = texts.into_iter().flatten().chain(lists.into_iter().flatten());
    texts.map(|text| text.to_lowercase()).collect::<Vec<_>>().join("\n")
}

/// The text with two neighbours of its longest word in each other's place.
fn mistyped(text: &str) -> String {
    let longest = text.split(' ').max_by_key(|word| word.len()).unwrap_or_default();
    let mut letters: Vec<char> = longest.chars().collect();
    if letters.len() > 4 {
        letters.swap(2, 3);
    }
    text.replacen(longest, &letters.into_iter().collect::<String>(), 1)
}

/// What a loop takes that looks for the words in every text, a request in the mean.
fn loop_time(lowered: &[String], requests: &[SearchRequest]) -> Duration {
    let few = &requests[..requests.len().min(20)];
    let start = Instant::now();
    for request in few {
        let text = request.text.as_deref().unwrap_or_default().to_lowercase();
        let words: Vec<&str> = text.split(' ').collect();
        let has = |own: &&String| words.iter().all(|word| own.contains(word));
        black_box(lowered.iter().filter(has).count());
    }
    start.elapsed() / few.len() as u32
}

fn time<R>(name: &str, requests: &[R], loops: Option<Duration>, mut ask: impl FnMut(&R)) {
    requests.iter().for_each(&mut ask);
    let mut took: Vec<Duration> = Vec::with_capacity(requests.len() * TURNS);
    for request in std::iter::repeat_n(requests, TURNS).flatten() {
        let start = Instant::now();
        ask(request);
        took.push(start.elapsed());
    }
    took.sort_unstable();
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e6;
    let [p50, p95, p99] = [0.5, 0.95, 0.99].map(at);
    print!("{name:16} p50 {p50:7.1} us   p95 {p95:7.1} us   p99 {p99:7.1} us");
    match loops {
        Some(loops) => {
            let loops = loops.as_secs_f64() * 1e6;
            println!("   plain loop {loops:7.0} us, {:.0} times as long", loops / p50);
        }
        None => println!(),
    }
}
