//! Engine and twin side by side: what is done to one is done to the other, and both must say the same.

use std::collections::HashSet;
use std::fmt::{self, Debug, Formatter};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use proptest::prelude::prop;
use shortlist::testing::{
    Twin, compare_match, compare_search, compare_similar, criteria_to_json, profile_to_json,
    request_to_json, similar_to_json,
};
use shortlist::{
    AdvisorProfile, ClientCriteria, Clock, Embedder, Engine, EngineOptions, Error, HoldId, Instant,
    MatchAnswer, ProfilePatch, Result, Rules, Schema, SearchRequest, SimilarRequest,
    SuggestRequest, SynonymRule,
};
use tempfile::TempDir;

/// What differs, in words.
pub type Verdict = std::result::Result<(), String>;

/// One thing that happens to an index.
#[derive(Clone)]
pub enum Step {
    Search(Box<SearchRequest>),
    Match(Box<ClientCriteria>),
    Similar(Box<SimilarRequest>),
    Upsert(Vec<AdvisorProfile>),
    Patch(Vec<(String, ProfilePatch)>),
    Remove(Vec<String>),
    Reopen,
    /// A place of that advisor is held for so many seconds.
    Reserve(String, u64),
    /// Some hold is over, confirmed or not.
    EndHold(prop::sample::Index, bool),
    /// So many seconds pass.
    Wait(i64),
    /// All upkeep, and the batches that are written while it is done.
    Upkeep(Vec<Vec<AdvisorProfile>>),
    Suggest(Box<SuggestRequest>),
    Synonyms(Vec<SynonymRule>),
    Rules(&'static str, Option<Rules>),
}

impl Debug for Step {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Step::Search(request) => write!(f, "search {}", request_to_json(request)),
            Step::Match(criteria) => write!(f, "match {}", criteria_to_json(criteria)),
            Step::Similar(request) => write!(f, "similar {}", similar_to_json(request)),
            Step::Upsert(profiles) => {
                profiles.iter().try_for_each(|one| write!(f, "upsert {} ", profile_to_json(one)))
            }
            Step::Patch(patches) => write!(f, "patch {patches:?}"),
            Step::Remove(ids) => write!(f, "remove {ids:?}"),
            Step::Reopen => write!(f, "reopen"),
            Step::Reserve(id, seconds) => write!(f, "reserve {id} for {seconds} s"),
            Step::EndHold(which, confirmed) => write!(f, "end hold {which:?}, {confirmed}"),
            Step::Wait(seconds) => write!(f, "wait {seconds} s"),
            Step::Upkeep(meanwhile) => write!(f, "upkeep, meanwhile {meanwhile:?}"),
            Step::Suggest(request) => write!(f, "{request:?}"),
            Step::Synonyms(rules) => write!(f, "synonyms {rules:?}"),
            Step::Rules(name, rules) => {
                write!(f, "rules {name} {:?}", rules.as_ref().map(Rules::to_json))
            }
        }
    }
}

/// A clock that only steps turn.
#[derive(Default)]
pub struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Instant {
        Instant::from_micros(self.0.load(Ordering::Relaxed)).expect("a moment")
    }
}

pub struct Pair {
    clock: Arc<Hands>,
    pub engine: Engine,
    pub twin: Twin,
    embedder: Option<Arc<dyn Embedder>>,
    /// Where the engine was last kept.
    directory: Option<TempDir>,
}

impl Pair {
    /// Both, with the same profiles.
    pub fn new(
        schema: Schema,
        profiles: Vec<AdvisorProfile>,
        embedder: Option<Arc<dyn Embedder>>,
    ) -> Result<Self> {
        let clock = Arc::new(Hands::default());
        let mut options = EngineOptions::with_schema(schema.clone())
            .with_background(false)
            .with_clock(Arc::clone(&clock) as _);
        if let Some(embedder) = &embedder {
            options = options.with_embedder(Arc::clone(embedder));
        }
        let engine = Engine::in_memory_with(options)?;
        engine.upsert(profiles.clone())?;
        let twin = Twin::new(schema, profiles, embedder.clone())?;
        Ok(Self { clock, engine, twin, embedder, directory: None })
    }

    pub fn take(&mut self, step: Step) -> Verdict {
        match step {
            Step::Search(request) => self
                .search(&request)
                .map_err(|what| format!("{what}\nsearch {}", request_to_json(&request))),
            Step::Match(criteria) => self
                .match_advisors(&criteria)
                .map_err(|what| format!("{what}\nmatch {}", criteria_to_json(&criteria))),
            Step::Similar(request) => self
                .similar_to(&request)
                .map_err(|what| format!("{what}\nsimilar {}", similar_to_json(&request))),
            Step::Upsert(profiles) => {
                let engine = self.engine.upsert(profiles.clone());
                same_refusal(&engine, &self.twin.upsert(profiles))?;
                self.same_profiles()
            }
            Step::Patch(patches) => {
                let engine = self.engine.patch(patches.clone());
                same_refusal(&engine, &self.twin.patch(patches.clone()))?;
                self.same_profiles().map_err(|what| format!("{what}\nafter {patches:?}"))
            }
            Step::Remove(ids) => {
                let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
                same_refusal(&self.engine.remove(&ids), &self.twin.remove(&ids))?;
                self.same_profiles()
            }
            Step::Rules(name, Some(rules)) => same_refusal(
                &self.engine.set_rules(name, rules.clone()),
                &self.twin.set_rules(name, rules),
            ),
            Step::Rules(name, None) => {
                same_refusal(&self.engine.remove_rules(name), &self.twin.remove_rules(name))
            }
            Step::Reopen => self.reopen(),
            Step::Reserve(id, seconds) => {
                let held = self.engine.reserve(&id, Duration::from_secs(seconds));
                let name = held.as_ref().map_or(HoldId(0), |hold| hold.id);
                let now = self.clock.now().micros() + seconds as i64 * 1_000_000;
                let until = Instant::from_micros(now).map_err(|error| error.to_string())?;
                same_refusal(&held, &self.twin.reserve(&id, name, until))?;
                self.same_profiles()
            }
            Step::EndHold(which, confirmed) => {
                let holds = self.twin.holds();
                let hold = if holds.is_empty() { HoldId(1) } else { which.get(holds).id };
                let ended = if confirmed { Engine::confirm } else { Engine::release };
                same_refusal(&ended(&self.engine, hold), &self.twin.end_hold(hold, confirmed))?;
                self.same_profiles()
            }
            Step::Wait(seconds) => {
                self.clock.0.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
                self.engine.maintain().map_err(|error| error.to_string())?;
                self.twin.lapse(self.clock.now());
                let mut right = self.twin.holds().to_vec();
                right.sort_by_key(|hold| hold.id);
                let found = self.engine.holds();
                if found == right { Ok(()) } else { Err(format!("{found:?} not {right:?}")) }
            }
            Step::Upkeep(meanwhile) => {
                let mut meanwhile = meanwhile.into_iter();
                let (engine, twin) = (&self.engine, &mut self.twin);
                let mut verdict = Ok(());
                let kept = engine.maintain_by_hand(|| {
                    let Some(profiles) = meanwhile.next() else { return };
                    let written = engine.upsert(profiles.clone());
                    verdict = verdict.clone().and(same_refusal(&written, &twin.upsert(profiles)));
                });
                kept.map_err(|error| error.to_string())?;
                verdict?;
                self.same_profiles().map_err(|what| format!("{what}\nafter upkeep"))
            }
            Step::Suggest(request) => self.suggest(&request),
            Step::Synonyms(rules) => same_refusal(
                &self.engine.set_synonyms(rules.clone()),
                &self.twin.set_synonyms(rules),
            ),
        }
    }

    /// Walks the whole result, page by page.
    pub fn search(&self, request: &SearchRequest) -> Verdict {
        let twin = match self.twin.search(request) {
            Ok(twin) => twin,
            Err(error) => return same_refusal(&self.engine.search(request), &Err::<(), _>(error)),
        };
        let mut page = request.clone();
        let mut seen = HashSet::new();
        let mut offset = 0;
        let mut pages: Vec<Vec<String>> = Vec::new();
        let mut back = loop {
            let answer = self.engine.search(&page).map_err(|error| format!("refused: {error}"))?;
            compare_search(&twin, request, &answer, offset)
                .map_err(|what| format!("{what}, on the page from {offset} of {:?}", twin.ids))?;
            for id in answer.ids() {
                if !seen.insert(id.to_owned()) {
                    return Err(format!("{id} is shown on two pages"));
                }
            }
            offset += answer.len();
            pages.push(answer.ids().into_iter().map(str::to_owned).collect());
            match answer.next_cursor {
                Some(cursor) => page.cursor = Some(cursor),
                None => break answer.previous_cursor,
            }
        };
        // Walking back gives exactly the pages of walking on.
        page.cursor = None;
        for forward in pages.iter().rev().skip(1) {
            page.before = back;
            let answer = self.engine.search(&page).map_err(|error| format!("refused: {error}"))?;
            if answer.ids() != *forward {
                return Err(format!("{:?} on the way back instead of {forward:?}", answer.ids()));
            }
            if answer.next_cursor.is_none() {
                return Err(format!("no way on from {forward:?}"));
            }
            back = answer.previous_cursor;
        }
        if back.is_some() {
            return Err("a way back from the first page".to_owned());
        }
        if seen.len() as u64 == twin.total {
            Ok(())
        } else {
            Err(format!("{} hits on all pages instead of {}", seen.len(), twin.total))
        }
    }

    fn suggest(&self, request: &SuggestRequest) -> Verdict {
        let engine = self.engine.suggest(request);
        match self.twin.suggest(request) {
            Ok(right) => {
                let found = engine.map_err(|error| format!("refused: {error}"))?.suggestions;
                if found == right {
                    Ok(())
                } else {
                    Err(format!("{found:?}\ninstead of {right:?}\nto {request:?}"))
                }
            }
            Err(error) => same_refusal(&engine, &Err::<(), _>(error)),
        }
    }

    pub fn match_advisors(&self, criteria: &ClientCriteria) -> Verdict {
        let first = self.engine.match_advisors(criteria);
        // Where the filter is remembered, as a search with the same one may have left it.
        let engine = self.engine.match_advisors(criteria);
        if first.as_ref().ok().map(MatchAnswer::ids) != engine.as_ref().ok().map(MatchAnswer::ids) {
            return Err(format!("{first:?} first and {engine:?} then"));
        }
        match self.twin.match_advisors(criteria) {
            Ok(twin) => {
                let answer = engine.map_err(|error| format!("refused: {error}"))?;
                compare_match(&twin, &answer)
            }
            Err(error) => same_refusal(&engine, &Err::<(), _>(error)),
        }
    }

    pub fn similar_to(&self, request: &SimilarRequest) -> Verdict {
        let engine = self.engine.similar_to(request);
        match self.twin.similar_to(request) {
            Ok(twin) => {
                let answer = engine.map_err(|error| format!("refused: {error}"))?;
                compare_similar(&twin, request, &answer)
            }
            Err(error) => same_refusal(&engine, &Err::<(), _>(error)),
        }
    }

    /// Both give back the same profiles, and the engine's parts agree with each other.
    fn same_profiles(&self) -> Verdict {
        for right in self.twin.profiles() {
            let id = &right.id;
            let found = self.engine.get(id).map_err(|error| error.to_string())?;
            let Some(mut found) = found else { return Err(format!("{id} is gone")) };
            let near = match (found.embedding.take(), &right.embedding) {
                (Some(found), Some(right)) => near(&found, right),
                (None, None) => true,
                _ => false,
            };
            if !near || found != (AdvisorProfile { embedding: None, ..right.clone() }) {
                let (found, right) = (profile_to_json(&found), profile_to_json(right));
                return Err(format!("profile is {found}\ninstead of {right}"));
            }
        }
        let report = self.engine.verify().map_err(|error| error.to_string())?;
        let right = self.twin.profiles().len() as u64;
        if report.profiles == right {
            Ok(())
        } else {
            Err(format!("{} profiles instead of {right}", report.profiles))
        }
    }

    fn reopen(&mut self) -> Verdict {
        let failed = |error: Error| format!("cannot keep or open: {error}");
        let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
        self.engine.snapshot(directory.path()).map_err(failed)?;
        let mut options = EngineOptions::default()
            .with_background(false)
            .with_clock(Arc::clone(&self.clock) as _);
        if let Some(embedder) = &self.embedder {
            options = options.with_embedder(Arc::clone(embedder));
        }
        self.engine = Engine::open_with(directory.path(), options).map_err(failed)?;
        self.directory = Some(directory);
        self.same_profiles()
    }
}

/// The same numbers, but for the rounding of a length that was divided out and multiplied in.
fn near(found: &[f32], right: &[f32]) -> bool {
    let close = |(a, b): (&f32, &f32)| (a - b).abs() <= 1e-6 * b.abs().max(0.1);
    found.len() == right.len() && found.iter().zip(right).all(close)
}

/// Both did it, or both refused it with the same code.
pub fn same_refusal<A, B>(engine: &Result<A>, twin: &Result<B>) -> Verdict {
    match (engine, twin) {
        (Ok(_), Ok(_)) => Ok(()),
        (Err(engine), Err(twin)) if engine.code() == twin.code() => Ok(()),
        (Err(engine), Err(twin)) => Err(format!("refused as `{engine}` instead of `{twin}`")),
        (Ok(_), Err(twin)) => Err(format!("answered instead of refusing: `{twin}`")),
        (Err(engine), Ok(_)) => Err(format!("refused what is right: `{engine}`")),
    }
}
