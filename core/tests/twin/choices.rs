//! Random rules by which a list is chosen, and questions for who is like whom.

use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;
use shortlist::{GroupCap, Scope, SimilarRequest};

use crate::filters::{KEYWORD_FIELDS, filter};
use crate::vocabulary::id;

/// Caps, least score, and whether the filter may be loosened.
#[derive(Clone, Debug)]
pub struct Choice {
    pub max_per: Vec<GroupCap>,
    pub min_score: Option<f64>,
    pub relax: bool,
}

pub fn choice() -> impl Strategy<Value = Choice> {
    let fields: Vec<&str> = [&KEYWORD_FIELDS[..], &["userId", "user_id"]].concat();
    let cap = (select(fields), 1..4_u32)
        .prop_map(|(field, count)| GroupCap { field: field.to_owned(), count });
    let caps = prop_oneof![2 => Just(Vec::new()), 1 => prop::collection::vec(cap, 1..3)];
    let least = weighted(0.2, select(&[-1.0, -0.2, 0.0, 0.2, 0.35, 0.5, 0.75, 1.0][..]));
    (caps, least, weighted(0.4, Just(()))).prop_map(|(max_per, min_score, relax)| Choice {
        max_per,
        min_score,
        relax: relax.is_some(),
    })
}

/// A question for the advisors nearest to one, who may not be there or have no embedding.
pub fn similar() -> impl Strategy<Value = SimilarRequest> {
    let limit = prop_oneof![1..6_u32, 6..60_u32];
    let scope = prop_oneof![Just(Scope::Marketplace), Just(Scope::All)];
    (id(), weighted(0.3, filter()), scope, limit).prop_map(|(id, filter, scope, limit)| {
        SimilarRequest { filter, scope, limit, ..SimilarRequest::of(id) }
    })
}
