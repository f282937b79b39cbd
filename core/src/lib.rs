//! Shortlist: the in-process search and matching engine of an expert marketplace.

mod api;
mod engine;
mod generation;
#[cfg(feature = "import")]
pub mod import;
mod index;
mod matching;
mod model;
mod search;
mod store;
#[cfg(feature = "postgres")]
pub mod sync;
#[cfg(feature = "testing")]
pub mod testing;

pub use api::alter::{NewAttribute, SchemaChange};
pub use api::answer::{AdvisorMatch, Breakdown, Hit, MatchAnswer, Part, PlanReport, SearchAnswer};
pub use api::cancel::Cancel;
pub use api::criteria::{
    BAYESIAN_REVIEWS, BusinessWeights, ClientCriteria, RatingMode, Weights, criteria_list_from_json,
};
pub use api::event::{
    ChangeKind, Changes, Event, IndexChange, KeywordChange, ProfileChange, SourceEvent,
};
pub use api::facet::{FacetRequest, Interval};
pub use api::facet_answer::{Facet, FacetBucket, FacetCount, FacetPoint, FacetRest, FacetStats};
pub use api::filter::{Filter, Operand, Test};
pub use api::group_cap::GroupCap;
pub use api::highlight::{Highlight, HighlightedField};
pub use api::limits;
pub use api::listing::Listing;
pub use api::patch::ProfilePatch;
pub use api::reasons::Reasons;
pub use api::relaxation::Relaxation;
pub use api::rules::{Factor, Pin, RuleSource, Rules};
pub use api::search::{
    Fusion, Order, Scope, SearchRequest, Sort, SortKey, TextMatch, search_list_from_json,
};
pub use api::similar::{SimilarAdvisor, SimilarAnswer, SimilarRequest};
pub use api::suggest::{SuggestAnswer, SuggestKind, SuggestRequest, Suggestion};
pub use api::wire::{ListingKey, ProfileApart};
pub use engine::{
    Applied, CacheMetrics, Clock, Distribution, Durability, Engine, EngineOptions, ErrorCount,
    HashEmbedder, KeepingStats, Metrics, RequestMetrics, SectionSize, SlowRequest, SnapshotReport,
    Stats, Subscription, SubscriptionCloser, Tenant, VerifyReport, WriterMetrics,
};
pub use model::{
    Actor, AdvisorProfile, Attribute, AttributeKind, AttributeState, AttributeValue, Availability,
    Comparison, DaySlots, Embedder, EmbedderId, Error, GeoPoint, Hold, HoldId, Instant, Language,
    Progress, Result, Schema, SynonymRule, TextWeights,
};
