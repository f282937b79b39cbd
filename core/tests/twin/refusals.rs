//! Requests with one thing wrong: engine and twin refuse them with the same code, whatever else they ask.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use shortlist::{
    BusinessWeights, ClientCriteria, Comparison, Filter, Fusion, GeoPoint, GroupCap, Operand,
    Order, SearchRequest, SimilarRequest, Sort, SortKey, Test, Weights,
};

use crate::facets::wrong_facets;
use crate::filters::field;
use crate::pair::{Pair, same_refusal};
use crate::vocabulary::{DIMENSION, schema};
use crate::{choices, profiles, requests, rules};

fn compare(name: &str, operand: Operand) -> Filter {
    field(name, vec![Test::Compare(Comparison::Gte, operand)])
}

fn any_of(name: &str) -> Filter {
    field(name, vec![Test::AnyOf(vec!["x".to_owned()])])
}

fn near(radius_km: f64) -> Test {
    let centre = GeoPoint::new(1.0, 2.0).expect("degrees of the earth");
    Test::Near { centre, radius_km }
}

fn other(name: &str) -> Operand {
    Operand::Field(name.to_owned())
}

fn nested(depth: usize) -> Filter {
    (0..depth).fold(any_of("industries"), |inner, _| Filter::Not(Box::new(inner)))
}

/// Filters that no index takes.
fn wrong_filters() -> Vec<Filter> {
    let none = || Test::NoneOf(Vec::new());
    let moment = || Operand::Moment("2023-06-01T12:00:00Z".to_owned());
    vec![
        any_of("industry"),
        any_of("attributes.language"),
        any_of("languages"),
        any_of("hourlyRate"),
        any_of("attributes.score"),
        any_of("createdAt"),
        any_of("isVerified"),
        any_of("bio"),
        any_of("attributes.approach"),
        any_of("embedding"),
        any_of("details"),
        any_of("profileImageUrl"),
        field("hourlyRate", vec![none()]),
        field("attributes.remote", vec![Test::Exists(true), none()]),
        field("industries", vec![Test::Is(true)]),
        field("yearsExperience", vec![Test::Is(true)]),
        field("deletedAt", vec![Test::Is(false)]),
        field("id", vec![Test::Is(false)]),
        compare("id", Operand::Number(1.0)),
        compare("industries", Operand::Number(1.0)),
        compare("headline", Operand::Number(1.0)),
        compare("isAvailable", Operand::Number(1.0)),
        compare("hourlyRate", moment()),
        compare("createdAt", Operand::Number(1.0)),
        compare("createdAt", Operand::Moment("yesterday".to_owned())),
        compare("hourlyRate", other("hourlyRat")),
        compare("hourlyRate", other("createdAt")),
        compare("attributes.since", other("attributes.score")),
        compare("hourlyRate", other("industries")),
        compare("hourlyRate", other("isVerified")),
        field("hourlyRate", vec![near(1.0)]),
        field("attributes.city", vec![near(1.0)]),
        field("attributes.office", vec![near(-1.0)]),
        field("attributes.office", vec![near(f64::NAN)]),
        field("attributes.office", vec![Test::Is(true)]),
        any_of("attributes.office"),
        compare("attributes.office", Operand::Number(1.0)),
        compare("attributes.score", other("attributes.office")),
        nested(40),
        Filter::Field {
            field: "id".to_owned(),
            tests: vec![Test::AnyOf(vec!["x".to_owned(); 10_001])],
        },
    ]
}

/// A wrong filter by itself, or behind what is right and decides already.
fn wrong_filter() -> impl Strategy<Value = Filter> {
    (select(wrong_filters()), 0..4).prop_map(|(wrong, shape)| match shape {
        0 => wrong,
        1 => Filter::And(vec![field("id", vec![Test::AnyOf(Vec::new())]), wrong]),
        2 => Filter::Or(vec![field("id", vec![Test::Exists(true)]), wrong]),
        _ => Filter::Not(Box::new(Filter::And(vec![wrong]))),
    })
}

fn wrong_embedding() -> impl Strategy<Value = Vec<f32>> {
    select(vec![
        vec![1.0; DIMENSION + 1],
        vec![1.0; DIMENSION - 1],
        vec![0.0; DIMENSION],
        vec![f32::NAN; DIMENSION],
        vec![f32::INFINITY; DIMENSION],
        Vec::new(),
    ])
}

fn wrong_name() -> impl Strategy<Value = String> {
    select(vec!["", "hourlyrates", "attributes.", "attributes.nothing", "score"])
        .prop_map(str::to_owned)
}

fn wrong_search() -> impl Strategy<Value = SearchRequest> {
    let sorted = |names: Vec<&'static str>| select(names).prop_map(str::to_owned);
    let sort = prop_oneof![
        wrong_name(),
        sorted(vec![
            "industries",
            "bio",
            "userId",
            "embedding",
            "details",
            "attributes.approach",
            "attributes.calendar",
            "attributes.office"
        ])
    ];
    let facet = prop_oneof![
        wrong_name(),
        sorted(vec![
            "hourlyRate",
            "id",
            "bio",
            "createdAt",
            "attributes.score",
            "attributes.office",
            "userId"
        ])
    ];
    let defect = prop_oneof![
        3 => wrong_filter().prop_map(|filter| SearchRequest { filter: Some(filter), ..plain() }),
        1 => wrong_embedding().prop_map(|wrong| SearchRequest { embedding: Some(wrong), ..plain() }),
        1 => sort.prop_map(|field| SearchRequest {
            sort: Some(Sort::Fields(vec![SortKey { field, order: Order::Asc, near: None }])),
            ..plain()
        }),
        1 => facet.prop_map(|facet| SearchRequest { facets: vec![facet.into()], ..plain() }),
        2 => select(wrong_facets()).prop_map(|facet| SearchRequest { facets: vec![facet], ..plain() }),
        1 => wrong_name().prop_map(|name| SearchRequest { fields: Some(vec![name]), ..plain() }),
        1 => select(vec![0, 1_001, u32::MAX]).prop_map(|limit| SearchRequest { limit, ..plain() }),
        1 => select(vec!["b ".repeat(65), "a".repeat(1_025)])
            .prop_map(|text| SearchRequest { text: Some(text), ..plain() }),
        1 => select(vec![f64::NAN, f64::INFINITY, -0.1, 5.1])
            .prop_map(|wrong| SearchRequest { min_rating: Some(wrong), ..plain() }),
        1 => select(vec![f64::NAN, f64::NEG_INFINITY])
            .prop_map(|wrong| SearchRequest { max_hourly_rate: Some(wrong), ..plain() }),
        1 => select(vec![2, 65]).prop_map(|times| SearchRequest {
            facets: vec!["services".into(); times],
            ..plain()
        }),
        1 => select(vec![f64::NAN, -0.1, 1.5])
            .prop_map(|wrong| SearchRequest { fusion: Fusion::Weighted(wrong), ..plain() }),
        2 => select(rules::wrong())
            .prop_map(|rules| SearchRequest { rules: Some(rules), ..plain() }),
        1 => select(vec![0, 65]).prop_map(|len| SearchRequest {
            sort: Some(Sort::Fields(vec![SortKey { field: "id".to_owned(), order: Order::Asc, near: None }; len])),
            ..plain()
        }),
    ];
    (defect, requests::search()).prop_map(|(defect, right)| {
        // What the defect leaves alone is taken from a request that is right.
        SearchRequest {
            filter: defect.filter.or(right.filter),
            embedding: defect.embedding.or(right.embedding),
            sort: defect.sort.or(right.sort),
            fusion: if defect.fusion == Fusion::Auto { right.fusion } else { defect.fusion },
            facets: if defect.facets.is_empty() { right.facets } else { defect.facets },
            fields: defect.fields.or(right.fields),
            limit: if defect.limit == plain().limit { right.limit } else { defect.limit },
            text: defect.text.or(right.text),
            rules: defect.rules,
            min_rating: defect.min_rating.or(right.min_rating),
            max_hourly_rate: defect.max_hourly_rate.or(right.max_hourly_rate),
            ..right
        }
    })
}

fn plain() -> SearchRequest {
    SearchRequest::default()
}

fn cap(field: &str, count: u32) -> GroupCap {
    GroupCap { field: field.to_owned(), count }
}

fn wrong_similar() -> impl Strategy<Value = SimilarRequest> {
    let defects: Vec<fn(SimilarRequest) -> SimilarRequest> = vec![
        |right| SimilarRequest { limit: 0, ..right },
        |right| SimilarRequest { limit: 1_001, ..right },
        |right| SimilarRequest { fields: Some(vec!["unheard".to_owned()]), ..right },
        |right| SimilarRequest { id: "nobody".to_owned(), ..right },
        |right| SimilarRequest { id: String::new(), ..right },
    ];
    prop_oneof![
        1 => (select(defects), choices::similar()).prop_map(|(spoil, right)| spoil(right)),
        1 => (wrong_filter(), choices::similar())
            .prop_map(|(filter, right)| SimilarRequest { filter: Some(filter), ..right }),
    ]
}

fn wrong_criteria() -> impl Strategy<Value = ClientCriteria> {
    let zero = Weights { similarity: 0.0, business: 0.0, rating: 0.0 };
    let nothing_left = ClientCriteria {
        weights: Weights { business: 0.0, rating: 0.0, ..Weights::default() },
        ..ClientCriteria::default()
    };
    let no_business = BusinessWeights { experience: 0.0, ..BusinessWeights::default() };
    let defects: Vec<fn(ClientCriteria) -> ClientCriteria> = vec![
        |right| ClientCriteria { limit: 0, ..right },
        |right| ClientCriteria { limit: 1_001, ..right },
        |right| ClientCriteria { max_budget: Some(-1.0), ..right },
        |right| ClientCriteria { max_budget: Some(f64::NAN), ..right },
        |right| ClientCriteria { min_rating: Some(f64::INFINITY), ..right },
        |right| ClientCriteria { min_rating: Some(7.0), ..right },
        |right| ClientCriteria { min_rating: Some(-1.0), ..right },
        |right| ClientCriteria { embedding: None, text: Some("tax".to_owned()), ..right },
        |right| ClientCriteria { diversity: Some(1.5), ..right },
        |right| ClientCriteria { diversity: Some(f64::NAN), ..right },
        |right| ClientCriteria { min_score: Some(f64::NAN), ..right },
        |right| ClientCriteria { min_score: Some(1.1), ..right },
        |right| ClientCriteria { min_score: Some(f64::NEG_INFINITY), ..right },
        |right| ClientCriteria { max_per: vec![cap("industries", 0)], ..right },
        |right| ClientCriteria { max_per: vec![cap("industries", 1_001)], ..right },
        |right| ClientCriteria { max_per: vec![cap("userId", 1); 9], ..right },
        |right| ClientCriteria { max_per: vec![cap("industry", 1)], ..right },
        |right| ClientCriteria { max_per: vec![cap("attributes.firm", 1)], ..right },
        |right| ClientCriteria { max_per: vec![cap("hourlyRate", 1)], ..right },
        |right| ClientCriteria { max_per: vec![cap("id", 1)], ..right },
        |right| ClientCriteria { max_per: vec![cap("isVerified", 1)], ..right },
        |right| ClientCriteria { text: Some("a".repeat(1_025)), ..right },
        |right| ClientCriteria { fields: Some(vec!["unheard".to_owned()]), ..right },
        |right| ClientCriteria { weights: Weights { rating: -1.0, ..Weights::default() }, ..right },
        |right| ClientCriteria {
            business_weights: BusinessWeights { budget: f64::NAN, ..BusinessWeights::default() },
            ..right
        },
        |right| ClientCriteria {
            attributes: [("unheard".to_owned(), vec!["x".to_owned()])].into(),
            ..right
        },
        |right| ClientCriteria {
            attributes: [("score".to_owned(), vec!["x".to_owned()])].into(),
            ..right
        },
    ];
    let whole = prop_oneof![
        Just(ClientCriteria { weights: zero, ..ClientCriteria::default() }),
        Just(nothing_left.clone()),
        Just(ClientCriteria {
            weights: Weights { rating: 0.0, similarity: 0.0, ..Weights::default() },
            business_weights: no_business,
            ..ClientCriteria::default()
        }),
    ];
    // With the usual weights something is always left of the score.
    let right = || {
        requests::criteria().prop_map(|right| ClientCriteria {
            weights: Weights::default(),
            rules: None,
            // Where nothing embeds it, it would be a second defect.
            text: None,
            ..right
        })
    };
    prop_oneof![
        4 => (select(defects), right()).prop_map(|(spoil, right)| spoil(right)),
        2 => (wrong_filter(), right())
            .prop_map(|(filter, right)| ClientCriteria { filter: Some(filter), ..right }),
        1 => (wrong_embedding(), right())
            .prop_map(|(wrong, right)| ClientCriteria { embedding: Some(wrong), ..right }),
        2 => (select(rules::wrong()), right())
            .prop_map(|(rules, right)| ClientCriteria { rules: Some(rules), ..right }),
        1 => whole,
    ]
}

fn run<T: std::fmt::Debug>(
    asked: impl Strategy<Value = T>,
    check: impl Fn(&Pair, T) -> Result<(), String>,
) {
    let config = Config { cases: 400, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(
        &(profiles::batch(4), prop::collection::vec(asked, 4)),
        |(profiles, asked)| {
            let pair = Pair::new(schema(), profiles, None);
            let pair = pair.map_err(|error| TestCaseError::fail(error.to_string()))?;
            asked.into_iter().try_for_each(|one| check(&pair, one)).map_err(TestCaseError::fail)
        },
    );
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

#[test]
fn a_wrong_search_is_refused_with_the_twins_code() {
    run(wrong_search(), |pair, request| {
        let engine = pair.engine.search(&request);
        if engine.is_ok() {
            return Err("the engine answers what is wrong".to_owned());
        }
        same_refusal(&engine, &pair.twin.search(&request))
    });
}

#[test]
fn a_wrong_match_is_refused_with_the_twins_code() {
    run(wrong_criteria(), |pair, criteria| {
        let engine = pair.engine.match_advisors(&criteria);
        if engine.is_ok() {
            return Err("the engine answers what is wrong".to_owned());
        }
        same_refusal(&engine, &pair.twin.match_advisors(&criteria))
    });
}

#[test]
fn a_wrong_question_for_who_is_alike_is_refused_with_the_twins_code() {
    run(wrong_similar(), |pair, request| {
        let engine = pair.engine.similar_to(&request);
        if engine.is_ok() {
            return Err("the engine answers what is wrong".to_owned());
        }
        same_refusal(&engine, &pair.twin.similar_to(&request))
    });
}
