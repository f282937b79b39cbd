//! The stored part of a profile: texts as they came, in one run of bytes, read in place.

use std::ops::Deref;
use std::sync::Arc;

use crate::model::schema::Schema;
use crate::model::{AdvisorProfile, AttributeKind, AttributeValue, StringField};
use crate::store::Section;

/// Where records lie: written in this process, or mapped from a snapshot.
#[derive(Debug)]
pub(crate) enum Block {
    Owned(Vec<u8>),
    Mapped(Section),
}

impl Deref for Block {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Block::Owned(bytes) => bytes,
            Block::Mapped(section) => section,
        }
    }
}

/// One record: `n` as u32, `n` ends as u32 with the top bit for a missing part, then the parts.
///
/// The parts are: id, the [`StringField`]s, details, and the text attributes in their order.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    block: Arc<Block>,
    start: u64,
    len: u32,
}

const MISSING: u32 = 1 << 31;
const STRINGS: usize = 1;
const DETAILS: usize = STRINGS + StringField::ALL.len();
const ATTRIBUTES: usize = DETAILS + 1;

impl Record {
    pub(crate) fn new(block: Arc<Block>, start: u64, len: u32) -> Option<Self> {
        let end = usize::try_from(start).ok()?.checked_add(len as usize)?;
        (end <= block.len()).then_some(Self { block, start, len })
    }

    /// Writes a record to the end of a run of bytes; its length is what was added.
    pub(crate) fn write(profile: &AdvisorProfile, schema: &Schema, out: &mut Vec<u8>) {
        let mut parts: Vec<Option<&str>> =
            Vec::with_capacity(ATTRIBUTES + schema.text_attributes());
        parts.push(Some(&profile.id));
        for field in StringField::ALL {
            parts.push(match field {
                StringField::UserId => profile.user_id.as_deref(),
                StringField::ProfessionalTitle => profile.professional_title.as_deref(),
                StringField::Headline => profile.headline.as_deref(),
                StringField::Bio => profile.bio.as_deref(),
                StringField::ProfileImageUrl => profile.profile_image_url.as_deref(),
            });
        }
        parts.push(profile.details.as_deref());
        for attribute in schema.attributes().iter().filter(|a| a.kind == AttributeKind::Text) {
            parts.push(match profile.attributes.get(&attribute.name) {
                Some(AttributeValue::Text(text)) => Some(text),
                _ => None,
            });
        }
        out.extend_from_slice(&(parts.len() as u32).to_le_bytes());
        let mut end = 0;
        for part in &parts {
            end += part.map_or(0, str::len) as u32;
            out.extend_from_slice(&(end | if part.is_none() { MISSING } else { 0 }).to_le_bytes());
        }
        parts.into_iter().flatten().for_each(|part| out.extend_from_slice(part.as_bytes()));
    }

    /// The bytes, to keep them elsewhere.
    pub(crate) fn bytes(&self) -> &[u8] {
        let start = self.start as usize;
        self.block.get(start..start + self.len as usize).unwrap_or_default()
    }

    /// Bytes that are not a record, or of a missing part, are `None`: nothing here trusts the disk.
    fn part(&self, part: usize) -> Option<&[u8]> {
        let bytes = self.bytes();
        let word =
            |at: usize| bytes.get(at * 4..at * 4 + 4)?.try_into().ok().map(u32::from_le_bytes);
        let parts = word(0)? as usize;
        if part >= parts {
            return None;
        }
        let end = word(part + 1)?;
        if end & MISSING != 0 {
            return None;
        }
        let start = if part == 0 { 0 } else { word(part)? & !MISSING };
        let data = (parts + 1) * 4;
        bytes.get(data + start as usize..data + end as usize)
    }

    fn text(&self, part: usize) -> Option<&str> {
        std::str::from_utf8(self.part(part)?).ok()
    }

    pub(crate) fn id(&self) -> &str {
        self.text(0).unwrap_or_default()
    }

    /// The id's bytes: what ties end by.
    pub(crate) fn id_bytes(&self) -> &[u8] {
        self.part(0).unwrap_or_default()
    }

    pub(crate) fn string(&self, field: StringField) -> Option<&str> {
        self.text(STRINGS + field as usize)
    }

    pub(crate) fn details(&self) -> Option<&str> {
        self.text(DETAILS)
    }

    pub(crate) fn text_attribute(&self, place: usize) -> Option<&str> {
        self.text(ATTRIBUTES + place)
    }
}
