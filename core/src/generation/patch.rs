//! Changing single fields of a profile.

use super::Generation;
use super::recent::{Effect, FieldSet};
use super::write::Batch;
use crate::api::filter::Filter;
use crate::api::listing::read_profile;
use crate::api::patch::ProfilePatch;
use crate::model::field::{flags, keywords, numbers};
use crate::model::{AdvisorProfile, AttributeKind, AttributeValue, Error, Instant, Result};

impl Generation {
    /// Hot fields are written where they lie; any other field means that the profile is written anew.
    pub(super) fn patch(
        &mut self,
        id: &str,
        patch: &ProfilePatch,
        added: &mut Batch,
    ) -> Result<()> {
        let row = self.row(id).ok_or_else(|| Error::NotFound { id: id.to_owned() })?;
        if let Some(condition) = &patch.if_ {
            self.check_condition(id, row, condition)?;
        }
        let given = patch.attributes.iter().filter(|(_, value)| value.is_some());
        self.schema.refuse_removed(given.map(|(name, _)| name), "a patch")?;
        added.touched.push(row);
        if patch.is_hot() && !self.changes_texts(patch) {
            let fields = FieldSet::patched(patch, &self.schema);
            added.effects.push(Effect { was: Some(row), row: Some(row), fields });
            return self.patch_columns(id, row, patch);
        }
        self.settle(row, added)?;
        let mut profile = read_profile(self, row);
        patch.apply(&mut profile);
        profile.check()?;
        self.fit_profile(&profile)?;
        self.replace(row, profile, added)
    }

    /// The condition sees the profile as the changes before it in the batch leave it.
    fn check_condition(&self, id: &str, row: u32, condition: &Filter) -> Result<()> {
        condition.check_limits()?;
        if self.fulfils(&self.resolve_filter(condition)?, row) {
            return Ok(());
        }
        Err(Error::ConditionNotMet { id: id.to_owned(), condition: condition.fields().join(", ") })
    }

    /// Whether a text attribute is among those changed: one that is cleared shows its kind only here.
    fn changes_texts(&self, patch: &ProfilePatch) -> bool {
        let kind = |name: &String| self.schema.known(name).map(|attribute| attribute.kind);
        patch.attributes.keys().any(|name| kind(name) == Some(AttributeKind::Text))
    }

    /// Writes the hot fields that change, and no other.
    fn patch_columns(&mut self, id: &str, row: u32, patch: &ProfilePatch) -> Result<()> {
        // A blank profile passes every check, so what is refused is what the patch brings.
        let mut blank = AdvisorProfile::new(id);
        patch.apply(&mut blank);
        blank.check()?;
        self.fit_profile(&blank)?;
        let moment = |moment: &Option<Instant>| moment.map(Instant::as_f64);
        let changed_numbers = [
            (numbers::HOURLY_RATE, patch.hourly_rate),
            (numbers::MONTHLY_RETAINER_MIN, patch.monthly_retainer_min),
            (numbers::YEARS_EXPERIENCE, patch.years_experience.map(|years| years.map(f64::from))),
            (numbers::TOTAL_REVIEWS, patch.total_reviews.map(|count| Some(f64::from(count)))),
            (numbers::CURRENT_CLIENTS, patch.current_clients.map(|count| Some(f64::from(count)))),
            (numbers::MAX_CLIENTS, patch.max_clients.map(|count| Some(f64::from(count)))),
            (numbers::OVERALL_RATING, patch.overall_rating.map(Some)),
            (numbers::CREATED_AT, patch.created_at.as_ref().map(moment)),
            (numbers::UPDATED_AT, patch.updated_at.as_ref().map(moment)),
            (numbers::DELETED_AT, patch.deleted_at.as_ref().map(moment)),
        ];
        for (place, value) in changed_numbers {
            if let Some(value) = value {
                self.write_number(place, row, value);
            }
        }
        if let Some(status) = &patch.marketplace_status {
            self.write_keywords(keywords::STATUS, row, std::slice::from_ref(status));
        }
        if let Some(verified) = patch.is_verified {
            self.write_flag(flags::IS_VERIFIED, row, Some(verified));
        }
        if let Some(available) = patch.is_available {
            self.write_flag(flags::IS_AVAILABLE, row, Some(available));
        }
        for (name, value) in &patch.attributes {
            self.write_attribute(name, row, value.as_ref());
        }
        self.write_scopes(row);
        Ok(())
    }

    pub(super) fn write_attribute(&mut self, name: &str, row: u32, value: Option<&AttributeValue>) {
        let Some((kind, place)) = self.schema.known(name).map(|a| (a.kind, a.place)) else {
            return;
        };
        match (kind, value) {
            (AttributeKind::Keywords, Some(AttributeValue::Keywords(values))) => {
                self.write_keywords(place, row, values);
            }
            (AttributeKind::Keywords, _) => self.write_keywords(place, row, &[]),
            (AttributeKind::Number, Some(AttributeValue::Number(value))) => {
                self.write_number(place, row, Some(*value));
            }
            (AttributeKind::Date, Some(AttributeValue::Date(value))) => {
                self.write_number(place, row, Some(value.as_f64()));
            }
            (AttributeKind::Number | AttributeKind::Date, _) => self.write_number(place, row, None),
            (AttributeKind::Bool, Some(AttributeValue::Bool(value))) => {
                self.write_flag(place, row, Some(*value));
            }
            (AttributeKind::Bool, _) => self.write_flag(place, row, None),
            (AttributeKind::Geo, Some(AttributeValue::Geo(point))) => {
                self.write_point(place, row, Some(*point));
            }
            (AttributeKind::Geo, _) => self.write_point(place, row, None),
            (AttributeKind::Availability, Some(AttributeValue::Availability(times))) => {
                self.calendars[place].set(row, Some(times));
            }
            (AttributeKind::Availability, _) => self.calendars[place].set(row, None),
            (AttributeKind::Text, _) => {}
        }
    }
}
