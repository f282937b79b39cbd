//! Facets over generated advisors: 55 values on top of a list page, and five fields at once, each without its own
//! condition; and what a filter takes that is remembered beside one that is evaluated.
//!
//! `cargo bench -p shortlist-benches --bench facets`. `SHORTLIST_BENCH_ROWS` is the number of advisors (15000). Every
//! answer is compared with the brute-force twin's before anything is timed (of more than 100,000 advisors, one in
//! twenty). *first*: before each round a change makes a new generation, which remembers no filter. *again*: every
//! filter was asked for in the round before.

use std::hint::black_box;

use shortlist::testing::{Generator, Twin, compare_search, generated_schema};
use shortlist::{
    AdvisorProfile, Engine, EngineOptions, FacetRequest, Filter, ProfilePatch, SearchRequest,
};
use shortlist_benches::{Times, rounds};

const BATCH: usize = 10_000;
const REQUESTS: usize = 200;
/// The two fields of a marketplace's page: 55 values.
const SIDEBAR: [&str; 2] = ["industries", "services"];
const FIVE: [&str; 5] =
    ["industries", "services", "certifications", "attributes.languages", "isAvailable"];

fn main() {
    let rows = std::env::var("SHORTLIST_BENCH_ROWS").ok().and_then(|rows| rows.parse().ok());
    let rows: usize = rows.unwrap_or(15_000);
    let generator = Generator::new(1);
    let mut advisors: Vec<AdvisorProfile> = generator.advisors(rows).collect();
    let engine =
        Engine::in_memory_with(EngineOptions::with_schema(generated_schema()).with_cache_bytes(0))
            .expect("a new engine");
    for batch in advisors.chunks(BATCH) {
        engine.upsert(batch.to_vec()).expect("generated advisors are sound");
    }
    advisors.iter_mut().for_each(|advisor| advisor.bio = None);
    let (first, most) = (advisors[0].id.clone(), advisors[0].max_clients);
    let twin = Twin::new(generated_schema(), advisors, None).expect("sound advisors");

    let pages: Vec<SearchRequest> = generator
        .search_requests(3 * REQUESTS)
        .filter(|request| request.text.is_none())
        .map(|request| SearchRequest { facets: Vec::new(), disjunctive: false, ..request })
        .take(REQUESTS)
        .collect();
    let with = |fields: &[&str], change: &dyn Fn(usize, SearchRequest) -> SearchRequest| {
        let facets: Vec<FacetRequest> = fields.iter().map(|field| (*field).into()).collect();
        let page = pages.iter().cloned().enumerate();
        page.map(|(at, page)| change(at, SearchRequest { facets: facets.clone(), ..page }))
            .collect::<Vec<_>>()
    };
    let sidebar = with(&SIDEBAR, &|_, page| page);
    let disjunctive = with(&SIDEBAR, &|_, page| SearchRequest { disjunctive: true, ..page });
    let five = with(&FIVE, &five_conditions);
    let unfaceted: Vec<SearchRequest> = five
        .iter()
        .map(|page| SearchRequest { facets: Vec::new(), disjunctive: false, ..page.clone() })
        .collect();

    // The first of an order sorts it; above some size beside the requests.
    pages.iter().for_each(|page| drop(black_box(engine.search(page))));
    std::thread::sleep(std::time::Duration::from_secs(if rows > 100_000 { 20 } else { 0 }));
    for request in [&sidebar, &disjunctive, &five]
        .into_iter()
        .flatten()
        .step_by(if rows > 100_000 { 20 } else { 1 })
    {
        let expected = twin.search(request).expect("a sound request");
        for _first_then_again in 0..2 {
            let answer = engine.search(request).expect("a sound request");
            compare_search(&expected, request, &answer, 0).expect("the twin's answer");
        }
    }
    println!("{rows} advisors; every answer that was checked was the twin's, first and again");

    let change = || {
        let same = ProfilePatch { max_clients: Some(most), ..ProfilePatch::default() };
        engine.patch(vec![(first.clone(), same)]).expect("a sound patch");
    };
    let ask = |page: &SearchRequest| drop(black_box(engine.search(page)));
    let time =
        |requests: &[SearchRequest]| (rounds(requests, change, ask), rounds(requests, || (), ask));
    let page = time(&pages);
    report("list page", &page, None);
    report("with 55 facet values", &time(&sidebar), Some(&page));
    report("with 55, disjunctive", &time(&disjunctive), Some(&page));
    let base = time(&unfaceted);
    report("five conditions", &base, None);
    report("five disjunctive fields", &time(&five), Some(&base));
}

/// A page with a condition on each of the five fields.
fn five_conditions(at: usize, page: SearchRequest) -> SearchRequest {
    let some = |given: Vec<String>, usual: [&str; 4]| {
        if given.is_empty() {
            vec![usual[at % 4].to_owned(), usual[(at + 1) % 4].to_owned()]
        } else {
            given
        }
    };
    let languages =
        [r#"["English", "Spanish"]"#, r#"["French"]"#, r#"["German", "Mandarin"]"#][at % 3];
    let certifications = [r#"["CPA"]"#, r#"["CFA", "CPA"]"#][at % 2];
    let filter = format!(
        r#"{{"certifications": {certifications}, "attributes.languages": {languages}, "isAvailable": true}}"#
    );
    SearchRequest {
        industries: some(page.industries, ["Healthcare", "SaaS", "Retail", "Manufacturing"]),
        services: some(
            page.services,
            ["Tax Planning", "Cash Flow Management", "Budgeting and Forecasting", "Fundraising"],
        ),
        filter: Some(Filter::from_json(&filter).expect("a sound filter")),
        disjunctive: true,
        ..page
    }
}

fn report(name: &str, (first, again): &(Times, Times), base: Option<&(Times, Times)>) {
    for (when, times, base) in
        [("first", first, base.map(|base| &base.0)), ("again", again, base.map(|base| &base.1))]
    {
        let top = base
            .map_or(String::new(), |base| format!("   {:6.1} us on top", times.on_top_of(base)));
        println!("{name:24} {when}  {times}{top}");
    }
}
