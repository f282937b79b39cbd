//! The result cache as a user sees it: what it answers, what casts an answer out, and what it costs in memory.

use std::time::{Duration, Instant};

use shortlist::{
    AdvisorProfile, CacheMetrics, ClientCriteria, Engine, EngineOptions, ProfilePatch, Schema,
    SearchRequest,
};

const ADVISORS: u32 = 3_000;

fn advisor(number: u32) -> AdvisorProfile {
    let mut advisor = AdvisorProfile::new(format!("advisor-{number:04}"));
    (advisor.marketplace_status, advisor.is_verified) = ("active".to_owned(), true);
    advisor.industries = vec![["Retail", "SaaS", "Mining"][number as usize % 3].to_owned()];
    advisor.services = vec![["Tax", "Audit"][number as usize % 2].to_owned()];
    advisor.overall_rating = f64::from(number % 50) / 10.0;
    advisor.hourly_rate = Some(f64::from(number % 300));
    advisor.professional_title = Some("Fractional CFO".to_owned());
    advisor
}

fn engine(options: EngineOptions) -> Engine {
    let engine = Engine::in_memory_with(options.with_background(false)).expect("in memory");
    engine.upsert((0..ADVISORS).map(advisor).collect()).expect("sound profiles");
    engine
}

/// A search that takes long enough to be kept on any machine: two fields facetted over thousands of rows.
fn request(json: &str) -> SearchRequest {
    SearchRequest::from_json(json).expect("a sound request")
}

const BROAD: &str = r#"{"industries": ["Retail", "SaaS"], "services": ["Tax", "Audit"],
    "facets": ["industries", "services"], "limit": 20}"#;

fn outcome(engine: &Engine, ask: impl FnOnce()) -> (u64, u64, u64) {
    let before = engine.metrics().cache;
    ask();
    let CacheMetrics { hits, misses, stale, .. } = engine.metrics().cache;
    (hits - before.hits, misses - before.misses, stale - before.stale)
}

fn search(engine: &Engine, request: &SearchRequest) -> Vec<String> {
    let answer = engine.search(request).expect("a sound request");
    answer.ids().into_iter().map(str::to_owned).collect()
}

fn patched(json: &str) -> ProfilePatch {
    ProfilePatch::from_json(json, &Schema::default()).expect("a sound patch")
}

#[test]
fn the_order_of_keys_and_of_any_of_lists_does_not_matter() {
    let engine = engine(EngineOptions::default());
    let first = request(BROAD);
    let permuted = request(
        r#"{"limit": 20, "facets": ["industries", "services"],
            "services": ["Audit", "Tax"], "industries": ["SaaS", "Retail"]}"#,
    );
    assert_eq!(outcome(&engine, || drop(search(&engine, &first))), (0, 1, 0));
    assert_eq!(outcome(&engine, || drop(search(&engine, &permuted))), (1, 0, 0));
    // A cursor that one was given leads the other on.
    let cursor = engine.search(&permuted).expect("sound").next_cursor;
    let next = SearchRequest { cursor, ..first };
    engine.search(&next).expect("the cursor of the same request");
}

#[test]
fn what_is_nested_matters() {
    let engine = engine(EngineOptions::default());
    let one = r#"{"filter": {"or": [{"services": "Tax"}, {"and": [{"industries": "SaaS"}]}]}}"#;
    let other = r#"{"filter": {"and": [{"services": "Tax"}, {"or": [{"industries": "SaaS"}]}]}}"#;
    let (one, other) = (request(one), request(other));
    assert_ne!(engine.search(&one).unwrap().total, engine.search(&other).unwrap().total);
}

#[test]
fn a_change_that_cannot_touch_an_answer_does_not_cast_it_out() {
    let engine = engine(EngineOptions::default());
    let broad = request(BROAD);
    let shown = search(&engine, &broad);
    let outside = "advisor-0002"; // of Mining
    let behind = "advisor-0001"; // of the filter, rated 0.1: far behind the page
    for (id, json) in [
        (outside, r#"{"overallRating": 5, "currentClients": 3}"#),
        (behind, r#"{"currentClients": 4}"#),
        (behind, r#"{"overallRating": 0.2}"#),
        (shown[0].as_str(), r#"{"currentClients": 5}"#),
    ] {
        engine.patch(vec![(id.to_owned(), patched(json))]).expect("a sound patch");
        assert_eq!(outcome(&engine, || drop(search(&engine, &broad))), (1, 0, 0), "{id} {json}");
    }
    // Words that change move a profile to another row, and no list page.
    let mut told = engine.get(behind).unwrap().expect("it is there");
    told.bio = Some("Twenty years of turnarounds".to_owned());
    engine.upsert(vec![told]).expect("a sound profile");
    assert_eq!(outcome(&engine, || drop(search(&engine, &broad))), (1, 0, 0));
    engine.patch(vec![(behind.to_owned(), patched(r#"{"hourlyRate": 7}"#))]).unwrap();
    assert_eq!(outcome(&engine, || drop(search(&engine, &broad))), (1, 0, 0));
}

#[test]
fn listings_are_never_old() {
    let engine = engine(EngineOptions::default());
    let broad = request(BROAD);
    let first = search(&engine, &broad).remove(0);
    engine.patch(vec![(first, patched(r#"{"currentClients": 9}"#))]).expect("a sound patch");
    assert_eq!(
        outcome(&engine, || {
            let answer = engine.search(&broad).unwrap();
            assert!(answer.to_json().contains(r#""currentClients":9"#));
            assert_eq!(answer.generation, engine.stats().generation);
        }),
        (1, 0, 0)
    );
}

#[test]
fn a_change_that_can_touch_an_answer_casts_it_out() {
    for (what, json) in [
        ("into the page", r#"{"overallRating": 5, "totalReviews": 900}"#),
        ("out of the scope", r#"{"isVerified": false}"#),
        ("out of the filter", r#"{"industries": ["Mining"]}"#),
        ("to another count", r#"{"services": ["Payroll"]}"#),
    ] {
        let engine = engine(EngineOptions::default());
        let broad = request(BROAD);
        search(&engine, &broad);
        let id = "advisor-0001".to_owned();
        engine.patch(vec![(id, patched(json))]).expect("a sound patch");
        assert_eq!(outcome(&engine, || drop(search(&engine, &broad))), (0, 1, 0), "{what}");
    }
}

#[test]
fn matches_are_kept_as_long_as_no_candidate_changes_its_score() {
    let engine = engine(EngineOptions::default());
    let need =
        r#"{"industries": ["Retail", "SaaS"], "requiredServices": ["Tax"], "maxBudget": 290}"#;
    let need = ClientCriteria::from_json(need).expect("sound criteria");
    let first = engine.match_advisors(&need).unwrap();
    let again = |patch: &str, id: &str| {
        engine.patch(vec![(id.to_owned(), patched(patch))]).expect("a sound patch");
        outcome(&engine, || drop(engine.match_advisors(&need).unwrap()))
    };
    let listed = first.ids();
    let other = (0..ADVISORS)
        .map(|number| advisor(number).id)
        .find(|id| id.ends_with('6') && !listed.contains(&id.as_str()));
    let other = other.expect("an advisor that is not listed");
    assert_eq!(again(r#"{"currentClients": 2}"#, &other), (1, 0, 0));
    assert_eq!(again(r#"{"yearsExperience": 2}"#, "advisor-0002"), (1, 0, 0));
    assert_eq!(again(r#"{"yearsExperience": 9}"#, "advisor-0000"), (0, 1, 0));
    assert_eq!(again(r#"{"currentClients": 15}"#, "advisor-0000"), (0, 1, 0));
}

#[test]
fn an_old_answer_is_given_where_it_is_allowed_and_found_anew_behind() {
    let engine = engine(EngineOptions::default());
    let broad = request(BROAD);
    let old = search(&engine, &broad);
    let patch = patched(r#"{"overallRating": 5, "totalReviews": 900}"#);
    engine.patch(vec![("advisor-0001".to_owned(), patch)]).expect("a sound patch");
    let lax = SearchRequest { max_staleness_ms: Some(60_000), ..broad.clone() };
    assert_eq!(outcome(&engine, || assert_eq!(search(&engine, &lax), old)), (0, 0, 1));
    let started = Instant::now();
    while search(&engine, &lax)[0] != "advisor-0001" {
        assert!(started.elapsed() < Duration::from_secs(20), "nobody found it anew");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(search(&engine, &broad)[0], "advisor-0001");
}

#[test]
fn without_leave_nothing_old_is_given_and_none_at_all_older_than_allowed() {
    let engine = engine(EngineOptions::default());
    let broad = request(BROAD);
    search(&engine, &broad);
    let patch = patched(r#"{"overallRating": 5, "totalReviews": 900}"#);
    engine.patch(vec![("advisor-0001".to_owned(), patch)]).expect("a sound patch");
    std::thread::sleep(Duration::from_millis(20));
    let lax = SearchRequest { max_staleness_ms: Some(1), ..broad };
    assert_eq!(search(&engine, &lax)[0], "advisor-0001");
}

#[test]
fn what_is_kept_is_bounded_in_bytes_and_can_be_left_out() {
    let small = engine(EngineOptions::default().with_cache_bytes(200_000));
    for limit in 1..400 {
        let broad = SearchRequest { limit, ..request(BROAD) };
        search(&small, &broad);
    }
    let roomy = engine(EngineOptions::default());
    for rating in [5.0, 4.9, 4.8] {
        search(&roomy, &request(BROAD));
        let patch = ProfilePatch { overall_rating: Some(rating), ..ProfilePatch::default() };
        roomy.patch(vec![("advisor-0001".to_owned(), patch)]).expect("a sound patch");
    }
    assert_eq!(roomy.metrics().cache.evictions, 0, "what is replaced does not go for others");
    let cache = small.metrics().cache;
    assert!(cache.bytes <= cache.capacity_bytes && cache.capacity_bytes <= 200_000, "{cache:?}");
    assert!(cache.evictions > 0 && cache.entries > 0, "{cache:?}");

    let none = engine(EngineOptions::default().with_cache_bytes(0));
    (0..3).for_each(|_| drop(search(&none, &request(BROAD))));
    assert_eq!(none.metrics().cache, CacheMetrics::default());
}

#[test]
fn a_tenant_is_never_given_what_another_was() {
    let engine = engine(EngineOptions::default());
    let filter = |json: &str| shortlist::Filter::from_json(json).expect("a sound filter");
    let retail = engine.for_tenant(filter(r#"{"industries": "Retail"}"#)).unwrap();
    let saas = engine.for_tenant(filter(r#"{"industries": "SaaS"}"#)).unwrap();
    let all = request(r#"{"facets": ["services"]}"#);
    for _ in 0..2 {
        assert_eq!(engine.search(&all).unwrap().total, 3_000);
        assert_eq!(retail.search(&all).unwrap().total, 1_000);
        assert_eq!(saas.search(&all).unwrap().facets[0].counts[0].count, 500);
    }
}

#[test]
fn a_profile_that_changes_twice_between_two_looks_is_not_lost_sight_of() {
    let engine = engine(EngineOptions::default());
    let broad = request(BROAD);
    let other = request(r#"{"industries": ["Retail"], "facets": ["industries", "services"]}"#);
    search(&engine, &broad);
    let outside = engine.search(&other).unwrap().total;
    let retold = |id: &str, bio: &str| {
        let mut told = engine.get(id).unwrap().expect("it is there");
        told.bio = Some(bio.to_owned());
        engine.upsert(vec![told]).expect("a sound profile");
    };
    // To the top of the page, then to another row by its words alone.
    let patch = patched(r#"{"overallRating": 5, "totalReviews": 900}"#);
    engine.patch(vec![("advisor-0001".to_owned(), patch)]).expect("a sound patch");
    retold("advisor-0001", "Turnarounds");
    assert_eq!(search(&engine, &broad)[0], "advisor-0001");
    // Into the filter, then to another row.
    let patch = patched(r#"{"industries": ["Retail"]}"#);
    engine.patch(vec![("advisor-0002".to_owned(), patch)]).expect("a sound patch");
    retold("advisor-0002", "Mergers");
    assert_eq!(engine.search(&other).unwrap().total, outside + 1);
}
