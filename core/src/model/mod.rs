//! What the words mean: profile, schema, row sets, errors. It knows no other module.

pub(crate) mod alteration;
pub(crate) mod availability;
pub(crate) mod comparison;
pub(crate) mod embedder;
pub(crate) mod error;
mod error_kind;
mod error_parts;
pub(crate) mod field;
pub(crate) mod geo;
pub(crate) mod hold;
pub(crate) mod instant;
pub(crate) mod language;
pub(crate) mod lent;
pub(crate) mod persistent;
pub(crate) mod profile;
pub(crate) mod rows;
pub(crate) mod schema;
pub(crate) mod synonyms;

pub use alteration::{AttributeState, Progress};
pub use availability::{Availability, DaySlots};
pub use comparison::Comparison;
pub use embedder::Embedder;
pub use error::{Actor, Error, Result, nearest_name};
pub use field::{FieldRef, StringField};
pub use geo::GeoPoint;
pub use hold::{Hold, HoldId};
pub use instant::Instant;
pub use language::Language;
pub use lent::{Flat, Lent};
pub use profile::{AdvisorProfile, AttributeValue};
pub use rows::{Bits, Rows};
pub use schema::{Attribute, AttributeKind, EmbedderId, Schema, TextWeights};
pub use synonyms::SynonymRule;
