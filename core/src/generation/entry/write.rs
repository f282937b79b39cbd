//! Changes to bytes.

use std::collections::BTreeMap;

use super::value::{Attribute, Value};
use super::{event, hold, tag};
use crate::api::event::Changes;
use crate::api::patch::ProfilePatch;
use crate::api::rules::{Rules, rules_to_text};
use crate::generation::Change;
use crate::model::{AdvisorProfile, Schema, SynonymRule};
use crate::store::ByteWriter;

/// Adds a change to the bytes of a commit.
pub(crate) fn write_change(change: &Change, out: &mut ByteWriter) {
    match change {
        Change::Upsert(profile) => field(tag::UPSERT, out, |out| write_profile(profile, out)),
        Change::Patch(id, patch) => field(tag::PATCH, out, |out| {
            set(tag::ID, id, out);
            write_patch(patch, out);
        }),
        Change::Remove(id) => field(tag::REMOVE, out, |out| id.put(out)),
        Change::Source(name, kept) => field(tag::SOURCE, out, |out| {
            out.bytes(name.as_bytes());
            out.0.extend_from_slice(kept);
        }),
        Change::Declare(schema) => field(tag::DECLARE, out, |out| schema.to_json().put(out)),
        Change::Alter(change) => field(tag::ALTER, out, |out| change.to_json().put(out)),
        Change::Finish(attribute) => field(tag::FINISH, out, |out| attribute.put(out)),
        Change::Synonyms(rules) => {
            field(tag::SYNONYMS, out, |out| SynonymRule::list_to_json(rules).put(out));
        }
        Change::Rules(name, Some(rules)) => field(tag::SET_RULES, out, |out| {
            name.put(out);
            out.0.push(0);
            rules.to_json().put(out);
        }),
        Change::Rules(name, None) => field(tag::REMOVE_RULES, out, |out| name.put(out)),
        Change::Reserve { advisor, hold, until } => {
            field(tag::HOLD, out, |out| hold::put(advisor, *hold, *until, out));
        }
        Change::EndHold { hold, confirmed } => {
            let tag = if *confirmed { tag::CONFIRM } else { tag::RELEASE };
            field(tag, out, |out| out.u64(hold.0));
        }
    }
}

/// Adds the schema that a commit left, which differs from the one before.
pub(crate) fn write_schema(schema: &Schema, out: &mut ByteWriter) {
    field(tag::SCHEMA, out, |out| schema.to_json().put(out));
}

/// Adds all rules that a commit left, which differ from those before.
pub(crate) fn write_rules(rules: &BTreeMap<String, Rules>, out: &mut ByteWriter) {
    field(tag::RULES, out, |out| rules_to_text(rules).put(out));
}

/// Adds what a commit changed, for those who follow the index.
pub(crate) fn write_event(changes: &Changes, out: &mut ByteWriter) {
    field(tag::EVENT, out, |out| event::put(changes, out));
}

/// The record of a profile: what the journal keeps of it once its changes are folded.
pub(crate) fn write_profile_record(profile: &AdvisorProfile) -> Vec<u8> {
    let mut out = ByteWriter::default();
    write_profile(profile, &mut out);
    out.0
}

fn field(tag: u8, out: &mut ByteWriter, write: impl FnOnce(&mut ByteWriter)) {
    out.0.push(tag);
    let at = out.0.len();
    out.u32(0);
    write(out);
    let length = (out.0.len() - at - 4) as u32;
    out.0[at..at + 4].copy_from_slice(&length.to_le_bytes());
}

fn set(tag: u8, value: &impl Value, out: &mut ByteWriter) {
    field(tag, out, |out| value.put(out));
}

fn set_some(tag: u8, value: Option<&impl Value>, out: &mut ByteWriter) {
    if let Some(value) = value {
        set(tag, value, out);
    }
}

fn change(tag: u8, value: Option<&Option<impl Value>>, out: &mut ByteWriter) {
    match value {
        Some(Some(value)) => set(tag, value, out),
        Some(None) => field(tag + tag::CLEARED, out, |_| ()),
        None => {}
    }
}

fn write_profile(profile: &AdvisorProfile, out: &mut ByteWriter) {
    // Taken apart whole: a field that is new does not compile until it is kept.
    let AdvisorProfile {
        id,
        user_id,
        professional_title,
        headline,
        bio,
        industries,
        services,
        certifications,
        hourly_rate,
        monthly_retainer_min,
        years_experience,
        total_reviews,
        current_clients,
        max_clients,
        overall_rating,
        marketplace_status,
        is_verified,
        is_available,
        created_at,
        updated_at,
        deleted_at,
        profile_image_url,
        embedding,
        attributes,
        details,
    } = profile;
    set(tag::ID, id, out);
    set_some(tag::USER_ID, user_id.as_ref(), out);
    set_some(tag::PROFESSIONAL_TITLE, professional_title.as_ref(), out);
    set_some(tag::HEADLINE, headline.as_ref(), out);
    set_some(tag::BIO, bio.as_ref(), out);
    set(tag::INDUSTRIES, industries, out);
    set(tag::SERVICES, services, out);
    set(tag::CERTIFICATIONS, certifications, out);
    set_some(tag::HOURLY_RATE, hourly_rate.as_ref(), out);
    set_some(tag::MONTHLY_RETAINER_MIN, monthly_retainer_min.as_ref(), out);
    set_some(tag::YEARS_EXPERIENCE, years_experience.as_ref(), out);
    set(tag::TOTAL_REVIEWS, total_reviews, out);
    set(tag::CURRENT_CLIENTS, current_clients, out);
    set(tag::MAX_CLIENTS, max_clients, out);
    set(tag::OVERALL_RATING, overall_rating, out);
    set(tag::MARKETPLACE_STATUS, marketplace_status, out);
    set(tag::IS_VERIFIED, is_verified, out);
    set(tag::IS_AVAILABLE, is_available, out);
    set_some(tag::CREATED_AT, created_at.as_ref(), out);
    set_some(tag::UPDATED_AT, updated_at.as_ref(), out);
    set_some(tag::DELETED_AT, deleted_at.as_ref(), out);
    set_some(tag::PROFILE_IMAGE_URL, profile_image_url.as_ref(), out);
    set_some(tag::EMBEDDING, embedding.as_ref(), out);
    for (name, value) in attributes {
        field(tag::ATTRIBUTE, out, |out| Attribute::put(name, Some(value), out));
    }
    set_some(tag::DETAILS, details.as_ref(), out);
}

fn write_patch(patch: &ProfilePatch, out: &mut ByteWriter) {
    let ProfilePatch {
        // It held when the patch was applied; what is kept is what happened.
        if_: _,
        user_id,
        professional_title,
        headline,
        bio,
        industries,
        services,
        certifications,
        hourly_rate,
        monthly_retainer_min,
        years_experience,
        total_reviews,
        current_clients,
        max_clients,
        overall_rating,
        marketplace_status,
        is_verified,
        is_available,
        created_at,
        updated_at,
        deleted_at,
        profile_image_url,
        embedding,
        attributes,
        details,
    } = patch;
    change(tag::USER_ID, user_id.as_ref(), out);
    change(tag::PROFESSIONAL_TITLE, professional_title.as_ref(), out);
    change(tag::HEADLINE, headline.as_ref(), out);
    change(tag::BIO, bio.as_ref(), out);
    set_some(tag::INDUSTRIES, industries.as_ref(), out);
    set_some(tag::SERVICES, services.as_ref(), out);
    set_some(tag::CERTIFICATIONS, certifications.as_ref(), out);
    change(tag::HOURLY_RATE, hourly_rate.as_ref(), out);
    change(tag::MONTHLY_RETAINER_MIN, monthly_retainer_min.as_ref(), out);
    change(tag::YEARS_EXPERIENCE, years_experience.as_ref(), out);
    set_some(tag::TOTAL_REVIEWS, total_reviews.as_ref(), out);
    set_some(tag::CURRENT_CLIENTS, current_clients.as_ref(), out);
    set_some(tag::MAX_CLIENTS, max_clients.as_ref(), out);
    set_some(tag::OVERALL_RATING, overall_rating.as_ref(), out);
    set_some(tag::MARKETPLACE_STATUS, marketplace_status.as_ref(), out);
    set_some(tag::IS_VERIFIED, is_verified.as_ref(), out);
    set_some(tag::IS_AVAILABLE, is_available.as_ref(), out);
    change(tag::CREATED_AT, created_at.as_ref(), out);
    change(tag::UPDATED_AT, updated_at.as_ref(), out);
    change(tag::DELETED_AT, deleted_at.as_ref(), out);
    change(tag::PROFILE_IMAGE_URL, profile_image_url.as_ref(), out);
    change(tag::EMBEDDING, embedding.as_ref(), out);
    for (name, value) in attributes {
        field(tag::ATTRIBUTE, out, |out| Attribute::put(name, value.as_ref(), out));
    }
    change(tag::DETAILS, details.as_ref(), out);
}
