//! Random profiles with every kind of missing value, and random changes to them.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::option::{of, weighted};
use proptest::prelude::*;
use proptest::sample::select;
use shortlist::{AdvisorProfile, AttributeValue, ProfilePatch};

use crate::vocabulary::{
    CERTIFICATIONS, INDUSTRIES, LANGUAGES, SERVICES, STATUSES, amount, availability, embedding, id,
    moment, number, point, prose, word, words,
};

fn attribute() -> impl Strategy<Value = (String, AttributeValue)> + Clone {
    let named = |name: &'static str, value| (name.to_owned(), value);
    prop_oneof![
        words(&LANGUAGES).prop_map(move |v| named("languages", AttributeValue::Keywords(v))),
        words(&INDUSTRIES).prop_map(move |v| named("city", AttributeValue::Keywords(v))),
        number().prop_map(move |v| named("score", AttributeValue::Number(v))),
        number().prop_map(move |v| named("size", AttributeValue::Number(v))),
        any::<bool>().prop_map(move |v| named("remote", AttributeValue::Bool(v))),
        moment().prop_map(move |v| named("since", AttributeValue::Date(v))),
        prose().prop_map(move |v| named("approach", AttributeValue::Text(v))),
        prose().prop_map(move |v| named("motto", AttributeValue::Text(v))),
        point().prop_map(move |v| named("office", AttributeValue::Geo(v))),
        point().prop_map(move |v| named("office", AttributeValue::Geo(v))),
        availability()
            .prop_map(move |v| named("calendar", AttributeValue::Availability(Arc::new(v)))),
        availability()
            .prop_map(move |v| named("calendar", AttributeValue::Availability(Arc::new(v)))),
    ]
}

fn attributes() -> impl Strategy<Value = BTreeMap<String, AttributeValue>> + Clone {
    // An empty list of keywords is the same as none, and is not kept.
    let says_something =
        |(_, value): &(String, AttributeValue)| *value != AttributeValue::Keywords(Vec::new());
    prop::collection::vec(attribute(), 0..7)
        .prop_map(move |values| values.into_iter().filter(says_something).collect())
}

/// A profile; two in three are in the marketplace.
pub fn profile() -> impl Strategy<Value = AdvisorProfile> + Clone {
    let key = (id(), of(select(&["u1", "u2", "u3"][..])));
    let texts = (of(prose()), of(prose()), of(prose()), of(Just("https://example.com/a.jpg")));
    let lists = (words(&INDUSTRIES), words(&SERVICES), words(&CERTIFICATIONS));
    let amounts = (of(amount()), of(amount()), of(0..40_u32));
    let counts = (0..30_u32, 0..5_u32, 0..12_u32, select(&[0.0, -0.0, 3.5, 4.0, 4.2, 5.0][..]));
    let state = (word(&STATUSES), weighted(0.95, Just(())), weighted(0.9, Just(())));
    let dates = (of(moment()), of(moment()), weighted(0.06, moment()));
    let rest = (weighted(0.8, embedding()), attributes(), of(Just(r#"{"a":[1,{"b":"ü"}]}"#)));
    (key, texts, lists, amounts, counts, state, dates, rest).prop_map(
        |(key, texts, lists, amounts, counts, state, dates, rest)| AdvisorProfile {
            user_id: key.1.map(str::to_owned),
            professional_title: texts.0,
            headline: texts.1,
            bio: texts.2,
            profile_image_url: texts.3.map(str::to_owned),
            industries: lists.0,
            services: lists.1,
            certifications: lists.2,
            hourly_rate: amounts.0,
            monthly_retainer_min: amounts.1,
            years_experience: amounts.2,
            total_reviews: counts.0,
            current_clients: counts.1,
            max_clients: counts.2,
            overall_rating: counts.3,
            marketplace_status: state.0,
            is_verified: state.1.is_some(),
            is_available: state.2.is_some(),
            created_at: dates.0,
            updated_at: dates.1,
            deleted_at: dates.2,
            embedding: rest.0,
            attributes: rest.1,
            details: rest.2.map(str::to_owned),
            ..AdvisorProfile::new(key.0)
        },
    )
}

/// Profiles of distinct ids.
pub fn batch(most: usize) -> impl Strategy<Value = Vec<AdvisorProfile>> + Clone {
    prop::collection::vec(profile(), 0..most).prop_map(|profiles| {
        let mut seen = std::collections::HashSet::new();
        profiles.into_iter().filter(|profile| seen.insert(profile.id.clone())).collect()
    })
}

/// A change of one to three things.
pub fn patch() -> impl Strategy<Value = ProfilePatch> {
    // What changes comes from another profile, or is cleared.
    let which = prop::collection::vec((0..24_u8, any::<bool>()), 1..4);
    (profile(), which, weighted(0.2, crate::filters::filter())).prop_map(|(other, which, if_)| {
        let mut patch = ProfilePatch { if_, ..ProfilePatch::default() };
        for (field, clear) in which {
            change(&mut patch, &other, field, clear);
        }
        patch
    })
}

fn change(patch: &mut ProfilePatch, other: &AdvisorProfile, field: u8, clear: bool) {
    fn kept<T: Clone>(value: Option<&T>, clear: bool) -> Option<T> {
        value.filter(|_| !clear).cloned()
    }
    match field {
        0 => patch.user_id = Some(kept(other.user_id.as_ref(), clear)),
        1 => patch.professional_title = Some(kept(other.professional_title.as_ref(), clear)),
        2 => patch.headline = Some(kept(other.headline.as_ref(), clear)),
        3 => patch.bio = Some(kept(other.bio.as_ref(), clear)),
        4 => patch.industries = Some(other.industries.clone()),
        5 => patch.services = Some(other.services.clone()),
        6 => patch.certifications = Some(other.certifications.clone()),
        7 => patch.hourly_rate = Some(kept(other.hourly_rate.as_ref(), clear)),
        8 => patch.monthly_retainer_min = Some(kept(other.monthly_retainer_min.as_ref(), clear)),
        9 => patch.years_experience = Some(kept(other.years_experience.as_ref(), clear)),
        10 => patch.total_reviews = Some(other.total_reviews),
        11 => patch.current_clients = Some(other.current_clients),
        12 => patch.max_clients = Some(other.max_clients),
        13 => patch.overall_rating = Some(other.overall_rating),
        14 => patch.marketplace_status = Some(other.marketplace_status.clone()),
        15 => patch.is_verified = Some(other.is_verified),
        16 => patch.is_available = Some(other.is_available),
        17 => patch.created_at = Some(kept(other.created_at.as_ref(), clear)),
        18 => patch.deleted_at = Some(kept(other.deleted_at.as_ref(), clear)),
        19 => patch.profile_image_url = Some(kept(other.profile_image_url.as_ref(), clear)),
        20 => patch.embedding = Some(kept(other.embedding.as_ref(), clear)),
        21 => patch.details = Some(kept(other.details.as_ref(), clear)),
        _ if clear => {
            for name in ["languages", "score", "remote", "since", "approach", "office", "calendar"]
            {
                patch.attributes.insert(name.to_owned(), None);
            }
        }
        _ => {
            let values = other.attributes.clone().into_iter();
            patch.attributes.extend(values.map(|(name, value)| (name, Some(value))));
        }
    }
}
