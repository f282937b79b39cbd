//! Small catalogues under rules, worked out by hand.

use shortlist::{
    AdvisorProfile, ClientCriteria, Engine, Error, ProfilePatch, Rules, Schema, Scope,
    SearchRequest,
};

use crate::pair::Pair;

/// a to f, dearer and dearer; a, c and e are of Tax.
fn pair() -> Pair {
    let advisor = |(id, at): (&str, u32)| {
        let mut advisor = AdvisorProfile::new(id);
        advisor.hourly_rate = Some(f64::from(100 + 10 * at));
        advisor.overall_rating = f64::from(at) / 2.0;
        advisor.services = vec![if at % 2 == 0 { "Tax" } else { "Audit" }.to_owned()];
        (advisor.marketplace_status, advisor.is_verified) = ("active".to_owned(), true);
        advisor
    };
    let advisors = ["a", "b", "c", "d", "e", "f"].into_iter().zip(0..).map(advisor).collect();
    Pair::new(Schema::default(), advisors, None).expect("the examples fit")
}

/// The ids of all pages, which the twin gives too.
fn found(pair: &Pair, request: &str) -> Vec<String> {
    let mut request = SearchRequest::from_json(request).expect("a right request");
    request.limit = 2;
    pair.search(&request).expect("the twin's pages");
    request.limit = 100;
    let answer = pair.engine.search(&request).expect("an answer");
    answer.ids().into_iter().map(str::to_owned).collect()
}

fn matched(pair: &Pair, criteria: &str) -> Vec<String> {
    let criteria = ClientCriteria::from_json(criteria).expect("right criteria");
    pair.match_advisors(&criteria).expect("the twin's answer");
    let answer = pair.engine.match_advisors(&criteria).expect("an answer");
    answer.ids().into_iter().map(str::to_owned).collect()
}

#[test]
fn pins_stand_at_their_places_and_behind_the_end_one_after_the_other() {
    let pair = pair();
    let pinned = r#"{"sort": "priceAsc", "rules": {"pins": [
        {"id": "f", "position": 1}, {"id": "a", "position": 3}, {"id": "nobody", "position": 2}]}}"#;
    assert_eq!(found(&pair, pinned), ["f", "b", "a", "c", "d", "e"]);
    let late = r#"{"sort": "priceAsc", "rules": {"pins": [
        {"id": "b", "position": 900}, {"id": "a", "position": 90}]}}"#;
    assert_eq!(found(&pair, late), ["c", "d", "e", "f", "a", "b"]);
    let all = r#"{"rules": {"pins": [{"id": "a", "position": 1}, {"id": "b", "position": 2},
        {"id": "c", "position": 3}, {"id": "d", "position": 4}, {"id": "e", "position": 5},
        {"id": "f", "position": 6}]}}"#;
    assert_eq!(found(&pair, all), ["a", "b", "c", "d", "e", "f"]);
}

#[test]
fn a_pin_must_pass_the_filters_but_need_not_have_the_words() {
    let pair = pair();
    let rules = r#""rules": {"pins": [{"id": "f", "position": 1}]}"#;
    assert_eq!(
        found(&pair, &format!(r#"{{"maxHourlyRate": 110, "sort": "priceAsc", {rules}}}"#)),
        ["a", "b"]
    );
    let tax = format!(r#"{{"text": "tax", "sort": "priceAsc", "facets": ["services"], {rules}}}"#);
    assert_eq!(found(&pair, &tax), ["f", "a", "c", "e"]);
    let answer = pair.engine.search(&SearchRequest::from_json(&tax).expect("right"));
    let answer = answer.expect("an answer");
    assert_eq!(answer.total, 4);
    assert_eq!(answer.facets[0].counts.iter().map(|count| count.count).sum::<u64>(), 4);
    let hidden = r#"{"rules": {"pins": [{"id": "f", "position": 1}], "hide": {"id": ["f", "e"]}},
        "sort": "priceAsc"}"#;
    assert_eq!(found(&pair, hidden), ["a", "b", "c", "d"]);
}

#[test]
fn an_order_of_fields_has_the_boosted_first_and_the_buried_last() {
    let pair = pair();
    let request = r#"{"sort": "priceAsc", "rules": {
        "boost": [{"filter": {"services": "Tax"}, "factor": 2}, {"filter": {"id": "d"}, "factor": 4}],
        "bury": [{"filter": {"id": ["a", "b"]}, "factor": 0.5}, {"filter": {"id": "c"}, "factor": 0.25}]}}"#;
    // a is boosted and buried alike.
    assert_eq!(found(&pair, request), ["d", "e", "a", "f", "b", "c"]);
}

#[test]
fn a_match_shows_the_factor_and_its_contributions_sum_to_the_score() {
    let pair = pair();
    let request = r#"{"weights": {"business": 0}, "rules": {
        "boost": [{"filter": {"id": "c"}, "factor": 3}], "pins": [{"id": "a", "position": 2}]}}"#;
    assert_eq!(matched(&pair, request), ["c", "a", "f", "e", "d", "b"]);
    let criteria = ClientCriteria::from_json(request).expect("right criteria");
    let answer = pair.engine.match_advisors(&criteria).expect("an answer");
    let first = answer.matches().next().expect("a match");
    let part = first.breakdown.parts.last().expect("a part");
    assert_eq!((part.name, part.value, part.weight), ("rules", 3.0, 0.0));
    assert!((first.score - 0.6).abs() < 1e-12 && (part.contribution - 0.4).abs() < 1e-12);
    assert!(answer.matches().nth(1).expect("a pin").pinned);
    let short = r#"{"limit": 1, "rules": {"pins": [{"id": "a", "position": 2}]}}"#;
    assert_eq!(matched(&pair, short), ["f"]);
}

#[test]
fn a_least_score_lets_pins_in_and_caps_count_them() {
    let pair = pair();
    let least = r#"{"weights": {"business": 0}, "minScore": 0.35, "rules": {
        "pins": [{"id": "a", "position": 1}]}}"#;
    assert_eq!(matched(&pair, least), ["a", "f", "e"]);
    let capped = r#"{"weights": {"business": 0}, "maxPer": {"field": "services", "count": 1},
        "rules": {"pins": [{"id": "b", "position": 2}]}}"#;
    assert_eq!(matched(&pair, capped), ["e", "b"]);
}

#[test]
fn kept_rules_are_called_by_name_and_outlive_the_process() {
    let mut pair = pair();
    let rules = Rules::from_json(r#"{"hide": {"services": "Tax"}}"#).expect("right rules");
    pair.engine.set_rules("spring", rules.clone()).expect("kept");
    pair.twin.set_rules("spring", rules.clone()).expect("kept");
    assert_eq!(found(&pair, r#"{"rules": "spring", "sort": "priceAsc"}"#), ["b", "d", "f"]);
    let directory = tempfile::tempdir().expect("a directory");
    pair.engine.snapshot(directory.path()).expect("written");
    pair.engine = Engine::open(directory.path()).expect("opened");
    assert_eq!(pair.engine.rules(), [("spring".to_owned(), rules)].into());
    assert_eq!(matched(&pair, r#"{"rules": "spring"}"#), ["f", "d", "b"]);
    pair.engine.remove_rules("spring").expect("forgotten");
    let unknown =
        pair.engine.search(&SearchRequest::from_json(r#"{"rules": "spring"}"#).expect("right"));
    assert!(matches!(unknown, Err(Error::UnknownField { field, .. }) if field == "spring"));
    assert!(pair.engine.remove_rules("spring").is_err());
    let wrong =
        Rules::from_json(r#"{"hide": {"industry": "x"}}"#).expect("its fields are not known yet");
    assert!(matches!(pair.engine.set_rules("spring", wrong), Err(Error::UnknownField { .. })));
    assert!(pair.engine.set_rules("", Rules::default()).is_err());
}

#[test]
fn pages_around_pins_skip_and_repeat_nobody_while_others_change() {
    let pair = pair();
    let mut request = SearchRequest::from_json(
        r#"{"sort": "priceAsc", "limit": 2, "scope": "all", "rules": {"pins": [{"id": "f", "position": 1},
            {"id": "e", "position": 4}], "boost": [{"filter": {"id": "d"}, "factor": 2}]}}"#,
    )
    .expect("a right request");
    assert_eq!(request.scope, Scope::All);
    let mut shown = Vec::new();
    let mut rate = 90.0;
    loop {
        let answer = pair.engine.search(&request).expect("an answer");
        shown.extend(answer.ids().into_iter().map(str::to_owned));
        let Some(cursor) = answer.next_cursor else { break };
        request.cursor = Some(cursor);
        // Others come in before and behind.
        let ids: &[&str] = if rate < 130.0 { &["new", "newer"] } else { &[] };
        for id in ids {
            let mut advisor = AdvisorProfile::new(format!("{id}{rate}"));
            advisor.hourly_rate = Some(rate);
            pair.engine.upsert(vec![advisor]).expect("a sound advisor");
            rate += 7.0;
        }
        let patch = ProfilePatch { overall_rating: Some(1.0), ..ProfilePatch::default() };
        pair.engine.patch(vec![("a".to_owned(), patch)]).expect("a sound patch");
    }
    for id in ["a", "b", "c", "d", "e", "f"] {
        assert_eq!(shown.iter().filter(|other| *other == id).count(), 1, "{id} in {shown:?}");
    }
    let distinct: std::collections::HashSet<&String> = shown.iter().collect();
    assert_eq!(distinct.len(), shown.len(), "{shown:?}");
}
