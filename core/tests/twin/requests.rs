//! Random searches and matches.

use std::collections::BTreeMap;

use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;
use shortlist::{
    BusinessWeights, ClientCriteria, Fusion, Order, RatingMode, Scope, SearchRequest, Sort,
    SortKey, TextMatch, Weights,
};

use crate::facets::facets;
use crate::filters::{DATE_FIELDS, FLAG_FIELDS, NUMBER_FIELDS, filter};
use crate::texts::{NAMES, highlight};
use crate::vocabulary::{
    CERTIFICATIONS, INDUSTRIES, LANGUAGES, MISTYPED, SERVICES, WORDS, embedding, id, number, point,
    rating, word, words,
};
use crate::{choices, rules};

/// Text as people type it into a search box.
pub fn text() -> impl Strategy<Value = String> {
    let plain = || prop_oneof![5 => word(&WORDS), 1 => word(&MISTYPED)];
    let piece = prop_oneof![
        8 => plain(),
        1 => plain().prop_map(|word| format!("-{word}")),
        1 => (plain(), plain()).prop_map(|(a, b)| format!("\"{a} {b}\"")),
        1 => (plain(), plain()).prop_map(|(a, b)| format!("-\"{a} {b}\"")),
        1 => Just("or".to_owned()),
        1 => plain().prop_map(|word| format!("title:{word}")),
        1 => word(&NAMES),
        1 => select(&["\"", "-", "(tax)", "...", "Tax,", "OR", "ﬁnancial"][..]).prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..3).prop_map(|pieces| pieces.join(" "))
}

fn sort() -> impl Strategy<Value = Sort> {
    let fields: Vec<&str> =
        [&NUMBER_FIELDS[..], &DATE_FIELDS[..], &FLAG_FIELDS[..], &["id"]].concat();
    let order = select(&[Order::Asc, Order::Desc][..]);
    let key = (select(fields), order.clone()).prop_map(|(field, order)| SortKey {
        field: field.to_owned(),
        order,
        near: None,
    });
    let distance = (point(), order).prop_map(|(from, order)| SortKey {
        field: "attributes.office".to_owned(),
        order,
        near: Some(from),
    });
    let key = prop_oneof![3 => key, 1 => distance.clone()];
    prop_oneof![
        3 => Just(Sort::Relevance),
        1 => Just(Sort::Rating),
        1 => Just(Sort::Experience),
        1 => Just(Sort::Reviews),
        1 => Just(Sort::Newest),
        1 => Just(Sort::PriceAsc),
        1 => Just(Sort::PriceDesc),
        4 => prop::collection::vec(key, 1..4).prop_map(Sort::Fields),
        1 => distance.prop_map(|key| Sort::Fields(vec![key])),
    ]
}

/// A search request, right in every part.
pub fn search() -> impl Strategy<Value = SearchRequest> {
    (unruled(), rules::source()).prop_map(|(request, rules)| SearchRequest { rules, ..request })
}

fn unruled() -> impl Strategy<Value = SearchRequest> {
    let words_asked = (weighted(0.4, text()), any::<[bool; 4]>(), highlight());
    let short = prop_oneof![
        2 => Just((Vec::new(), Vec::new(), None, None)),
        1 => (words(&INDUSTRIES), words(&SERVICES), weighted(0.2, rating()), weighted(0.2, number())),
    ];
    let picky = (short, weighted(0.4, filter()), any::<bool>(), weighted(0.3, Just(())));
    let fusion = prop_oneof![2 => Just(Fusion::Auto), 1 => Just(Fusion::Rrf), 1 => select(&[0.0, 0.3, 1.0][..]).prop_map(Fusion::Weighted),];
    let shown = weighted(0.1, Just(vec!["bio".to_owned(), "attributes.score".to_owned()]));
    let limit = prop_oneof![1..6_u32, 6..60_u32];
    let rest = (weighted(0.7, sort()), limit, facets(), any::<bool>(), shown);
    (words_asked, picky, weighted(0.25, embedding()), fusion, rest).prop_map(
        |(words, (short, filter, all, available), embedding, fusion, rest)| SearchRequest {
            text: words.0,
            text_match: if words.1[0] { TextMatch::Any } else { TextMatch::All },
            typos: words.1[1],
            prefix: words.1[2],
            typos_in_first_letter: words.1[3],
            highlight: words.2,
            industries: short.0,
            services: short.1,
            min_rating: short.2,
            max_hourly_rate: short.3,
            filter,
            scope: if all { Scope::All } else { Scope::Marketplace },
            available: available.is_some(),
            embedding,
            fusion,
            sort: rest.0,
            limit: rest.1,
            facets: rest.2,
            disjunctive: rest.3,
            fields: rest.4,
            ..SearchRequest::default()
        },
    )
}

fn weight() -> impl Strategy<Value = f64> + Clone {
    select(&[0.0, 0.0, 0.1, 0.3, 1.0, 7.0][..])
}

fn weights() -> impl Strategy<Value = Weights> {
    let any = (weight(), weight(), weight())
        .prop_filter("not all zero", |(a, b, c)| a + b + c > 0.0)
        .prop_map(|(similarity, business, rating)| Weights { similarity, business, rating });
    prop_oneof![Just(Weights::default()), any]
}

fn business_weights() -> impl Strategy<Value = BusinessWeights> {
    let any = prop::array::uniform7(weight())
        .prop_filter("not all zero", |weights| weights.iter().sum::<f64>() > 0.0)
        .prop_map(|w| BusinessWeights {
            industries: w[0],
            services: w[1],
            experience: w[2],
            budget: w[3],
            capacity: w[4],
            certifications: w[5],
            attributes: w[6],
        });
    prop_oneof![Just(BusinessWeights::default()), any]
}

/// Match criteria, right in every part.
pub fn criteria() -> impl Strategy<Value = ClientCriteria> {
    (asked(), choices::choice(), rules::source()).prop_map(|(criteria, choice, rules)| {
        ClientCriteria {
            rules,
            max_per: choice.max_per,
            min_score: choice.min_score,
            relax: choice.relax,
            ..criteria
        }
    })
}

/// Criteria without the rules by which a list is chosen from the candidates.
fn asked() -> impl Strategy<Value = ClientCriteria> {
    let budget = weighted(0.3, select(&[0.0, 5.0, 100.0, 125.0, 300.0, 300.0][..]));
    let asked = (words(&INDUSTRIES), words(&SERVICES), weighted(0.2, Just(())), budget);
    let asked = prop_oneof![2 => asked, 1 => Just((Vec::new(), Vec::new(), None, None))];
    let hard =
        (weighted(0.1, rating()), weighted(0.15, filter()), prop::collection::vec(id(), 0..3));
    let languages = words(&LANGUAGES).prop_map(|values| ("languages".to_owned(), values));
    let cities = words(&INDUSTRIES).prop_map(|values| ("city".to_owned(), values));
    let attributes = prop::collection::vec(prop_oneof![languages, cities], 0..3)
        .prop_map(|values| values.into_iter().collect::<BTreeMap<_, _>>());
    let need =
        (weighted(0.6, embedding()), weighted(0.25, text()), words(&CERTIFICATIONS), attributes);
    let limit = prop_oneof![1..6_u32, 6..60_u32];
    let how = (weights(), business_weights(), any::<bool>(), limit);
    let diversity = weighted(0.25, select(&[0.0, 0.3, 0.7, 1.0][..]));
    (asked, hard, need, how, diversity, any::<bool>()).prop_map(
        |(asked, hard, need, how, diversity, exact)| ClientCriteria {
            industries: asked.0,
            required_services: asked.1,
            require_all: asked.2.is_some(),
            max_budget: asked.3,
            min_rating: hard.0,
            filter: hard.1,
            exclude_ids: hard.2,
            embedding: need.0,
            text: need.1,
            certifications: need.2,
            attributes: need.3,
            weights: how.0,
            business_weights: how.1,
            rating: if how.2 { RatingMode::Bayesian } else { RatingMode::Mean },
            limit: how.3,
            diversity,
            exact,
            // So few vectors have no cells: such an answer is exact too.
            approximate: !exact,
            exact_budget_ms: exact.then_some(0.0),
            ..ClientCriteria::default()
        },
    )
}
