//! Following an index: every change in order, at least once, and whoever is too late is told so.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use shortlist::{
    AdvisorProfile, ChangeKind, Changes, Durability, Engine, EngineOptions, Event, IndexChange,
    ProfilePatch, Result, Rules, Subscription,
};

const SOON: Duration = Duration::from_secs(20);

fn advisor(id: &str, industries: &[&str]) -> AdvisorProfile {
    let mut advisor = AdvisorProfile::new(id);
    advisor.industries = industries.iter().map(|one| (*one).to_owned()).collect();
    advisor
}

fn clients(id: &str, clients: u32) -> (String, ProfilePatch) {
    (id.to_owned(), ProfilePatch { current_clients: Some(clients), ..ProfilePatch::default() })
}

fn changes(event: Option<Event>) -> Arc<Changes> {
    match event {
        Some(Event::Changes(changes)) => changes,
        other => panic!("{other:?} where changes were to come"),
    }
}

fn all(events: &mut Subscription) -> Result<Vec<Event>> {
    let mut all = Vec::new();
    while let Some(event) = events.try_next()? {
        all.push(event);
    }
    Ok(all)
}

fn kept(directory: &std::path::Path, window: u64) -> Result<Engine> {
    let options = EngineOptions::default().with_create().with_durability(Durability::None);
    Engine::open_with(directory, options.with_snapshots(None, None).with_window(window))
}

#[test]
fn each_commit_says_whom_it_touched_how_and_their_keywords_before_and_after() -> Result<()> {
    let engine = Engine::in_memory()?;
    engine.upsert(vec![advisor("zoe", &["Retail"])])?;
    let mut events = engine.subscribe();
    assert_eq!(events.try_next()?, None, "what was before is not told");

    engine.upsert(vec![advisor("ada", &["Tax"]), advisor("zoe", &["Tax", "Law"])])?;
    let told = changes(events.try_next()?);
    assert_eq!((told.generation, told.index.len()), (2, 0));
    let kinds: Vec<_> = told.profiles.iter().map(|one| (one.id.as_str(), one.kind)).collect();
    assert_eq!(kinds, [("ada", ChangeKind::Added), ("zoe", ChangeKind::Updated)]);
    let industries = |at: usize| told.profiles[at].keywords[0].clone();
    assert_eq!(industries(0).field, "industries");
    assert_eq!((industries(0).old, industries(0).new), (vec![], vec!["Tax".to_owned()]));
    assert_eq!(industries(1).old, ["Retail"]);
    assert_eq!(industries(1).new, ["Tax", "Law"]);

    engine.patch(vec![clients("ada", 3), clients("ada", 4)])?;
    let told = changes(events.try_next()?);
    assert_eq!((told.profiles.len(), told.profiles[0].kind), (1, ChangeKind::Updated));
    assert_eq!(told.profiles[0].keywords[0].new, ["Tax"], "the pages that list it changed too");

    let hold = engine.reserve("ada", SOON)?;
    assert_eq!(changes(events.try_next()?).profiles[0].kind, ChangeKind::Held);
    engine.confirm(hold.id)?;
    assert_eq!(changes(events.try_next()?).profiles[0].kind, ChangeKind::Updated);
    engine.remove(&["ada"])?;
    let told = changes(events.try_next()?);
    assert_eq!(told.profiles[0].kind, ChangeKind::Removed);
    assert_eq!(
        (&told.profiles[0].keywords[0].old[..], told.profiles[0].keywords[0].new.len()),
        (&["Tax".to_owned()][..], 0)
    );
    engine.set_rules("spring", Rules::default())?;
    let told = changes(events.try_next()?);
    assert_eq!(told.index, [IndexChange::Rules { name: "spring".to_owned() }]);
    let json = Event::Changes(told).to_json();
    assert_eq!(
        json,
        r#"{"type":"changes","generation":7,"profiles":[],"index":[{"kind":"rules","name":"spring"}]}"#
    );
    assert!(engine.remove(&["nobody"]).is_err());
    assert_eq!(events.try_next()?, None, "what was refused is not told");
    Ok(())
}

#[test]
fn a_follower_goes_on_where_an_earlier_process_ended_as_far_as_the_journal_reaches() -> Result<()> {
    let directory = tempfile::tempdir().expect("a directory");
    let engine = kept(directory.path(), 1_000)?;
    let mut events = engine.subscribe();
    engine.upsert(vec![advisor("ada", &["Tax"])])?;
    assert_eq!(changes(events.try_next()?).generation, 1);
    let seen = events.generation();
    for count in 0..600 {
        engine.patch(vec![clients("ada", count)])?;
    }
    let live = all(&mut events)?;
    assert_eq!((live.len(), events.generation()), (600, 601));
    drop(engine);
    assert_eq!(events.next_within(SOON)?, None, "it ends with its engine");
    assert!(events.has_ended());

    // From the journal, also where a snapshot has it all and the journal was not looked at to open.
    for snapshot in [false, true] {
        let engine = kept(directory.path(), 1_000)?;
        if snapshot {
            engine.snapshot(directory.path())?;
        }
        drop(engine);
        let engine = kept(directory.path(), 1_000)?;
        assert_eq!(all(&mut engine.subscribe_after(seen))?, live);
    }

    // A window that has passed by: what is missing is told, and the rest follows.
    let engine = kept(directory.path(), 10)?;
    engine.patch(vec![clients("ada", 1)])?;
    engine.snapshot(directory.path())?;
    engine.patch(vec![clients("ada", 2)])?;
    engine.snapshot(directory.path())?;
    let mut events = engine.subscribe_after(seen);
    let told = all(&mut events)?;
    let Some(Event::Missed { after, through }) = told.first() else { panic!("{told:?}") };
    assert_eq!(*after, seen);
    assert_eq!(told.len() as u64 - 1, events.generation() - through, "{told:?}");
    assert_eq!(events.generation(), 603);
    Ok(())
}

#[test]
fn a_follower_that_is_too_slow_is_told_so_and_holds_up_nobody() -> Result<()> {
    let engine = Engine::in_memory()?;
    engine.upsert(vec![advisor("ada", &["Tax"])])?;
    let (mut slow, mut quick) = (engine.subscribe(), engine.subscribe());
    for count in 0..10_050 {
        engine.patch(vec![clients("ada", count % 7)])?;
        assert_eq!(changes(quick.try_next()?).generation, u64::from(count) + 2);
    }
    assert_eq!(slow.try_next()?, Some(Event::Missed { after: 1, through: 51 }));
    assert_eq!(changes(slow.try_next()?).generation, 52);
    assert_eq!(all(&mut slow)?.len(), 9_999);
    // Whatever was before anybody followed was not kept.
    let early = engine.subscribe_after(0).try_next()?;
    assert_eq!(early, Some(Event::Missed { after: 0, through: 51 }));
    Ok(())
}

#[test]
fn threads_wait_and_tasks_are_woken_without_one() -> Result<()> {
    struct Woken(AtomicUsize);
    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let engine = Engine::in_memory()?;
    let mut waits = engine.subscribe();
    assert_eq!(waits.next_within(Duration::from_millis(5))?, None);
    let thread = std::thread::spawn(move || waits.next_within(SOON));
    let woken = Arc::new(Woken(AtomicUsize::new(0)));
    let waker = Waker::from(Arc::clone(&woken));
    let mut context = Context::from_waker(&waker);
    let mut task = engine.subscribe();
    assert!(task.poll_next(&mut context).is_pending());
    let called = Arc::new(AtomicUsize::new(0));
    let mut asks = engine.subscribe();
    let counts = Arc::clone(&called);
    asks.notify(move || {
        counts.fetch_add(1, Ordering::SeqCst);
    });
    assert_eq!(called.load(Ordering::SeqCst), 1, "once right away");

    engine.upsert(vec![advisor("ada", &[])])?;
    assert_eq!(changes(thread.join().expect("it waits")?).generation, 1);
    assert_eq!((woken.0.load(Ordering::SeqCst), called.load(Ordering::SeqCst)), (1, 2));
    assert!(matches!(task.poll_next(&mut context), Poll::Ready(Some(Ok(Event::Changes(_))))));
    assert!(task.poll_next(&mut context).is_pending());
    assert_eq!(changes(asks.try_next()?).generation, 1);
    drop(engine);
    assert!(matches!(task.poll_next(&mut context), Poll::Ready(None)));
    assert!(asks.next().is_none() && woken.0.load(Ordering::SeqCst) > 1);
    Ok(())
}

#[test]
fn of_many_writers_every_generation_is_told_once_and_in_order() -> Result<()> {
    let directory = tempfile::tempdir().expect("a directory");
    let engine = kept(directory.path(), 100_000)?;
    engine.upsert((0..8).map(|n| advisor(&format!("a{n}"), &["Tax"])).collect())?;
    let mut events = engine.subscribe();
    let follower = std::thread::spawn(move || -> Result<Vec<u64>> {
        let mut told = Vec::new();
        loop {
            let next = changes(events.next_within(SOON)?);
            told.push(next.generation);
            if next.profiles.iter().any(|one| one.id == "end") {
                return Ok(told);
            }
        }
    });
    std::thread::scope(|scope| {
        for n in 0..4 {
            let engine = &engine;
            scope.spawn(move || {
                for count in 0..400 {
                    engine.patch(vec![clients(&format!("a{n}"), count)]).expect("room");
                }
            });
        }
    });
    let last = engine.upsert(vec![advisor("end", &[])])?.generation;
    let told = follower.join().expect("it follows")?;
    assert_eq!(told, (2..=last).collect::<Vec<_>>());
    Ok(())
}

#[test]
fn a_follower_is_ended_from_another_thread_while_the_others_go_on() -> Result<()> {
    let engine = Engine::in_memory()?;
    let (mut ended, mut goes_on) = (engine.subscribe(), engine.subscribe());
    let (closer, woken) = (ended.closer(), Arc::new(AtomicUsize::new(0)));
    let counts = Arc::clone(&woken);
    ended.notify(move || {
        counts.fetch_add(1, Ordering::SeqCst);
    });
    let follower = std::thread::spawn(move || {
        let first = ended.next().is_some();
        let last = ended.next().is_none();
        (first, last, ended)
    });
    engine.upsert(vec![advisor("ada", &[])])?;
    // Long enough that it mostly waits; sooner or later makes no difference to what is right.
    std::thread::sleep(Duration::from_millis(30));
    closer.close();
    engine.upsert(vec![advisor("ben", &[])])?;
    let (first, last, mut ended) = follower.join().expect("it ends");
    assert!(first && last && ended.has_ended());
    assert_eq!(ended.try_next()?, None);
    assert!(woken.load(Ordering::SeqCst) >= 3, "the closing is told too");
    let told: Vec<_> = all(&mut goes_on)?.into_iter().map(|event| changes(Some(event))).collect();
    assert_eq!(told.len(), 2);
    Ok(())
}
