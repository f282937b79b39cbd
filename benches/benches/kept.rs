//! The result cache: what an answer costs that is kept, beside finding it, and whether a kept one is ever old.
//!
//! `cargo bench -p shortlist-benches --bench kept`. `SHORTLIST_BENCH_ROWS` is the number of advisors (15000),
//! `SHORTLIST_BENCH_DIM` that of their embeddings (1536), `SHORTLIST_BENCH_CHECKS` how many kept answers are compared
//! with found ones while the catalogue changes (1000000).

use std::time::Instant;

use shortlist::testing::{Generator, generated_schema};
use shortlist::{
    AdvisorProfile, ClientCriteria, Engine, EngineOptions, MatchAnswer, ProfilePatch, SearchAnswer,
    SearchRequest,
};
use shortlist_benches::rounds;

/// How many different requests are asked, the first ones far more often than the last.
const REQUESTS: usize = 400;
/// Of so many requests one is followed by a patch, and one by a changed profile: those of a marketplace at its peak.
const PATCH_EVERY: usize = 20;
const UPSERT_EVERY: usize = 200;

/// Which requests are timed together.
type IsKind = fn(&SearchRequest) -> bool;

fn setting(name: &str, otherwise: usize) -> usize {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

fn engine(rows: usize, dimension: usize) -> (Engine, Vec<AdvisorProfile>) {
    let generator = Generator::new(1);
    let embeddings = generator.embeddings(dimension);
    let options = EngineOptions::with_schema(generated_schema());
    let engine = Engine::in_memory_with(options).expect("a new engine");
    let advisors = generator.advisors(rows).enumerate().map(|(row, mut advisor)| {
        advisor.embedding = Some(embeddings.row(row));
        advisor
    });
    let mut advisors: Vec<AdvisorProfile> = advisors.collect();
    for batch in advisors.chunks(10_000) {
        engine.upsert(batch.to_vec()).expect("generated advisors are sound");
    }
    // A million checks change them again and again: without vectors they are cheap to hand in.
    advisors.iter_mut().for_each(|advisor| advisor.embedding = None);
    (engine, advisors)
}

fn search_shown(mut answer: SearchAnswer) -> String {
    (answer.took_us, answer.explain) = (0, None);
    answer.to_json()
}

fn match_shown(mut answer: MatchAnswer) -> String {
    (answer.took_us, answer.explain) = (0, None);
    answer.to_json()
}

/// A kept answer, if it is kept, and one that is found: they must be the same.
fn check_search(engine: &Engine, request: &SearchRequest) -> bool {
    let kept = engine.search(request).expect("generated requests are sound");
    let found = SearchRequest { explain: true, ..request.clone() };
    let found = engine.search(&found).expect("generated requests are sound");
    search_shown(kept) == search_shown(found)
}

fn check_match(engine: &Engine, need: &ClientCriteria) -> bool {
    let kept = engine.match_advisors(need).expect("generated needs are sound");
    let found = ClientCriteria { explain: true, ..need.clone() };
    let found = engine.match_advisors(&found).expect("generated needs are sound");
    match_shown(kept) == match_shown(found)
}

fn main() {
    let rows = setting("SHORTLIST_BENCH_ROWS", 15_000);
    let dimension = setting("SHORTLIST_BENCH_DIM", 1_536);
    let checks = setting("SHORTLIST_BENCH_CHECKS", 1_000_000);
    let (engine, advisors) = engine(rows, dimension);
    let generator = Generator::new(1);
    let embeddings = generator.embeddings(dimension);
    let searches: Vec<SearchRequest> = generator.search_requests(REQUESTS).collect();
    let needs: Vec<ClientCriteria> =
        generator.match_requests(REQUESTS / 4, Some(&embeddings)).collect();
    println!("{rows} advisors x {dimension}");
    speeds(&engine, &searches, &needs);
    freshness(&engine, &advisors, &searches, &needs, checks);
}

fn speeds(engine: &Engine, searches: &[SearchRequest], needs: &[ClientCriteria]) {
    let kinds: [(&str, IsKind); 4] = [
        ("lists", |one| one.text.is_none() && one.facets.is_empty()),
        ("lists with facets", |one| one.text.is_none() && !one.facets.is_empty()),
        ("texts", |one| one.text.is_some() && one.facets.is_empty()),
        ("texts with facets", |one| one.text.is_some() && !one.facets.is_empty()),
    ];
    for (name, is_kind) in kinds {
        let asked: Vec<SearchRequest> =
            searches.iter().filter(|one| is_kind(one)).cloned().collect();
        let explained = |one: &SearchRequest| SearchRequest { explain: true, ..one.clone() };
        let found: Vec<SearchRequest> = asked.iter().map(explained).collect();
        assert!(asked.iter().all(|request| check_search(engine, request)), "{name}");
        let found = rounds(&found, || (), |one| drop(engine.search(one)));
        let before = engine.metrics().cache;
        let kept = rounds(&asked, || (), |one| drop(engine.search(one)));
        let after = engine.metrics().cache;
        let hits = (after.hits - before.hits) as f64 / (11 * asked.len()) as f64;
        tell(name, asked.len(), &found, &kept, hits);
    }
    let explained = |one: &ClientCriteria| ClientCriteria { explain: true, ..one.clone() };
    let found: Vec<ClientCriteria> = needs.iter().map(explained).collect();
    assert!(needs.iter().all(|need| check_match(engine, need)));
    let found = rounds(&found, || (), |one| drop(engine.match_advisors(one)));
    let before = engine.metrics().cache;
    let kept = rounds(needs, || (), |one| drop(engine.match_advisors(one)));
    let after = engine.metrics().cache;
    let hits = (after.hits - before.hits) as f64 / (11 * needs.len()) as f64;
    tell("matches with embedding", needs.len(), &found, &kept, hits);
}

fn tell(
    name: &str,
    count: usize,
    found: &shortlist_benches::Times,
    kept: &shortlist_benches::Times,
    hits: f64,
) {
    let ratio = found.at(0.5) / kept.at(0.5);
    println!("{name} ({count}), {:.0} % from the cache: {ratio:.1} times", hits * 100.0);
    println!("  found {found}\n  kept  {kept}");
}

fn freshness(
    engine: &Engine,
    advisors: &[AdvisorProfile],
    searches: &[SearchRequest],
    needs: &[ClientCriteria],
    checks: usize,
) {
    let (before, start) = (engine.metrics().cache, Instant::now());
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below.max(1) as u64) as usize
    };
    let mut old = 0;
    for turn in 0..checks {
        // The least of three draws: the first requests are asked most.
        let at = next(REQUESTS).min(next(REQUESTS)).min(next(REQUESTS));
        let is_same = if turn % 10 == 9 {
            check_match(engine, &needs[at % needs.len()])
        } else {
            check_search(engine, &searches[at])
        };
        old += u64::from(!is_same);
        if turn % PATCH_EVERY == 0 {
            let patch = match next(4) {
                0 => ProfilePatch {
                    overall_rating: Some(next(50) as f64 / 10.0),
                    total_reviews: Some(next(300) as u32),
                    ..ProfilePatch::default()
                },
                1 => ProfilePatch { is_available: Some(next(3) > 0), ..ProfilePatch::default() },
                _ => ProfilePatch {
                    current_clients: Some(next(18) as u32),
                    ..ProfilePatch::default()
                },
            };
            let id = advisors[next(advisors.len())].id.clone();
            engine.patch(vec![(id, patch)]).expect("a patch");
        }
        if turn % UPSERT_EVERY == 0 {
            let mut advisor = advisors[next(advisors.len())].clone();
            advisor.bio = Some(format!("{} since {turn}", advisor.bio.as_deref().unwrap_or("")));
            engine.upsert(vec![advisor]).expect("a changed profile");
        }
    }
    let cache = engine.metrics().cache;
    let (hits, misses) = (cache.hits - before.hits, cache.misses - before.misses);
    let rate = hits as f64 / (hits + misses).max(1) as f64 * 100.0;
    println!(
        "{checks} answers with a patch every {PATCH_EVERY} and a changed profile every {UPSERT_EVERY}: {old} old; {rate:.1} % \
         from the cache, {} kept in {:.1} MB, {} cast out for room; {:.0} s",
        cache.entries,
        cache.bytes as f64 / 1e6,
        cache.evictions,
        start.elapsed().as_secs_f64()
    );
    assert_eq!(old, 0, "old answers");
}
