//! The small pools that random profiles and requests are made of, so that they meet.

use proptest::prelude::*;
use proptest::sample::select;
use shortlist::testing::Generator;
use shortlist::{AttributeKind, Availability, DaySlots, GeoPoint, Instant, Schema};

pub const DIMENSION: usize = 6;

pub const INDUSTRIES: [&str; 5] = ["Retail", "SaaS", "Health Care", "Mining", "e-commerce"];
pub const SERVICES: [&str; 5] = ["Tax Planning", "Audit", "Cash Flow", "Planning", "Payroll"];
pub const CERTIFICATIONS: [&str; 3] = ["CPA", "CFA", "Chartered Planner"];
pub const STATUSES: [&str; 7] = ["active", "active", "active", "active", "active", "pending", ""];
pub const LANGUAGES: [&str; 4] = ["English", "Spanish", "Zürich German", ""];
pub const WORDS: [&str; 21] = [
    "tax",
    "taxes",
    "audit",
    "auditor",
    "planning",
    "planner",
    "cash",
    "flow",
    "chief",
    "financial",
    "officer",
    "payroll",
    "the",
    "of",
    "e-commerce",
    "CFO",
    "forecasting",
    "Zürich",
    "IT",
    "M&A",
    "it",
];
pub const MISTYPED: [&str; 8] =
    ["plannin", "forcasting", "finantial", "offcier", "pay", "pl", "zurich", "unheard"];
pub const NUMBERS: [f64; 9] = [0.0, -0.0, 1.0, 2.0, 3.5, 5.0, 10.0, 100.0, 250.5];
pub const MOMENTS: [&str; 5] = [
    "2021-01-01T00:00:00Z",
    "2023-06-01T12:00:00Z",
    "2023-06-01T14:00:00+02:00",
    "2023-06-01T12:00:00.000001Z",
    "1969-12-31T23:59:59Z",
];

/// Every kind of attribute, two of some.
pub fn schema() -> Schema {
    let mut schema = Schema::default();
    schema.dimension = Some(DIMENSION);
    for (name, kind) in [
        ("languages", AttributeKind::Keywords),
        ("city", AttributeKind::Keywords),
        ("score", AttributeKind::Number),
        ("size", AttributeKind::Number),
        ("remote", AttributeKind::Bool),
        ("since", AttributeKind::Date),
        ("approach", AttributeKind::Text),
        ("motto", AttributeKind::Text),
        ("office", AttributeKind::Geo),
        ("calendar", AttributeKind::Availability),
    ] {
        schema.declare(name, kind).expect("ten distinct names are within the limits");
    }
    schema
}

pub fn word(pool: &'static [&'static str]) -> impl Strategy<Value = String> + Clone {
    select(pool).prop_map(str::to_owned)
}

/// Distinct values of a pool, often none.
pub fn words(pool: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> + Clone {
    prop::collection::vec(word(pool), 0..4).prop_map(|mut words| {
        let mut seen = std::collections::HashSet::new();
        words.retain(|word| seen.insert(word.clone()));
        words
    })
}

pub fn number() -> impl Strategy<Value = f64> + Clone {
    select(&NUMBERS[..])
}

/// A number that is 0 or more, as amounts are.
pub fn amount() -> impl Strategy<Value = f64> + Clone {
    number().prop_map(|number| number + 0.0)
}

/// A least rating.
pub fn rating() -> impl Strategy<Value = f64> + Clone {
    number().prop_map(|number| number.min(5.0))
}

pub fn moment() -> impl Strategy<Value = Instant> + Clone {
    select(&MOMENTS[..]).prop_map(|text| Instant::parse("moment", text).expect("the pool is right"))
}

/// Points near each other and at the ends of the earth, on both sides of the antimeridian.
pub const POINTS: [(f64, f64); 12] = [
    (52.52, 13.405),
    (52.52, 13.405_01),
    (52.4, 13.07),
    (48.8566, 2.3522),
    (-33.87, 151.21),
    (0.0, 180.0),
    (-0.0, -180.0),
    (0.5, -179.9),
    (90.0, 0.0),
    (90.0, 77.0),
    (-90.0, -120.0),
    (-52.52, -166.595),
];

pub fn point() -> impl Strategy<Value = GeoPoint> + Clone {
    let pool = select(&POINTS[..])
        .prop_map(|(lat, lon)| GeoPoint::new(lat, lon).expect("the pool is right"));
    let anywhere = (-90.0..=90.0, -180.0..=180.0)
        .prop_map(|(lat, lon)| GeoPoint::new(lat, lon).expect("degrees of the earth"));
    prop_oneof![3 => pool, 1 => anywhere]
}

/// Moments around three days, at quarter hours and between them.
pub fn near_moment() -> impl Strategy<Value = Instant> + Clone {
    let quarter = 15 * 60 * 1_000_000_i64;
    let off = select(&[0, 0, 0, 1, 60_000_000, 7 * 60_000_000][..]);
    // 2026-11-30 is a Monday.
    let start = Instant::parse("start", "2026-11-30T00:00:00Z").expect("a moment").micros();
    (0..4 * 96_i64, off).prop_map(move |(quarters, off)| {
        Instant::from_micros(start + quarters * quarter + off).expect("a moment")
    })
}

/// Free time of a few runs, mostly in the first days of the week and of December 2026.
pub fn availability() -> impl Strategy<Value = Availability> + Clone {
    let run = (0..96_u32, prop_oneof![3 => 1..6_u32, 1 => 6..97_u32]).prop_map(|(from, len)| {
        let mut slots = DaySlots::default();
        slots.add(from * 15, (from + len).min(96) * 15).expect("whole quarter hours");
        slots
    });
    let weekly =
        prop::collection::vec((prop_oneof![3 => 0..3_usize, 1 => 0..7_usize], run.clone()), 0..4);
    // Days since 1970: 2026-11-29 on.
    let dated = prop::collection::vec((20_786..20_791_i32, run), 0..3);
    let offset = select(&[0, 0, 60, -330, 345, 840, -840][..]);
    (weekly, dated.clone(), dated, offset).prop_map(|(weekly, dates, busy, offset)| {
        let mut times = Availability::new(offset).expect("an offset");
        for (day, slots) in weekly {
            let free = &mut times.week_mut()[day];
            *free = DaySlots::from_bits(free.bits() | slots.bits());
        }
        dates.into_iter().for_each(|(day, slots)| times.add_date(day, slots));
        busy.into_iter().for_each(|(day, slots)| times.add_busy(day, slots));
        times
    })
}

/// Ids whose order by bytes is not the one of an alphabet.
pub fn id() -> impl Strategy<Value = String> + Clone {
    (0..100_u32).prop_map(|number| match number % 4 {
        0 => format!("a{number}"),
        1 => format!("B{number:02}"),
        2 => format!("é{number}"),
        _ => format!("a{number}-long-enough-not-to-lie-inline"),
    })
}

/// One of ten directions, of several lengths.
pub fn embedding() -> impl Strategy<Value = Vec<f32>> + Clone {
    let pool = Generator::new(1).embeddings(DIMENSION);
    let pool: Vec<Vec<f32>> = (0..10).map(|row| pool.row(row)).collect();
    (select(pool), select(&[1.0_f32, 4.0, 0.125][..]))
        .prop_map(|(vector, scale)| vector.into_iter().map(|value| value * scale).collect())
}

/// Words one after the other, as titles and bios have them.
pub fn prose() -> impl Strategy<Value = String> + Clone {
    prop::collection::vec(word(&WORDS), 0..8).prop_map(|words| words.join(" "))
}
