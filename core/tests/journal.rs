//! What an engine that owns a directory gives back when it is opened again.

use std::fs;
use std::path::Path;
use std::time::Duration;

use shortlist::{
    AdvisorProfile, AttributeKind, AttributeValue, ClientCriteria, Durability, Engine,
    EngineOptions, Error, ProfilePatch, Result, Schema, Scope, SearchRequest, SynonymRule,
};

fn advisor(number: u32) -> AdvisorProfile {
    let mut advisor = AdvisorProfile::new(format!("adv-{number:03}"));
    advisor.professional_title = Some(format!("Fractional CFO number {number}"));
    advisor.industries = vec!["Healthcare".to_owned(), format!("Industry {}", number % 7)];
    advisor.embedding = Some(vec![1.0, number as f32 / 7.0]);
    advisor.hourly_rate = Some(f64::from(number) + 0.1);
    advisor
}

fn created(directory: &Path) -> Result<Engine> {
    Engine::open_with(directory, EngineOptions::default().with_create())
}

fn everything(engine: &Engine) -> Result<String> {
    let all = SearchRequest {
        scope: Scope::All,
        limit: 1_000,
        facets: vec!["industries".into()],
        ..SearchRequest::default()
    };
    let answer = engine.search(&all)?.to_json();
    let listed = answer.split("\"generation\"").next().expect("a part").to_owned();
    let ids = engine.search(&all)?.ids().iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    let kept =
        ids.iter().map(|id| format!("{:?}", engine.get(id).expect("sound"))).collect::<Vec<_>>();
    Ok(listed + &kept.join("\n"))
}

fn live(engine: &Engine) -> Result<()> {
    engine.upsert((0..40).map(advisor).collect())?;
    engine.set_synonyms(vec![SynonymRule::Equal(vec!["cfo".into(), "finance chief".into()])])?;
    let mut schema = Schema::default();
    schema.declare("since", AttributeKind::Number)?;
    engine.declare(&schema)?;
    for number in 0..20 {
        let mut patch = ProfilePatch { current_clients: Some(number), ..ProfilePatch::default() };
        patch
            .attributes
            .insert("since".to_owned(), Some(AttributeValue::Number(f64::from(number))));
        engine.patch(vec![(format!("adv-{number:03}"), patch)])?;
    }
    engine.remove(&["adv-007", "adv-039"])?;
    let words = ProfilePatch { bio: Some(Some("Audits".to_owned())), ..ProfilePatch::default() };
    engine.patch(vec![("adv-008".to_owned(), words)])?;
    Ok(())
}

#[test]
fn what_was_acknowledged_is_there_when_it_is_opened_again() -> Result<()> {
    let directory = tempfile::tempdir().expect("a directory");
    let engine = created(directory.path())?;
    live(&engine)?;
    let (before, generation) = (everything(&engine)?, engine.stats().generation);
    drop(engine);
    let engine = Engine::open(directory.path())?;
    assert_eq!((everything(&engine)?, engine.stats().generation), (before.clone(), generation));
    let found = SearchRequest {
        text: Some("finance chief".to_owned()),
        scope: Scope::All,
        ..SearchRequest::default()
    };
    assert!(engine.search(&found)?.total > 0, "synonyms are kept too");

    // A snapshot, more changes, and the journal's tail after it.
    engine.snapshot(directory.path())?;
    drop(engine);
    let engine = Engine::open(directory.path())?;
    assert_eq!(everything(&engine)?, before);
    engine.upsert(vec![advisor(100)])?;
    let after = everything(&engine)?;
    drop(engine);
    assert_eq!(everything(&Engine::open(directory.path())?)?, after);
    Ok(())
}

#[test]
fn without_a_snapshot_and_with_a_damaged_one_the_journal_gives_everything() -> Result<()> {
    let directory = tempfile::tempdir().expect("a directory");
    let engine = created(directory.path())?;
    live(&engine)?;
    engine.snapshot(directory.path())?;
    engine.upsert(vec![advisor(100)])?;
    engine.remove(&["adv-001"])?;
    let before = everything(&engine)?;
    drop(engine);
    let snapshots = || {
        let entries = fs::read_dir(directory.path()).expect("a directory");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        paths.filter(|path| path.extension().is_some_and(|end| end == "slx")).collect::<Vec<_>>()
    };
    for path in snapshots() {
        let mut bytes = fs::read(&path).expect("its bytes");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x55;
        fs::remove_file(&path).expect("it was there");
        fs::write(&path, bytes).expect("room");
    }
    let engine = Engine::open(directory.path())?;
    assert_eq!(everything(&engine)?, before);
    assert!(engine.stats().warnings[0].contains("damaged"), "{:?}", engine.stats().warnings);
    drop(engine);
    for path in snapshots() {
        fs::remove_file(&path).expect("it was there");
    }
    let engine = Engine::open(directory.path())?;
    assert_eq!(everything(&engine)?, before);
    assert_eq!(engine.stats().warnings, Vec::<String>::new());
    Ok(())
}

#[test]
fn a_directory_that_has_only_a_snapshot_gets_a_journal_with_its_first_change() -> Result<()> {
    let directory = tempfile::tempdir().expect("a directory");
    let built = Engine::in_memory()?;
    built.upsert((0..10).map(advisor).collect())?;
    built.snapshot(directory.path())?;
    let engine = Engine::open(directory.path())?;
    assert!(!directory.path().join("journal").exists(), "reading changes nothing");
    engine.upsert(vec![advisor(11)])?;
    let before = everything(&engine)?;
    drop(engine);
    assert_eq!(everything(&Engine::open(directory.path())?)?, before);

    // Another index in its place: neither its snapshots nor its journal are mixed with the old ones.
    let other = Engine::in_memory()?;
    other.upsert(vec![advisor(500)])?;
    other.snapshot(directory.path())?;
    assert_eq!(everything(&Engine::open(directory.path())?)?, everything(&other)?);
    Ok(())
}

#[test]
fn one_engine_owns_a_directory_and_a_closed_one_goes_on_reading() -> Result<()> {
    let directory = tempfile::tempdir().expect("a directory");
    let buffered = Durability::Buffered { max_delay: Duration::from_mins(1) };
    let options = EngineOptions::default().with_create().with_durability(buffered);
    let engine = Engine::open_with(directory.path(), options)?;
    assert!(matches!(Engine::open(directory.path()), Err(Error::Locked { .. })));
    let applied = engine.upsert(vec![advisor(1)])?;
    let kept = |engine: &Engine| engine.stats().keeping.expect("a directory");
    assert_eq!(kept(&engine).synced_generation, applied.generation - 1);
    let reader = engine.clone();
    engine.close()?;
    assert_eq!(kept(&reader).synced_generation, applied.generation);
    assert!(reader.get("adv-001")?.is_some());
    assert!(matches!(reader.upsert(vec![advisor(2)]), Err(Error::Closed { .. })));
    drop(reader);
    assert_eq!(Engine::open(directory.path())?.stats().profiles, 1);
    let nothing = tempfile::tempdir().expect("a directory");
    assert!(matches!(Engine::open(nothing.path()), Err(Error::NotAnIndex { .. })));
    Ok(())
}

#[test]
fn a_request_reads_what_was_written_elsewhere_or_says_that_it_is_not_there_yet() -> Result<()> {
    let engine = Engine::in_memory()?;
    let search = |at_least, timeout_ms| SearchRequest {
        at_least: Some(at_least),
        timeout_ms,
        scope: Scope::All,
        ..SearchRequest::default()
    };
    let criteria = |at_least, timeout_ms| ClientCriteria {
        at_least: Some(at_least),
        timeout_ms,
        ..ClientCriteria::default()
    };
    let missing = |waited_ms| Error::NotYet { generation: 1, current: 0, waited_ms };
    assert_eq!(engine.search(&search(1, None)).err(), Some(missing(0)));
    assert_eq!(engine.match_advisors(&criteria(1, Some(3))).err(), Some(missing(3)));
    let many = engine.search_many(&[search(0, None), search(1, None)]);
    assert!(many[0].is_ok());
    assert_eq!(many[1].as_ref().err(), Some(&missing(0)));
    std::thread::scope(|scope| {
        let waits = scope.spawn(|| engine.search(&search(1, Some(10_000))));
        let matches = scope.spawn(|| engine.match_many(&[criteria(1, Some(10_000))]));
        std::thread::sleep(Duration::from_millis(20));
        engine.upsert(vec![advisor(1)])?;
        assert_eq!(waits.join().expect("it waits")?.ids(), ["adv-001"]);
        assert_eq!(
            matches.join().expect("it waits")[0].as_ref().map(|found| found.generation),
            Ok(1)
        );
        Ok::<_, Error>(())
    })?;
    let wire = SearchRequest::from_json(r#"{"atLeast": 5000000000}"#)?;
    assert_eq!(wire.at_least, Some(5_000_000_000));
    let wrong = ClientCriteria::from_json(r#"{"atLeast": -1}"#).unwrap_err();
    assert_eq!((wrong.code(), wrong.field()), ("SL1003", Some("atLeast")));
    Ok(())
}

#[test]
fn a_generation_is_waited_for_and_said_to_be_missing() -> Result<()> {
    let engine = Engine::in_memory()?;
    let missing = engine.wait_for(1, Duration::from_millis(5));
    assert!(matches!(missing, Err(Error::NotYet { generation: 1, current: 0, waited_ms: 5 })));
    std::thread::scope(|scope| {
        let waits = scope.spawn(|| engine.wait_for(1, Duration::from_secs(10)));
        engine.upsert(vec![advisor(1)])?;
        assert_eq!(waits.join().expect("it waits")?, 1);
        Ok(())
    })
}
