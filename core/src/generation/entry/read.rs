//! Bytes back to changes. Nothing is allocated that the bytes do not hold.

use super::value::{Attribute, Value};
use super::{event, hold, read_hold, tag};
use crate::api::alter::SchemaChange;
use crate::api::event::Changes;
use crate::api::patch::ProfilePatch;
use crate::api::rules::Rules;
use crate::generation::Change;
use crate::model::hold::Hold;
use crate::model::schema::MAX_ATTRIBUTES;
use crate::model::{AdvisorProfile, Result, Schema, SynonymRule};
use crate::store::ByteReader;

/// The changes of a commit, one after the other; what else it holds is passed over.
///
/// # Errors
/// [`Error::Malformed`](crate::Error::Malformed) where the bytes are not what was written; nothing follows then.
pub(crate) fn changes(bytes: &[u8]) -> impl Iterator<Item = Result<Change>> {
    let mut reader = Some(ByteReader::new(bytes));
    std::iter::from_fn(move || {
        loop {
            let left = reader.as_mut().filter(|reader| !reader.is_done())?;
            match next(left).map(|(tag, bytes)| change(tag, bytes)) {
                Some(Ok(Some(change))) => return Some(Ok(change)),
                Some(Ok(None)) => {}
                Some(Err(error)) => {
                    reader = None;
                    return Some(Err(error));
                }
                None => {
                    reader = None;
                    return Some(Err(super::malformed()));
                }
            }
        }
    })
}

/// What a commit changed, as it was told to those who follow the index; `None` where the commit does not say.
///
/// # Errors
/// [`Error::Malformed`](crate::Error::Malformed).
pub(crate) fn event_of(generation: u64, commit: &[u8]) -> Result<Option<Changes>> {
    let mut reader = ByteReader::new(commit);
    while !reader.is_done() {
        let (tag, bytes) = next(&mut reader).ok_or_else(super::malformed)?;
        if tag == tag::EVENT {
            return event::take(generation, bytes).map(Some).ok_or_else(super::malformed);
        }
    }
    Ok(None)
}

/// One change; `None` for a state of the index, which replaying makes anew.
pub(super) fn change(tag: u8, bytes: &[u8]) -> Result<Option<Change>> {
    let text = || std::str::from_utf8(bytes).map_err(|_| super::malformed());
    Ok(Some(match tag {
        tag::SCHEMA | tag::RULES | tag::EVENT => return Ok(None),
        tag::UPSERT => Change::Upsert(Box::new(profile(bytes)?)),
        tag::PATCH => {
            let (id, patch) = fields(bytes).ok_or_else(super::malformed)?;
            Change::Patch(id, Box::new(patch))
        }
        tag::REMOVE => Change::Remove(text()?.to_owned()),
        tag::SOURCE => {
            let (name, kept) = source(bytes).ok_or_else(super::malformed)?;
            Change::Source(name, kept)
        }
        tag::DECLARE => Change::Declare(Box::new(Schema::from_json(text()?)?)),
        tag::ALTER => Change::Alter(Box::new(SchemaChange::from_json(text()?)?)),
        tag::FINISH => Change::Finish(text()?.to_owned()),
        tag::SYNONYMS => Change::Synonyms(SynonymRule::list_from_json(text()?)?),
        tag::SET_RULES => {
            // By their name, as they are kept; JSON has no zero byte, whatever a name has.
            let (name, rules) = text()?.rsplit_once('\0').ok_or_else(super::malformed)?;
            Change::Rules(name.to_owned(), Some(Box::new(Rules::from_json(rules)?)))
        }
        tag::HOLD => {
            let Hold { id, advisor_id, until } = read_hold(bytes)?;
            Change::Reserve { advisor: advisor_id, hold: id, until }
        }
        tag::CONFIRM | tag::RELEASE => {
            Change::EndHold { hold: hold::read_name(bytes)?, confirmed: tag == tag::CONFIRM }
        }
        tag::REMOVE_RULES => Change::Rules(text()?.to_owned(), None),
        _ => return Err(super::malformed()),
    }))
}

fn source(bytes: &[u8]) -> Option<(String, Vec<u8>)> {
    let mut reader = ByteReader::new(bytes);
    let name = String::take(reader.bytes()?)?;
    Some((name, reader.rest().to_vec()))
}

/// A profile from the bytes of its record.
///
/// # Errors
/// [`Error::Malformed`](crate::Error::Malformed).
pub(crate) fn profile(bytes: &[u8]) -> Result<AdvisorProfile> {
    let (id, set) = fields(bytes).ok_or_else(super::malformed)?;
    let mut profile = AdvisorProfile::new(id);
    set.apply(&mut profile);
    Ok(profile)
}

/// The next field: its tag and its bytes.
pub(super) fn next<'a>(reader: &mut ByteReader<'a>) -> Option<(u8, &'a [u8])> {
    let tag = *reader.take(1)?.first()?;
    let length = reader.u32()?;
    Some((tag, reader.take(length as usize)?))
}

fn fields(bytes: &[u8]) -> Option<(String, ProfilePatch)> {
    let (mut id, mut patch) = (None, ProfilePatch::default());
    let mut reader = ByteReader::new(bytes);
    while !reader.is_done() {
        let (tag, bytes) = next(&mut reader)?;
        match tag {
            tag::ID => id = Some(String::take(bytes)?),
            tag::ATTRIBUTE => {
                let Attribute(name, value) = Attribute::take(bytes)?;
                patch.attributes.insert(name, value);
                if patch.attributes.len() > MAX_ATTRIBUTES {
                    return None;
                }
            }
            _ => field(&mut patch, tag, bytes)?,
        }
    }
    Some((id?, patch))
}

fn set<T: Value>(target: &mut Option<T>, bytes: &[u8]) -> Option<()> {
    *target = Some(T::take(bytes)?);
    Some(())
}

fn change_to<T: Value>(target: &mut Option<Option<T>>, cleared: bool, bytes: &[u8]) -> Option<()> {
    *target = Some(if cleared { None } else { Some(T::take(bytes)?) });
    Some(())
}

fn field(patch: &mut ProfilePatch, tag: u8, bytes: &[u8]) -> Option<()> {
    let cleared = tag & tag::CLEARED != 0;
    match tag & !tag::CLEARED {
        tag::USER_ID => change_to(&mut patch.user_id, cleared, bytes),
        tag::PROFESSIONAL_TITLE => change_to(&mut patch.professional_title, cleared, bytes),
        tag::HEADLINE => change_to(&mut patch.headline, cleared, bytes),
        tag::BIO => change_to(&mut patch.bio, cleared, bytes),
        tag::INDUSTRIES => set(&mut patch.industries, bytes),
        tag::SERVICES => set(&mut patch.services, bytes),
        tag::CERTIFICATIONS => set(&mut patch.certifications, bytes),
        tag::HOURLY_RATE => change_to(&mut patch.hourly_rate, cleared, bytes),
        tag::MONTHLY_RETAINER_MIN => change_to(&mut patch.monthly_retainer_min, cleared, bytes),
        tag::YEARS_EXPERIENCE => change_to(&mut patch.years_experience, cleared, bytes),
        tag::TOTAL_REVIEWS => set(&mut patch.total_reviews, bytes),
        tag::CURRENT_CLIENTS => set(&mut patch.current_clients, bytes),
        tag::MAX_CLIENTS => set(&mut patch.max_clients, bytes),
        tag::OVERALL_RATING => set(&mut patch.overall_rating, bytes),
        tag::MARKETPLACE_STATUS => set(&mut patch.marketplace_status, bytes),
        tag::IS_VERIFIED => set(&mut patch.is_verified, bytes),
        tag::IS_AVAILABLE => set(&mut patch.is_available, bytes),
        tag::CREATED_AT => change_to(&mut patch.created_at, cleared, bytes),
        tag::UPDATED_AT => change_to(&mut patch.updated_at, cleared, bytes),
        tag::DELETED_AT => change_to(&mut patch.deleted_at, cleared, bytes),
        tag::PROFILE_IMAGE_URL => change_to(&mut patch.profile_image_url, cleared, bytes),
        tag::EMBEDDING => change_to(&mut patch.embedding, cleared, bytes),
        tag::DETAILS => change_to(&mut patch.details, cleared, bytes),
        _ => None,
    }
}
