//! What is kept of answers: the same answer as one that is found, whatever was changed since.

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use shortlist::{
    AdvisorProfile, ClientCriteria, Engine, EngineOptions, ProfilePatch, Result, SearchRequest,
};

use crate::pair::Verdict;
use crate::vocabulary::{id, schema};
use crate::{REQUESTS, profiles, requests, sessions};

#[derive(Clone, Debug)]
enum Step {
    Search(Index),
    Match(Index),
    Patch(Vec<(String, ProfilePatch)>),
    Upsert(Vec<AdvisorProfile>),
    Remove(String),
    Maintain,
}

fn step() -> impl Strategy<Value = Step> {
    let patches = prop::collection::vec((id(), profiles::patch()), 1..3);
    prop_oneof![
        12 => any::<Index>().prop_map(Step::Search),
        6 => any::<Index>().prop_map(Step::Match),
        6 => patches.prop_map(Step::Patch),
        2 => profiles::batch(3).prop_map(Step::Upsert),
        1 => id().prop_map(Step::Remove),
        1 => Just(Step::Maintain),
    ]
}

/// The same from the cache, where it is there, and found anew: an explanation is never kept.
fn same_search(engine: &Engine, request: &SearchRequest) -> Verdict {
    let kept = engine.search(request);
    let found = engine.search(&SearchRequest { explain: true, ..request.clone() });
    let shown = |answer: Result<shortlist::SearchAnswer>| {
        answer.map(|mut answer| {
            (answer.took_us, answer.explain) = (0, None);
            answer.to_json()
        })
    };
    let (kept, found) = (shown(kept), shown(found));
    if kept == found { Ok(()) } else { Err(format!("{kept:?}\ninstead of {found:?}")) }
}

fn same_match(engine: &Engine, criteria: &ClientCriteria) -> Verdict {
    let kept = engine.match_advisors(criteria);
    let found = engine.match_advisors(&ClientCriteria { explain: true, ..criteria.clone() });
    let shown = |answer: Result<shortlist::MatchAnswer>| {
        answer.map(|mut answer| {
            (answer.took_us, answer.explain) = (0, None);
            answer.to_json()
        })
    };
    let (kept, found) = (shown(kept), shown(found));
    if kept == found { Ok(()) } else { Err(format!("{kept:?}\ninstead of {found:?}")) }
}

#[test]
fn a_kept_answer_is_the_one_that_would_be_found() {
    let config = Config {
        cases: sessions(0.25),
        max_shrink_iters: 2_000,
        failure_persistence: None,
        ..Config::default()
    };
    let asked = (
        prop::collection::vec(requests::search(), 1..6),
        prop::collection::vec(requests::criteria(), 1..3),
    );
    let steps = prop::collection::vec(step(), 1..3 * REQUESTS);
    let kept = std::cell::Cell::new(0);
    let session = (profiles::batch(160), asked, steps);
    let outcome = TestRunner::new(config).run(&session, |(profiles, (searches, needs), steps)| {
        let options = EngineOptions::with_schema(schema()).with_background(false);
        let engine = Engine::in_memory_with(options)
            .map_err(|error| TestCaseError::fail(error.to_string()))?;
        engine.upsert(profiles).map_err(|error| TestCaseError::fail(error.to_string()))?;
        for step in steps {
            // A change that is refused changes nothing, and what is kept stays right.
            let verdict = match step {
                Step::Search(at) => {
                    let request = at.get(&searches);
                    same_search(&engine, request).map_err(|what| format!("{what}\n{request:?}"))
                }
                Step::Match(at) => {
                    let criteria = at.get(&needs);
                    same_match(&engine, criteria).map_err(|what| format!("{what}\n{criteria:?}"))
                }
                Step::Patch(patches) => engine.patch(patches).map(drop).or(Ok(())),
                Step::Upsert(profiles) => engine.upsert(profiles).map(drop).or(Ok(())),
                Step::Remove(id) => engine.remove(&[id]).map(drop).or(Ok(())),
                Step::Maintain => engine
                    .maintain_by_hand(|| {})
                    .map_err(|error| format!("upkeep is refused: {error}")),
            };
            verdict.map_err(TestCaseError::fail)?;
        }
        kept.set(kept.get() + engine.metrics().cache.hits);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    assert!(kept.get() > 0, "nothing was answered from what is kept");
}
