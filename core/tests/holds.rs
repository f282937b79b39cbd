//! Holds: a place of an advisor's capacity that is promised to one, for a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::Duration;

use proptest::prelude::*;
use shortlist::{
    AdvisorProfile, ClientCriteria, Clock, Engine, EngineOptions, Error, HoldId, Instant, Result,
    SearchRequest,
};

#[derive(Default)]
struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Instant {
        Instant::from_micros(self.0.load(Ordering::Relaxed)).expect("a moment")
    }
}

impl Hands {
    fn turn(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
    }
}

const MINUTE: Duration = Duration::from_mins(1);

fn engine(background: bool) -> Result<(Engine, Arc<Hands>)> {
    let clock = Arc::new(Hands::default());
    let options =
        EngineOptions::default().with_background(background).with_clock(Arc::clone(&clock) as _);
    let engine = Engine::in_memory_with(options)?;
    let mut ada = AdvisorProfile::new("ada");
    (ada.marketplace_status, ada.is_verified) = ("active".to_owned(), true);
    (ada.current_clients, ada.max_clients) = (1, 2);
    engine.upsert(vec![ada])?;
    Ok((engine, clock))
}

fn open(engine: &Engine) -> Result<(u64, usize)> {
    let available = SearchRequest { available: true, ..SearchRequest::default() };
    let matches = engine.match_advisors(&ClientCriteria::default())?;
    Ok((engine.search(&available)?.total, matches.len()))
}

fn clients(engine: &Engine) -> Result<u32> {
    Ok(ada(engine)?.current_clients)
}

fn ada(engine: &Engine) -> Result<AdvisorProfile> {
    Ok(engine.get("ada")?.expect("ada is there"))
}

#[test]
fn a_held_place_counts_as_taken_and_is_shown_as_it_was_written() -> Result<()> {
    let (engine, _) = engine(false)?;
    assert_eq!(open(&engine)?, (1, 1));
    let hold = engine.reserve("ada", MINUTE)?;
    assert_eq!((open(&engine)?, clients(&engine)?), ((0, 0), 1));
    let refused = engine.reserve("ada", MINUTE);
    assert!(
        matches!(&refused, Err(Error::NoPlace { clients: 1, held: 1, most: 2, .. })),
        "{refused:?}"
    );
    engine.confirm(hold.id)?;
    assert_eq!((open(&engine)?, clients(&engine)?), ((0, 0), 2));
    assert!(matches!(engine.confirm(hold.id), Err(Error::HoldEnded { .. })));
    engine.verify().map(|_| ())
}

#[test]
fn a_released_place_can_be_held_again_and_a_removed_advisor_has_none() -> Result<()> {
    let (engine, _) = engine(false)?;
    let hold = engine.reserve("ada", MINUTE)?;
    engine.release(hold.id)?;
    assert_eq!((open(&engine)?, clients(&engine)?), ((1, 1), 1));
    let again = engine.reserve("ada", MINUTE)?;
    engine.remove(&["ada"])?;
    assert!(engine.holds().is_empty());
    assert!(matches!(engine.release(again.id), Err(Error::HoldEnded { .. })));
    assert!(matches!(engine.reserve("ada", MINUTE), Err(Error::NotFound { .. })));
    assert!(matches!(engine.confirm(HoldId(7)), Err(Error::HoldEnded { hold: 7 })));
    Ok(())
}

#[test]
fn a_hold_lapses_by_the_engines_clock_at_the_next_write_and_by_itself() -> Result<()> {
    let (engine, clock) = engine(false)?;
    let hold = engine.reserve("ada", MINUTE)?;
    clock.turn(59);
    engine.maintain()?;
    assert_eq!(open(&engine)?, (0, 0));
    clock.turn(1);
    assert_eq!(open(&engine)?, (0, 0), "a read does not look at the clock");
    assert!(matches!(engine.confirm(hold.id), Err(Error::HoldEnded { .. })));
    assert_eq!((open(&engine)?, clients(&engine)?), ((1, 1), 1));

    let (engine, clock) = self::engine(true)?;
    engine.reserve("ada", MINUTE)?;
    clock.turn(60);
    let start = std::time::Instant::now();
    while open(&engine)?.0 == 0 && start.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(open(&engine)?, (1, 1));
    Ok(())
}

#[test]
fn however_many_ask_at_once_no_place_is_promised_twice() {
    let lives = prop::collection::vec(prop::collection::vec(any::<u8>(), 1..20), 2..9);
    proptest!(ProptestConfig::with_cases(60), |(room in 1..4_u32, lives in lives)| {
        let (engine, _) = engine(false)?;
        let mut ada = ada(&engine)?;
        (ada.current_clients, ada.max_clients) = (0, room);
        engine.upsert(vec![ada])?;
        // At most what is promised: counted after it is, and uncounted before it no longer is.
        let (promised, confirmed) = (AtomicU32::new(0), AtomicU32::new(0));
        let client = |wishes: &[u8]| -> Result<u32> {
            let (mut held, mut most) = (Vec::new(), 0);
            for wish in wishes {
                match (wish % 4, held.pop()) {
                    (0 | 1, last) => {
                        held.extend(last);
                        match engine.reserve("ada", MINUTE) {
                            Ok(hold) => {
                                held.push(hold.id);
                                most = most.max(promised.fetch_add(1, Ordering::SeqCst) + 1);
                            }
                            Err(Error::NoPlace { .. }) => {}
                            Err(error) => return Err(error),
                        }
                    }
                    (2, Some(hold)) => {
                        engine.confirm(hold)?;
                        confirmed.fetch_add(1, Ordering::SeqCst);
                    }
                    (_, Some(hold)) => {
                        promised.fetch_sub(1, Ordering::SeqCst);
                        engine.release(hold)?;
                    }
                    (_, None) => {}
                }
            }
            Ok(most)
        };
        let most: Result<Vec<u32>> = std::thread::scope(|scope| {
            let clients: Vec<_> = lives.iter().map(|wishes| scope.spawn(|| client(wishes))).collect();
            clients.into_iter().map(|client| client.join().expect("a client")).collect()
        });
        prop_assert!(most?.into_iter().all(|most| most <= room));
        let held = engine.holds().len() as u32;
        prop_assert_eq!(clients(&engine)?, confirmed.into_inner());
        prop_assert_eq!(clients(&engine)? + held, promised.into_inner());
        engine.verify()?;
    });
}

#[test]
fn holds_outlive_changed_words_upkeep_and_the_process() -> Result<()> {
    let (engine, clock) = engine(false)?;
    let hold = engine.reserve("ada", MINUTE)?;
    let mut ada = ada(&engine)?;
    ada.bio = Some("other words".to_owned());
    engine.upsert(vec![ada])?;
    engine.maintain()?;
    assert_eq!(open(&engine)?, (0, 0));
    let directory = tempfile::tempdir().expect("a directory");
    engine.snapshot(directory.path())?;
    let options = EngineOptions::default().with_clock(clock);
    let opened = Engine::open_with(directory.path(), options)?;
    assert_eq!((opened.holds(), open(&opened)?), (vec![hold.clone()], (0, 0)));
    opened.confirm(hold.id)?;
    assert_eq!(clients(&opened)?, 2);
    Ok(())
}

#[test]
fn a_hold_of_no_time_or_of_an_advisor_who_is_not_available_is_refused() -> Result<()> {
    let (engine, _) = engine(false)?;
    let refused = engine.reserve("ada", Duration::ZERO).expect_err("no time");
    assert_eq!(refused.field(), Some("ttl"));
    let mut ada = ada(&engine)?;
    ada.is_available = false;
    engine.upsert(vec![ada])?;
    assert!(matches!(engine.reserve("ada", MINUTE), Err(Error::NoPlace { .. })));
    Ok(())
}
