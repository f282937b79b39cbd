//! What a marketplace is asked where advisors have whereabouts: who is near, the nearest first, who is free.

use super::cities::CITIES;
use super::hours::DECEMBER;
use super::places;
use super::random::Random;
use crate::api::filter::{Filter, Test};
use crate::api::search::{Order, SearchRequest, Sort, SortKey};
use crate::model::Instant;

/// The request with conditions on where advisors are and when they are free, and often ordered by the distance.
pub(super) fn ask(request: SearchRequest, random: &mut Random) -> SearchRequest {
    let city = *random.often(&CITIES);
    let Some(centre) = places::place(city, random) else { return request };
    let mut asked = request;
    let mut conditions = Vec::new();
    if random.chance(0.6) {
        let radius_km = *random.pick(&[5.0, 25.0, 25.0, 50.0, 100.0, 500.0]);
        conditions.push(Filter::Field {
            field: "attributes.office".to_owned(),
            tests: vec![Test::Near { centre, radius_km }],
        });
    }
    if random.chance(0.4) {
        conditions.push(Filter::Field {
            field: "attributes.calendar".to_owned(),
            tests: vec![free(random)],
        });
    }
    asked.filter = Some(Filter::And(conditions)).filter(|all| *all != Filter::And(Vec::new()));
    if random.chance(0.6) {
        let near = Some(centre);
        let field = "attributes.office".to_owned();
        asked.sort = Some(Sort::Fields(vec![SortKey { field, order: Order::Asc, near }]));
    }
    asked
}

/// An afternoon in UTC of one day in December, or some days of it, for half an hour to three hours.
fn free(random: &mut Random) -> Test {
    const HOUR: i64 = 3_600_000_000;
    let day = i64::from(DECEMBER) + random.below(28) as i64;
    let days = *random.pick(&[1, 1, 1, 5]);
    let at = |micros: i64| Instant::from_micros(micros).expect("a moment of 2026 or 2027");
    let minutes = *random.pick(&[30, 60, 60, 90, 180]);
    let from = at((day * 24 + 14) * HOUR);
    Test::Free { from, to: at(((day + days - 1) * 24 + 22) * HOUR), minutes }
}
