//! Where advisors are and when they are free, through the engine, request by request.
//!
//! `cargo bench -p shortlist-benches --bench whereabouts`. `SHORTLIST_BENCH_ROWS` is the number of advisors (15000).
//! Every answer is compared with a plain loop over the advisors before anything is timed (of more than 100,000
//! advisors, one request in ten); the loop itself is timed beside it.

use std::hint::black_box;
use std::time::Instant as Clock;

use shortlist::testing::{Generator, whereabouts_schema};
use shortlist::{
    AdvisorProfile, AttributeValue, Availability, Engine, EngineOptions, Filter, GeoPoint, Instant,
    Order, ProfilePatch, SearchRequest, Sort, SortKey, Test,
};

const BATCH: usize = 10_000;
const REQUESTS: usize = 200;

/// What the plain loop keeps of an advisor in the marketplace.
struct Kept {
    id: String,
    rating: (f64, u32),
    office: Option<GeoPoint>,
    times: Option<std::sync::Arc<Availability>>,
}

fn main() {
    let rows = std::env::var("SHORTLIST_BENCH_ROWS").ok().and_then(|rows| rows.parse().ok());
    let rows: usize = rows.unwrap_or(15_000);
    let generator = Generator::new(1).with_whereabouts();
    let engine = Engine::in_memory_with(
        EngineOptions::with_schema(whereabouts_schema()).with_cache_bytes(0),
    )
    .expect("a new engine");
    let mut advisors = Vec::new();
    let mut source = generator.advisors(rows);
    loop {
        let batch: Vec<_> = source.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            break;
        }
        advisors.extend(batch.iter().filter_map(kept));
        engine.upsert(batch).expect("generated advisors are sound");
    }
    let cities: Vec<GeoPoint> =
        generator.advisors(REQUESTS).filter_map(|one| office(&one)).collect();
    let every = if rows > 100_000 { 10 } else { 1 };
    println!("{rows} advisors; every answer was that of a plain loop");
    let near =
        |radius_km| move |centre: &GeoPoint| by_office(Test::Near { centre: *centre, radius_km });
    for radius_km in [25.0, 500.0] {
        let name = format!("within {radius_km} km, by rating");
        let asked: Vec<_> = cities.iter().map(near(radius_km)).collect();
        run(&engine, &advisors, every, &name, &asked);
    }
    let nearest: Vec<_> = cities.iter().map(|centre| nearest_to(*centre)).collect();
    run(&engine, &advisors, every, "the nearest 20 of all", &nearest);
    let farthest: Vec<_> = cities.iter().map(|centre| by_distance(*centre, Order::Desc)).collect();
    run(&engine, &advisors, every, "the farthest 20 of all", &farthest);
    for (name, days, minutes) in [("a day", 1, 60), ("five days", 5, 60), ("four weeks", 28, 180)] {
        let free: Vec<_> = (0..40).map(|at| by_calendar(free(at % 20, days, minutes))).collect();
        run(&engine, &advisors, every, &format!("free for {minutes} minutes in {name}"), &free);
    }
    let both = cities.iter().zip(0..).map(|(centre, at)| {
        let near = by_office(Test::Near { centre: *centre, radius_km: 100.0 }).filter;
        let free = by_calendar(free(at % 20, 1, 60)).filter;
        let both = [near, free].into_iter().flatten().collect();
        SearchRequest { filter: Some(Filter::And(both)), ..nearest_to(*centre) }
    });
    run(
        &engine,
        &advisors,
        every,
        "free within 100 km, the nearest first",
        &both.collect::<Vec<_>>(),
    );
    deep(&engine, &advisors, cities[0]);
    patches(&engine, &cities);
}

fn office(advisor: &AdvisorProfile) -> Option<GeoPoint> {
    match advisor.attributes.get("office") {
        Some(AttributeValue::Geo(point)) => Some(*point),
        _ => None,
    }
}

fn kept(a: &AdvisorProfile) -> Option<Kept> {
    let shown = a.marketplace_status == "active" && a.is_verified && a.deleted_at.is_none();
    shown.then(|| Kept {
        id: a.id.clone(),
        rating: (a.overall_rating, a.total_reviews),
        office: office(a),
        times: match a.attributes.get("calendar") {
            Some(AttributeValue::Availability(times)) => Some(times.clone()),
            _ => None,
        },
    })
}

fn filtered(field: &str, test: Test) -> SearchRequest {
    let filter = Filter::Field { field: field.to_owned(), tests: vec![test] };
    SearchRequest { filter: Some(filter), ..SearchRequest::default() }
}

fn by_office(test: Test) -> SearchRequest {
    filtered("attributes.office", test)
}

fn by_calendar(test: Test) -> SearchRequest {
    filtered("attributes.calendar", test)
}

/// From 14:00 UTC of one day in December 2026 on, to 22:00 of the last.
fn free(day: i64, days: i64, minutes: u32) -> Test {
    let start = Instant::parse("start", "2026-12-01T14:00:00Z").expect("a moment").micros();
    let hour = 3_600_000_000;
    let at = |micros| Instant::from_micros(micros).expect("a moment");
    let from = start + day * 24 * hour;
    Test::Free { from: at(from), to: at(from + ((days - 1) * 24 + 8) * hour), minutes }
}

fn nearest_to(centre: GeoPoint) -> SearchRequest {
    by_distance(centre, Order::Asc)
}

fn by_distance(centre: GeoPoint, order: Order) -> SearchRequest {
    let field = "attributes.office".to_owned();
    let key = SortKey { field, order, near: Some(centre) };
    SearchRequest { sort: Some(Sort::Fields(vec![key])), ..SearchRequest::default() }
}

/// Checks, then times the engine and the loop.
fn run(engine: &Engine, all: &[Kept], every: usize, name: &str, requests: &[SearchRequest]) {
    for request in requests.iter().step_by(every) {
        let right = plain(all, request);
        let answer = engine.search(request).expect("a sound request");
        assert_eq!(answer.total, right.len() as u64, "{request:?}");
        assert_eq!(answer.ids(), right[..right.len().min(20)], "{request:?}");
    }
    let engine_us = time(requests, 10, |one| drop(black_box(engine.search(one))));
    let few = &requests[..requests.len().min(if every > 1 { 3 } else { 20 })];
    let plain_us = time(few, 1, |one| drop(black_box(plain(all, one))));
    let at = |share: f64| engine_us[(engine_us.len() as f64 * share) as usize];
    let plain = plain_us[plain_us.len() / 2];
    println!(
        "{name}: p50 {:.1} us, p95 {:.1}, p99 {:.1}; plain loop {plain:.0} us, {:.0} times as long",
        at(0.5),
        at(0.95),
        at(0.99),
        plain / at(0.5)
    );
}

/// Microseconds of each request, in turn, after one round to warm up; ascending.
fn time(requests: &[SearchRequest], rounds: usize, ask: impl Fn(&SearchRequest)) -> Vec<f64> {
    let mut times = Vec::new();
    for round in 0..=rounds {
        for request in requests {
            let start = Clock::now();
            ask(request);
            if round > 0 {
                times.push(start.elapsed().as_secs_f64() * 1e6);
            }
        }
    }
    times.sort_unstable_by(f64::total_cmp);
    times
}

/// Page 100 by distance, each page before it checked.
fn deep(engine: &Engine, all: &[Kept], centre: GeoPoint) {
    let mut page = nearest_to(centre);
    let right = plain(all, &page);
    for number in 0..99 {
        let answer = engine.search(&page).expect("a sound request");
        assert_eq!(answer.ids(), right[number * 20..number * 20 + answer.len()], "page {number}");
        let Some(cursor) = answer.next_cursor else { break };
        page.cursor = Some(cursor);
    }
    let times = time(&[page], 100, |one| drop(black_box(engine.search(one))));
    println!("page 100 of the nearest: p50 {:.1} us", times[times.len() / 2]);
}

/// Advisors who move: a patch is visible when it returns.
fn patches(engine: &Engine, places: &[GeoPoint]) {
    let mut times = Vec::new();
    for (number, place) in places.iter().enumerate() {
        let id = format!("adv-{:06}", number + 1);
        let office = ("office".to_owned(), Some(AttributeValue::Geo(*place)));
        let patch = ProfilePatch { attributes: [office].into(), ..ProfilePatch::default() };
        let start = Clock::now();
        engine.patch(vec![(id, patch)]).expect("a sound patch");
        times.push(start.elapsed().as_secs_f64() * 1e6);
    }
    times.sort_unstable_by(f64::total_cmp);
    println!("a patch of an office: p50 {:.1} us", times[times.len() / 2]);
}

/// The ids of all that pass, in order.
fn plain<'a>(all: &'a [Kept], request: &SearchRequest) -> Vec<&'a str> {
    let mut found: Vec<(f64, &Kept)> = all
        .iter()
        .filter(|one| request.filter.as_ref().is_none_or(|filter| keeps(filter, one)))
        .map(|one| (key(request, one), one))
        .collect();
    found.sort_by(|(a, one), (b, other)| {
        let by_rating = other.rating.0.total_cmp(&one.rating.0);
        let by_rating = by_rating.then(other.rating.1.cmp(&one.rating.1));
        let tied = if request.sort.is_some() { std::cmp::Ordering::Equal } else { by_rating };
        a.total_cmp(b).then(tied).then_with(|| one.id.cmp(&other.id))
    });
    found.into_iter().map(|(_, one)| one.id.as_str()).collect()
}

/// The distance where it is sorted by; no office comes last.
fn key(request: &SearchRequest, one: &Kept) -> f64 {
    let Some(Sort::Fields(keys)) = &request.sort else { return 0.0 };
    let sign = if keys[0].order == Order::Asc { 1.0 } else { -1.0 };
    let km = keys[0].near.zip(one.office).map(|(from, to)| sign * from.distance_km(to));
    km.unwrap_or(f64::INFINITY)
}

fn keeps(filter: &Filter, one: &Kept) -> bool {
    match filter {
        Filter::And(parts) => parts.iter().all(|part| keeps(part, one)),
        Filter::Field { tests, .. } => tests.iter().all(|test| match test {
            Test::Near { centre, radius_km } => {
                one.office.is_some_and(|office| centre.distance_km(office) <= *radius_km)
            }
            Test::Free { from, to, minutes } => {
                one.times.as_ref().is_some_and(|times| is_free(times, *from, *to, *minutes))
            }
            _ => false,
        }),
        _ => false,
    }
}

/// Walks the runs of each day. The windows asked for begin and end at quarter hours.
fn is_free(times: &Availability, from: Instant, to: Instant, minutes: u32) -> bool {
    const MINUTE: i64 = 60_000_000;
    let local = |at: Instant| at.micros() / MINUTE + i64::from(times.offset_minutes());
    let (from, to) = (local(from), local(to));
    let (mut begin, mut end) = (i64::MIN, i64::MIN);
    for day in from.div_euclid(1_440)..=to.div_euclid(1_440) {
        for (run_from, run_to) in times.on(day as i32).runs() {
            let run_from = (day * 1_440 + i64::from(run_from)).max(from);
            if run_from != end {
                begin = run_from;
            }
            end = (day * 1_440 + i64::from(run_to)).min(to);
            if end - begin >= i64::from(minutes) {
                return true;
            }
        }
    }
    false
}
