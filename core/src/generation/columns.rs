//! Writing what lies in columns and bitmaps: everything that a hot patch can change.

use std::sync::Arc;

use super::{Generation, KeywordField, read};
use crate::model::field::{flags, keywords, numbers};
use crate::model::{AdvisorProfile, AttributeKind, Instant, StringField};

impl Generation {
    pub(super) fn write_presence(&mut self, row: u32, profile: &AdvisorProfile) {
        let mut write = |place: usize, has: bool| {
            if self.presence[place].contains(row) != has {
                Arc::make_mut(&mut self.presence[place]).set(row, has);
            }
        };
        write(StringField::UserId as usize, profile.user_id.is_some());
        write(StringField::ProfessionalTitle as usize, profile.professional_title.is_some());
        write(StringField::Headline as usize, profile.headline.is_some());
        write(StringField::Bio as usize, profile.bio.is_some());
        write(StringField::ProfileImageUrl as usize, profile.profile_image_url.is_some());
        write(read::PRESENCE_DETAILS, profile.details.is_some());
        for attribute in self.schema.attributes().iter().filter(|a| a.kind == AttributeKind::Text) {
            write(
                read::PRESENCE_TEXT + attribute.place,
                profile.attributes.contains_key(&attribute.name),
            );
        }
    }

    /// Writes what lies in columns and bitmaps: everything a hot patch can change.
    pub(super) fn write_columns(&mut self, row: u32, profile: &AdvisorProfile) {
        let moment = |moment: Option<Instant>| moment.map(Instant::as_f64);
        let status = [profile.marketplace_status.clone()];
        self.write_number(numbers::HOURLY_RATE, row, profile.hourly_rate);
        self.write_number(numbers::MONTHLY_RETAINER_MIN, row, profile.monthly_retainer_min);
        self.write_number(numbers::YEARS_EXPERIENCE, row, profile.years_experience.map(f64::from));
        self.write_number(numbers::TOTAL_REVIEWS, row, Some(f64::from(profile.total_reviews)));
        self.write_number(numbers::CURRENT_CLIENTS, row, Some(f64::from(profile.current_clients)));
        self.write_number(numbers::MAX_CLIENTS, row, Some(f64::from(profile.max_clients)));
        self.write_number(numbers::OVERALL_RATING, row, Some(profile.overall_rating));
        self.write_number(numbers::CREATED_AT, row, moment(profile.created_at));
        self.write_number(numbers::UPDATED_AT, row, moment(profile.updated_at));
        self.write_number(numbers::DELETED_AT, row, moment(profile.deleted_at));
        self.write_keywords(keywords::INDUSTRIES, row, &profile.industries);
        self.write_keywords(keywords::SERVICES, row, &profile.services);
        self.write_keywords(keywords::CERTIFICATIONS, row, &profile.certifications);
        self.write_keywords(keywords::STATUS, row, &status);
        self.write_flag(flags::IS_VERIFIED, row, Some(profile.is_verified));
        self.write_flag(flags::IS_AVAILABLE, row, Some(profile.is_available));
        let schema = Arc::clone(&self.schema);
        for attribute in schema.attributes() {
            self.write_attribute(&attribute.name, row, profile.attributes.get(&attribute.name));
        }
        self.write_scopes(row);
    }

    /// Brings the scopes to what the row's columns say.
    pub(super) fn write_scopes(&mut self, row: u32) {
        let (visible, marketplace, open) = self.scopes_of(row);
        for (rows, member) in [
            (&mut self.visible, visible),
            (&mut self.marketplace, marketplace),
            (&mut self.open, open),
        ] {
            if rows.contains(row) != member {
                Arc::make_mut(rows).set(row, member);
            }
        }
    }

    /// Whether a row is visible, in the marketplace, and open to further clients.
    pub(super) fn scopes_of(&self, row: u32) -> (bool, bool, bool) {
        let live = self.live.contains(row);
        let visible = live && self.numbers[numbers::DELETED_AT].get(row).is_none();
        let statuses = self.keywords[keywords::STATUS].codes.get(row);
        let active = |code: &u32| self.keywords[keywords::STATUS].index.value(*code) == "active";
        let verified = self.flags[flags::IS_VERIFIED].get(row) == Some(true);
        let held = match self.record(row) {
            Some(record) if !self.holds.is_empty() => self.holds.count(record.id()),
            _ => 0,
        };
        let room = self.numbers[numbers::CURRENT_CLIENTS].raw(row) + f64::from(held)
            < self.numbers[numbers::MAX_CLIENTS].raw(row);
        let available = self.flags[flags::IS_AVAILABLE].get(row) == Some(true);
        let marketplace = visible && verified && statuses.iter().any(active);
        (visible, marketplace, live && room && available)
    }

    pub(super) fn write_number(&mut self, place: usize, row: u32, value: Option<f64>) {
        let column = &mut self.numbers[place];
        if column.get(row) != value {
            column.set(row, value);
        }
    }

    pub(super) fn write_flag(&mut self, place: usize, row: u32, value: Option<bool>) {
        let flag = &mut self.flags[place];
        if flag.get(row) != value || flag.present().universe() <= row {
            flag.set(row, value);
        }
    }

    pub(super) fn write_keywords(&mut self, place: usize, row: u32, values: &[String]) {
        let KeywordField { index, codes } = &mut self.keywords[place];
        let old = codes.get(row);
        if old.len() == values.len()
            && old.iter().zip(values).all(|(code, value)| index.value(*code) == value)
        {
            return;
        }
        for code in old {
            index.remove(*code, row);
        }
        let mut new: Vec<u32> = Vec::with_capacity(values.len());
        for value in values {
            let code = index.code_or_insert(value);
            if !new.contains(&code) {
                index.insert(code, row, self.rows);
                new.push(code);
            }
        }
        codes.set(row, &new);
    }
}
