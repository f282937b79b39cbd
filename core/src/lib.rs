//! Shortlist: the in-process search and matching engine of an expert marketplace.

mod api;
#[cfg(feature = "import")]
pub mod import;
mod index;
mod model;
#[cfg(feature = "testing")]
pub mod testing;

pub use api::answer::{
    AdvisorMatch, Breakdown, Facet, FacetCount, Hit, MatchAnswer, Part, PlanReport, SearchAnswer,
};
pub use api::criteria::{
    BAYESIAN_REVIEWS, BusinessWeights, ClientCriteria, RatingMode, Weights, criteria_list_from_json,
};
pub use api::filter::{Comparison, Filter, Operand, Test};
pub use api::limits;
pub use api::listing::Listing;
pub use api::search::{Fusion, Order, Scope, SearchRequest, Sort, SortKey, TextMatch};
pub use model::{
    Actor, AdvisorProfile, Attribute, AttributeKind, AttributeValue, Embedder, EmbedderId, Error,
    Instant, Language, ProfilePatch, Result, Schema, TextWeights,
};
