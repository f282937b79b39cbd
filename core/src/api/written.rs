//! Requests, criteria, filters and profiles written in their wire form.

use serde_json::{Map, Value, json};

use crate::api::criteria::{BusinessWeights, ClientCriteria, RatingMode, Weights};
use crate::api::facet::{FacetRequest, Interval};
use crate::api::filter::{Filter, Operand};
use crate::api::group_cap::GroupCap;
use crate::api::highlight::Highlight;
use crate::api::rules::RuleSource;
use crate::api::search::{Fusion, Order, Scope, SearchRequest, Sort, TextMatch};
use crate::api::similar::SimilarRequest;
use crate::api::suggest::{SuggestKind, SuggestRequest};
use crate::model::{AdvisorProfile, AttributeValue, GeoPoint, Instant};

/// An object of the entries that say something: null, `false`, `[]` and `{}` are left out.
fn object(entries: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let says_something = |value: &Value| match value {
        Value::Null | Value::Bool(false) => false,
        Value::Array(values) => !values.is_empty(),
        Value::Object(values) => !values.is_empty(),
        _ => true,
    };
    let kept = entries.into_iter().filter(|(_, value)| says_something(value));
    Value::Object(kept.map(|(name, value)| (name.to_owned(), value)).collect())
}

/// A number without a fraction where it has none.
fn plain(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 9e15 { json!(number as i64) } else { json!(number) }
}

fn point(point: GeoPoint) -> Value {
    json!({"lat": plain(point.lat()), "lon": plain(point.lon())})
}

fn highlight(how: &Highlight) -> Value {
    if *how == Highlight::default() {
        return json!(true);
    }
    object([
        ("fields", json!(how.fields)),
        ("fragmentLength", json!(how.fragment_length)),
        ("fragments", json!(how.fragments)),
        ("before", json!(how.before)),
        ("after", json!(how.after)),
    ])
}

/// The wire form of a search request, one line; what is at its default is left out.
pub fn request_to_json(request: &SearchRequest) -> String {
    let sort = request.sort.as_ref().map(|sort| match sort {
        Sort::Relevance => json!("relevance"),
        Sort::Rating => json!("rating"),
        Sort::Experience => json!("experience"),
        Sort::Reviews => json!("reviews"),
        Sort::Newest => json!("newest"),
        Sort::PriceAsc => json!("priceAsc"),
        Sort::PriceDesc => json!("priceDesc"),
        Sort::Fields(keys) => keys
            .iter()
            .map(|key| {
                let order = if key.order == Order::Asc { "asc" } else { "desc" };
                let mut written = json!({"field": key.field, "order": order});
                if let Some(near) = key.near {
                    written["near"] = point(near);
                }
                written
            })
            .collect(),
    });
    let fusion = match request.fusion {
        Fusion::Auto => Value::Null,
        Fusion::Rrf => json!("rrf"),
        Fusion::Weighted(weight) => json!({"weighted": weight}),
    };
    let mut written = object([
        ("industries", json!(request.industries)),
        ("services", json!(request.services)),
        ("minRating", request.min_rating.map_or(Value::Null, plain)),
        ("maxHourlyRate", request.max_hourly_rate.map_or(Value::Null, plain)),
        ("availability", if request.available { json!("available") } else { Value::Null }),
        ("text", json!(request.text)),
        (
            "textMatch",
            if request.text_match == TextMatch::Any { json!("any") } else { json!(null) },
        ),
        ("typos", json!(request.typos)),
        ("typosInFirstLetter", json!(request.typos_in_first_letter)),
        ("prefix", json!(request.prefix)),
        ("highlight", request.highlight.as_ref().map_or(Value::Null, highlight)),
        ("rules", request.rules.as_ref().map_or(Value::Null, RuleSource::to_value)),
        ("filter", request.filter.as_ref().map_or(Value::Null, Filter::to_value)),
        ("scope", if request.scope == Scope::All { json!("all") } else { Value::Null }),
        ("sort", sort.unwrap_or(Value::Null)),
        ("facets", request.facets.iter().map(facet_value).collect()),
        ("disjunctive", json!(request.disjunctive)),
        ("embedding", json!(request.embedding)),
        ("fusion", fusion),
        ("timeoutMs", json!(request.timeout_ms)),
        ("maxStalenessMs", json!(request.max_staleness_ms)),
        ("atLeast", json!(request.at_least)),
        ("explain", json!(request.explain)),
        ("cursor", json!(request.cursor)),
        ("before", json!(request.before)),
        ("limit", json!(request.limit)),
    ]);
    // A list of no fields is not the same as no list.
    if let Some(fields) = &request.fields {
        written["fields"] = json!(fields);
    }
    written.to_string()
}

fn facet_value(facet: &FacetRequest) -> Value {
    let buckets = facet.buckets.iter().map(Operand::to_value);
    let histogram = facet.histogram.map_or(Value::Null, |interval| match interval {
        Interval::Width(width) => plain(width),
        calendar => {
            let named = Interval::CALENDAR.iter().find(|(_, known)| *known == calendar);
            json!(named.map(|(name, _)| *name))
        }
    });
    let detailed = object([
        ("limit", json!(facet.limit)),
        ("facetQuery", json!(facet.facet_query)),
        ("buckets", buckets.collect()),
        ("histogram", histogram),
        ("stats", json!(facet.stats)),
    ]);
    match detailed {
        Value::Object(mut parts) if !parts.is_empty() => {
            parts.insert("field".to_owned(), json!(facet.field));
            Value::Object(parts)
        }
        _ => json!(facet.field),
    }
}

/// The wire form of match criteria, one line; what is at its default is left out.
pub fn criteria_to_json(criteria: &ClientCriteria) -> String {
    let named = |weights: &[(&'static str, f64)]| -> Value {
        weights.iter().map(|(name, weight)| ((*name).to_owned(), json!(weight))).collect()
    };
    let weights = if criteria.weights == Weights::default() {
        Value::Null
    } else {
        named(&criteria.weights.named())
    };
    let business = if criteria.business_weights == BusinessWeights::default() {
        Value::Null
    } else {
        named(&criteria.business_weights.named())
    };
    let bayesian = criteria.rating == RatingMode::Bayesian;
    let mut written = object([
        ("text", json!(criteria.text)),
        ("industries", json!(criteria.industries)),
        ("requiredServices", json!(criteria.required_services)),
        ("requireAll", json!(criteria.require_all)),
        ("maxBudget", criteria.max_budget.map_or(Value::Null, plain)),
        ("minRating", criteria.min_rating.map_or(Value::Null, plain)),
        ("embedding", json!(criteria.embedding)),
        ("rules", criteria.rules.as_ref().map_or(Value::Null, RuleSource::to_value)),
        ("filter", criteria.filter.as_ref().map_or(Value::Null, Filter::to_value)),
        ("excludeIds", json!(criteria.exclude_ids)),
        ("certifications", json!(criteria.certifications)),
        ("attributes", json!(criteria.attributes)),
        ("weights", weights),
        ("businessWeights", business),
        ("rating", if bayesian { json!("bayesian") } else { Value::Null }),
        ("diversity", json!(criteria.diversity)),
        ("maxPer", criteria.max_per.iter().map(cap_value).collect()),
        ("minScore", json!(criteria.min_score)),
        ("relax", json!(criteria.relax)),
        ("exact", json!(criteria.exact)),
        ("approximate", json!(criteria.approximate)),
        ("exactBudgetMs", json!(criteria.exact_budget_ms)),
        ("timeoutMs", json!(criteria.timeout_ms)),
        ("maxStalenessMs", json!(criteria.max_staleness_ms)),
        ("atLeast", json!(criteria.at_least)),
        ("explain", json!(criteria.explain)),
        ("limit", json!(criteria.limit)),
    ]);
    if let Some(fields) = &criteria.fields {
        written["fields"] = json!(fields);
    }
    written.to_string()
}

fn cap_value(cap: &GroupCap) -> Value {
    json!({"field": cap.field, "count": cap.count})
}

/// The wire form of a similar request, one line; what is at its default is left out.
pub fn similar_to_json(request: &SimilarRequest) -> String {
    let mut written = object([
        ("filter", request.filter.as_ref().map_or(Value::Null, Filter::to_value)),
        ("scope", if request.scope == Scope::All { json!("all") } else { Value::Null }),
        ("limit", json!(request.limit)),
        ("timeoutMs", json!(request.timeout_ms)),
        ("explain", json!(request.explain)),
    ]);
    written["id"] = json!(request.id);
    if let Some(fields) = &request.fields {
        written["fields"] = json!(fields);
    }
    written.to_string()
}

/// The wire form of a suggest request, one line; what is at its default is left out.
fn suggest_to_json(request: &SuggestRequest) -> String {
    let usual = SuggestRequest::default();
    let names = request.kinds.iter().map(|kind| {
        let known = SuggestKind::ALL.iter().find(|(_, known)| known == kind);
        json!(known.map(|(name, _)| *name))
    });
    let kinds = if request.kinds == usual.kinds { Value::Null } else { names.collect() };
    let mut written = object([
        ("filter", request.filter.as_ref().map_or(Value::Null, Filter::to_value)),
        ("scope", if request.scope == Scope::All { json!("all") } else { Value::Null }),
        ("limit", json!(request.limit)),
        ("timeoutMs", json!(request.timeout_ms)),
    ]);
    written["text"] = json!(request.text);
    // These say something where they are empty or false.
    if request.kinds != usual.kinds {
        written["kinds"] = kinds;
    }
    if request.typos != usual.typos {
        written["typos"] = json!(request.typos);
    }
    written.to_string()
}

impl SearchRequest {
    /// The wire form, one line; what is at its default is left out. [`SearchRequest::from_json`] reads it back.
    pub fn to_json(&self) -> String {
        request_to_json(self)
    }
}

impl ClientCriteria {
    /// The wire form, one line; what is at its default is left out. [`ClientCriteria::from_json`] reads it back.
    pub fn to_json(&self) -> String {
        criteria_to_json(self)
    }
}

impl SimilarRequest {
    /// The wire form, one line; what is at its default is left out. [`SimilarRequest::from_json`] reads it back.
    pub fn to_json(&self) -> String {
        similar_to_json(self)
    }
}

impl SuggestRequest {
    /// The wire form, one line; what is at its default is left out. [`SuggestRequest::from_json`] reads it back.
    pub fn to_json(&self) -> String {
        suggest_to_json(self)
    }
}

impl Filter {
    /// The wire form, one line. [`Filter::from_json`] reads it back.
    pub fn to_json(&self) -> String {
        filter_to_json(self)
    }
}

/// The wire form of a filter.
pub fn filter_to_json(filter: &Filter) -> String {
    filter.to_value().to_string()
}

/// The wire form of a profile, one line; what is missing is left out.
#[cfg_attr(not(feature = "testing"), expect(dead_code, reason = "what tests compare with"))]
pub fn profile_to_json(profile: &AdvisorProfile) -> String {
    let moment = |at: Option<Instant>| json!(at.map(|at| at.to_string()));
    let amount = |number: Option<f64>| number.map_or(Value::Null, plain);
    let attributes: Map<String, Value> = profile
        .attributes
        .iter()
        .map(|(name, value)| {
            let value = match value {
                AttributeValue::Keywords(values) => json!(values),
                AttributeValue::Number(number) => plain(*number),
                AttributeValue::Bool(flag) => json!(flag),
                AttributeValue::Date(at) => json!(at.to_string()),
                AttributeValue::Text(text) => json!(text),
                AttributeValue::Geo(place) => point(*place),
                AttributeValue::Availability(times) => json!(**times),
            };
            (name.clone(), value)
        })
        .collect();
    let details = profile.details.as_deref().and_then(|text| serde_json::from_str(text).ok());
    let mut written = object([
        ("id", json!(profile.id)),
        ("userId", json!(profile.user_id)),
        ("professionalTitle", json!(profile.professional_title)),
        ("headline", json!(profile.headline)),
        ("bio", json!(profile.bio)),
        ("industries", json!(profile.industries)),
        ("services", json!(profile.services)),
        ("certifications", json!(profile.certifications)),
        ("hourlyRate", amount(profile.hourly_rate)),
        ("monthlyRetainerMin", amount(profile.monthly_retainer_min)),
        ("yearsExperience", json!(profile.years_experience)),
        ("overallRating", plain(profile.overall_rating)),
        ("totalReviews", json!(profile.total_reviews)),
        ("currentClients", json!(profile.current_clients)),
        ("maxClients", json!(profile.max_clients)),
        ("marketplaceStatus", json!(profile.marketplace_status)),
        ("createdAt", moment(profile.created_at)),
        ("updatedAt", moment(profile.updated_at)),
        ("deletedAt", moment(profile.deleted_at)),
        ("profileImageUrl", json!(profile.profile_image_url)),
        ("embedding", json!(profile.embedding)),
        ("attributes", Value::Object(attributes)),
    ]);
    // These say something whatever they are.
    written["isVerified"] = json!(profile.is_verified);
    written["isAvailable"] = json!(profile.is_available);
    if let Some(details) = details {
        written["details"] = details;
    }
    written.to_string()
}
