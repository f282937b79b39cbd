//! The n-th step of a disk fails, for every n of a scripted life: what is opened afterwards is the old state or the
//! new, never a third.

use super::{directory, open};
use crate::api::patch::ProfilePatch;
use crate::api::search::{Scope, SearchRequest};
use crate::engine::{Engine, EngineOptions};
use crate::model::{AdvisorProfile, Result, SynonymRule};
use crate::store::memory::{Fault, MemoryTables};

fn advisor(number: u32) -> AdvisorProfile {
    let mut advisor = AdvisorProfile::new(format!("adv-{number}"));
    advisor.professional_title = Some(format!("Controller {number}"));
    advisor.embedding = Some(vec![1.0, number as f32]);
    advisor
}

fn clients(number: u32, clients: u32) -> (String, ProfilePatch) {
    let patch = ProfilePatch { current_clients: Some(clients), ..ProfilePatch::default() };
    (format!("adv-{number}"), patch)
}

/// The steps of the life; `None` in the place of a directory leaves out what only a directory has.
const STEPS: usize = 12;

fn step(engine: &Engine, number: usize) -> Result<()> {
    let directory = engine.inner.directory.clone();
    match number {
        0 => engine.upsert((0..4).map(advisor).collect()).map(|_| ()),
        1 => engine.patch(vec![clients(1, 3), clients(2, 4)]).map(|_| ()),
        2 | 7 => directory.map_or(Ok(()), |directory| engine.snapshot(directory).map(|_| ())),
        3 => engine.remove(&["adv-0"]).map(|_| ()),
        4 => engine.upsert(vec![advisor(9), advisor(2)]).map(|_| ()),
        5 => {
            let rules = vec![SynonymRule::Equal(vec!["cfo".to_owned(), "controller".to_owned()])];
            engine.set_synonyms(rules).map(|_| ())
        }
        6 => engine.patch(vec![clients(9, 1)]).map(|_| ()),
        8 => {
            // More than one part of a commit.
            let details = format!("\"{}\"", "ledger ".repeat(30_000));
            let long =
                |number| AdvisorProfile { details: Some(details.clone()), ..advisor(number) };
            engine.upsert((20..26).map(long).collect()).map(|_| ())
        }
        9 => engine.remove(&["adv-20", "adv-21", "adv-22", "adv-23", "adv-24"]).map(|_| ()),
        _ => engine.patch(vec![clients(3, number as u32)]).map(|_| ()),
    }
}

fn state(engine: &Engine) -> Result<String> {
    let everyone = SearchRequest { scope: Scope::All, ..SearchRequest::default() };
    let ids: Vec<String> =
        engine.search(&everyone)?.ids().iter().map(|id| (*id).to_owned()).collect();
    let profiles: Vec<_> = ids.iter().map(|id| engine.get(id)).collect::<Vec<_>>();
    let text = SearchRequest { text: Some("cfo".to_owned()), ..everyone };
    Ok(format!("{profiles:?} {}", engine.search(&text)?.total))
}

/// The states after each number of steps.
fn states() -> Result<Vec<String>> {
    let engine = Engine::in_memory()?;
    let mut states = vec![state(&engine)?];
    for number in 0..STEPS {
        step(&engine, number)?;
        states.push(state(&engine)?);
    }
    Ok(states)
}

/// What a life was: how many steps were acknowledged before the first refusal, and whether there was one.
struct Life {
    acknowledged: usize,
    refused: bool,
}

/// Lives until something is refused; what the engine serves never follows a refusal.
fn live(engine: &Engine, states: &[String]) -> Result<Life> {
    for number in 0..STEPS {
        let done = step(engine, number);
        let now = state(engine)?;
        if done.is_err() {
            assert_eq!(now, states[number], "step {number} was refused and is visible");
            return Ok(Life { acknowledged: number, refused: true });
        }
        assert_eq!(now, states[number + 1], "step {number} was acknowledged and is not visible");
    }
    Ok(Life { acknowledged: STEPS, refused: false })
}

/// After a refusal the engine writes again, and then holds what was acknowledged and nothing else.
fn go_on(engine: &Engine, from: usize, states: &[String]) -> Result<()> {
    for number in from..STEPS {
        step(engine, number)?;
        assert_eq!(state(engine)?, states[number + 1]);
    }
    Ok(())
}

fn options() -> EngineOptions {
    EngineOptions::default().with_window(2)
}

#[test]
fn whatever_fails_the_index_opens_as_it_was_or_as_it_should_be() -> Result<()> {
    let states = states()?;
    let mut lives = 0;
    for fault in [Fault::Refused, Fault::Denied, Fault::Forgotten] {
        for power in [false, true] {
            for at in 0.. {
                let (tables, kept) = (MemoryTables::default(), directory());
                tables.fail(at, fault);
                let Ok(engine) = open(&tables, kept.path(), options()) else {
                    // The very making of the index failed: there is none, and it can be made.
                    tables.crash(power);
                    open(&tables, kept.path(), options())?;
                    continue;
                };
                let life = live(&engine, &states)?;
                let waited = tables.is_waiting();
                lives += 1;
                drop(engine);
                tables.crash(power);
                let opened = state(&open(&tables, kept.path(), options())?)?;
                let most = life.acknowledged + usize::from(life.refused);
                // A disk that forgets what it said it had may lose commits, whole ones, from the end.
                let least = if fault == Fault::Forgotten { 0 } else { life.acknowledged };
                assert!(
                    states[least..=most].contains(&opened),
                    "{fault:?} at {at}, power {power}: a third state"
                );
                if waited {
                    break;
                }
            }
        }
    }
    assert!(lives >= 60, "only {lives} lives: the faults did not reach them");
    Ok(())
}

#[test]
fn after_a_failure_the_engine_writes_again_and_nothing_refused_comes_back() -> Result<()> {
    let states = states()?;
    for fault in [Fault::Refused, Fault::Denied] {
        for at in 0.. {
            let (tables, kept) = (MemoryTables::default(), directory());
            let engine = open(&tables, kept.path(), options())?;
            tables.fail(at, fault);
            let life = live(&engine, &states)?;
            if tables.is_waiting() {
                break;
            }
            go_on(&engine, life.acknowledged, &states)?;
            drop(engine);
            tables.crash(true);
            assert_eq!(state(&open(&tables, kept.path(), options())?)?, states[STEPS]);
        }
    }
    Ok(())
}

#[test]
fn a_full_disk_is_refused_in_words_until_there_is_room() -> Result<()> {
    let (tables, kept) = (MemoryTables::default(), directory());
    let engine = open(&tables, kept.path(), options())?;
    step(&engine, 0)?;
    let before = state(&engine)?;
    tables.set_full(true);
    for _ in 0..3 {
        let error = engine.remove(&["adv-1"]).expect_err("no room");
        assert_eq!(error.code(), "SL2005", "{error}");
        assert_eq!(state(&engine)?, before, "the old state is served");
    }
    assert!(engine.stats().keeping.is_some_and(|keeping| keeping.journal_broken));
    tables.set_full(false);
    engine.remove(&["adv-1"])?;
    let after = state(&engine)?;
    drop(engine);
    tables.crash(true);
    assert_eq!(state(&open(&tables, kept.path(), options())?)?, after);
    Ok(())
}
