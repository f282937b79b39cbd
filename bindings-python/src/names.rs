//! The names of the engine's fields, as Python writes them. Each list takes its type wholly apart, so that a field that
//! the engine gains does not compile here until it is named, and does not pass the tests until Python's part has it.

use pyo3::prelude::*;
use pyo3::types::PyDict;

macro_rules! names {
    ($($type:ident { $($name:ident),* $(,)? })*) => {
        $(
            #[allow(non_snake_case, unused_variables, dead_code)]
            fn $type(whole: &shortlist::$type) {
                let shortlist::$type { $($name),* } = whole;
            }
        )*

        /// The fields of each type by its name.
        #[pyfunction]
        pub fn _fields(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
            let all = PyDict::new(py);
            $( all.set_item(stringify!($type), vec![$(stringify!($name)),*])?; )*
            Ok(all)
        }
    };
}

names! {
    SearchRequest {
        text, text_match, typos, typos_in_first_letter, prefix, filter, scope, industries, services, min_rating,
        max_hourly_rate, available, sort, limit, cursor, before, facets, disjunctive, fields, embedding, fusion,
        timeout_ms, max_staleness_ms, at_least, explain, highlight, rules,
    }
    ClientCriteria {
        industries, required_services, require_all, max_budget, min_rating, text, embedding, filter, exclude_ids,
        certifications, attributes, weights, business_weights, rating, limit, diversity, max_per, min_score, relax,
        exact, approximate, rules, exact_budget_ms, fields, timeout_ms, max_staleness_ms, at_least,
        explain,
    }
    SimilarRequest { id, filter, scope, limit, fields, timeout_ms, explain }
    SuggestRequest { text, kinds, limit, typos, filter, scope, timeout_ms }
    Weights { similarity, business, rating }
    BusinessWeights { industries, services, experience, budget, capacity, certifications, attributes }
    FacetRequest { field, limit, facet_query, buckets, histogram, stats }
    Highlight { fields, fragment_length, fragments, before, after }
    AdvisorProfile {
        id, user_id, professional_title, headline, bio, industries, services, certifications, hourly_rate,
        monthly_retainer_min, years_experience, total_reviews, current_clients, max_clients, overall_rating,
        marketplace_status, is_verified, is_available, created_at, updated_at, deleted_at, profile_image_url, embedding,
        attributes, details,
    }
    ProfilePatch {
        if_, user_id, professional_title, headline, bio, industries, services, certifications, hourly_rate,
        monthly_retainer_min, years_experience, total_reviews, current_clients, max_clients, overall_rating,
        marketplace_status, is_verified, is_available, created_at, updated_at, deleted_at, profile_image_url, embedding,
        attributes, details,
    }
    Breakdown { similarity, business, rating, parts }
    Part { name, value, weight, contribution }
    SuggestAnswer { suggestions, generation, took_us }
    Suggestion { text, kind, count }
    FacetCount { value, count }
    FacetRest { values, count }
    FacetBucket { from, to, count }
    FacetStats { count, min, max, mean }
    SectionSize { name, bytes }
    Rules { pins, hide, boost, bury }
    Pin { id, position }
    Factor { filter, factor }
}

#[allow(dead_code)]
fn hits(
    hit: &shortlist::Hit<'_>,
    one: &shortlist::AdvisorMatch<'_>,
    like: &shortlist::SimilarAdvisor<'_>,
) {
    let shortlist::Hit { listing: _, score: _, distance_km: _, pinned: _, highlights: _ } = hit;
    let shortlist::AdvisorMatch {
        advisor_id: _,
        score: _,
        breakdown: _,
        reasons: _,
        relaxed: _,
        pinned: _,
        listing: _,
    } = one;
    let shortlist::SimilarAdvisor { advisor_id: _, similarity: _, listing: _ } = like;
}
