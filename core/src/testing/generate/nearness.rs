//! What a marketplace is asked where advisors have whereabouts: who is near, the nearest first.

use super::cities::CITIES;
use super::places;
use super::random::Random;
use crate::api::filter::{Filter, Test};
use crate::api::search::{Order, SearchRequest, Sort, SortKey};

/// The request with conditions on where advisors are, and often ordered by it.
pub(super) fn ask(request: SearchRequest, random: &mut Random) -> SearchRequest {
    let city = *random.often(&CITIES);
    let Some(centre) = places::place(city, random) else { return request };
    let mut asked = request;
    if random.chance(0.6) {
        let radius_km = *random.pick(&[5.0, 25.0, 25.0, 50.0, 100.0, 500.0]);
        asked.filter = Some(Filter::Field {
            field: "attributes.office".to_owned(),
            tests: vec![Test::Near { centre, radius_km }],
        });
    }
    if random.chance(0.6) {
        let near = Some(centre);
        let field = "attributes.office".to_owned();
        asked.sort = Some(Sort::Fields(vec![SortKey { field, order: Order::Asc, near }]));
    }
    asked
}
