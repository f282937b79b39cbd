//! Random rules, right and wrong.

use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;
use shortlist::{Factor, Filter, Pin, RuleSource, Rules, Test};

use crate::filters::{field, filter};
use crate::vocabulary::id;

fn factors(factors: &'static [f64]) -> impl Strategy<Value = Vec<Factor>> {
    let one = (filter(), select(factors)).prop_map(|(filter, factor)| Factor { filter, factor });
    prop_oneof![1 => Just(Vec::new()), 1 => prop::collection::vec(one, 1..3)]
}

/// Rules that can be kept.
pub fn rules() -> impl Strategy<Value = Rules> {
    let pins = prop::collection::vec((id(), 1..12_u32), 0..4).prop_map(|pins| {
        let mut kept: Vec<Pin> = Vec::new();
        for (id, position) in pins {
            if kept.iter().all(|pin| pin.id != id && pin.position != position) {
                kept.push(Pin { id, position });
            }
        }
        kept
    });
    let (boost, bury) = (factors(&[1.25, 1.5, 2.0]), factors(&[0.5, 0.8]));
    (pins, weighted(0.3, filter()), boost, bury).prop_map(|(pins, hide, boost, bury)| Rules {
        pins,
        hide,
        boost,
        bury,
    })
}

/// The names that rules are kept under; nothing is under the last.
pub const NAMES: [&str; 3] = ["spring", "tax season", "sprung"];

/// Rules of a request; those of a name may not be there.
pub fn source() -> impl Strategy<Value = Option<RuleSource>> {
    weighted(
        0.3,
        prop_oneof![
            4 => rules().prop_map(RuleSource::Given),
            1 => select(&NAMES[..]).prop_map(|name| RuleSource::Named(name.to_owned())),
        ],
    )
}

/// Rules that nobody takes.
pub fn wrong() -> Vec<RuleSource> {
    let pin = |id: &str, position| Pin { id: id.to_owned(), position };
    let factor = |name: &str, factor| Factor {
        filter: field(name, vec![Test::AnyOf(vec!["x".to_owned()])]),
        factor,
    };
    let deep = (0..40).fold(field("id", vec![]), |inner, _| Filter::Not(Box::new(inner)));
    let none = Rules::default;
    let many = |count| (0..count).map(|at: u32| pin(&at.to_string(), at + 1)).collect();
    let given = vec![
        Rules { pins: vec![pin("a", 0)], ..none() },
        Rules { pins: vec![pin("a", 1_001)], ..none() },
        Rules { pins: vec![pin("a", 1), pin("a", 2)], ..none() },
        Rules { pins: vec![pin("a", 1), pin("b", 1)], ..none() },
        Rules { pins: many(101), ..none() },
        Rules { hide: Some(field("industry", vec![Test::Exists(true)])), ..none() },
        Rules { hide: Some(deep), ..none() },
        Rules { boost: vec![factor("industries", 1.0)], ..none() },
        Rules { boost: vec![factor("industries", f64::NAN)], ..none() },
        Rules { boost: vec![factor("industries", 1_000.5)], ..none() },
        Rules { boost: vec![factor("hourlyRate", 2.0)], ..none() },
        Rules { boost: vec![factor("industries", 2.0); 17], ..none() },
        Rules { bury: vec![factor("industries", 0.0)], ..none() },
        Rules { bury: vec![factor("industries", 1.0)], ..none() },
        Rules { bury: vec![factor("unheard", 0.5)], ..none() },
    ];
    let named = RuleSource::Named("unheard".to_owned());
    given.into_iter().map(RuleSource::Given).chain([named]).collect()
}
