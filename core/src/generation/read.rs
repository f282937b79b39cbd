//! Reading the fields of a row.

use super::Generation;
use crate::api::listing::ProfileSource;
use crate::model::{FieldRef, Rows, Schema, StringField};

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

    fn text_attribute(&self, row: u32, place: usize) -> Option<&str> {
        self.record(row)?.text_attribute(place)
    }

    fn details(&self, row: u32) -> Option<&str> {
        self.record(row)?.details()
    }

    fn embedding(&self, row: u32) -> Option<Vec<f32>> {
        self.vectors.as_ref()?.original(row)
    }
}

impl Generation {
    /// Keeps of `rows` those where the field has a value.
    pub(super) fn narrow_exists(&self, field: FieldRef, rows: &mut Rows) {
        match field {
            FieldRef::Id => {}
            FieldRef::String(string) => rows.intersect(&self.presence[string as usize]),
            FieldRef::Details => rows.intersect(&self.presence[PRESENCE_DETAILS]),
            FieldRef::Text(place) => rows.intersect(&self.presence[PRESENCE_TEXT + place]),
            FieldRef::Keywords(place) => {
                let codes = &self.keywords[place].codes;
                let missing: Vec<u32> =
                    rows.iter().filter(|row| codes.get(*row).is_empty()).collect();
                missing.into_iter().for_each(|row| rows.remove(row));
            }
            FieldRef::Number(place) | FieldRef::Date(place) => {
                self.numbers[place].narrow(rows, |value| !value.is_nan());
            }
            FieldRef::Flag(place) => rows.intersect(self.flags[place].present()),
            FieldRef::Embedding => match &self.vectors {
                Some(vectors) => rows.intersect(vectors.present()),
                None => rows.words_mut().fill(0),
            },
            FieldRef::Attributes => {
                let mut any = Rows::none(rows.universe());
                for attribute in self.schema.attributes() {
                    let mut more = rows.clone();
                    self.narrow_exists(attribute.field(), &mut more);
                    any.union(&more);
                }
                rows.intersect(&any);
            }
        }
    }
}
