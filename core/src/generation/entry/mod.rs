//! A commit as the journal keeps it: changes as bytes, the same for ever. `core/FORMAT.md` describes each.
//!
//! A field is a tag, and a length with that many bytes, so that a later version may add one. Profiles and patches
//! are the same: fields that are set or cleared.

mod event;
mod fold;
mod hold;
mod read;
mod value;
mod write;

pub(crate) use fold::fold;
pub(crate) use hold::{read_hold, state_of_hold};
pub(crate) use read::{changes, event_of, profile};
pub(crate) use write::{
    write_change, write_event, write_profile_record, write_rules, write_schema,
};

use crate::model::Error;

/// What a field is. Numbers are never used again.
pub(crate) mod tag {
    /// The schema after the commit, where the commit changed it.
    pub(crate) const SCHEMA: u8 = 1;
    pub(super) const UPSERT: u8 = 2;
    pub(super) const PATCH: u8 = 3;
    pub(super) const REMOVE: u8 = 4;
    pub(super) const DECLARE: u8 = 5;
    pub(super) const SYNONYMS: u8 = 6;
    pub(super) const SET_RULES: u8 = 7;
    pub(super) const REMOVE_RULES: u8 = 8;
    /// All rules after the commit, where the commit changed some.
    pub(crate) const RULES: u8 = 9;
    pub(super) const SOURCE: u8 = 10;
    /// What every source keeps. Only as a state that older commits left.
    pub(crate) const SOURCES: u8 = 11;
    /// A place that is held: as a change, and as a state that older commits left, one a hold.
    pub(crate) const HOLD: u8 = 12;
    pub(super) const CONFIRM: u8 = 13;
    pub(super) const RELEASE: u8 = 14;
    /// What the commit changed, for those who follow the index.
    pub(super) const EVENT: u8 = 15;
    pub(super) const ALTER: u8 = 16;
    pub(super) const FINISH: u8 = 17;

    pub(super) const ID: u8 = 1;
    pub(super) const USER_ID: u8 = 2;
    pub(super) const PROFESSIONAL_TITLE: u8 = 3;
    pub(super) const HEADLINE: u8 = 4;
    pub(super) const BIO: u8 = 5;
    pub(super) const INDUSTRIES: u8 = 6;
    pub(super) const SERVICES: u8 = 7;
    pub(super) const CERTIFICATIONS: u8 = 8;
    pub(super) const HOURLY_RATE: u8 = 9;
    pub(super) const MONTHLY_RETAINER_MIN: u8 = 10;
    pub(super) const YEARS_EXPERIENCE: u8 = 11;
    pub(super) const TOTAL_REVIEWS: u8 = 12;
    pub(super) const CURRENT_CLIENTS: u8 = 13;
    pub(super) const MAX_CLIENTS: u8 = 14;
    pub(super) const OVERALL_RATING: u8 = 15;
    pub(super) const MARKETPLACE_STATUS: u8 = 16;
    pub(super) const IS_VERIFIED: u8 = 17;
    pub(super) const IS_AVAILABLE: u8 = 18;
    pub(super) const CREATED_AT: u8 = 19;
    pub(super) const UPDATED_AT: u8 = 20;
    pub(super) const DELETED_AT: u8 = 21;
    pub(super) const PROFILE_IMAGE_URL: u8 = 22;
    pub(super) const EMBEDDING: u8 = 23;
    pub(super) const ATTRIBUTE: u8 = 24;
    pub(super) const DETAILS: u8 = 25;
    /// Added to the tag of a field that is cleared.
    pub(super) const CLEARED: u8 = 128;
}

/// Bytes whose checksum held, and which are not what this version writes.
fn malformed() -> Error {
    Error::Malformed {
        what: "a commit of the journal".to_owned(),
        reason: "it holds other than it says, or was written by a newer version".to_owned(),
    }
}

#[cfg(test)]
mod tests;
