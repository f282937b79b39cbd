//! Random facets of every kind, and facets that no index counts.

use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;
use shortlist::{FacetRequest, Interval, Operand};

use crate::filters::{DATE_FIELDS, FLAG_FIELDS, KEYWORD_FIELDS, NUMBER_FIELDS};
use crate::vocabulary::{MOMENTS, number};

fn values() -> impl Strategy<Value = FacetRequest> {
    let fields: Vec<&str> = [&KEYWORD_FIELDS[..], &FLAG_FIELDS[..]].concat();
    let asked =
        ["", "p", "PLAN", "zurich", "comm e", "car heal", "tru", "nothing", "Planning tax", "-"];
    let query = weighted(0.3, select(asked.to_vec()).prop_map(str::to_owned));
    (select(fields), weighted(0.4, 1..4_u32), query)
        .prop_map(|(field, limit, facet_query)| FacetRequest { limit, facet_query, ..field.into() })
}

fn ascending(mut limits: Vec<f64>) -> Vec<f64> {
    limits.sort_by(f64::total_cmp);
    limits.dedup();
    limits
}

fn numbers() -> impl Strategy<Value = FacetRequest> {
    let limits = prop::collection::vec(number(), 0..5).prop_map(ascending);
    let width = weighted(0.5, select(&[0.3, 0.5, 1.0, 7.0, 100.0, 1e9][..]));
    (select(&NUMBER_FIELDS[..]), limits, width, any::<bool>()).prop_map(
        |(field, limits, width, stats)| FacetRequest {
            // Something must be asked of a number.
            stats: stats || (limits.is_empty() && width.is_none()),
            buckets: limits.into_iter().map(Operand::Number).collect(),
            histogram: width.map(Interval::Width),
            ..field.into()
        },
    )
}

fn dates() -> impl Strategy<Value = FacetRequest> {
    // The pool's moments by time; the second and third are one.
    let pool = [MOMENTS[4], MOMENTS[0], MOMENTS[1], MOMENTS[3]];
    let limits = prop::sample::subsequence(pool.to_vec(), 0..=4);
    let intervals =
        [Interval::Day, Interval::Week, Interval::Month, Interval::Quarter, Interval::Year];
    (select(&DATE_FIELDS[..]), limits, weighted(0.5, select(intervals.to_vec())), any::<bool>())
        .prop_map(|(field, limits, histogram, stats)| FacetRequest {
            stats: stats || (limits.is_empty() && histogram.is_none()),
            buckets: limits.into_iter().map(|text| Operand::Moment(text.to_owned())).collect(),
            histogram,
            ..field.into()
        })
}

/// What a page counts; each field once.
pub fn facets() -> impl Strategy<Value = Vec<FacetRequest>> {
    let facet = prop_oneof![4 => values(), 2 => numbers(), 1 => dates()];
    prop_oneof![
        2 => Just(Vec::new()),
        1 => Just(vec!["industries".into(), "services".into()]),
        2 => prop::collection::vec(facet, 1..6).prop_map(|mut facets| {
            let mut seen = std::collections::HashSet::new();
            facets.retain(|facet| seen.insert(facet.field.clone()));
            facets
        }),
    ]
}

/// Facets that ask of a field what it has not, or for what there is not.
pub fn wrong_facets() -> Vec<FacetRequest> {
    let of = |field: &str| FacetRequest::from(field);
    let numbers = |limits: &[f64]| limits.iter().map(|limit| Operand::Number(*limit)).collect();
    let moment = |text: &str| vec![Operand::Moment(text.to_owned())];
    let width = |width| Some(Interval::Width(width));
    vec![
        FacetRequest { limit: Some(0), ..of("services") },
        FacetRequest { limit: Some(1_001), ..of("services") },
        FacetRequest { facet_query: Some("a".repeat(1_025)), ..of("services") },
        FacetRequest { stats: true, ..of("services") },
        FacetRequest { histogram: width(1.0), ..of("isVerified") },
        FacetRequest { stats: true, ..of("id") },
        FacetRequest { limit: Some(3), ..of("hourlyRate") },
        FacetRequest { limit: Some(3), stats: true, ..of("hourlyRate") },
        FacetRequest { facet_query: Some("a".to_owned()), stats: true, ..of("createdAt") },
        FacetRequest { buckets: numbers(&[2.0, 1.0]), ..of("hourlyRate") },
        FacetRequest { buckets: numbers(&[1.0, 1.0]), ..of("attributes.score") },
        FacetRequest { buckets: numbers(&[f64::NAN]), ..of("hourlyRate") },
        FacetRequest { buckets: numbers(&vec![1.0; 1_001]), ..of("hourlyRate") },
        FacetRequest { buckets: numbers(&[1.0]), ..of("createdAt") },
        FacetRequest { buckets: moment("2023-06-01T12:00:00Z"), ..of("hourlyRate") },
        FacetRequest { buckets: vec![Operand::Field("maxClients".to_owned())], ..of("hourlyRate") },
        FacetRequest { histogram: width(0.0), ..of("hourlyRate") },
        FacetRequest { histogram: width(-1.0), ..of("hourlyRate") },
        FacetRequest { histogram: width(f64::NAN), ..of("hourlyRate") },
        FacetRequest { histogram: width(1.0), ..of("createdAt") },
        FacetRequest { histogram: Some(Interval::Month), ..of("hourlyRate") },
    ]
}
