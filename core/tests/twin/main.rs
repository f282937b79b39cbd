//! The engine against its slow twin: random catalogues, random requests, random changes between them.
//!
//! A case is one request. `PROPTEST_CASES` sets how many there are; 10,000 where it is not set.

mod cached;
mod choices;
mod examples;
mod facets;
mod filters;
mod generated;
mod pair;
mod profiles;
mod refusals;
mod requests;
mod ruled;
mod rules;
mod tenants;
mod texts;
mod vocabulary;

use std::fmt::{self, Debug, Formatter};
use std::sync::Arc;

use proptest::option::weighted;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use shortlist::testing::profile_to_json;
use shortlist::{AdvisorProfile, ClientCriteria, Embedder, Error, HashEmbedder, MatchAnswer};

use crate::pair::{Pair, Step};
use crate::vocabulary::{DIMENSION, id, schema};

/// Requests in one session, that is, over one catalogue.
const REQUESTS: usize = 40;

/// How many sessions make that share of all cases.
fn sessions(share: f64) -> u32 {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    let cases: f64 = cases.unwrap_or(10_000.0);
    (cases * share / REQUESTS as f64).ceil() as u32
}

fn step() -> impl Strategy<Value = Step> {
    let changes = prop::collection::vec((id(), profiles::patch()), 1..3);
    let ids = prop::collection::hash_set(id(), 1..3);
    prop_oneof![
        24 => requests::search().prop_map(|request| Step::Search(Box::new(request))),
        12 => requests::criteria().prop_map(|criteria| Step::Match(Box::new(criteria))),
        2 => choices::similar().prop_map(|request| Step::Similar(Box::new(request))),
        2 => profiles::batch(6).prop_map(Step::Upsert),
        4 => changes.prop_map(Step::Patch),
        1 => ids.prop_map(|ids| Step::Remove(ids.into_iter().collect())),
        1 => Just(Step::Reopen),
        2 => (id(), 1..100_u64).prop_map(|(id, seconds)| Step::Reserve(id, seconds)),
        1 => any::<(prop::sample::Index, bool)>().prop_map(|(at, yes)| Step::EndHold(at, yes)),
        1 => (1..60_i64).prop_map(Step::Wait),
        1 => prop::collection::vec(profiles::batch(3), 0..30).prop_map(Step::Upkeep),
        3 => texts::suggest().prop_map(|request| Step::Suggest(Box::new(request))),
        1 => texts::synonyms().prop_map(Step::Synonyms),
        2 => (prop::sample::select(&rules::NAMES[..2]), weighted(0.8, rules::rules()))
            .prop_map(|(name, rules)| Step::Rules(name, rules)),
    ]
}

/// A catalogue and what happens to it.
#[derive(Clone)]
struct Session {
    profiles: Vec<AdvisorProfile>,
    steps: Vec<Step>,
}

impl Debug for Session {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for profile in &self.profiles {
            writeln!(f, "\nwith {}", profile_to_json(profile))?;
        }
        self.steps.iter().try_for_each(|step| writeln!(f, "{step:?}"))
    }
}

fn session() -> impl Strategy<Value = Session> {
    // Of 48 steps, 39 are requests; sessions are of any length up to twice the usual.
    let steps = prop::collection::vec(step(), 1..2 * REQUESTS * 48 / 39);
    (profiles::batch(160), steps).prop_map(|(profiles, steps)| Session { profiles, steps })
}

fn run(sessions: u32, embedder: Option<&Arc<dyn Embedder>>) {
    let config = Config {
        cases: sessions,
        max_shrink_iters: 3_000,
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&session(), |Session { profiles, steps }| {
        let pair = Pair::new(schema(), profiles, embedder.cloned());
        let mut pair = pair.map_err(|error| TestCaseError::fail(error.to_string()))?;
        steps.into_iter().try_for_each(|step| pair.take(step)).map_err(TestCaseError::fail)
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

#[test]
fn every_answer_is_the_twins_whatever_changes_between() {
    run(sessions(0.8), None);
}

#[test]
fn every_answer_is_the_twins_where_the_index_embeds_text_itself() {
    let embedder: Arc<dyn Embedder> = Arc::new(HashEmbedder::new(DIMENSION));
    run(sessions(0.2), Some(&embedder));
}

/// What an answer says, but for the time it took.
fn shown(answer: shortlist::Result<MatchAnswer>) -> Result<String, Error> {
    answer.map(|mut answer| {
        answer.took_us = 0;
        answer.to_json()
    })
}

#[test]
fn many_matches_at_once_are_the_matches_one_by_one() {
    let config = Config { cases: 40, failure_persistence: None, ..Config::default() };
    // Of a few needs many copies: with other ids left out, another limit, something wrong.
    let copies = (any::<prop::sample::Index>(), prop::collection::vec(id(), 0..3), 0..30_u32);
    let asked =
        (prop::collection::vec(requests::criteria(), 1..5), prop::collection::vec(copies, 0..40));
    let outcome = TestRunner::new(config).run(
        &(profiles::batch(60), asked),
        |(profiles, (needs, copies))| {
            let pair = Pair::new(schema(), profiles, None)
                .map_err(|error| TestCaseError::fail(error.to_string()))?;
            let copied = copies.into_iter().map(|(need, exclude_ids, limit)| {
                let need = need.get(&needs).clone();
                ClientCriteria { exclude_ids, limit, ..need }
            });
            let asked: Vec<ClientCriteria> = needs.iter().cloned().chain(copied).collect();
            let many = pair.engine.match_many(&asked);
            prop_assert_eq!(many.len(), asked.len());
            for (criteria, many) in asked.iter().zip(many) {
                prop_assert_eq!(shown(many), shown(pair.engine.match_advisors(criteria)));
            }
            Ok(())
        },
    );
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

#[test]
fn a_batch_that_is_refused_changes_nothing() {
    let config = Config { cases: 50, failure_persistence: None, ..Config::default() };
    let batches = (profiles::batch(20), profiles::batch(8), 0..4_usize);
    let outcome = TestRunner::new(config).run(&batches, |(profiles, mut batch, defect)| {
        let pair = Pair::new(schema(), profiles, None);
        let mut pair = pair.map_err(|error| TestCaseError::fail(error.to_string()))?;
        let mut wrong = AdvisorProfile::new("wrong");
        match defect {
            0 => wrong.overall_rating = 5.5,
            1 => wrong.embedding = Some(vec![1.0; DIMENSION + 1]),
            2 => wrong.hourly_rate = Some(f64::NAN),
            _ => batch.push(AdvisorProfile::new("wrong")),
        }
        batch.push(wrong);
        let before = pair.engine.stats().generation;
        prop_assert!(pair.engine.upsert(batch.clone()).is_err());
        prop_assert_eq!(pair.engine.stats().generation, before);
        pair.take(Step::Upsert(batch)).map_err(TestCaseError::fail)
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
