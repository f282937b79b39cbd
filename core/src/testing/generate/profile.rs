//! One generated advisor, field by field.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::bio;
use super::cities::CITIES;
use super::random::{Random, exponential};
use super::words::{
    APPROACHES, CERTIFICATIONS, FIRST_NAMES, INDUSTRIES, LANGUAGES, SCHOOLS, SERVICES, STATUSES,
};
use super::{Generator, Purpose, hours, places};
use crate::model::{AdvisorProfile, AttributeKind, AttributeValue, Instant, Schema};

/// 2021-01-01T00:00:00Z in seconds.
const FIRST_DAY: f64 = 1_609_459_200.0;
/// Four years of seconds.
const FOUR_YEARS: f64 = 126_230_400.0;

/// The schema of the generated advisors: their attributes, English text, no dimension yet.
pub fn generated_schema() -> Schema {
    let mut schema = Schema::default();
    for (name, kind) in [
        ("languages", AttributeKind::Keywords),
        ("location", AttributeKind::Keywords),
        ("remote", AttributeKind::Bool),
        ("licensedSince", AttributeKind::Date),
        ("responseHours", AttributeKind::Number),
        ("approach", AttributeKind::Text),
    ] {
        schema.declare(name, kind).expect("six short distinct names are within every limit");
    }
    schema
}

/// The schema of advisors that have whereabouts: that of the others, `office` and `calendar`.
pub fn whereabouts_schema() -> Schema {
    let mut schema = generated_schema();
    for (name, kind) in [("office", AttributeKind::Geo), ("calendar", AttributeKind::Availability)]
    {
        schema.declare(name, kind).expect("short names that are new");
    }
    schema
}

/// Makes the advisor of one row.
pub(super) fn advisor(generator: Generator, row: usize) -> AdvisorProfile {
    let traits = generator.traits(row);
    let random = &mut generator.random(Purpose::Profile, row);
    let number = row + 1;
    let mut advisor = AdvisorProfile::new(format!("adv-{number:06}"));
    advisor.user_id = Some(format!("user-{number:06}"));

    let years = (traits.seniority * 5 + 1 + random.below(9)) as u32;
    let written = bio::write(&traits, years, &mut generator.random(Purpose::Words, row));
    advisor.professional_title = Some(written.title);
    advisor.headline = usually(random, 0.97, written.headline);
    advisor.bio = usually(random, 0.95, written.bio);
    advisor.years_experience = usually(random, 0.97, years);
    advisor.industries = named(&traits.industries, &INDUSTRIES);
    advisor.services = named(&traits.services, &SERVICES);
    let passed = *random.pick(&[0, 0, 1, 1, 1, 2, 2, 3]);
    advisor.certifications = named(&random.distinct(passed, CERTIFICATIONS.len()), &CERTIFICATIONS);

    write_money(&mut advisor, traits.seniority, random);
    write_standing(&mut advisor, random);
    write_dates(&mut advisor, random);
    if random.chance(0.8) {
        let id = &advisor.id;
        advisor.profile_image_url = Some(format!("https://images.example.com/advisors/{id}.jpg"));
    }
    advisor.attributes = attributes(random);
    if generator.whereabouts {
        write_whereabouts(&mut advisor, &mut generator.random(Purpose::Whereabouts, row));
    }
    if random.chance(0.7) {
        advisor.details = Some(format!(
            r#"{{"firstName":"{}","school":"{}","weeklyHours":{}}}"#,
            random.pick(&FIRST_NAMES),
            random.pick(&SCHOOLS),
            5 * (1 + random.below(8))
        ));
    }
    advisor
}

/// The value, but sometimes none.
fn usually<T>(random: &mut Random, probability: f64, value: T) -> Option<T> {
    random.chance(probability).then_some(value)
}

fn named(places: &[usize], names: &[&str]) -> Vec<String> {
    places.iter().map(|&place| names[place].to_owned()).collect()
}

fn rounded(number: f64, step: f64) -> f64 {
    (number / step).round() * step
}

/// Rates rise with seniority and are spread as prices are: few very high ones.
fn write_money(advisor: &mut AdvisorProfile, seniority: usize, random: &mut Random) {
    let level = 0.13 * (seniority as f64 - 2.0);
    let rate = 170.0 * exponential(0.38 * random.normal() + level);
    let rate = rounded(rate, 5.0).clamp(60.0, 600.0);
    let days = 8.0 + random.below(30) as f64;
    advisor.hourly_rate = usually(random, 0.95, rate);
    advisor.monthly_retainer_min = usually(random, 0.6, rounded(rate * days, 100.0));
}

/// Ratings, reviews, clients and status. Who is better has more reviews.
fn write_standing(advisor: &mut AdvisorProfile, random: &mut Random) {
    let quality = random.normal();
    let reviews = exponential(2.3 + 0.9 * random.normal() + 0.5 * quality) as u32;
    if !random.chance(0.07) {
        advisor.total_reviews = reviews.max(1);
        // In twentieths, divided last: 4.35 is the same number as when it is read from JSON.
        advisor.overall_rating = ((4.25 + 0.42 * quality) * 20.0).round().clamp(20.0, 100.0) / 20.0;
    }
    advisor.max_clients = *random.pick(&[5, 8, 10, 12, 15, 15, 15, 15, 20, 25]);
    advisor.current_clients = if random.chance(0.1) {
        advisor.max_clients
    } else {
        random.below(advisor.max_clients as usize) as u32
    };
    let active = random.chance(0.85);
    let other = random.often(&STATUSES);
    let status = if active { "active" } else { other };
    status.clone_into(&mut advisor.marketplace_status);
    advisor.is_verified = random.chance(0.85);
    advisor.is_available = random.chance(0.85);
}

fn write_dates(advisor: &mut AdvisorProfile, random: &mut Random) {
    let created = random.share() * FOUR_YEARS;
    let updated = created + random.share() * (FOUR_YEARS - created);
    let at = |seconds: f64| Some(Instant::from_f64((FIRST_DAY + seconds.floor()) * 1e6));
    advisor.created_at = at(created);
    advisor.updated_at = at(updated);
    if random.chance(0.01) {
        advisor.deleted_at = at(updated + 86_400.0);
    }
}

/// An office in the advisor's city, and a calendar.
fn write_whereabouts(advisor: &mut AdvisorProfile, random: &mut Random) {
    let city = match advisor.attributes.get("location") {
        Some(AttributeValue::Keywords(cities)) => cities.first(),
        _ => None,
    };
    if let Some(point) = city.and_then(|city| places::place(city, random)) {
        advisor.attributes.insert("office".to_owned(), AttributeValue::Geo(point));
    }
    if random.chance(0.85) {
        let times = AttributeValue::Availability(Arc::new(hours::calendar(random)));
        advisor.attributes.insert("calendar".to_owned(), times);
    }
}

fn attributes(random: &mut Random) -> BTreeMap<String, AttributeValue> {
    let mut attributes = BTreeMap::new();
    let mut put = |name: &str, value| attributes.insert(name.to_owned(), value);

    let spoken = *random.pick(&[1, 1, 1, 1, 2, 2, 3]);
    let languages = named(&random.distinct(spoken, LANGUAGES.len()), &LANGUAGES);
    put("languages", AttributeValue::Keywords(languages));
    if random.chance(0.97) {
        let city = (*random.often(&CITIES)).to_owned();
        put("location", AttributeValue::Keywords(vec![city]));
    }
    if random.chance(0.9) {
        put("remote", AttributeValue::Bool(random.chance(0.7)));
    }
    if random.chance(0.6) {
        // Whole days of the thirty years before the first profile was made.
        let days = random.below(30 * 365) as f64;
        let at = Instant::from_f64((FIRST_DAY - days * 86_400.0) * 1e6);
        put("licensedSince", AttributeValue::Date(at));
    }
    if random.chance(0.85) {
        let hours = *random.pick(&[1.0, 2.0, 4.0, 4.0, 8.0, 12.0, 24.0, 24.0, 48.0, 72.0]);
        put("responseHours", AttributeValue::Number(hours));
    }
    if random.chance(0.5) {
        put("approach", AttributeValue::Text((*random.often(&APPROACHES)).to_owned()));
    }
    attributes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(of: impl Fn(&AdvisorProfile) -> bool) -> f64 {
        let found = Generator::new(3).advisors(5_000).filter(of).count();
        found as f64 / 5_000.0
    }

    #[test]
    fn every_advisor_is_one_that_an_index_takes() {
        for advisor in Generator::new(9).advisors(2_000) {
            assert_eq!(advisor.check(), Ok(()));
            let line = crate::testing::profile_to_json(&advisor);
            assert_eq!(AdvisorProfile::from_json(&line, &generated_schema()), Ok(advisor));
        }
    }

    #[test]
    fn whereabouts_change_nothing_else_and_are_what_an_index_takes() {
        let generator = Generator::new(9);
        let mut settled = 0;
        for (plain, advisor) in
            generator.advisors(1_000).zip(generator.with_whereabouts().advisors(1_000))
        {
            let line = crate::testing::profile_to_json(&advisor);
            let read = AdvisorProfile::from_json(&line, &whereabouts_schema());
            assert_eq!(read.as_ref(), Ok(&advisor));
            let mut without = advisor;
            settled += usize::from(without.attributes.remove("office").is_some());
            without.attributes.remove("calendar");
            assert_eq!(without, plain);
        }
        assert!((950..1_000).contains(&settled), "{settled}");
    }

    #[test]
    fn shares_are_as_a_marketplace_has_them() {
        for (name, least, found, most) in [
            ("active", 0.83, share(|a| a.marketplace_status == "active"), 0.87),
            ("verified", 0.83, share(|a| a.is_verified), 0.87),
            ("available", 0.83, share(|a| a.is_available), 0.87),
            ("no rate", 0.035, share(|a| a.hourly_rate.is_none()), 0.065),
            ("deleted", 0.005, share(|a| a.deleted_at.is_some()), 0.02),
            ("low rate", 0.02, share(|a| a.hourly_rate.is_some_and(|rate| rate < 90.0)), 0.12),
            ("high rate", 0.05, share(|a| a.hourly_rate.is_some_and(|rate| rate > 300.0)), 0.15),
            (
                "first industry",
                0.2,
                share(|a| a.industries[..].contains(&"Technology".into())),
                0.5,
            ),
            ("last industry", 0.005, share(|a| a.industries[..].contains(&"Gaming".into())), 0.05),
        ] {
            assert!((least..=most).contains(&found), "{name}: {found}");
        }
    }

    #[test]
    fn a_seed_gives_the_same_advisors_for_good() {
        let advisor = Generator::new(1).advisor(0);
        assert_eq!(crate::testing::profile_to_json(&advisor), FIRST);
        assert_ne!(Generator::new(2).advisor(0), advisor);
    }

    const FIRST: &str = concat!(
        r#"{"id":"adv-000001","userId":"user-000001","professionalTitle":"FP&A Manager, SaaS","#,
        r#""headline":"8+ years in SaaS, so that owners decide with confidence","#,
        r#""bio":"Helps startups with Fundraising and revenue recognition. 8 years of financial "#,
        r#"margins in Hospitality. Helps small businesses with Fundraising and cash flow.","#,
        r#""industries":["SaaS","Healthcare","Hospitality"],"#,
        r#""services":["Board Reporting","Fundraising","Debt Financing"],"#,
        r#""hourlyRate":120,"yearsExperience":8,"overallRating":4.7,"totalReviews":12,"#,
        r#""currentClients":5,"maxClients":15,"marketplaceStatus":"active","#,
        r#""createdAt":"2024-08-30T19:12:30Z","updatedAt":"2024-09-11T12:21:17Z","#,
        r#""profileImageUrl":"https://images.example.com/advisors/adv-000001.jpg","#,
        r#""attributes":{"languages":["Portuguese","Mandarin","Arabic"],"#,
        r#""location":["Dallas, TX"],"remote":true,"responseHours":4},"#,
        r#""isVerified":true,"isAvailable":false,"#,
        r#""details":{"firstName":"Daniel","school":"University of Texas","weeklyHours":40}}"#,
    );
}
