//! Changes through the engine, one caller, undurable: how long until each is visible.
//!
//! `cargo bench -p shortlist-benches --bench changes`. `SHORTLIST_BENCH_ROWS` is the number of advisors (15000),
//! `SHORTLIST_BENCH_DIMENSION` that of their embeddings (1536). Every change is read back before anything is timed.

use std::time::Instant;

use shortlist::testing::{Generator, generated_schema};
use shortlist::{
    AdvisorProfile, ClientCriteria, Engine, EngineOptions, Filter, ProfilePatch, SearchRequest,
};

const BATCH: usize = 10_000;
const PATCHES: usize = 20_000;
const UPSERTS: usize = 3_000;

fn main() {
    let setting = |name: &str, otherwise: usize| {
        std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
    };
    let rows = setting("SHORTLIST_BENCH_ROWS", 15_000);
    let dimension = setting("SHORTLIST_BENCH_DIMENSION", 1_536);
    let generator = Generator::new(1);
    let embeddings = generator.embeddings(dimension);
    let with_embedding = |(row, mut advisor): (usize, AdvisorProfile)| {
        advisor.embedding = Some(embeddings.row(row));
        advisor
    };
    let engine =
        Engine::in_memory_with(EngineOptions::with_schema(generated_schema()).with_cache_bytes(0))
            .expect("a new engine");
    let mut source = generator.advisors(rows).enumerate();
    let mut ids = Vec::with_capacity(rows);
    while ids.len() < rows {
        let batch: Vec<_> = source.by_ref().take(BATCH).map(with_embedding).collect();
        ids.extend(batch.iter().map(|advisor| advisor.id.clone()));
        engine.upsert(batch).expect("generated advisors are sound");
    }
    // The orders that a marketplace asks for are there, as they are in service.
    for request in generator.search_requests(200) {
        engine.search(&request).expect("generated requests are sound");
    }
    engine.match_advisors(&ClientCriteria::default()).expect("a request");
    println!("{rows} advisors x {dimension}, nothing durable, one caller");

    let id = |turn: usize| ids[turn * 7_919 % rows].clone();
    let clients = |turn: usize| ProfilePatch {
        current_clients: Some(turn as u32 % 20),
        ..ProfilePatch::default()
    };
    let patch = |name: &str, make: &dyn Fn(usize) -> ProfilePatch| {
        let time = |turn: usize| {
            let change = vec![(id(turn), make(turn))];
            timed(|| assert!(engine.patch(change).is_ok()))
        };
        report(name, (0..PATCHES).map(time).collect());
    };
    engine.patch(vec![(id(0), clients(17))]).expect("a patch");
    assert_eq!(engine.get(&id(0)).expect("sound").map(|advisor| advisor.current_clients), Some(17));
    patch("patch of currentClients", &clients);
    let rating = |turn: usize| ProfilePatch {
        overall_rating: Some(turn as f64 * 0.1 % 5.0),
        total_reviews: Some(turn as u32 % 300),
        ..ProfilePatch::default()
    };
    patch("patch of rating and reviews", &rating);
    let room = Filter::from_json(r#"{"maxClients": {"gte": 0}, "isAvailable": {"exists": true}}"#)
        .expect("a filter");
    patch("conditional patch of currentClients", &|turn| ProfilePatch {
        if_: Some(room.clone()),
        ..clients(turn)
    });
    patch("patch of isAvailable", &|turn| ProfilePatch {
        is_available: Some(turn % 3 > 0),
        ..ProfilePatch::default()
    });

    let upsert = |name: &str, change: &dyn Fn(usize, &mut AdvisorProfile)| {
        let time = |turn: usize| {
            let mut advisor = engine.get(&id(turn)).expect("sound").expect("an advisor");
            change(turn, &mut advisor);
            timed(|| assert!(engine.upsert(vec![advisor]).is_ok()))
        };
        report(name, (0..UPSERTS).map(time).collect());
    };
    upsert("upsert with another bio", &|turn, advisor| {
        let bio = advisor.bio.take().unwrap_or_default();
        advisor.bio = Some(format!("{bio} Season {turn}."));
    });
    let found = engine.search(&SearchRequest {
        text: Some(format!("\"season {}\"", UPSERTS - 1)),
        scope: shortlist::Scope::All,
        ..SearchRequest::default()
    });
    assert_eq!(found.expect("a page").ids(), [id(UPSERTS - 1).as_str()]);
    upsert("upsert with another embedding", &|turn, advisor| {
        advisor.embedding = Some(embeddings.row(rows + turn));
    });
}

fn timed(change: impl FnOnce()) -> f64 {
    let start = Instant::now();
    change();
    start.elapsed().as_secs_f64() * 1e6
}

fn report(name: &str, mut times: Vec<f64>) {
    times.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() as f64 * share) as usize).min(times.len() - 1)];
    println!(
        "{name}: p50 {:.1} us, p95 {:.1}, p99 {:.1}, p99.9 {:.1}, worst {:.0}",
        at(0.5),
        at(0.95),
        at(0.99),
        at(0.999),
        at(1.0)
    );
}
