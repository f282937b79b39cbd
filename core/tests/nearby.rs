//! Pages by distance of a catalogue that is large enough for circles to be drawn around a point.

use shortlist::{
    AdvisorProfile, AttributeKind, AttributeValue, Engine, EngineOptions, Filter, GeoPoint, Order,
    ProfilePatch, Schema, Scope, SearchRequest, Sort, SortKey, Test,
};

const ADVISORS: u32 = 11_000;

fn at(lat: f64, lon: f64) -> GeoPoint {
    GeoPoint::new(lat, lon).expect("degrees of the earth")
}

/// Crowds around three cities and on the antimeridian, some on one spot, some anywhere, some nowhere.
fn office(number: u32) -> Option<GeoPoint> {
    let step = f64::from(number * 7_919 % 1_009) / 1_009.0;
    let turn = f64::from(number * 104_729 % 997) / 997.0;
    match number % 20 {
        0 => None,
        1..9 => Some(at(52.3 + 0.4 * step, 13.1 + 0.6 * turn)),
        9..12 => Some(at(48.8 + 0.1 * step, 2.2 + 0.3 * turn)),
        12 => Some(at(52.52, 13.405)),
        13..16 => Some(at(step - 0.5, if turn < 0.5 { 180.0 - turn } else { turn - 180.5 })),
        16 => Some(at(89.0 + step, 360.0 * turn - 180.0)),
        _ => Some(at(180.0 * step - 90.0, 360.0 * turn - 180.0)),
    }
}

fn catalogue() -> (Engine, Vec<(String, Option<GeoPoint>)>) {
    let mut schema = Schema::default();
    schema.declare("office", AttributeKind::Geo).expect("a name");
    let engine = Engine::in_memory_with(EngineOptions::with_schema(schema)).expect("an engine");
    let offices: Vec<_> =
        (0..ADVISORS).map(|number| (format!("a{number:05}"), office(number))).collect();
    let profiles = offices.iter().map(|(id, point)| {
        let mut profile = AdvisorProfile::new(id);
        let office = point.map(|point| ("office".to_owned(), AttributeValue::Geo(point)));
        profile.attributes.extend(office);
        profile
    });
    engine.upsert(profiles.collect()).expect("sound profiles");
    (engine, offices)
}

fn by_distance(from: GeoPoint, order: Order) -> SearchRequest {
    let key = SortKey { field: "attributes.office".to_owned(), order, near: Some(from) };
    SearchRequest {
        scope: Scope::All,
        sort: Some(Sort::Fields(vec![key])),
        limit: 700,
        ..SearchRequest::default()
    }
}

/// The ids in order, by a plain sort.
fn plain(offices: &[(String, Option<GeoPoint>)], from: GeoPoint, order: Order) -> Vec<String> {
    let mut keyed: Vec<(f64, &String)> = offices
        .iter()
        .map(|(id, point)| {
            let km = point.map(|point| from.distance_km(point));
            let sign = if order == Order::Asc { 1.0 } else { -1.0 };
            (km.map_or(f64::INFINITY, |km| sign * km), id)
        })
        .collect();
    keyed.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(b.1)));
    keyed.into_iter().map(|(_, id)| id.clone()).collect()
}

/// Walks to the end and back; every page is a stretch of the right order.
fn walk(engine: &Engine, request: &SearchRequest, right: &[String]) {
    let mut page = request.clone();
    let (mut from, mut starts) = (0, Vec::new());
    let mut back = loop {
        let answer = engine.search(&page).expect("a sound request");
        assert_eq!(answer.total, right.len() as u64);
        assert_eq!(answer.ids(), right[from..from + answer.len()], "from {from} on");
        assert_eq!(answer.previous_cursor.is_some(), from > 0);
        starts.push(from);
        from += answer.len();
        match answer.next_cursor {
            Some(cursor) => page.cursor = Some(cursor),
            None => break answer.previous_cursor,
        }
    };
    assert_eq!(from, right.len());
    page.cursor = None;
    for start in starts.iter().rev().skip(1) {
        page.before = back;
        let answer = engine.search(&page).expect("a sound request");
        assert_eq!(answer.ids(), right[*start..start + answer.len()], "back to {start}");
        assert_eq!(answer.len() as u32, request.limit);
        assert!(answer.next_cursor.is_some());
        back = answer.previous_cursor;
    }
    assert_eq!(back, None);
}

#[test]
fn pages_by_distance_are_those_of_a_plain_sort_forward_and_back() {
    let (engine, offices) = catalogue();
    for from in [at(52.52, 13.405), at(0.0, -180.0), at(90.0, 0.0), at(-40.0, 100.0)] {
        for order in [Order::Asc, Order::Desc] {
            walk(&engine, &by_distance(from, order), &plain(&offices, from, order));
        }
    }
}

#[test]
fn what_lies_in_the_corner_of_a_box_around_a_circle_is_not_taken_for_near() {
    // Two bands that cross where few are make the first circle, of 1 km, seem full.
    let office = |number: u32| match number {
        0..15 => at(0.0085, 0.0085),
        15..30 => at(0.0099, 0.0),
        number if number % 2 == 0 => at(0.0, 5.0 + f64::from(number % 70)),
        number => at(5.0 + f64::from(number % 70), 0.0),
    };
    let mut schema = Schema::default();
    schema.declare("office", AttributeKind::Geo).expect("a name");
    let engine = Engine::in_memory_with(EngineOptions::with_schema(schema)).expect("an engine");
    let offices: Vec<_> =
        (0..ADVISORS).map(|number| (format!("a{number:05}"), Some(office(number)))).collect();
    let profiles = offices.iter().map(|(id, point)| {
        let mut profile = AdvisorProfile::new(id);
        let office = point.map(|point| ("office".to_owned(), AttributeValue::Geo(point)));
        profile.attributes.extend(office);
        profile
    });
    engine.upsert(profiles.collect()).expect("sound profiles");
    let from = at(0.0, 0.0);
    let request = SearchRequest { limit: 10, ..by_distance(from, Order::Asc) };
    let answer = engine.search(&request).expect("a sound request");
    assert_eq!(answer.ids(), plain(&offices, from, Order::Asc)[..10]);
}

#[test]
fn the_nearest_are_found_without_measuring_everybody() {
    let (engine, _) = catalogue();
    let request =
        SearchRequest { limit: 10, explain: true, ..by_distance(at(48.85, 2.35), Order::Asc) };
    let answer = engine.search(&request).expect("a sound request");
    let why = answer.explain.expect("it was asked for").why;
    let measured: u32 = why
        .split(' ')
        .rev()
        .find_map(|word| word.parse().ok())
        .expect("it says how many were measured");
    assert!((11..1_500).contains(&measured), "{why}");
}

#[test]
fn who_moves_is_found_at_the_new_place_and_no_longer_at_the_old() {
    let (engine, mut offices) = catalogue();
    for round in 0..60_u32 {
        let number = (round * 181 % ADVISORS) as usize;
        let point = office(round * 31 + 5).filter(|_| round % 7 != 0);
        offices[number].1 = point;
        let value = point.map(AttributeValue::Geo);
        let patch = ProfilePatch {
            attributes: [("office".to_owned(), value)].into(),
            ..ProfilePatch::default()
        };
        assert!(patch.is_hot());
        engine.patch(vec![(offices[number].0.clone(), patch)]).expect("a sound patch");
    }
    let from = at(52.5, 13.4);
    walk(&engine, &by_distance(from, Order::Asc), &plain(&offices, from, Order::Asc));
    for radius_km in [0.0, 2.5, 30.0, 900.0, 12_000.0, 20_020.0] {
        let near = Test::Near { centre: from, radius_km };
        let request = SearchRequest {
            filter: Some(Filter::Field {
                field: "attributes.office".to_owned(),
                tests: vec![near],
            }),
            scope: Scope::All,
            ..SearchRequest::default()
        };
        let right = offices
            .iter()
            .filter(|(_, point)| point.is_some_and(|point| from.distance_km(point) <= radius_km));
        let answer = engine.search(&request).expect("a sound request");
        assert_eq!(answer.total, right.count() as u64, "{radius_km} km");
    }
}
