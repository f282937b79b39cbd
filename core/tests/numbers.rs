//! Numbers compare exactly, as f64: what JSON says is read as the nearest one, and written so that it is read again.

use proptest::prelude::*;
use shortlist::testing::Twin;
use shortlist::{AdvisorProfile, ClientCriteria, Engine, Result, Schema, SearchRequest};

fn read(profile: &str) -> Result<AdvisorProfile> {
    AdvisorProfile::from_json(profile, &Schema::default())
}

fn rate_of(text: &str) -> Option<f64> {
    let profile = format!(r#"{{"id": "a", "hourlyRate": {text}}}"#);
    read(&profile).ok().and_then(|profile| profile.hourly_rate)
}

proptest! {
    #[test]
    fn a_decimal_number_is_read_as_the_nearest_f64(
        digits in "[1-9][0-9]{0,24}", fraction in "[0-9]{1,24}", exponent in -300i32..280,
    ) {
        let text = format!("{digits}.{fraction}e{exponent}");
        prop_assert_eq!(rate_of(&text), text.parse().ok());
    }
}

#[test]
fn a_bound_that_is_written_like_a_value_meets_it() {
    // Read in a hurry, this one comes out one unit in the last place off.
    let number = "1.7976931348623155e308";
    assert_eq!(rate_of(number), number.parse().ok());
    let engine = Engine::in_memory().expect("a new engine");
    let profile = read(&format!(r#"{{"id": "a", "hourlyRate": {number}}}"#));
    engine.upsert(vec![profile.expect("a sound profile")]).expect("a sound batch");
    let equal = format!(r#"{{"scope": "all", "filter": {{"hourlyRate": {{"eq": {number}}}}}}}"#);
    let request = SearchRequest::from_json(&equal).expect("a sound request");
    assert_eq!(engine.search(&request).expect("an answer").total, 1);
    let kept = engine.get_json("a").expect("sound").expect("the profile is there");
    assert_eq!(read(&kept).expect("as it was").hourly_rate, number.parse().ok());
}

#[test]
fn a_rating_of_minus_zero_ties_with_zero_for_engine_and_twin() {
    let rated = |id: &str, rating: f64| {
        let mut advisor = AdvisorProfile::new(id);
        advisor.overall_rating = rating;
        (advisor.marketplace_status, advisor.is_verified) = ("active".to_owned(), true);
        advisor
    };
    let advisors = vec![rated("b", 0.0), rated("a", -0.0)];
    let need = r#"{"weights": {"similarity": 0, "business": 0, "rating": 1}, "limit": 1,
        "diversity": 0, "maxPer": {"field": "marketplaceStatus", "count": 1}}"#;
    let need = ClientCriteria::from_json(need).expect("a sound need");
    let engine = Engine::in_memory().expect("a new engine");
    engine.upsert(advisors.clone()).expect("a sound batch");
    assert_eq!(engine.match_advisors(&need).expect("an answer").ids(), ["a"]);
    let twin = Twin::new(Schema::default(), advisors, None).expect("a sound batch");
    let found = twin.match_advisors(&need).expect("an answer").matches;
    assert_eq!(found.iter().map(|found| found.id.as_str()).collect::<Vec<_>>(), ["a"]);
}
