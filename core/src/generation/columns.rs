//! Writing what lies in columns and bitmaps: everything that a hot patch can change.

use std::sync::Arc;

use super::{Generation, KeywordField, read};
use crate::model::field::{flags, keywords, numbers};
use crate::model::{AdvisorProfile, AttributeKind, AttributeValue, Instant, StringField};

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
            let value = profile.attributes.get(&attribute.name);
            match (attribute.kind, value) {
                (AttributeKind::Keywords, Some(AttributeValue::Keywords(values))) => {
                    self.write_keywords(attribute.place, row, values);
                }
                (AttributeKind::Keywords, _) => self.write_keywords(attribute.place, row, &[]),
                (AttributeKind::Number, Some(AttributeValue::Number(value))) => {
                    self.write_number(attribute.place, row, Some(*value));
                }
                (AttributeKind::Date, Some(AttributeValue::Date(value))) => {
                    self.write_number(attribute.place, row, Some(value.as_f64()));
                }
                (AttributeKind::Number | AttributeKind::Date, _) => {
                    self.write_number(attribute.place, row, None);
                }
                (AttributeKind::Bool, Some(AttributeValue::Bool(value))) => {
                    self.write_flag(attribute.place, row, Some(*value));
                }
                (AttributeKind::Bool, _) => self.write_flag(attribute.place, row, None),
                (AttributeKind::Text, _) => {}
            }
        }
        self.write_scopes(row, profile);
    }

    fn write_scopes(&mut self, row: u32, profile: &AdvisorProfile) {
        let visible = profile.deleted_at.is_none();
        let marketplace = visible && profile.is_verified && profile.marketplace_status == "active";
        let open = profile.is_available && profile.current_clients < profile.max_clients;
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

    fn write_number(&mut self, place: usize, row: u32, value: Option<f64>) {
        let column = &mut self.numbers[place];
        if column.get(row) != value {
            column.set(row, value);
        }
    }

    fn write_flag(&mut self, place: usize, row: u32, value: Option<bool>) {
        let flag = &mut self.flags[place];
        if flag.get(row) != value || flag.present().universe() <= row {
            flag.set(row, value);
        }
    }

    fn write_keywords(&mut self, place: usize, row: u32, values: &[String]) {
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
