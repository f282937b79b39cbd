//! Small catalogues, worked out by hand: caps, loosening, reasons, likeness.

use shortlist::{AdvisorProfile, ClientCriteria, Engine, Error, Schema, SimilarRequest};

use crate::pair::Pair;

fn pair(advisors: &[(&str, &str)]) -> Pair {
    let mut schema = Schema::default();
    schema.declare("firm", shortlist::AttributeKind::Keywords).expect("a name");
    let read = |(id, fields): &(&str, &str)| {
        let comma = if fields.is_empty() { "" } else { ", " };
        let text = format!(
            r#"{{"id": "{id}", "marketplaceStatus": "active", "isVerified": true{comma}{fields}}}"#
        );
        AdvisorProfile::from_json(&text, &schema).expect("the example is right")
    };
    let advisors = advisors.iter().map(read).collect();
    Pair::new(schema.clone(), advisors, None).expect("the examples fit")
}

/// The ids that engine and twin both give, each with what was loosened for it.
fn matched(pair: &Pair, criteria: &str) -> Vec<String> {
    let criteria = ClientCriteria::from_json(criteria).expect("right criteria");
    pair.match_advisors(&criteria).expect("the twin's answer");
    let answer = pair.engine.match_advisors(&criteria).expect("an answer");
    let shown = answer.matches().map(|found| {
        let relaxed: Vec<String> = found.relaxed.iter().map(ToString::to_string).collect();
        [vec![found.advisor_id.to_owned()], relaxed].concat().join(" ")
    });
    shown.collect()
}

#[test]
fn a_cap_reaches_as_deep_as_it_must_and_no_list_is_short() {
    // Three hundred of one firm before the first of another.
    let mut advisors: Vec<(String, String)> = (0..300)
        .map(|n| {
            (format!("a{n:03}"), r#""overallRating": 5, "attributes": {"firm": ["x"]}"#.to_owned())
        })
        .collect();
    advisors.push((
        "y".to_owned(),
        r#""overallRating": 1, "attributes": {"firm": ["y", "z"]}"#.to_owned(),
    ));
    advisors.push((
        "z".to_owned(),
        r#""overallRating": 0.9, "attributes": {"firm": ["z"]}"#.to_owned(),
    ));
    advisors.push(("free".to_owned(), r#""overallRating": 0.5"#.to_owned()));
    advisors.push(("free2".to_owned(), String::new()));
    let advisors: Vec<(&str, &str)> =
        advisors.iter().map(|(id, fields)| (id.as_str(), fields.as_str())).collect();
    let pair = pair(&advisors);
    let cap = r#"{"maxPer": {"field": "attributes.firm", "count": 1}, "limit": 3}"#;
    assert_eq!(matched(&pair, cap), ["a000", "y", "free"]);
    let cap = r#"{"maxPer": {"field": "attributes.firm", "count": 1}}"#;
    assert_eq!(matched(&pair, cap), ["a000", "y", "free", "free2"]);
    let both = r#"{"maxPer": [{"field": "attributes.firm", "count": 2}, {"field": "userId", "count": 1}]}"#;
    assert_eq!(matched(&pair, both), ["a000", "a001", "y", "z", "free", "free2"]);
}

#[test]
fn a_filter_is_loosened_no_further_than_needed_and_every_match_says_by_what() {
    let pair = pair(&[
        ("fits", r#""industries": ["SaaS"], "services": ["Tax", "Audit"], "hourlyRate": 100"#),
        ("dear", r#""industries": ["SaaS"], "services": ["Tax", "Audit"], "hourlyRate": 110"#),
        ("dearer", r#""industries": ["SaaS"], "services": ["Tax", "Audit"], "hourlyRate": 130"#),
        ("half", r#""industries": ["SaaS"], "services": ["Tax"], "hourlyRate": 115"#),
        ("none", r#""industries": ["SaaS"], "hourlyRate": 90"#),
        (
            "other",
            r#""industries": ["Mining"], "services": ["Tax"], "overallRating": 5, "hourlyRate": 90"#,
        ),
        ("unpriced", r#""industries": ["SaaS"], "services": ["Tax", "Audit"]"#),
    ]);
    let need = |limit: u32| {
        let need = r#""industries": "SaaS", "requiredServices": ["Tax", "Audit"], "requireAll": true,
            "maxBudget": 100, "relax": true"#;
        matched(&pair, &format!(r#"{{{need}, "limit": {limit}}}"#))
    };
    assert_eq!(need(1), ["fits"]);
    assert_eq!(need(2), ["fits", "dear budget+10%"]);
    let all = [
        "fits",
        "dear budget+10%",
        "dearer budget+30%",
        "half budget+20% anyService",
        "none services",
        "other anyService industries",
    ];
    assert_eq!(need(5), all[..5]);
    assert_eq!(need(20), all);
}

#[test]
fn a_least_score_leaves_out_who_is_below_it() {
    let pair = pair(&[("a", r#""overallRating": 5"#), ("b", r#""overallRating": 4"#)]);
    let least = r#"{"weights": {"business": 0}, "minScore": 0.9}"#;
    assert_eq!(matched(&pair, least), ["a"]);
    assert_eq!(matched(&pair, r#"{"weights": {"business": 0}, "minScore": 0.8}"#), ["a", "b"]);
    assert!(matched(&pair, r#"{"minScore": 1}"#).is_empty());
}

#[test]
fn reasons_speak_of_what_was_asked_for() {
    let pair = pair(&[(
        "ada",
        r#""services": ["Tax", "Audit"], "industries": ["SaaS"], "hourlyRate": 160,
        "yearsExperience": 12, "overallRating": 4.8, "totalReviews": 32, "currentClients": 3, "maxClients": 12"#,
    )]);
    let told = |criteria: &str| {
        let criteria = ClientCriteria::from_json(criteria).expect("right criteria");
        pair.match_advisors(&criteria).expect("the twin's answer");
        let answer = pair.engine.match_advisors(&criteria).expect("an answer");
        answer.matches().next().map(|found| found.reasons.to_string()).expect("a match")
    };
    assert_eq!(told("{}"), "12 years, rated 4.8 (32 reviews)");
    assert_eq!(
        told(
            r#"{"requiredServices": ["Tax", "Audit"], "industries": "SaaS", "maxBudget": 200,
            "businessWeights": {"capacity": 1, "services": 0}}"#
        ),
        "1 of 1 industry, 2 of 2 services, 20 % under budget, 12 years, rated 4.8 (32 reviews), 9 of 12 places free"
    );
}

#[test]
fn who_is_alike_is_asked_of_one_that_is_there_and_has_an_embedding() {
    let pair = pair(&[
        ("east", r#""embedding": [1, 0]"#),
        ("north", r#""embedding": [0, 1]"#),
        ("gone", r#""embedding": [1, 1], "deletedAt": "2024-01-01T00:00:00Z""#),
        ("mute", ""),
    ]);
    let ids = |engine: &Engine, id: &str| -> Result<Vec<String>, Error> {
        let answer = engine.similar_to(&SimilarRequest::of(id))?;
        Ok(answer.ids().into_iter().map(str::to_owned).collect())
    };
    assert_eq!(ids(&pair.engine, "east"), Ok(vec!["north".to_owned()]));
    // One that left can still be compared with, to find who may follow.
    assert_eq!(ids(&pair.engine, "gone"), Ok(vec!["east".to_owned(), "north".to_owned()]));
    assert!(
        matches!(ids(&pair.engine, "mute"), Err(Error::MissingField { field, .. }) if field == "embedding")
    );
    assert_eq!(ids(&pair.engine, "nobody"), Err(Error::NotFound { id: "nobody".to_owned() }));
    for id in ["east", "gone", "mute", "nobody"] {
        pair.similar_to(&SimilarRequest::of(id)).expect("the twin's answer");
    }
}
