//! What the engine counts of itself, and what it keeps of slow requests.

use std::time::Duration;

use shortlist::{
    AdvisorProfile, ClientCriteria, Engine, EngineOptions, RequestMetrics, SearchRequest,
    SimilarRequest, SuggestRequest,
};

fn engine(options: EngineOptions) -> Engine {
    let engine = Engine::in_memory_with(options).expect("an engine in memory");
    let advisor = |number: u32| {
        let mut advisor = AdvisorProfile::new(format!("advisor-{number}"));
        (advisor.marketplace_status, advisor.is_verified) = ("active".to_owned(), true);
        advisor.professional_title = Some("Fractional CFO".to_owned());
        advisor.embedding = Some(vec![1.0, f32::from(number as u16)]);
        advisor
    };
    engine.upsert((0..100).map(advisor).collect()).expect("sound profiles");
    engine
}

fn of<'a>(requests: &'a [RequestMetrics], kind: &str, path: &str) -> &'a RequestMetrics {
    let found = requests.iter().find(|one| one.kind == kind && one.path == path);
    found.unwrap_or_else(|| panic!("{kind} by {path} is not among {requests:?}"))
}

#[test]
fn requests_are_counted_by_kind_and_path_with_times_and_rows() {
    let engine = engine(EngineOptions::default());
    for _ in 0..3 {
        engine.search(&SearchRequest::default()).expect("a list page");
    }
    let text = SearchRequest { text: Some("cfo".to_owned()), ..SearchRequest::default() };
    engine.search(&text).expect("a text search");
    let criteria = ClientCriteria { embedding: Some(vec![1.0, 1.0]), ..ClientCriteria::default() };
    engine.match_many(&[criteria.clone(), criteria]);
    engine.similar_to(&SimilarRequest::of("advisor-1")).expect("an advisor with an embedding");
    engine
        .suggest(&SuggestRequest { text: "fra".to_owned(), ..SuggestRequest::default() })
        .expect("a word");
    engine.get("advisor-1").expect("an id");

    let metrics = engine.metrics();
    let lists: u64 = metrics
        .requests
        .iter()
        .filter(|one| one.kind == "search" && one.path != "text-relevance")
        .map(|one| one.took_us.count)
        .sum();
    assert_eq!(lists, 3);
    let texts = of(&metrics.requests, "search", "text-relevance");
    assert_eq!((texts.took_us.count, texts.considered.max), (1, 100.0));
    assert!(texts.took_us.max > 0.0 && texts.took_us.p50 <= texts.took_us.max);
    assert_eq!(of(&metrics.requests, "suggest", "completions").took_us.count, 1);
    assert_eq!(of(&metrics.requests, "get", "id").took_us.count, 1);
    assert_eq!(of(&metrics.requests, "write", "batch").considered.max, 100.0);
    for (kind, count) in [("match", 2), ("similar", 1)] {
        let counts = metrics.requests.iter().filter(|one| one.kind == kind);
        assert_eq!(counts.map(|one| one.took_us.count).sum::<u64>(), count, "{kind}");
    }
    let writer = metrics.writer;
    assert_eq!((writer.waiting, writer.queue_us.count, writer.apply_us.count), (0, 1, 1));
    assert_eq!((writer.journal_us.count, writer.snapshot_us.count), (0, 0));
    assert!(metrics.generation_age_s < 60.0 && metrics.generation >= 1);
    assert!(metrics.memory.iter().any(|part| part.name == "vectors" && part.bytes > 0));
    assert!(metrics.to_json().contains(r#""tookUs":{"count":"#));
}

#[test]
fn refusals_are_counted_by_their_code_and_not_as_answers() {
    let engine = engine(EngineOptions::default());
    let wrong = SearchRequest { limit: 0, ..SearchRequest::default() };
    for _ in 0..2 {
        engine.search(&wrong).expect_err("a page of none");
    }
    engine.remove(&["nobody"]).expect_err("an id that is not there");
    let metrics = engine.metrics();
    let errors: Vec<_> =
        metrics.errors.iter().map(|error| (error.kind, error.code, error.count)).collect();
    assert_eq!(errors, [("search", "SL1003", 2), ("write", "SL1011", 1)]);
    assert!(metrics.requests.iter().all(|one| one.kind != "search"));
}

#[test]
fn a_slow_request_is_kept_with_its_plan_and_without_its_embedding() {
    let engine = engine(EngineOptions::default().with_slow_requests(Duration::ZERO, false));
    let text = SearchRequest {
        text: Some("cfo".to_owned()),
        embedding: Some(vec![1.0, 0.0]),
        ..SearchRequest::default()
    };
    engine.search(&text).expect("a search");
    let slow = engine.slow_requests();
    let last = slow.last().expect("every request is slow here");
    assert_eq!(
        (last.kind, last.path, last.considered, last.error),
        ("search", "hybrid", 100, None)
    );
    assert!(
        last.request.contains("cfo") && last.request.contains(r#"{"dimensions":2}"#),
        "{last:?}"
    );
    assert!(last.at_ms > 1_600_000_000_000 && last.generation == engine.stats().generation);
    assert_eq!(engine.metrics().slow, slow.len() as u64);
}

#[test]
fn what_clients_wrote_is_cut_from_the_log_on_demand() {
    let engine = engine(EngineOptions::default().with_slow_requests(Duration::ZERO, true));
    let criteria = ClientCriteria::from_json(
        r#"{"excludeIds": ["advisor-secret"], "filter": {"services": "Divorce"}, "maxBudget": 90}"#,
    );
    engine.match_advisors(&criteria.expect("sound criteria")).expect("a match");
    let kept = engine.slow_requests().pop().expect("it is slow here").request;
    assert!(!kept.contains("secret") && !kept.contains("Divorce"), "{kept}");
    assert!(kept.contains(r#""maxBudget":90"#) && kept.contains("(7 bytes)"), "{kept}");
}

#[test]
fn by_default_only_what_takes_a_tenth_of_a_second_is_slow() {
    let engine = engine(EngineOptions::default());
    engine.search(&SearchRequest::default()).expect("a list page");
    let kept = engine.slow_requests();
    assert!(kept.iter().all(|slow| slow.took_us >= 100_000), "{kept:?}");
}
