//! What a handle reads: one generation a request, within the handle's filter where it has one. Every read of
//! [`Engine`] and of [`Tenant`](super::Tenant) is written here, once.

use std::sync::Arc;
use std::time::Instant;

use rayon::prelude::*;

use super::Engine;
use super::cache::{Found, Key};
use super::metrics::{Kind, Seen};
use crate::api::answer::{MatchAnswer, SearchAnswer};
use crate::api::criteria::ClientCriteria;
use crate::api::filter::Filter;
use crate::api::listing::{ProfileSource, profile_to_json};
use crate::api::search::SearchRequest;
use crate::api::similar::{SimilarAnswer, SimilarRequest};
use crate::api::suggest::{SuggestAnswer, SuggestRequest};
use crate::api::wire::ProfileApart;
use crate::generation::Generation;
use crate::matching::{Beside, Matched};
use crate::model::{AdvisorProfile, Result};
use crate::search::Answered;
use crate::{matching, search};

/// From how many rows on several searches are worked through in parallel: below, a search takes less than handing it
/// to another thread.
const PARALLEL_SEARCHES: u32 = 100_000;

/// An engine as a handle sees it.
pub(super) struct View<'e> {
    pub(super) engine: &'e Engine,
    /// What every profile must fulfil to be there at all.
    pub(super) within: Option<&'e Filter>,
}

impl View<'_> {
    pub(super) fn search(&self, request: &SearchRequest) -> Result<SearchAnswer> {
        let generation = self.engine.generation_from(request.at_least, request.timeout_ms)?;
        self.search_in(&generation, request)
    }

    pub(super) fn search_many(&self, requests: &[SearchRequest]) -> Vec<Result<SearchAnswer>> {
        let generation = self
            .engine
            .generation_for(requests.iter().map(|request| (request.at_least, request.timeout_ms)));
        let answer = |request: &SearchRequest| {
            generation.is_from(request.at_least, request.timeout_ms)?;
            self.search_in(&generation, request)
        };
        if requests.len() > 1 && generation.rows >= PARALLEL_SEARCHES {
            requests.par_iter().map(answer).collect()
        } else {
            requests.iter().map(answer).collect()
        }
    }

    fn search_in(
        &self,
        generation: &Arc<Generation>,
        request: &SearchRequest,
    ) -> Result<SearchAnswer> {
        let ask = || {
            self.engine.go_on()?;
            let start = Instant::now();
            let mut answer = self.remembered_search(generation, request, start)?;
            answer.took_us = start.elapsed().as_micros() as u64;
            Ok(answer)
        };
        let seen = |answer: &SearchAnswer| {
            let SearchAnswer { path, total, generation, .. } = *answer;
            Seen { path, considered: total, generation }
        };
        self.observe(Kind::Search, || request.to_json(), ask, seen)
    }

    /// The answer that is kept, or one that is found.
    fn remembered_search(
        &self,
        generation: &Arc<Generation>,
        request: &SearchRequest,
        start: Instant,
    ) -> Result<SearchAnswer> {
        let cache = &self.engine.inner.cache;
        if !cache.is_on() || request.explain || request.rules.is_some() {
            return Ok(self.found_search(generation, request)?.answer);
        }
        request.check()?;
        // An answer that was right before what a caller wrote is not one to it.
        let staleness_ms = request.max_staleness_ms.filter(|_| request.at_least.is_none());
        let key = Key::new(b's', search::answer_key(request, self.within));
        match cache.find(&key, generation, staleness_ms) {
            Found::Right(answer) => Ok(answer),
            Found::Old(answer, is_first) => {
                if is_first {
                    self.behind(request.clone(), |view, request| {
                        let (generation, start) = (view.engine.generation(), Instant::now());
                        if let Ok(found) = view.found_search(&generation, &request) {
                            let Answered { answer, depends } = found;
                            let cache = &view.engine.inner.cache;
                            cache.keep(key, &answer, depends, &generation, start.elapsed());
                        }
                    });
                }
                Ok(answer)
            }
            Found::Missing => {
                let Answered { answer, depends } = self.found_search(generation, request)?;
                let kept = cache.keep(key, &answer, depends, generation, start.elapsed());
                cache.found_anew(kept);
                Ok(answer)
            }
        }
    }

    /// A search, and a look at the embeddings that its answer will show.
    fn found_search(
        &self,
        generation: &Arc<Generation>,
        request: &SearchRequest,
    ) -> Result<Answered> {
        let deadline = self.engine.deadline(request.timeout_ms);
        generation.soundly(|| {
            let found = search::search(generation, request, self.within, &deadline)?;
            let answer = &found.answer;
            if answer.projection.has_embedding() {
                answer.rows.iter().try_for_each(|(row, _)| generation.check_embedding(*row))?;
            }
            Ok(found)
        })
    }

    /// Does something on a thread of rayon's, for nobody who waits.
    fn behind<R: Send + 'static>(
        &self,
        request: R,
        work: impl FnOnce(&View<'_>, R) + Send + 'static,
    ) {
        let engine = Engine { cancel: None, ..self.engine.clone() };
        let within = self.within.cloned();
        rayon::spawn(move || {
            work(&View { engine: &engine, within: within.as_ref() }, request);
        });
    }

    pub(super) fn suggest(&self, request: &SuggestRequest) -> Result<SuggestAnswer> {
        let ask = || {
            let start = Instant::now();
            let deadline = self.engine.deadline(request.timeout_ms);
            let generation = self.engine.generation();
            let mut answer = search::suggest(&generation, request, self.within, &deadline)?;
            answer.took_us = start.elapsed().as_micros() as u64;
            Ok(answer)
        };
        let seen = |answer: &SuggestAnswer| {
            let considered = answer.suggestions.len() as u64;
            Seen { path: "completions", considered, generation: answer.generation }
        };
        self.observe(Kind::Suggest, || request.to_json(), ask, seen)
    }

    pub(super) fn match_advisors(&self, criteria: &ClientCriteria) -> Result<MatchAnswer> {
        let beside = Beside::kept_within(self.within);
        let generation = self.engine.generation_from(criteria.at_least, criteria.timeout_ms)?;
        self.match_in(&generation, criteria, beside)
    }

    pub(super) fn match_many(&self, criteria: &[ClientCriteria]) -> Vec<Result<MatchAnswer>> {
        let generation = self.engine.generation_for(
            criteria.iter().map(|criteria| (criteria.at_least, criteria.timeout_ms)),
        );
        matching::each(&generation, criteria, self.within, |criteria, beside| {
            generation.is_from(criteria.at_least, criteria.timeout_ms)?;
            self.match_in(&generation, criteria, beside)
        })
    }

    fn match_in(
        &self,
        generation: &Arc<Generation>,
        criteria: &ClientCriteria,
        beside: Beside<'_>,
    ) -> Result<MatchAnswer> {
        let ask = || {
            self.engine.go_on()?;
            let start = Instant::now();
            criteria.check()?;
            let mut answer = self.remembered_match(generation, criteria, beside, start)?;
            answer.took_us = start.elapsed().as_micros() as u64;
            Ok(answer)
        };
        let seen = |answer: &MatchAnswer| {
            let MatchAnswer { path, considered, generation, .. } = *answer;
            Seen { path, considered, generation }
        };
        self.observe(Kind::Match, || criteria.to_json(), ask, seen)
    }

    /// The answer that is kept, or one that is found, to criteria whose limits were checked.
    fn remembered_match(
        &self,
        generation: &Arc<Generation>,
        criteria: &ClientCriteria,
        beside: Beside<'_>,
        start: Instant,
    ) -> Result<MatchAnswer> {
        let cache = &self.engine.inner.cache;
        if !cache.is_on() || criteria.explain || criteria.rules.is_some() {
            return Ok(self.found_match(generation, criteria, beside)?.answer);
        }
        let staleness_ms = criteria.max_staleness_ms.filter(|_| criteria.at_least.is_none());
        let key = Key::new(b'm', matching::answer_key(criteria, self.within));
        match cache.find(&key, generation, staleness_ms) {
            Found::Right(answer) => Ok(answer),
            Found::Old(answer, is_first) => {
                if is_first {
                    self.behind(criteria.clone(), |view, criteria| {
                        let (generation, start) = (view.engine.generation(), Instant::now());
                        let beside = Beside::kept_within(view.within).kept();
                        if let Ok(found) = view.found_match(&generation, &criteria, beside) {
                            let Matched { answer, depends } = found;
                            let cache = &view.engine.inner.cache;
                            cache.keep(key, &answer, depends, &generation, start.elapsed());
                        }
                    });
                }
                Ok(answer)
            }
            Found::Missing => {
                let found = self.found_match(generation, criteria, beside.kept())?;
                let Matched { answer, depends } = found;
                let kept = cache.keep(key, &answer, depends, generation, start.elapsed());
                cache.found_anew(kept);
                Ok(answer)
            }
        }
    }

    fn found_match(
        &self,
        generation: &Arc<Generation>,
        criteria: &ClientCriteria,
        beside: Beside<'_>,
    ) -> Result<Matched> {
        let deadline = self.engine.deadline(criteria.timeout_ms);
        let embedding = self.engine.embed_criteria(criteria)?;
        generation.soundly(|| {
            let embedding = embedding.as_deref();
            let engine_budget_ms = self.engine.inner.exact_budget_ms;
            let budget_ms = criteria.exact_budget_ms.unwrap_or(engine_budget_ms);
            let beside = beside.within_us(budget_ms * 1e3);
            matching::match_advisors(generation, criteria, embedding, beside, &deadline)
        })
    }

    pub(super) fn similar_to(&self, request: &SimilarRequest) -> Result<SimilarAnswer> {
        let ask = || {
            let start = Instant::now();
            let deadline = self.engine.deadline(request.timeout_ms);
            request.check()?;
            let generation = self.engine.generation();
            let mut answer = generation
                .soundly(|| matching::similar_to(&generation, request, self.within, &deadline))?;
            answer.took_us = start.elapsed().as_micros() as u64;
            Ok(answer)
        };
        let seen = |answer: &SimilarAnswer| {
            let SimilarAnswer { path, considered, generation, .. } = *answer;
            Seen { path, considered, generation }
        };
        self.observe(Kind::Similar, || request.to_json(), ask, seen)
    }

    pub(super) fn get_many(&self, ids: &[impl AsRef<str>]) -> Result<Vec<Option<AdvisorProfile>>> {
        let generation = self.engine.generation();
        let ask = || {
            let rows = self.rows(&generation, ids)?.into_iter();
            rows.map(|row| row.map(|row| generation.profile(row)).transpose()).collect()
        };
        let seen = |found: &Vec<Option<AdvisorProfile>>| Seen {
            path: "id",
            considered: found.iter().flatten().count() as u64,
            generation: generation.number,
        };
        self.observe(Kind::Get, || shown_ids(ids), ask, seen)
    }

    pub(super) fn get_json(&self, id: &str) -> Result<Option<String>> {
        let generation = self.engine.generation();
        let ask = || {
            let Some(row) = self.rows(&generation, &[id])?.pop().flatten() else { return Ok(None) };
            generation.check_embedding(row)?;
            Ok(Some(profile_to_json(&*generation, row)))
        };
        let seen = |found: &Option<String>| Seen {
            path: "id",
            considered: u64::from(found.is_some()),
            generation: generation.number,
        };
        self.observe(Kind::Get, || shown_ids(&[id]), ask, seen)
    }

    pub(super) fn get_many_json_apart(
        &self,
        ids: &[impl AsRef<str>],
    ) -> Result<Vec<Option<ProfileApart>>> {
        let generation = self.engine.generation();
        let ask = || {
            let rows = self.rows(&generation, ids)?.into_iter();
            rows.map(|row| row.map(|row| generation.json_apart(row)).transpose()).collect()
        };
        let seen = |found: &Vec<Option<ProfileApart>>| Seen {
            path: "id",
            considered: found.iter().flatten().count() as u64,
            generation: generation.number,
        };
        self.observe(Kind::Get, || shown_ids(ids), ask, seen)
    }

    fn observe<A>(
        &self,
        kind: Kind,
        request: impl FnOnce() -> String,
        ask: impl FnOnce() -> Result<A>,
        seen: impl FnOnce(&A) -> Seen,
    ) -> Result<A> {
        self.engine.inner.instruments.observe(kind, request, ask, seen)
    }

    /// The row of each id that the handle sees, deleted or not.
    fn rows(&self, generation: &Generation, ids: &[impl AsRef<str>]) -> Result<Vec<Option<u32>>> {
        let within = self.within.map(|filter| generation.resolve_filter(filter)).transpose()?;
        let is_within =
            |row: &u32| within.as_ref().is_none_or(|predicate| generation.fulfils(predicate, *row));
        Ok(ids.iter().map(|id| generation.row(id.as_ref()).filter(is_within)).collect())
    }
}

/// The first ids that were asked for, as a log of slow requests shows them.
fn shown_ids(ids: &[impl AsRef<str>]) -> String {
    crate::api::json::to_json(&ids.iter().take(20).map(AsRef::as_ref).collect::<Vec<&str>>())
}
