//! Examples worked out by hand from `DESIGN.md` section 3.

use super::Twin;
use crate::api::criteria::{BusinessWeights, ClientCriteria, RatingMode, Weights};
use crate::api::facet_answer::{Facet, FacetCount};
use crate::api::filter::Filter;
use crate::api::search::SearchRequest;
use crate::model::{AdvisorProfile, AttributeKind, Error, Schema};

fn schema() -> Schema {
    let mut schema = Schema::default();
    for (name, kind) in [
        ("languages", AttributeKind::Keywords),
        ("remote", AttributeKind::Bool),
        ("since", AttributeKind::Date),
        ("score", AttributeKind::Number),
    ] {
        schema.declare(name, kind).expect("four distinct names");
    }
    schema
}

/// Advisors in the marketplace, by their further fields.
fn twin(profiles: &[&str]) -> Twin {
    let read = |fields: &&str| {
        let text = format!(
            r#"{{"marketplaceStatus": "active", "isVerified": true, {}"#,
            fields.trim_start_matches('{')
        );
        AdvisorProfile::from_json(&text, &schema()).expect("the example is right")
    };
    Twin::new(schema(), profiles.iter().map(read).collect(), None).expect("the examples fit")
}

fn found(twin: &Twin, request: &str) -> Vec<String> {
    let request = SearchRequest::from_json(request).expect("the request is right");
    twin.search(&request).expect("the twin takes it").ids
}

fn filtered(twin: &Twin, filter: &str) -> Vec<String> {
    found(twin, &format!(r#"{{"filter": {filter}, "sort": [{{"field": "id"}}]}}"#))
}

fn near(found: f64, right: f64) {
    assert!((found - right).abs() < 1e-9, "{found} instead of {right}");
}

const ADA: &str = r#"{"id": "ada", "industries": ["SaaS", "Retail"], "services": ["Tax"],
    "yearsExperience": 9, "hourlyRate": 180, "overallRating": 4.5, "totalReviews": 30,
    "currentClients": 3, "maxClients": 12, "embedding": [3, 4], "certifications": ["CPA"],
    "attributes": {"languages": ["English", "Spanish"], "remote": true, "score": 2}}"#;
const BEN: &str = r#"{"id": "ben", "industries": ["Retail"], "services": ["Tax", "Audit"],
    "yearsExperience": 30, "hourlyRate": 120, "overallRating": 4.5, "totalReviews": 10,
    "attributes": {"languages": ["English"], "remote": false, "since": "2020-01-01T00:00:00Z"}}"#;
const CAT: &str = r#"{"id": "Cat", "industries": ["Mining"], "overallRating": 3}"#;

#[test]
fn a_score_is_the_weighted_sum_of_its_parts() {
    let criteria = ClientCriteria {
        industries: vec!["SaaS".to_owned(), "Mining".to_owned()],
        required_services: vec!["Tax".to_owned()],
        max_budget: Some(200.0),
        embedding: Some(vec![1.0, 0.0]),
        ..ClientCriteria::default()
    };
    let matches = twin(&[ADA, BEN, CAT]).match_advisors(&criteria).expect("right criteria");
    // Ben shares no industry, and Cat has no rate.
    assert_eq!(matches.considered, 1);
    let ada = &matches.matches[0];
    // Cosine 3/5. One of two industries, the service, 9 of 15 years, halfway from 160 to 200.
    let business = 0.40 * 0.5 + 0.30 * 1.0 + 0.15 * 0.6 + 0.15 * 0.5;
    near(ada.score, 0.6 * 0.6 + 0.3 * business + 0.1 * 0.9);
    near(ada.breakdown.similarity.unwrap_or(-1.0), 0.6);
    near(ada.breakdown.business.unwrap_or(-1.0), business);
    near(ada.breakdown.rating.unwrap_or(-1.0), 0.9);
    let names: Vec<&str> = ada.breakdown.parts.iter().map(|part| part.name).collect();
    assert_eq!(names, ["similarity", "industries", "services", "experience", "budget", "rating"]);
    near(ada.breakdown.parts.iter().map(|part| part.weight).sum(), 1.0);
    near(ada.breakdown.parts.iter().map(|part| part.contribution).sum(), ada.score);
}

#[test]
fn what_is_not_asked_for_leaves_the_score_and_the_rest_fills_it() {
    let matches = twin(&[ADA, BEN]).match_advisors(&ClientCriteria::default());
    let matches = matches.expect("right criteria").matches;
    // Only experience and rating are left: 0.3 and 0.1 of 0.4.
    assert_eq!(matches[0].id, "ben");
    near(matches[0].score, 0.75 * 1.0 + 0.25 * 0.9);
    near(matches[1].score, 0.75 * 0.6 + 0.25 * 0.9);
    assert_eq!(matches[0].breakdown.similarity, None);
}

#[test]
fn further_parts_count_where_they_weigh_something() {
    let criteria = ClientCriteria {
        certifications: vec!["CPA".to_owned(), "CFA".to_owned()],
        attributes: [("languages".to_owned(), vec!["Spanish".to_owned(), "Thai".to_owned()])]
            .into(),
        weights: Weights { similarity: 0.0, business: 1.0, rating: 0.0 },
        business_weights: BusinessWeights {
            experience: 0.0,
            capacity: 2.0,
            certifications: 1.0,
            attributes: 1.0,
            ..BusinessWeights::default()
        },
        ..ClientCriteria::default()
    };
    let matches = twin(&[ADA]).match_advisors(&criteria).expect("right criteria").matches;
    // Nine of twelve places are free, one of two certifications, one of two languages.
    near(matches[0].score, (2.0 * 0.75 + 0.5 + 0.5) / 4.0);
    near(matches[0].breakdown.parts[0].weight, 0.5);
}

#[test]
fn a_bayesian_rating_is_shrunk_towards_the_mean_of_all_who_are_not_deleted() {
    let gone = r#"{"id": "gone", "overallRating": 0, "deletedAt": "2024-01-01T00:00:00Z"}"#;
    let criteria = ClientCriteria {
        rating: RatingMode::Bayesian,
        weights: Weights { similarity: 0.0, business: 0.0, rating: 1.0 },
        ..ClientCriteria::default()
    };
    let matches = twin(&[ADA, BEN, CAT, gone]).match_advisors(&criteria).expect("right criteria");
    // C = (4.5 + 4.5 + 3) / 3 = 4. Ada (10 * 4 + 30 * 4.5) / 40, Ben (10 * 4 + 10 * 4.5) / 20, Cat 4.
    let scores: Vec<(&str, f64)> =
        matches.matches.iter().map(|found| (found.id.as_str(), found.score)).collect();
    assert_eq!(scores, [("ada", 4.375 / 5.0), ("ben", 4.25 / 5.0), ("Cat", 0.8)]);
}

#[test]
fn criteria_of_which_nothing_is_left_are_refused() {
    let criteria = ClientCriteria {
        weights: Weights { similarity: 1.0, business: 0.0, rating: 0.0 },
        ..ClientCriteria::default()
    };
    let refusal = twin(&[]).match_advisors(&criteria);
    assert!(matches!(refusal, Err(Error::OutOfRange { field, .. }) if field == "weights"));
}

#[test]
fn the_order_is_total_and_what_is_missing_comes_last() {
    let twin = twin(&[ADA, BEN, CAT, r#"{"id": "dan", "hourlyRate": 120, "overallRating": 3}"#]);
    assert_eq!(found(&twin, "{}"), ["ada", "ben", "Cat", "dan"]);
    assert_eq!(found(&twin, r#"{"sort": "priceAsc"}"#), ["ben", "dan", "ada", "Cat"]);
    assert_eq!(found(&twin, r#"{"sort": "priceDesc"}"#), ["ada", "ben", "dan", "Cat"]);
    let by_remote = r#"{"sort": [{"field": "attributes.remote", "order": "desc"}]}"#;
    assert_eq!(found(&twin, by_remote), ["ada", "ben", "Cat", "dan"]);
    assert_eq!(found(&twin, r#"{"sort": [{"field": "id", "order": "desc"}]}"#)[3], "Cat");
}

#[test]
fn filters_mean_what_the_design_says() {
    let twin = twin(&[ADA, BEN, CAT]);
    for (filter, right) in [
        (r#"{"industries": "Retail"}"#, vec!["ada", "ben"]),
        (r#"{"industries": {"allOf": ["Retail", "SaaS"]}}"#, vec!["ada"]),
        (r#"{"services": {"noneOf": ["Tax"]}}"#, vec!["Cat"]),
        (r#"{"services": {"anyOf": []}}"#, vec![]),
        (r#"{"services": {"allOf": []}}"#, vec!["Cat", "ada", "ben"]),
        (r#"{"services": {"exists": false}}"#, vec!["Cat"]),
        (r#"{"hourlyRate": {"gt": 120}}"#, vec!["ada"]),
        (r#"{"not": {"hourlyRate": {"gt": 120}}}"#, vec!["Cat", "ben"]),
        (r#"{"hourlyRate": {"gte": 120, "lt": 180}}"#, vec!["ben"]),
        (r#"{"currentClients": {"lt": {"field": "maxClients"}}}"#, vec!["Cat", "ada", "ben"]),
        (r#"{"attributes.since": {"lte": "2020-01-01T01:00:00+01:00"}}"#, vec!["ben"]),
        (r#"{"attributes.remote": false}"#, vec!["ben"]),
        (r#"{"not": {"attributes.remote": true}}"#, vec!["Cat", "ben"]),
        (r#"{"or": [{"id": "Cat"}, {"embedding": {"exists": true}}]}"#, vec!["Cat", "ada"]),
        (r#"{"or": []}"#, vec![]),
        (r#"{"and": []}"#, vec!["Cat", "ada", "ben"]),
    ] {
        assert_eq!(filtered(&twin, filter), right, "{filter}");
    }
}

#[test]
fn a_filter_of_the_wrong_kind_is_refused_where_nobody_is_looked_at_too() {
    for filter in [
        r#"{"or": [{"and": []}, {"attributes.since": "2020-01-01T00:00:00Z"}]}"#,
        r#"{"attributes.remote": "true"}"#,
        r#"{"hourlyRate": ["120"]}"#,
        r#"{"hourlyRate": {"lt": {"field": "createdAt"}}}"#,
        r#"{"bio": "cfo"}"#,
    ] {
        let filter = Some(Filter::from_json(filter).expect("the form is right"));
        let refusal = twin(&[]).search(&SearchRequest { filter, ..SearchRequest::default() });
        assert!(matches!(refusal, Err(Error::WrongType { .. })), "{refusal:?}");
    }
}

fn facet(field: &str, counts: &[(&str, u64)]) -> Facet {
    let counts = counts.iter().map(|&(value, count)| FacetCount { value: value.to_owned(), count });
    Facet { field: field.to_owned(), counts: counts.collect(), ..Facet::default() }
}

#[test]
fn facets_count_the_result_and_disjunctive_ones_leave_their_own_condition_out() {
    let twin = twin(&[ADA, BEN, CAT]);
    let mut request = SearchRequest {
        industries: vec!["SaaS".to_owned()],
        filter: Filter::from_json(r#"{"attributes.remote": true}"#).ok(),
        facets: vec!["industries".into(), "attributes.remote".into()],
        ..SearchRequest::default()
    };
    let facets = |request: &SearchRequest| twin.search(request).expect("right request").facets;
    let industries = facet("industries", &[("Retail", 1), ("SaaS", 1)]);
    assert_eq!(facets(&request), [industries.clone(), facet("attributes.remote", &[("true", 1)])]);

    // Nobody but Ada is remote, and nobody but Ada is in SaaS: each count keeps the other condition.
    request.disjunctive = true;
    assert_eq!(facets(&request), [industries, facet("attributes.remote", &[("true", 1)])]);

    request.filter = Filter::from_json(r#"{"services": "Tax"}"#).ok();
    request.facets = vec!["industries".into(), "services".into()];
    let industries = facet("industries", &[("Retail", 2), ("SaaS", 1)]);
    assert_eq!(facets(&request), [industries, facet("services", &[("Tax", 1)])]);
}

#[test]
fn likeness_orders_everyone_and_those_without_an_embedding_have_none() {
    let opposite = r#"{"id": "eve", "embedding": [-1, 0]}"#;
    let twin = twin(&[ADA, BEN, opposite]);
    let request = SearchRequest { embedding: Some(vec![2.0, 0.0]), ..SearchRequest::default() };
    let result = twin.search(&request).expect("right request");
    assert_eq!(result.ids, ["ada", "ben", "eve"]);
    let scores = result.scores.expect("an order by likeness has scores");
    assert!((scores[0] - 0.6).abs() < 1e-12 && scores[1] == 0.0 && scores[2] == -1.0);

    let wrong = SearchRequest { embedding: Some(vec![1.0; 3]), ..SearchRequest::default() };
    assert!(matches!(
        twin.search(&wrong),
        Err(Error::WrongDimension { found: 3, expected: 2, .. })
    ));
}

#[test]
fn changes_are_all_or_none() {
    let mut twin = twin(&[ADA, BEN]);
    assert!(matches!(twin.remove(&["ada", "zoe"]), Err(Error::NotFound { id }) if id == "zoe"));
    assert_eq!(twin.profiles().len(), 2);
    assert_eq!(twin.remove(&["ada"]), Ok(()));
    assert_eq!(found(&twin, "{}"), ["ben"]);
}
