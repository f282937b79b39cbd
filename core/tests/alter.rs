//! Schemas that change while the index has data: values come from the details, go in the background, and whoever asks
//! too early or too late is told by name.

use std::path::Path;
use std::time::{Duration, Instant};

use shortlist::{
    AdvisorProfile, AttributeKind, AttributeValue, ChangeKind, Durability, Engine, EngineOptions,
    Error, Event, IndexChange, NewAttribute, ProfilePatch, Result, Rules, SchemaChange,
    SearchRequest,
};

const MANY: u32 = 1_000;

fn advisor(n: u32) -> AdvisorProfile {
    let mut advisor = AdvisorProfile::new(format!("a{n:04}"));
    advisor.details = Some(match n % 10 {
        0 => r#"{"languages": 7}"#.to_owned(),
        1 => "[]".to_owned(),
        _ => format!(
            r#"{{"languages": ["l{}"], "license": {{"since": {n}}}, "note": "painstaking"}}"#,
            n % 3
        ),
    });
    advisor
}

fn by_hand() -> EngineOptions {
    EngineOptions::default().with_background(false)
}

fn filled() -> Result<Engine> {
    let engine = Engine::in_memory_with(by_hand())?;
    engine.upsert((0..MANY).map(advisor).collect())?;
    Ok(engine)
}

fn change(json: &str) -> SchemaChange {
    SchemaChange::from_json(json).expect("a change")
}

fn total(engine: &Engine, request: &str) -> Result<u64> {
    let request = SearchRequest::from_json(&format!(r#"{{"scope": "all", {request}}}"#))?;
    Ok(engine.search(&request)?.total)
}

const GERMAN: &str = r#""filter": {"attributes.languages": "l1"}"#;

#[test]
fn an_added_attribute_is_being_indexed_until_the_profiles_that_were_there_are_read() -> Result<()> {
    let engine = filled()?;
    let mut events = engine.subscribe();
    engine.alter(change(
        r#"{"add": {"languages": "keywords", "since": {"kind": "number", "from": "license.since"}}}"#,
    ))?;
    let Some(Event::Changes(told)) = events.try_next()? else { panic!("it is told") };
    assert_eq!(told.index, [IndexChange::Schema]);

    for request in [
        GERMAN,
        r#""filter": {"attributes.since": {"gt": 5}}"#,
        r#""sort": [{"field": "attributes.since", "order": "asc"}]"#,
        r#""facets": ["attributes.languages"]"#,
        r#""fields": ["id", "attributes.languages"]"#,
    ] {
        let error = total(&engine, request).expect_err(request);
        assert!(matches!(error, Error::BeingIndexed { percent: 0, .. }), "{request}: {error}");
        assert_eq!(error.code(), "SL1023");
        assert!(error.to_string().contains("is being indexed, 0 %"), "{error}");
    }
    assert_eq!(
        engine.stats().attributes,
        ["languages: keywords (being indexed, 0 %)", "since: number (being indexed, 0 %)"]
    );

    // What is written meanwhile counts.
    let own = [("languages".to_owned(), Some(AttributeValue::Keywords(vec!["own".to_owned()])))];
    let patch = ProfilePatch { attributes: own.into(), ..ProfilePatch::default() };
    engine.patch(vec![("a0004".to_owned(), patch)])?;

    engine.maintain()?;
    assert_eq!(engine.stats().attributes, ["languages: keywords", "since: number"]);
    let right = (0..MANY).filter(|n| n % 10 > 1 && n % 3 == 1 && *n != 4).count() as u64;
    assert_eq!(total(&engine, GERMAN)?, right);
    assert_eq!(total(&engine, r#""filter": {"attributes.languages": "own"}"#)?, 1);
    assert_eq!(total(&engine, r#""filter": {"attributes.since": {"gte": 990}}"#)?, 8);
    let exists = r#""filter": {"attributes.languages": {"exists": true}}"#;
    assert_eq!(total(&engine, exists)?, 800, "details that do not fit give none");

    // Each profile that got a value was told, once for each of the two.
    let mut updates = 0;
    while let Some(Event::Changes(told)) = events.try_next()? {
        assert!(told.profiles.iter().all(|one| one.kind == ChangeKind::Updated));
        updates += told.profiles.len();
    }
    assert_eq!(updates, 1 + 799 + 800);

    // From now on profiles bring it themselves.
    engine.upsert(vec![advisor(2), advisor(3)])?;
    assert_eq!(total(&engine, exists)?, 798);
    Ok(())
}

#[test]
fn a_removed_attribute_is_refused_by_name_and_its_values_go() -> Result<()> {
    let engine = filled()?;
    engine.alter(change(r#"{"add": {"languages": "keywords", "note": "text"}}"#))?;
    engine.maintain()?;
    assert_eq!(total(&engine, r#""text": "painstaking""#)?, 800);
    let value = AttributeValue::Keywords(vec!["x".to_owned()]);
    let mut given = AdvisorProfile::new("new");
    given.attributes.insert("languages".to_owned(), value.clone());

    engine.alter(change(r#"{"remove": ["languages", "note"]}"#))?;
    let set = ProfilePatch {
        attributes: [("languages".to_owned(), Some(value))].into(),
        ..ProfilePatch::default()
    };
    let mut errors = vec![
        engine.upsert(vec![given.clone()]).expect_err("an upsert"),
        engine.patch(vec![("a0004".to_owned(), set)]).expect_err("a patch"),
        engine.alter(change(r#"{"remove": ["note"]}"#)).expect_err("gone already"),
    ];
    for request in [
        GERMAN,
        r#""sort": [{"field": "attributes.languages", "order": "asc"}]"#,
        r#""facets": ["attributes.languages"]"#,
        r#""fields": ["attributes.languages"]"#,
        r#""text": "painstaking", "highlight": {"fields": ["attributes.note"]}"#,
    ] {
        errors.push(total(&engine, request).expect_err(request));
    }
    for error in errors {
        assert!(matches!(error, Error::RemovedField { .. }), "{error}");
        assert_eq!(error.code(), "SL1024");
        assert!(error.to_string().contains("was removed from the schema"), "{error}");
    }
    assert!(engine.get("a0004")?.expect("it is there").attributes.is_empty(), "not shown at once");
    // Other fields of profiles whose values are still there are written as ever.
    let bio = ProfilePatch { bio: Some(Some("painless".to_owned())), ..ProfilePatch::default() };
    engine.patch(vec![("a0004".to_owned(), bio)])?;

    let early = engine.alter(change(r#"{"add": {"languages": "number"}}"#)).expect_err("too early");
    assert!(matches!(early, Error::OutOfRange { .. }), "{early}");
    engine.maintain()?;
    assert_eq!(total(&engine, r#""text": "painstaking""#)?, 0);
    assert_eq!(total(&engine, r#""filter": {"attributes": {"exists": true}}"#)?, 0);

    // Added again, with another kind: nothing of the old one is there.
    engine.alter(change(r#"{"add": {"languages": "number", "note": "text"}}"#))?;
    engine.maintain()?;
    let sevens = r#""filter": {"attributes.languages": {"eq": 7}}"#;
    assert_eq!(total(&engine, sevens)?, 100);
    assert_eq!(total(&engine, r#""text": "painstaking""#)?, 800);
    engine.upsert(vec![AdvisorProfile::new("new")])?;
    assert!(engine.upsert(vec![given]).is_err(), "keywords are no number");
    Ok(())
}

#[test]
fn what_does_not_fit_is_refused_and_changes_nothing() -> Result<()> {
    let engine = filled()?;
    engine.alter(change(r#"{"add": {"languages": "keywords"}}"#))?;
    engine.maintain()?;
    let rules = Rules::from_json(r#"{"hide": {"attributes.languages": "l1"}}"#)?;
    engine.set_rules("spring", rules)?;
    let before = engine.schema();
    let refused = |json: &str| engine.alter(change(json)).expect_err(json);
    let rules = refused(r#"{"add": {"since": "number"}, "remove": ["languages"]}"#);
    assert!(matches!(rules, Error::RemovedField { .. }), "kept rules ask for it: {rules}");
    let near = refused(r#"{"remove": ["langages"]}"#);
    assert!(near.to_string().contains("did you mean `attributes.languages`"), "{near}");
    assert!(matches!(refused(r#"{"add": {"languages": "text"}}"#), Error::WrongType { .. }));
    let empty = NewAttribute { name: String::new(), kind: AttributeKind::Text, from: None };
    let empty = SchemaChange { add: vec![empty], remove: Vec::new() };
    assert!(matches!(engine.alter(empty), Err(Error::OutOfRange { .. })));
    assert_eq!(engine.schema().to_json(), before.to_json());
    assert!(SchemaChange::from_json(r#"{"add": {"a": "sound"}}"#).is_err());
    assert!(SchemaChange::from_json(r#"{"add": {"a": {"from": "b"}}}"#).is_err());
    Ok(())
}

fn kept(directory: &Path, background: bool) -> Result<Engine> {
    let options = EngineOptions::default().with_create().with_durability(Durability::None);
    let options = options.with_snapshots(None, None).with_background(background);
    Engine::open_with(directory, options)
}

#[test]
fn what_a_process_left_undone_is_gone_on_with_by_the_next() -> Result<()> {
    let right = (0..MANY).filter(|n| n % 10 > 1 && n % 3 == 1).count() as u64;
    for snapshot in [false, true] {
        let directory = tempfile::tempdir().expect("a directory");
        let engine = kept(directory.path(), false)?;
        engine.upsert((0..MANY).map(advisor).collect())?;
        engine.alter(change(r#"{"add": {"languages": "keywords"}}"#))?;
        if snapshot {
            engine.snapshot(directory.path())?;
        }
        drop(engine);

        let engine = kept(directory.path(), false)?;
        assert!(matches!(total(&engine, GERMAN), Err(Error::BeingIndexed { .. })));
        drop(engine);
        // Nobody calls anything: it is the background's to do.
        let engine = kept(directory.path(), true)?;
        let until = Instant::now() + Duration::from_secs(30);
        while let Err(Error::BeingIndexed { .. }) = total(&engine, GERMAN) {
            assert!(Instant::now() < until, "it is not done: {:?}", engine.stats().attributes);
            std::thread::sleep(Duration::from_millis(2));
        }
        assert_eq!(total(&engine, GERMAN)?, right);
        engine.alter(change(r#"{"remove": ["languages"]}"#))?;
        engine.maintain()?;
        engine.alter(change(r#"{"add": {"languages": "number"}}"#))?;
        engine.maintain()?;
        if snapshot {
            engine.snapshot(directory.path())?;
        }
        drop(engine);

        let engine = kept(directory.path(), false)?;
        assert_eq!(total(&engine, r#""filter": {"attributes.languages": {"eq": 7}}"#)?, 100);
        drop(engine);
        // Without a snapshot everything is made anew from the journal.
        for entry in std::fs::read_dir(directory.path()).expect("a directory").flatten() {
            if entry.path().extension().is_some_and(|extension| extension == "slx") {
                std::fs::remove_file(entry.path()).expect("a snapshot");
            }
        }
    }
    Ok(())
}
