//! One field of one profile, as a filter, an order or a facet sees it.

use crate::model::field::{FieldRef, StringField, flags, keywords, numbers};
use crate::model::{AdvisorProfile, AttributeValue, Availability, GeoPoint, Instant, Schema};

/// What a field holds.
pub(super) enum Value<'a> {
    /// A key that may be missing.
    Key(Option<&'a str>),
    /// Keywords; a field that always exists says so even where its one value is empty.
    Words {
        /// The values.
        words: Vec<&'a str>,
        /// Whether the field has a value.
        exists: bool,
    },
    /// A number that may be missing.
    Number(Option<f64>),
    /// A moment that may be missing, as a number.
    Moment(Option<f64>),
    /// True or false, or missing.
    Flag(Option<bool>),
    /// A point that may be missing.
    Point(Option<GeoPoint>),
    /// Free time that may be missing.
    Free(Option<&'a Availability>),
    /// Something that is only there or not.
    Stored(bool),
}

/// Reads a field of a profile.
pub(super) fn read<'a>(profile: &'a AdvisorProfile, schema: &Schema, field: FieldRef) -> Value<'a> {
    match field {
        FieldRef::Id => Value::Key(Some(&profile.id)),
        FieldRef::String(StringField::UserId) => Value::Key(profile.user_id.as_deref()),
        FieldRef::String(StringField::ProfessionalTitle) => {
            Value::Stored(profile.professional_title.is_some())
        }
        FieldRef::String(StringField::Headline) => Value::Stored(profile.headline.is_some()),
        FieldRef::String(StringField::Bio) => Value::Stored(profile.bio.is_some()),
        FieldRef::String(StringField::ProfileImageUrl) => {
            Value::Stored(profile.profile_image_url.is_some())
        }
        FieldRef::Embedding => Value::Stored(profile.embedding.is_some()),
        FieldRef::Details => Value::Stored(profile.details.is_some()),
        FieldRef::Attributes => Value::Stored(!profile.attributes.is_empty()),
        FieldRef::Keywords(keywords::INDUSTRIES) => listed(&profile.industries),
        FieldRef::Keywords(keywords::SERVICES) => listed(&profile.services),
        FieldRef::Keywords(keywords::CERTIFICATIONS) => listed(&profile.certifications),
        FieldRef::Keywords(keywords::STATUS) => {
            Value::Words { words: vec![&profile.marketplace_status], exists: true }
        }
        FieldRef::Number(numbers::HOURLY_RATE) => Value::Number(profile.hourly_rate),
        FieldRef::Number(numbers::MONTHLY_RETAINER_MIN) => {
            Value::Number(profile.monthly_retainer_min)
        }
        FieldRef::Number(numbers::YEARS_EXPERIENCE) => {
            Value::Number(profile.years_experience.map(f64::from))
        }
        FieldRef::Number(numbers::TOTAL_REVIEWS) => {
            Value::Number(Some(f64::from(profile.total_reviews)))
        }
        FieldRef::Number(numbers::CURRENT_CLIENTS) => {
            Value::Number(Some(f64::from(profile.current_clients)))
        }
        FieldRef::Number(numbers::MAX_CLIENTS) => {
            Value::Number(Some(f64::from(profile.max_clients)))
        }
        FieldRef::Number(numbers::OVERALL_RATING) => Value::Number(Some(profile.overall_rating)),
        FieldRef::Date(numbers::CREATED_AT) => moment(profile.created_at),
        FieldRef::Date(numbers::UPDATED_AT) => moment(profile.updated_at),
        FieldRef::Date(numbers::DELETED_AT) => moment(profile.deleted_at),
        FieldRef::Flag(flags::IS_VERIFIED) => Value::Flag(Some(profile.is_verified)),
        FieldRef::Flag(flags::IS_AVAILABLE) => Value::Flag(Some(profile.is_available)),
        FieldRef::Keywords(_)
        | FieldRef::Number(_)
        | FieldRef::Date(_)
        | FieldRef::Flag(_)
        | FieldRef::Geo(_)
        | FieldRef::Availability(_)
        | FieldRef::Text(_) => attribute(profile, schema, field),
    }
}

fn attribute<'a>(profile: &'a AdvisorProfile, schema: &Schema, field: FieldRef) -> Value<'a> {
    let declared = schema.attributes().iter().find(|attribute| attribute.field() == field);
    let value = declared.and_then(|attribute| profile.attributes.get(&attribute.name));
    match (field, value) {
        (FieldRef::Keywords(_), Some(AttributeValue::Keywords(words))) => listed(words),
        (FieldRef::Keywords(_), _) => listed(&[]),
        (FieldRef::Number(_), Some(AttributeValue::Number(number))) => Value::Number(Some(*number)),
        (FieldRef::Number(_), _) => Value::Number(None),
        (FieldRef::Date(_), Some(AttributeValue::Date(at))) => moment(Some(*at)),
        (FieldRef::Date(_), _) => moment(None),
        (FieldRef::Flag(_), Some(AttributeValue::Bool(flag))) => Value::Flag(Some(*flag)),
        (FieldRef::Flag(_), _) => Value::Flag(None),
        (FieldRef::Geo(_), Some(AttributeValue::Geo(point))) => Value::Point(Some(*point)),
        (FieldRef::Geo(_), _) => Value::Point(None),
        (FieldRef::Availability(_), Some(AttributeValue::Availability(times))) => {
            Value::Free(Some(times))
        }
        (FieldRef::Availability(_), _) => Value::Free(None),
        (_, value) => Value::Stored(value.is_some()),
    }
}

fn listed(words: &[String]) -> Value<'_> {
    Value::Words { words: words.iter().map(String::as_str).collect(), exists: !words.is_empty() }
}

fn moment<'a>(at: Option<Instant>) -> Value<'a> {
    Value::Moment(at.map(Instant::as_f64))
}
