//! The wire form of a profile and of a change to one.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::filter::Filter;
use super::json::{self, Fields, out_of_range, parse_record, shown_value, too_large, wrong_type};
use super::patch::ProfilePatch;
use super::{availability, geo, limits};
use crate::model::{AdvisorProfile, AttributeKind, AttributeValue, Error, Instant, Result, Schema};

impl AdvisorProfile {
    /// Reads the wire form: one JSON object, names in camelCase or `snake_case`. Attributes must be
    /// declared in the schema; see [`AdvisorProfile::from_json_declaring`] for where they need not be.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::MissingField`] (`id`), [`Error::UnknownField`], [`Error::WrongType`],
    /// [`Error::OutOfRange`], [`Error::InvalidEmbedding`], [`Error::TooLarge`].
    pub fn from_json(text: &str, schema: &Schema) -> Result<Self> {
        let mut schema = Schema { infer_attributes: false, ..schema.clone() };
        Self::from_json_declaring(text, &mut schema)
    }

    /// As [`AdvisorProfile::from_json`]; where the schema infers attributes, one that is not declared
    /// is declared by its first value.
    ///
    /// # Errors
    /// As [`AdvisorProfile::from_json`].
    pub fn from_json_declaring(text: &str, schema: &mut Schema) -> Result<Self> {
        if text.len() > limits::REQUEST_BYTES {
            return Err(too_large("profile", text.len(), limits::REQUEST_BYTES, "bytes"));
        }
        Self::from_map(parse_record("profile", text)?, schema)
    }

    pub(crate) fn from_map(map: Map<String, Value>, schema: &mut Schema) -> Result<Self> {
        let mut fields = Fields::new(map, "");
        let Some(id) = fields.string("id")? else {
            return Err(Error::MissingField {
                field: "id".to_owned(),
                expected: "a string of 1 to 64 bytes".to_owned(),
            });
        };
        let default = Self::new(id);
        let profile = Self {
            user_id: fields.string("userId")?,
            professional_title: fields.string("professionalTitle")?,
            headline: fields.string("headline")?,
            bio: fields.string("bio")?,
            industries: distinct(fields.strings("industries")?.unwrap_or_default()),
            services: distinct(fields.strings("services")?.unwrap_or_default()),
            certifications: distinct(fields.strings("certifications")?.unwrap_or_default()),
            hourly_rate: fields.amount("hourlyRate")?,
            monthly_retainer_min: fields.amount("monthlyRetainerMin")?,
            years_experience: fields.count("yearsExperience")?,
            total_reviews: fields.count("totalReviews")?.unwrap_or(default.total_reviews),
            current_clients: fields.count("currentClients")?.unwrap_or(default.current_clients),
            max_clients: fields.count("maxClients")?.unwrap_or(default.max_clients),
            overall_rating: fields.amount("overallRating")?.unwrap_or(default.overall_rating),
            marketplace_status: fields
                .string("marketplaceStatus")?
                .unwrap_or(default.marketplace_status),
            is_verified: fields.flag("isVerified")?.unwrap_or(default.is_verified),
            is_available: fields.flag("isAvailable")?.unwrap_or(default.is_available),
            created_at: fields.instant("createdAt")?,
            updated_at: fields.instant("updatedAt")?,
            deleted_at: fields.instant("deletedAt")?,
            profile_image_url: fields.string("profileImageUrl")?,
            embedding: fields.embedding("embedding")?,
            attributes: match fields.object("attributes")? {
                Some(map) => attributes(map, schema)?
                    .into_iter()
                    .filter_map(|(name, value)| value.map(|value| (name, value)))
                    .collect(),
                None => BTreeMap::new(),
            },
            details: fields.take("details").map(|value| value.to_string()),
            id: default.id,
        };
        fields.finish("a profile")?;
        profile.check()?;
        Ok(profile)
    }

    /// Refuses what no index can hold; the engine calls it for profiles made in code too.
    ///
    /// # Errors
    /// [`Error::OutOfRange`], [`Error::TooLarge`], [`Error::InvalidEmbedding`].
    pub fn check(&self) -> Result<()> {
        if self.id.is_empty() || self.id.len() > limits::ID_BYTES {
            return Err(out_of_range(
                "id",
                crate::model::error::shown(&self.id),
                "1 to 64 bytes long",
            ));
        }
        if !(0.0..=5.0).contains(&self.overall_rating) {
            return Err(out_of_range("overallRating", self.overall_rating, "0 to 5"));
        }
        for (name, amount) in
            [("hourlyRate", self.hourly_rate), ("monthlyRetainerMin", self.monthly_retainer_min)]
        {
            if let Some(amount) = amount
                && !(amount.is_finite() && amount >= 0.0)
            {
                return Err(out_of_range(name, amount, "a finite number, 0 or more"));
            }
        }
        for (name, text) in [
            ("userId", &self.user_id),
            ("professionalTitle", &self.professional_title),
            ("headline", &self.headline),
            ("bio", &self.bio),
            ("profileImageUrl", &self.profile_image_url),
        ] {
            if let Some(text) = text {
                check_bytes(name, text.len(), limits::FIELD_BYTES)?;
            }
        }
        check_keywords("industries", &self.industries)?;
        check_keywords("services", &self.services)?;
        check_keywords("certifications", &self.certifications)?;
        check_bytes("marketplaceStatus", self.marketplace_status.len(), limits::KEYWORD_BYTES)?;
        if let Some(details) = &self.details {
            check_bytes("details", details.len(), limits::DETAILS_BYTES)?;
        }
        if let Some(embedding) = &self.embedding {
            super::check_embedding("embedding", embedding)?;
        }
        self.attributes.iter().try_for_each(|(name, value)| check_attribute(name, value))
    }
}

pub(super) fn check_attribute(name: &str, value: &AttributeValue) -> Result<()> {
    match value {
        AttributeValue::Keywords(values) => check_keywords(&format!("attributes.{name}"), values),
        AttributeValue::Number(number) if !number.is_finite() => {
            Err(out_of_range(&format!("attributes.{name}"), number, "a finite number"))
        }
        AttributeValue::Availability(times) => {
            availability::check(&format!("attributes.{name}"), times)
        }
        AttributeValue::Text(text) => {
            check_bytes(&format!("attributes.{name}"), text.len(), limits::FIELD_BYTES)
        }
        _ => Ok(()),
    }
}

fn check_bytes(field: &str, found: usize, limit: usize) -> Result<()> {
    if found > limit { Err(too_large(field, found, limit, "bytes")) } else { Ok(()) }
}

fn check_keywords(field: &str, values: &[String]) -> Result<()> {
    if values.len() > limits::KEYWORD_VALUES {
        return Err(too_large(field, values.len(), limits::KEYWORD_VALUES, "values"));
    }
    values.iter().try_for_each(|value| check_bytes(field, value.len(), limits::KEYWORD_BYTES))
}

/// Values in the order given, each once.
pub(crate) fn distinct(mut values: Vec<String>) -> Vec<String> {
    if values.len() > 1 {
        let mut seen = std::collections::HashSet::with_capacity(values.len());
        values.retain(|value| seen.insert(value.clone()));
    }
    values
}

fn attributes(
    map: Map<String, Value>,
    schema: &mut Schema,
) -> Result<BTreeMap<String, Option<AttributeValue>>> {
    let mut values = BTreeMap::new();
    for (name, value) in map {
        let field = format!("attributes.{name}");
        if value.is_null() {
            values.insert(name, None);
            continue;
        }
        if schema.infer_attributes && schema.attribute(&name).is_none() {
            schema.declare(&name, inferred(&field, &value)?)?;
        }
        let Some(attribute) = schema.attribute(&name) else {
            schema.resolve(&field, "the schema's attributes")?;
            continue;
        };
        let value = attribute_value(&field, value, attribute.kind)?;
        values.insert(name, Some(value));
    }
    Ok(values)
}

fn inferred(field: &str, value: &Value) -> Result<AttributeKind> {
    match value {
        Value::String(_) | Value::Array(_) => Ok(AttributeKind::Keywords),
        Value::Number(_) => Ok(AttributeKind::Number),
        Value::Bool(_) => Ok(AttributeKind::Bool),
        Value::Object(map) if map.contains_key("lat") && map.contains_key("lon") => {
            Ok(AttributeKind::Geo)
        }
        Value::Object(map) if availability::is_like(map) => Ok(AttributeKind::Availability),
        other => Err(wrong_type(
            field,
            other,
            "a string, a list of strings, a number, a bool, a point or free time; keep the rest in `details`",
        )),
    }
}

pub(super) fn attribute_value(
    field: &str,
    value: Value,
    kind: AttributeKind,
) -> Result<AttributeValue> {
    Ok(match (kind, value) {
        (AttributeKind::Keywords, value @ (Value::String(_) | Value::Array(_))) => {
            AttributeValue::Keywords(distinct(json::strings(field, value)?))
        }
        (AttributeKind::Number, value @ Value::Number(_)) => {
            AttributeValue::Number(json::number(field, &value)?)
        }
        (AttributeKind::Bool, Value::Bool(flag)) => AttributeValue::Bool(flag),
        (AttributeKind::Date, Value::String(text)) => {
            AttributeValue::Date(Instant::parse(field, &text)?)
        }
        (AttributeKind::Text, Value::String(text)) => AttributeValue::Text(text),
        (AttributeKind::Geo, value) => AttributeValue::Geo(geo::point(field, value)?),
        (AttributeKind::Availability, value) => {
            AttributeValue::Availability(Arc::new(availability::read(field, value)?))
        }
        (kind, other) => {
            return Err(Error::WrongType {
                field: field.to_owned(),
                value: shown_value(&other),
                expected: format!("{}, as the schema declares it", kind.name()),
            });
        }
    })
}

impl ProfilePatch {
    /// Reads the wire form: the fields to set, null for one to clear; attributes one by one; `if` for the condition.
    ///
    /// # Errors
    /// As [`AdvisorProfile::from_json`].
    pub fn from_json(text: &str, schema: &Schema) -> Result<Self> {
        let mut fields = Fields::new(parse_record("patch", text)?, "");
        // A field that is there and null is cleared: `has` is asked before `take` folds the two.
        macro_rules! clearable {
            ($name:literal, $read:ident) => {
                if fields.has($name) { Some(fields.$read($name)?) } else { None }
            };
        }
        let patch = Self {
            if_: fields.object("if")?.map(Filter::from_map).transpose()?,
            user_id: clearable!("userId", string),
            professional_title: clearable!("professionalTitle", string),
            headline: clearable!("headline", string),
            bio: clearable!("bio", string),
            industries: fields.strings("industries")?.map(distinct),
            services: fields.strings("services")?.map(distinct),
            certifications: fields.strings("certifications")?.map(distinct),
            hourly_rate: clearable!("hourlyRate", amount),
            monthly_retainer_min: clearable!("monthlyRetainerMin", amount),
            years_experience: clearable!("yearsExperience", count),
            total_reviews: fields.count("totalReviews")?,
            current_clients: fields.count("currentClients")?,
            max_clients: fields.count("maxClients")?,
            overall_rating: fields.amount("overallRating")?,
            marketplace_status: fields.string("marketplaceStatus")?,
            is_verified: fields.flag("isVerified")?,
            is_available: fields.flag("isAvailable")?,
            created_at: clearable!("createdAt", instant),
            updated_at: clearable!("updatedAt", instant),
            deleted_at: clearable!("deletedAt", instant),
            profile_image_url: clearable!("profileImageUrl", string),
            embedding: clearable!("embedding", embedding),
            attributes: match fields.object("attributes")? {
                Some(map) => {
                    attributes(map, &mut Schema { infer_attributes: false, ..schema.clone() })?
                }
                None => BTreeMap::new(),
            },
            details: if fields.has("details") {
                Some(fields.take("details").map(|value| value.to_string()))
            } else {
                None
            },
        };
        fields.finish("a patch")?;
        Ok(patch)
    }
}
