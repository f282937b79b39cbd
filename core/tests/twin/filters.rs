//! Random filters of every shape, up to four levels deep.

use proptest::prelude::*;
use proptest::sample::select;
use shortlist::{Comparison, Filter, Instant, Operand, Test};

use crate::vocabulary::{
    CERTIFICATIONS, INDUSTRIES, LANGUAGES, MOMENTS, SERVICES, STATUSES, id, near_moment, number,
    point, word,
};

pub const NUMBER_FIELDS: [&str; 10] = [
    "hourlyRate",
    "monthlyRetainerMin",
    "yearsExperience",
    "totalReviews",
    "currentClients",
    "maxClients",
    "overallRating",
    "attributes.score",
    "attributes.size",
    "hourly_rate",
];
pub const DATE_FIELDS: [&str; 4] = ["createdAt", "updatedAt", "deletedAt", "attributes.since"];
pub const FLAG_FIELDS: [&str; 3] = ["isVerified", "isAvailable", "attributes.remote"];
pub const KEYWORD_FIELDS: [&str; 6] = [
    "industries",
    "services",
    "certifications",
    "marketplaceStatus",
    "attributes.languages",
    "attributes.city",
];
pub const STORED_FIELDS: [&str; 8] = [
    "professionalTitle",
    "headline",
    "bio",
    "profileImageUrl",
    "embedding",
    "details",
    "attributes.approach",
    "attributes.motto",
];

pub fn field(name: impl Into<String>, tests: Vec<Test>) -> Filter {
    Filter::Field { field: name.into(), tests }
}

fn membership(
    values: impl Strategy<Value = String> + Clone + 'static,
) -> impl Strategy<Value = Test> {
    (prop::collection::vec(values, 0..4), 0..3).prop_map(|(values, kind)| match kind {
        0 => Test::AnyOf(values),
        1 => Test::AllOf(values),
        _ => Test::NoneOf(values),
    })
}

fn exists() -> impl Strategy<Value = Test> {
    any::<bool>().prop_map(Test::Exists)
}

fn comparison() -> impl Strategy<Value = Comparison> {
    select(&Comparison::ALL[..]).prop_map(|(_, comparison)| comparison)
}

/// One or two tests, mostly by the first strategy.
fn tests(test: impl Strategy<Value = Test> + 'static) -> impl Strategy<Value = Vec<Test>> {
    prop::collection::vec(prop_oneof![6 => test, 1 => exists()], 1..3)
}

fn keywords() -> impl Strategy<Value = Filter> {
    let of = |name: &'static str, pool: &'static [&'static str]| {
        let value = prop_oneof![8 => word(pool), 1 => Just("Nobody has this".to_owned())];
        tests(membership(value)).prop_map(move |tests| field(name, tests))
    };
    prop_oneof![
        of("industries", &INDUSTRIES),
        of("services", &SERVICES),
        of("certifications", &CERTIFICATIONS),
        of("marketplaceStatus", &STATUSES),
        of("attributes.languages", &LANGUAGES),
        of("attributes.city", &INDUSTRIES),
        of("userId", &["u1", "u2", "u9"]),
        tests(membership(id())).prop_map(|tests| field("id", tests)),
    ]
}

fn numbers() -> impl Strategy<Value = Filter> {
    let operand = prop_oneof![
        3 => number().prop_map(Operand::Number),
        1 => select(&NUMBER_FIELDS[..]).prop_map(|name| Operand::Field(name.to_owned())),
    ];
    let test = (comparison(), operand).prop_map(|(how, operand)| Test::Compare(how, operand));
    (select(&NUMBER_FIELDS[..]), tests(test)).prop_map(|(name, tests)| field(name, tests))
}

fn dates() -> impl Strategy<Value = Filter> {
    let operand = prop_oneof![
        3 => select(&MOMENTS[..]).prop_map(|text| Operand::Moment(text.to_owned())),
        1 => select(&DATE_FIELDS[..]).prop_map(|name| Operand::Field(name.to_owned())),
    ];
    let test = (comparison(), operand).prop_map(|(how, operand)| Test::Compare(how, operand));
    (select(&DATE_FIELDS[..]), tests(test)).prop_map(|(name, tests)| field(name, tests))
}

fn flags() -> impl Strategy<Value = Filter> {
    (select(&FLAG_FIELDS[..]), tests(any::<bool>().prop_map(Test::Is)))
        .prop_map(|(name, tests)| field(name, tests))
}

fn places() -> impl Strategy<Value = Filter> {
    let radius = select(&[0.0, 0.0007, 0.7, 30.0, 1_000.0, 10_000.0, 20_020.0][..]);
    let near = (point(), radius).prop_map(|(centre, radius_km)| Test::Near { centre, radius_km });
    tests(near).prop_map(|tests| field("attributes.office", tests))
}

fn free() -> impl Strategy<Value = Filter> {
    let length = select(&[1, 15, 30, 60, 61, 480, 1_440][..]);
    let test =
        (near_moment(), near_moment(), length, 0..8_u8).prop_map(|(a, b, minutes, weeks)| {
            let later = if a == b { b.micros() + 1_800_000_000 } else { a.max(b).micros() };
            // Now and then over more than a week, which begins anew.
            let later = later + if weeks == 0 { 9 * 24 * 3_600_000_000 } else { 0 };
            let (from, to) = (a.min(b), Instant::from_micros(later).expect("a moment"));
            let most = (to.micros() - from.micros()) / 60_000_000;
            Test::Free { from, to, minutes: minutes.min(most as u32).max(1) }
        });
    let fits = |test: &Test| match test {
        Test::Free { from, to, .. } => to.micros() - from.micros() >= 60_000_000,
        _ => true,
    };
    tests(test.prop_filter("a minute", fits)).prop_map(|tests| field("attributes.calendar", tests))
}

fn stored() -> impl Strategy<Value = Filter> {
    (select(&STORED_FIELDS[..]), exists()).prop_map(|(name, test)| field(name, vec![test]))
}

/// A filter.
pub fn filter() -> impl Strategy<Value = Filter> {
    let leaf = prop_oneof![4 => keywords(), 3 => numbers(), 2 => dates(), 2 => flags(), 2 => places(), 2 => free(), 1 => stored()];
    leaf.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            2 => prop::collection::vec(inner.clone(), 0..4).prop_map(Filter::And),
            2 => prop::collection::vec(inner.clone(), 0..4).prop_map(Filter::Or),
            1 => inner.prop_map(|part| Filter::Not(Box::new(part))),
        ]
    })
}
