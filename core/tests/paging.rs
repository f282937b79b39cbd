//! Pages while others write: a row that does not change is neither skipped nor shown twice.

use std::collections::{BTreeMap, HashSet};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use shortlist::testing::{Generator, Twin, generated_schema};
use shortlist::{
    AdvisorProfile, Engine, EngineOptions, Order, ProfilePatch, Scope, SearchRequest, Sort, SortKey,
};

const ADVISORS: usize = 1_500;

/// What somebody does to an advisor between two pages.
fn change(engine: &Engine, twin: &mut Twin, kind: u8, number: usize) -> shortlist::Result<String> {
    let id = format!("adv-{:06}", number + 1);
    let mut patch = ProfilePatch::default();
    match kind {
        0 => {
            engine.remove(&[id.as_str()])?;
            twin.remove(&[id.as_str()])?;
            return Ok(id);
        }
        1 => {
            let moved: AdvisorProfile = Generator::new(77).advisor(number);
            engine.upsert(vec![moved.clone()])?;
            twin.upsert(vec![moved])?;
            return Ok(id);
        }
        2 => patch.overall_rating = Some((number % 11) as f64 / 2.0),
        _ => patch.total_reviews = Some((number % 90) as u32),
    }
    engine.patch(vec![(id.clone(), patch.clone())])?;
    twin.patch(vec![(id.clone(), patch)])?;
    Ok(id)
}

fn order() -> impl Strategy<Value = Sort> {
    const FIELDS: [&str; 6] =
        ["overallRating", "totalReviews", "hourlyRate", "createdAt", "isAvailable", "id"];
    let key = (prop::sample::select(&FIELDS[..]), any::<bool>()).prop_map(|(field, up)| SortKey {
        near: None,
        field: field.to_owned(),
        order: if up { Order::Asc } else { Order::Desc },
    });
    prop_oneof![
        Just(Sort::Rating),
        Just(Sort::Newest),
        Just(Sort::PriceAsc),
        prop::collection::vec(key, 1..4).prop_map(Sort::Fields),
    ]
}

#[test]
fn a_row_that_does_not_change_is_shown_once_whatever_changes_around_it() {
    let config = Config { cases: 12, failure_persistence: None, ..Config::default() };
    let changes = prop::collection::vec((0..4_u8, 0..ADVISORS), 0..40);
    let case = (order(), changes, 20..200_u32, 3.0..4.6_f64, any::<bool>());
    let outcome = TestRunner::new(config).run(&case, |(sort, changes, limit, rating, narrow)| {
        let options = EngineOptions::with_schema(generated_schema());
        let engine = Engine::in_memory_with(options).expect("a new engine");
        let advisors: Vec<_> = Generator::new(5).advisors(ADVISORS).collect();
        let mut twin = Twin::new(generated_schema(), advisors.clone(), None).expect("sound");
        engine.upsert(advisors).expect("sound");
        let mut request = SearchRequest {
            sort: Some(sort),
            limit,
            scope: Scope::All,
            min_rating: narrow.then_some(rating),
            ..SearchRequest::default()
        };
        let expected = twin.search(&request).expect("a sound request").ids;
        let mut shown: BTreeMap<String, usize> = BTreeMap::new();
        let mut changed = HashSet::new();
        let mut changes = changes.into_iter();
        loop {
            let page = engine.search(&request).expect("a sound request");
            page.ids().into_iter().for_each(|id| *shown.entry(id.to_owned()).or_default() += 1);
            let Some(cursor) = page.next_cursor else { break };
            request.cursor = Some(cursor);
            for (kind, number) in changes.by_ref().take(4) {
                if let Ok(id) = change(&engine, &mut twin, kind, number) {
                    changed.insert(id);
                }
            }
        }
        for id in expected.iter().filter(|id| !changed.contains(*id)) {
            prop_assert_eq!(shown.get(id), Some(&1), "{}", id);
        }
        // The orders that were kept through all of it are those of the twin.
        request.cursor = None;
        let right = twin.search(&request).expect("a sound request").ids;
        let page = engine.search(&request).expect("a sound request");
        prop_assert_eq!(page.ids(), right[..page.len()].iter().collect::<Vec<_>>());
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

#[test]
fn a_wide_filter_is_paged_along_a_kept_order_and_says_so() -> shortlist::Result<()> {
    let engine = Engine::in_memory_with(EngineOptions::with_schema(generated_schema()))?;
    engine.upsert(Generator::new(5).advisors(5_000).collect())?;
    let page = engine.search(&SearchRequest { explain: true, ..SearchRequest::default() })?;
    let plan = page.explain.expect("asked for");
    assert_eq!(plan.path, "sorted-walk");
    assert!(plan.why.contains("rows along the kept order"), "{}", plan.why);
    Ok(())
}

#[test]
fn a_page_that_emptied_leads_back_to_where_it_started() -> shortlist::Result<()> {
    let engine = Engine::in_memory()?;
    let advisor = |id: &str| AdvisorProfile::new(id);
    engine.upsert(vec![advisor("a"), advisor("b"), advisor("c")])?;
    let all = SearchRequest { scope: Scope::All, limit: 2, ..SearchRequest::default() };
    let first = engine.search(&all)?;
    engine.remove(&["c"])?;
    let empty = engine.search(&SearchRequest { cursor: first.next_cursor, ..all.clone() })?;
    assert!(empty.is_empty() && empty.next_cursor.is_none());
    let back = engine.search(&SearchRequest { before: empty.previous_cursor, ..all })?;
    assert_eq!(back.ids(), ["a", "b"]);
    Ok(())
}

#[test]
fn a_page_cannot_start_and_end_at_a_cursor() {
    let both = r#"{"cursor": "AAAA", "before": "AAAA"}"#;
    let error = SearchRequest::from_json(both).expect_err("two places");
    assert_eq!(error.code(), "SL1003");
}

#[test]
fn several_searches_of_a_page_are_those_one_by_one_from_one_generation() -> shortlist::Result<()> {
    let engine = Engine::in_memory_with(EngineOptions::with_schema(generated_schema()))?;
    engine.upsert(Generator::new(5).advisors(500).collect())?;
    let mut requests: Vec<_> = Generator::new(5).search_requests(12).collect();
    requests[3].min_rating = Some(f64::NAN);
    let many = engine.search_many(&requests);
    assert_eq!(many.len(), requests.len());
    for (request, answer) in requests.iter().zip(many) {
        match (answer, engine.search(request)) {
            (Ok(one), Ok(other)) => {
                assert_eq!((one.ids(), one.total), (other.ids(), other.total));
                assert_eq!(one.generation, 1);
            }
            (Err(one), Err(other)) => assert_eq!(one, other),
            (one, other) => panic!("{one:?} and {other:?}"),
        }
    }
    let listed = shortlist::search_list_from_json(r#"[{"limit": 3}, {"text": "tax"}]"#)?;
    assert_eq!((listed.len(), listed[0].limit), (2, 3));
    Ok(())
}
