//! Reading the fields of a row.

use std::sync::Arc;

use super::Generation;
use crate::api::listing::{
    ProfileSource, WrittenListing, listing_to_json, profile_to_json_without_embedding, read_profile,
};
use crate::api::wire::ProfileApart;
use crate::index::bitmap::Bound;
use crate::model::{AdvisorProfile, Availability, FieldRef, Result, Schema, StringField};

/// Where the details' presence lies, behind the stored strings'.
pub(super) const PRESENCE_DETAILS: usize = StringField::ALL.len();
/// Where the text attributes' presence begins.
pub(super) const PRESENCE_TEXT: usize = PRESENCE_DETAILS + 1;

impl ProfileSource for Generation {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn id(&self, row: u32) -> &str {
        self.record(row).map_or("", |record| record.id())
    }

    fn string(&self, row: u32, field: StringField) -> Option<&str> {
        self.record(row)?.string(field)
    }

    fn keywords(&self, row: u32, place: usize) -> Vec<&str> {
        let Some(field) = self.keywords.get(place) else { return Vec::new() };
        field.codes.get(row).iter().map(|code| field.index.value(*code)).collect()
    }

    fn number(&self, row: u32, place: usize) -> Option<f64> {
        self.numbers.get(place)?.get(row)
    }

    fn flag(&self, row: u32, place: usize) -> Option<bool> {
        self.flags.get(place)?.get(row)
    }

    fn availability(&self, row: u32, place: usize) -> Option<&Arc<Availability>> {
        self.calendars.get(place)?.get(row)
    }

    fn text_attribute(&self, row: u32, place: usize) -> Option<&str> {
        self.record(row)?.text_attribute(place)
    }

    fn details(&self, row: u32) -> Option<&str> {
        self.record(row)?.details()
    }

    fn embedding(&self, row: u32) -> Option<Vec<f32>> {
        self.vectors.as_ref()?.original(row)
    }

    fn stamp(&self, row: u32) -> Option<u64> {
        Some(self.stamps.of(row))
    }

    fn written(&self, row: u32) -> Option<WrittenListing> {
        self.written
            .get(row, self.stamps.of(row), || WrittenListing::new(listing_to_json(self, row)))
    }

    fn check_embedding(&self, row: u32) -> Result<()> {
        self.soundly(|| {
            if let Some(vectors) = &self.vectors {
                vectors.touch(row);
            }
            Ok(())
        })
    }
}

impl Generation {
    /// What a request reads, unless it read a part of a mapped file that is damaged: what comes of that is thrown away.
    pub(crate) fn soundly<T>(&self, read: impl FnOnce() -> Result<T>) -> Result<T> {
        let mark = self.damage.mark();
        let value = read();
        self.damage.since(mark)?;
        value
    }

    /// The whole profile of a row.
    pub(crate) fn profile(&self, row: u32) -> Result<AdvisorProfile> {
        self.check_embedding(row)?;
        let mut profile = read_profile(self, row);
        // What is on its way out is not shown.
        profile.attributes.retain(|name, _| self.schema.attribute(name).is_some());
        Ok(profile)
    }

    /// The wire form of a row without its embedding, and the embedding.
    pub(crate) fn json_apart(&self, row: u32) -> Result<ProfileApart> {
        self.check_embedding(row)?;
        let (json, embedding) = (profile_to_json_without_embedding(self, row), self.embedding(row));
        Ok(ProfileApart { json, embedding })
    }

    /// The condition that the field has a value.
    pub(super) fn bind_exists(&self, field: FieldRef) -> Bound<'_> {
        let known = |rows| Bound::rows(rows, self.rows / 2);
        match field {
            FieldRef::Id => Bound::every(self.rows),
            FieldRef::String(string) => known(&self.presence[string as usize]),
            FieldRef::Details => known(&self.presence[PRESENCE_DETAILS]),
            FieldRef::Text(place) => known(&self.presence[PRESENCE_TEXT + place]),
            FieldRef::Keywords(place) => {
                let codes = &self.keywords[place].codes;
                Bound::each_row(self.rows / 2, move |row| !codes.get(row).is_empty())
            }
            FieldRef::Number(place) | FieldRef::Date(place) | FieldRef::Geo(place) => {
                let column = &self.numbers[place];
                let count = column.present().unwrap_or(self.rows / 2);
                Bound::blocks(count, 16, move |at, block| column.narrow_present(at, block))
            }
            FieldRef::Flag(place) => self.flags[place].exists(),
            FieldRef::Availability(place) => self.calendars[place].exists(),
            FieldRef::Embedding => match &self.vectors {
                Some(vectors) => known(vectors.present()),
                None => Bound::nowhere(),
            },
            FieldRef::Attributes => Bound::either(
                self.schema
                    .attributes()
                    .iter()
                    .filter(|one| !one.state.is_removed())
                    .map(|one| self.bind_exists(one.field()))
                    .collect(),
                self.rows,
            ),
        }
    }
}
