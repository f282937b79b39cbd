//! What a tenant is answered: nothing of anybody who does not fulfil its filter, and what an index of its own
//! profiles alone would answer.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use shortlist::{
    AdvisorProfile, ClientCriteria, Engine, EngineOptions, Filter, Result, Scope, SearchRequest,
    SimilarRequest, SuggestRequest, Tenant,
};

use crate::pair::{Verdict, same_refusal};
use crate::vocabulary::schema;
use crate::{REQUESTS, choices, filters, profiles, requests, sessions, texts};

/// The engine, a tenant of it, and an engine that holds the tenant's profiles and no other.
struct Kept {
    engine: Engine,
    tenant: Tenant,
    alone: Engine,
    own: BTreeSet<String>,
}

#[derive(Clone, Debug)]
enum Ask {
    Search(Box<SearchRequest>),
    Match(Box<ClientCriteria>),
    Similar(Box<SimilarRequest>),
    Suggest(Box<SuggestRequest>),
}

fn ask() -> impl Strategy<Value = Ask> {
    prop_oneof![
        5 => requests::search().prop_map(|request| Ask::Search(Box::new(request))),
        3 => requests::criteria().prop_map(|criteria| Ask::Match(Box::new(criteria))),
        1 => choices::similar().prop_map(|request| Ask::Similar(Box::new(request))),
        1 => texts::suggest().prop_map(|request| Ask::Suggest(Box::new(request))),
    ]
}

fn engine_of(profiles: Vec<AdvisorProfile>) -> Result<Engine> {
    let options = EngineOptions::with_schema(schema()).with_background(false);
    let engine = Engine::in_memory_with(options)?;
    engine.upsert(profiles)?;
    Ok(engine)
}

impl Kept {
    fn new(profiles: Vec<AdvisorProfile>, filter: Filter) -> Result<Self> {
        let engine = engine_of(profiles)?;
        let everyone = SearchRequest {
            filter: Some(filter.clone()),
            scope: Scope::All,
            ..SearchRequest::default()
        };
        let own = engine.profiles().filter_map(Result::ok).filter(|profile| {
            // `get` shows deleted ones too: as if they were not, each is looked for by itself.
            let shown = AdvisorProfile { deleted_at: None, ..profile.clone() };
            let single = engine_of(vec![shown]).expect("a profile that was taken before");
            single.search(&everyone).is_ok_and(|answer| answer.total == 1)
        });
        let own: Vec<AdvisorProfile> = own.collect();
        let ids = own.iter().map(|profile| profile.id.clone()).collect();
        let alone = engine_of(own)?;
        let tenant = engine.for_tenant(filter)?;
        Ok(Self { engine, tenant, alone, own: ids })
    }

    fn only_own<'a>(&self, ids: impl IntoIterator<Item = &'a str>) -> Verdict {
        match ids.into_iter().find(|id| !self.own.contains(*id)) {
            None => Ok(()),
            Some(id) => Err(format!("{id} is shown, and is none of {:?}", self.own)),
        }
    }

    fn take(&self, ask: &Ask) -> Verdict {
        match ask {
            Ask::Search(request) => self.search(request),
            Ask::Match(criteria) => {
                let (found, right) =
                    (self.tenant.match_advisors(criteria), self.alone.match_advisors(criteria));
                same_refusal(&found, &right)?;
                let (Ok(found), Ok(right)) = (found, right) else { return Ok(()) };
                self.only_own(found.ids())?;
                let many = self.tenant.match_many(&[(**criteria).clone(), (**criteria).clone()]);
                let many =
                    many.into_iter().all(|one| one.is_ok_and(|one| one.ids() == found.ids()));
                equal("matches one by one", many, true)?;
                equal("considered", found.considered, right.considered)
            }
            Ask::Similar(request) => {
                let (found, right) =
                    (self.tenant.similar_to(request), self.alone.similar_to(request));
                same_refusal(&found, &right)?;
                let (Ok(found), Ok(right)) = (found, right) else { return Ok(()) };
                self.only_own(found.ids())?;
                equal("considered", found.considered, right.considered)
            }
            Ask::Suggest(request) => {
                let (found, right) = (self.tenant.suggest(request), self.alone.suggest(request));
                same_refusal(&found, &right)?;
                let (Ok(found), Ok(right)) = (found, right) else { return Ok(()) };
                let unknown = found.suggestions.iter().find(|one| {
                    // What a search for it finds is what it says.
                    right.suggestions.iter().any(|other| other.text == one.text)
                        && !right.suggestions.contains(one)
                });
                equal("a suggestion with another count", unknown, None)
            }
        }
    }

    fn search(&self, request: &SearchRequest) -> Verdict {
        let (found, right) = (self.tenant.search(request), self.alone.search(request));
        same_refusal(&found, &right)?;
        let (Ok(found), Ok(right)) = (found, right) else { return Ok(()) };
        self.only_own(found.ids())?;
        equal("total", found.total, right.total)?;
        equal("facets", &found.facets, &right.facets)?;
        equal("facets alone", &self.tenant.facets(request).unwrap_or_default(), &right.facets)?;
        // Who is ranked by words is ranked by what these weigh in the whole index.
        if found.hits().all(|hit| hit.score.is_none()) {
            equal("hits", found.ids(), right.ids())?;
        }
        let Some(cursor) = found.next_cursor.clone() else { return Ok(()) };
        let next = SearchRequest { cursor: Some(cursor), ..request.clone() };
        let page = self.tenant.search(&next).map_err(|error| error.to_string())?;
        self.only_own(page.ids())?;
        equal("the tenant's cursor in another's hands", self.engine.search(&next).is_err(), true)
    }

    fn ids(&self) -> Verdict {
        for profile in self.engine.profiles().filter_map(Result::ok) {
            let own = self.own.contains(&profile.id);
            let found = self.tenant.get(&profile.id).map_err(|error| error.to_string())?;
            equal("an id", found, own.then_some(profile))?;
        }
        Ok(())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "reads better at the call")]
fn equal<T: PartialEq + std::fmt::Debug>(what: &str, found: T, right: T) -> Verdict {
    if found == right { Ok(()) } else { Err(format!("{what}: {found:?} instead of {right:?}")) }
}

#[test]
fn a_tenant_sees_nothing_foreign() {
    let config = Config {
        cases: sessions(0.25),
        max_shrink_iters: 1_000,
        failure_persistence: None,
        ..Config::default()
    };
    let asks = prop::collection::vec(ask(), 1..2 * REQUESTS);
    let session = (profiles::batch(60), filters::filter(), asks);
    let outcome = TestRunner::new(config).run(&session, |(profiles, filter, asks)| {
        // Whom such a filter keeps cannot be found out by a search, which finds no deleted one.
        if format!("{filter:?}").contains("deleted") {
            return Ok(());
        }
        // Filters that the index cannot read are refused when the handle is made.
        let Ok(kept) = Kept::new(profiles, filter) else { return Ok(()) };
        kept.ids().map_err(TestCaseError::fail)?;
        let mut asks = asks.iter();
        asks.try_for_each(|ask| kept.take(ask).map_err(|what| format!("{what}\n{ask:?}")))
            .map_err(TestCaseError::fail)
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
