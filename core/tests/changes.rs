//! What changes do: patches of hot fields, and those that hang on a condition.

use shortlist::{
    AdvisorProfile, AttributeKind, AttributeValue, ClientCriteria, Engine, EngineOptions, Error,
    Filter, ProfilePatch, Result, Schema, Scope, SearchRequest,
};

fn advisor(id: &str) -> AdvisorProfile {
    let mut advisor = AdvisorProfile::new(id);
    advisor.professional_title = Some("Fractional CFO".to_owned());
    (advisor.marketplace_status, advisor.is_verified) = ("active".to_owned(), true);
    advisor.embedding = Some(vec![0.1, 0.7, 0.3]);
    advisor.max_clients = 2;
    advisor
}

fn patch(json: &str) -> ProfilePatch {
    ProfilePatch::from_json(json, &Schema::default()).expect("a patch")
}

const ROOM: &str = r#"{"currentClients": {"lt": {"field": "maxClients"}}}"#;

fn take(clients: u32) -> ProfilePatch {
    ProfilePatch {
        if_: Some(Filter::from_json(ROOM).expect("a filter")),
        current_clients: Some(clients),
        ..ProfilePatch::default()
    }
}

#[test]
fn a_patch_whose_condition_does_not_hold_changes_nothing_of_its_batch() -> Result<()> {
    let engine = Engine::in_memory()?;
    engine.upsert(vec![advisor("ada"), advisor("ben")])?;
    let before = engine.patch(vec![("ada".to_owned(), take(2))])?.generation;
    let refused = engine.patch(vec![
        ("ben".to_owned(), patch(r#"{"overallRating": 4}"#)),
        ("ada".to_owned(), take(3)),
    ]);
    assert!(
        matches!(&refused, Err(Error::ConditionNotMet { id, condition })
            if id == "ada" && condition == "currentClients, maxClients"),
        "{refused:?}"
    );
    assert_eq!(engine.stats().generation, before);
    assert_eq!(engine.get("ben")?.map(|ben| ben.overall_rating), Some(0.0));
    Ok(())
}

#[test]
fn a_condition_sees_what_the_patches_before_it_in_the_batch_did() -> Result<()> {
    let engine = Engine::in_memory()?;
    engine.upsert(vec![advisor("ada")])?;
    let ada = |change: ProfilePatch| ("ada".to_owned(), change);
    engine.patch(vec![ada(take(1)), ada(take(2))])?;
    assert!(matches!(
        engine.patch(vec![ada(patch(r#"{"maxClients": 3}"#)), ada(take(3)), ada(take(4))]),
        Err(Error::ConditionNotMet { .. })
    ));
    assert_eq!(engine.get("ada")?.map(|ada| (ada.current_clients, ada.max_clients)), Some((2, 2)));
    Ok(())
}

#[test]
fn a_condition_that_names_no_field_is_refused_by_that_name() -> Result<()> {
    let engine = Engine::in_memory()?;
    engine.upsert(vec![advisor("ada")])?;
    let wrong = patch(r#"{"currentClients": 1, "if": {"curentClients": 0}}"#);
    let refused = engine.patch(vec![("ada".to_owned(), wrong)]);
    assert!(
        matches!(&refused, Err(Error::UnknownField { field, nearest, .. })
            if field == "curentClients" && nearest.as_deref() == Some("currentClients")),
        "{refused:?}"
    );
    Ok(())
}

#[test]
fn of_many_who_want_the_last_place_one_gets_it() -> Result<()> {
    let engine = Engine::in_memory()?;
    engine.upsert(vec![AdvisorProfile { current_clients: 1, ..advisor("ada") }])?;
    let won: usize = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| engine.patch(vec![("ada".to_owned(), take(2))]).is_ok()))
            .collect();
        tries.into_iter().map(|one| usize::from(one.join().unwrap_or(false))).sum()
    });
    assert_eq!(won, 1);
    Ok(())
}

#[test]
fn hot_patches_and_changed_words_leave_every_score_to_the_last_bit() -> Result<()> {
    let engine = Engine::in_memory()?;
    engine.upsert(vec![advisor("ada"), advisor("ben")])?;
    let need = ClientCriteria { embedding: Some(vec![0.3, 0.2, 0.9]), ..ClientCriteria::default() };
    let similarity = || -> Result<Vec<Option<u64>>> {
        let answer = engine.match_advisors(&need)?;
        Ok(answer.matches().map(|one| one.breakdown.similarity.map(f64::to_bits)).collect())
    };
    let before = similarity()?;
    for turn in 0..20 {
        let words = format!(r#"{{"headline": "turn {turn}"}}"#);
        engine.patch(vec![("ada".to_owned(), patch(&words))])?;
        let mut whole = engine.get("ben")?.expect("ben is there");
        whole.bio = Some(format!("turn {turn}"));
        engine.upsert(vec![whole])?;
        assert_eq!(similarity()?, before, "after {turn}");
    }
    Ok(())
}

#[test]
fn a_hot_patch_that_is_out_of_range_names_its_field_and_does_nothing() -> Result<()> {
    let mut schema = Schema::default();
    schema.declare("score", AttributeKind::Number)?;
    let engine = Engine::in_memory_with(EngineOptions::with_schema(schema))?;
    engine.upsert(vec![advisor("ada")])?;
    let wrong = |patch: ProfilePatch, named: &str| {
        let refused = engine.patch(vec![("ada".to_owned(), patch)]).expect_err("it is wrong");
        assert_eq!(refused.field(), Some(named), "{refused}");
    };
    let none = ProfilePatch::default;
    wrong(ProfilePatch { overall_rating: Some(5.5), ..none() }, "overallRating");
    wrong(ProfilePatch { hourly_rate: Some(Some(f64::NAN)), ..none() }, "hourlyRate");
    let attribute = |value| {
        [("score".to_owned(), Some(value))]
            .into_iter()
            .collect::<std::collections::BTreeMap<_, _>>()
    };
    let nan = AttributeValue::Number(f64::INFINITY);
    wrong(ProfilePatch { attributes: attribute(nan), ..none() }, "attributes.score");
    let kind = AttributeValue::Bool(true);
    wrong(ProfilePatch { attributes: attribute(kind), ..none() }, "attributes.score");
    assert_eq!(
        engine.get("ada")?,
        Some(advisor("ada")).map(|ada| AdvisorProfile {
            embedding: engine.get("ada").expect("sound").and_then(|ada| ada.embedding),
            ..ada
        })
    );
    let all = SearchRequest { scope: Scope::All, ..SearchRequest::default() };
    assert_eq!(engine.search(&all)?.total, 1);
    Ok(())
}
