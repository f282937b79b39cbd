//! List pages through the engine, request by request: half, nineteen in twenty and ninety-nine in a hundred take at
//! most so long.
//!
//! `cargo bench -p shortlist-benches --bench pages`. `SHORTLIST_BENCH_ROWS` is the number of advisors (15000). Every
//! answer is compared with a plain loop over the advisors before anything is timed (of more than 100,000 advisors,
//! one request in ten). *first*: before each round a change makes a new generation, which remembers no filter, so that
//! its requests cost what they would alone. *again*: every filter was asked for in the round before.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::hint::black_box;

use shortlist::testing::{Generator, generated_schema};
use shortlist::{AdvisorProfile, Engine, EngineOptions, ProfilePatch, SearchRequest, Sort};
use shortlist_benches::rounds;

const BATCH: usize = 10_000;
const REQUESTS: usize = 200;
/// The page whose cost is compared with that of page 2.
const DEEP: usize = 500;

fn main() {
    let rows = std::env::var("SHORTLIST_BENCH_ROWS").ok().and_then(|rows| rows.parse().ok());
    let rows: usize = rows.unwrap_or(15_000);
    let generator = Generator::new(1);
    let engine =
        Engine::in_memory_with(EngineOptions::with_schema(generated_schema()).with_cache_bytes(0))
            .expect("a new engine");
    let mut advisors: Vec<AdvisorProfile> = Vec::with_capacity(rows);
    let mut source = generator.advisors(rows);
    while advisors.len() < rows {
        let batch: Vec<_> = source.by_ref().take(BATCH).collect();
        engine.upsert(batch.clone()).expect("generated advisors are sound");
        advisors.extend(batch.into_iter().map(only_what_is_listed));
    }

    let pages: Vec<_> = generator
        .search_requests(3 * REQUESTS)
        .filter(|request| request.text.is_none())
        .map(|request| SearchRequest { facets: Vec::new(), disjunctive: false, ..request })
        .take(REQUESTS)
        .collect();
    // The first of an order sorts it; above some size beside the requests.
    pages.iter().for_each(|page| drop(black_box(engine.search(page))));
    std::thread::sleep(std::time::Duration::from_secs(if rows > 100_000 { 20 } else { 0 }));
    for page in pages.iter().step_by(if rows > 100_000 { 10 } else { 1 }) {
        check(&engine, &advisors, page);
    }
    println!("{rows} advisors; every answer was that of a plain loop");
    let (first, most) = (advisors[0].id.clone(), advisors[0].max_clients);
    let change = || {
        let same = ProfilePatch { max_clients: Some(most), ..ProfilePatch::default() };
        engine.patch(vec![(first.clone(), same)]).expect("a sound patch");
    };
    let ask = |page: &SearchRequest| drop(black_box(engine.search(page)));
    let as_json =
        |page: &SearchRequest| drop(black_box(engine.search(page).map(|answer| answer.to_json())));
    println!("list page, first            {}", rounds(&pages, change, ask));
    println!("list page, again            {}", rounds(&pages, || (), ask));
    println!("list page, first, as JSON   {}", rounds(&pages, change, as_json));

    let wide = SearchRequest { available: true, ..SearchRequest::default() };
    let [second, deep] = deep_pages(&engine, &advisors, &wide);
    // Turn and turn about, so that both meet the same machine.
    let turns: Vec<&SearchRequest> = [&second, &deep].into_iter().cycle().take(80).collect();
    let times = rounds(&turns, || (), |page| ask(page));
    let [second, deep] = [0, 1].map(|from| times.every(2, from));
    println!("page 2 of a wide filter     {second}");
    println!("page 500 of it, or its last {deep}");
}

fn only_what_is_listed(advisor: AdvisorProfile) -> AdvisorProfile {
    AdvisorProfile {
        bio: None,
        headline: None,
        details: None,
        attributes: BTreeMap::new(),
        ..advisor
    }
}

/// Pages 2 and 500 of a search, or its last: each page on the way is the plain loop's.
fn deep_pages(
    engine: &Engine,
    advisors: &[AdvisorProfile],
    wide: &SearchRequest,
) -> [SearchRequest; 2] {
    let right = plain(advisors, wide);
    let mut page = wide.clone();
    let mut second = None;
    for number in 1..DEEP {
        let answer = engine.search(&page).expect("a sound request");
        let from = (number - 1) * 20;
        assert_eq!(answer.ids(), right[from..from + answer.len()], "page {number}");
        let Some(cursor) = answer.next_cursor else { break };
        page.cursor = Some(cursor);
        second.get_or_insert_with(|| page.clone());
    }
    [second.expect("more than a page"), page]
}

fn check(engine: &Engine, advisors: &[AdvisorProfile], request: &SearchRequest) {
    let right = plain(advisors, request);
    let answer = engine.search(request).expect("a sound request");
    assert_eq!(answer.total, right.len() as u64, "{request:?}");
    assert_eq!(answer.ids(), right[..right.len().min(20)], "{request:?}");
}

/// The ids of all that pass, in order.
fn plain<'a>(advisors: &'a [AdvisorProfile], request: &SearchRequest) -> Vec<&'a str> {
    let any = |asked: &[String], has: &[String]| {
        asked.is_empty() || asked.iter().any(|value| has.contains(value))
    };
    let mut found: Vec<&AdvisorProfile> = advisors
        .iter()
        .filter(|a| a.marketplace_status == "active" && a.is_verified && a.deleted_at.is_none())
        .filter(|a| any(&request.industries, &a.industries) && any(&request.services, &a.services))
        .filter(|a| request.min_rating.is_none_or(|least| a.overall_rating >= least))
        .filter(|a| {
            request
                .max_hourly_rate
                .is_none_or(|most| a.hourly_rate.is_some_and(|rate| rate <= most))
        })
        .filter(|a| !request.available || a.is_available && a.current_clients < a.max_clients)
        .collect();
    found.sort_by(|a, b| in_order(request.sort.as_ref(), a, b).then_with(|| a.id.cmp(&b.id)));
    found.into_iter().map(|advisor| advisor.id.as_str()).collect()
}

fn in_order(sort: Option<&Sort>, a: &AdvisorProfile, b: &AdvisorProfile) -> Ordering {
    let missing_last = |a: Option<f64>, b: Option<f64>, sign: f64| match (a, b) {
        (Some(a), Some(b)) => (a * sign).total_cmp(&(b * sign)),
        (a, b) => b.is_some().cmp(&a.is_some()),
    };
    let count = |number: u32| Some(f64::from(number));
    let years = |a: &AdvisorProfile| a.years_experience.map(f64::from);
    let created = |a: &AdvisorProfile| a.created_at.map(|at| at.micros() as f64);
    let reviews = missing_last(count(a.total_reviews), count(b.total_reviews), -1.0);
    match sort {
        Some(Sort::Experience) => missing_last(years(a), years(b), -1.0),
        Some(Sort::Reviews) => reviews,
        Some(Sort::Newest) => missing_last(created(a), created(b), -1.0),
        Some(Sort::PriceAsc) => missing_last(a.hourly_rate, b.hourly_rate, 1.0),
        Some(Sort::PriceDesc) => missing_last(a.hourly_rate, b.hourly_rate, -1.0),
        _ => missing_last(Some(a.overall_rating), Some(b.overall_rating), -1.0).then(reviews),
    }
}
