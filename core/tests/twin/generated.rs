//! Generated advisors and the requests that go with them: large enough for both rankings of a fused
//! search to be cut at a thousand, and for plans to change.

use shortlist::testing::{Generator, generated_schema, whereabouts_schema};
use shortlist::{Fusion, SearchRequest, Sort};

use crate::pair::Pair;

const DIMENSION: usize = 48;

fn pair(advisors: usize) -> (Generator, Pair) {
    let generator = Generator::new(20);
    let embeddings = generator.embeddings(DIMENSION);
    let advisors = generator
        .advisors(advisors)
        .enumerate()
        // One in fifty never wrote what could be embedded.
        .map(|(row, mut advisor)| {
            advisor.embedding = (row % 50 != 7).then(|| embeddings.row(row));
            advisor
        })
        .collect();
    let pair = Pair::new(generated_schema(), advisors, None);
    (generator, pair.expect("generated advisors are right"))
}

#[test]
fn list_pages_and_searches_of_a_marketplace_are_the_twins() {
    let (generator, pair) = pair(2_500);
    for request in generator.search_requests(150) {
        if let Err(what) = pair.search(&SearchRequest { limit: 400, ..request.clone() }) {
            panic!("{what}\nin {request:?}");
        }
    }
}

#[test]
fn searches_by_where_advisors_are_are_the_twins() {
    let generator = Generator::new(21).with_whereabouts();
    let pair = Pair::new(whereabouts_schema(), generator.advisors(2_500).collect(), None)
        .expect("generated advisors are right");
    for request in generator.search_requests(150) {
        if let Err(what) = pair.search(&SearchRequest { limit: 300, ..request.clone() }) {
            panic!("{what}\nin {request:?}");
        }
    }
}

#[test]
fn matches_of_a_marketplace_are_the_twins() {
    let (generator, pair) = pair(2_500);
    let embeddings = generator.embeddings(DIMENSION);
    for (at, mut criteria) in generator.match_requests(200, Some(&embeddings)).enumerate() {
        // One in five asks everybody, one in ten for a list that is not all alike.
        if at % 5 == 0 {
            criteria.industries.clear();
            criteria.required_services.clear();
        }
        criteria.diversity = (at % 10 == 3).then_some(0.6);
        if let Err(what) = pair.match_advisors(&criteria) {
            panic!("{what}\nin {criteria:?}");
        }
    }
}

#[test]
fn fused_rankings_of_more_than_a_thousand_are_the_twins() {
    let (generator, pair) = pair(2_500);
    let embeddings = generator.embeddings(DIMENSION);
    for (at, text) in
        ["cash flow", "cfo or controller", "financial -audits", "budget"].iter().enumerate()
    {
        for fusion in [Fusion::Auto, Fusion::Rrf, Fusion::Weighted(0.5)] {
            let request = SearchRequest {
                text: Some((*text).to_owned()),
                embedding: Some(embeddings.row(3 + at)),
                fusion,
                sort: (at % 2 == 0).then_some(Sort::Relevance),
                facets: vec!["services".into(), "attributes.remote".into()],
                limit: 250,
                ..SearchRequest::default()
            };
            if let Err(what) = pair.search(&request) {
                panic!("{what}\nin {request:?}");
            }
        }
    }
}
