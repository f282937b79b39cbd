//! What an answer shows of a profile: read where the engine keeps it, when it is asked for.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

use super::limits;
use super::wire::ListingKey;
use crate::model::field::{
    self, FieldRef, LISTING as LISTED, StringField, flags, keywords, numbers,
};
use crate::model::{
    AdvisorProfile, Attribute, AttributeKind, AttributeValue, Availability, GeoPoint, Instant,
    Result, Schema,
};

/// Where the fields of rows are read from: one generation, or the twin.
pub(crate) trait ProfileSource: Send + Sync {
    fn schema(&self) -> &Schema;
    fn id(&self, row: u32) -> &str;
    fn string(&self, row: u32, field: StringField) -> Option<&str>;
    fn keywords(&self, row: u32, place: usize) -> Vec<&str>;
    fn number(&self, row: u32, place: usize) -> Option<f64>;
    fn flag(&self, row: u32, place: usize) -> Option<bool>;

    /// The point whose latitude is the number of that place, and whose longitude is the next.
    fn point(&self, row: u32, place: usize) -> Option<GeoPoint> {
        GeoPoint::new(self.number(row, place)?, self.number(row, place + 1)?).ok()
    }

    fn availability(&self, row: u32, place: usize) -> Option<&Arc<Availability>>;
    fn text_attribute(&self, row: u32, place: usize) -> Option<&str>;
    fn details(&self, row: u32) -> Option<&str>;
    fn embedding(&self, row: u32) -> Option<Vec<f32>>;

    /// What says which state of the row this is: never the same for two; none where nobody counts.
    fn stamp(&self, _row: u32) -> Option<u64> {
        None
    }

    /// The row's listing in its wire form, where it is kept in it.
    fn written(&self, _row: u32) -> Option<WrittenListing> {
        None
    }

    /// Looks whether the embedding of a row can be read as it was written.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged) where the disk has changed it.
    fn check_embedding(&self, row: u32) -> Result<()>;
}

/// A listing in its wire form; a clone shares it.
#[derive(Clone, Debug)]
pub(crate) struct WrittenListing(Arc<RawValue>);

impl WrittenListing {
    /// None for a text that is no JSON.
    pub(crate) fn new(text: String) -> Option<Self> {
        RawValue::from_string(text).ok().map(|json| Self(json.into()))
    }

    pub(crate) fn text(&self) -> &str {
        self.0.get()
    }
}

/// The fields that an answer shows, in their order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Projection {
    fields: Vec<(Cow<'static, str>, FieldRef)>,
    shows: Shows,
}

/// What of a profile is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Shows {
    /// The listing.
    Listing,
    /// What a request names, or everything.
    Fields,
    /// `null`: the listing stands elsewhere.
    Nothing,
}

impl Projection {
    /// Nothing is shown.
    pub(super) const NONE: Self = Self { fields: Vec::new(), shows: Shows::Nothing };

    /// Whether embeddings are shown.
    pub(crate) fn has_embedding(&self) -> bool {
        self.fields.iter().any(|(_, field)| *field == FieldRef::Embedding)
    }

    /// The listing, or the named fields.
    pub(crate) fn resolve(fields: Option<&[String]>, schema: &Schema) -> Result<Self> {
        let Some(fields) = fields else { return Ok(Self::listing()) };
        if fields.len() > limits::FIELDS {
            return Err(super::json::too_large("fields", fields.len(), limits::FIELDS, "fields"));
        }
        fields
            .iter()
            .map(|name| {
                let field = schema.resolve(name, "fields")?;
                let shown = field::built_in(name).map_or(name.as_str(), |(known, _)| known);
                Ok((Cow::Owned(shown.to_owned()), field))
            })
            .collect::<Result<_>>()
            .map(|fields| Self { fields, shows: Shows::Fields })
    }

    /// The listing, whose names are looked up once a process.
    pub(crate) fn listing() -> Self {
        static LISTING: LazyLock<Vec<(Cow<'static, str>, FieldRef)>> = LazyLock::new(|| {
            let known = LISTED.iter().filter_map(|name| field::built_in(name));
            known.map(|(name, field)| (Cow::Borrowed(name), field)).collect()
        });
        Self { fields: LISTING.clone(), shows: Shows::Listing }
    }

    fn all() -> Self {
        let fields = field::FIELDS.iter().map(|(name, field)| (Cow::Borrowed(*name), *field));
        Self { fields: fields.collect(), shows: Shows::Fields }
    }
}

/// One profile as an answer shows it. Nothing is copied until a field is asked for.
#[derive(Clone, Copy)]
pub struct Listing<'a> {
    source: &'a dyn ProfileSource,
    projection: &'a Projection,
    row: u32,
}

impl fmt::Debug for Listing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Listing").field(&self.id()).finish()
    }
}

impl<'a> Listing<'a> {
    pub(crate) fn new(source: &'a dyn ProfileSource, projection: &'a Projection, row: u32) -> Self {
        Self { source, projection, row }
    }

    /// `id`.
    pub fn id(&self) -> &'a str {
        self.source.id(self.row)
    }

    /// `userId`.
    pub fn user_id(&self) -> Option<&'a str> {
        self.source.string(self.row, StringField::UserId)
    }

    /// `professionalTitle`.
    pub fn professional_title(&self) -> Option<&'a str> {
        self.source.string(self.row, StringField::ProfessionalTitle)
    }

    /// `headline`.
    pub fn headline(&self) -> Option<&'a str> {
        self.source.string(self.row, StringField::Headline)
    }

    /// `profileImageUrl`.
    pub fn profile_image_url(&self) -> Option<&'a str> {
        self.source.string(self.row, StringField::ProfileImageUrl)
    }

    /// `industries`.
    pub fn industries(&self) -> Vec<&'a str> {
        self.source.keywords(self.row, keywords::INDUSTRIES)
    }

    /// `services`.
    pub fn services(&self) -> Vec<&'a str> {
        self.source.keywords(self.row, keywords::SERVICES)
    }

    /// `hourlyRate`, money an hour.
    pub fn hourly_rate(&self) -> Option<f64> {
        self.source.number(self.row, numbers::HOURLY_RATE)
    }

    /// `monthlyRetainerMin`, money a month.
    pub fn monthly_retainer_min(&self) -> Option<f64> {
        self.source.number(self.row, numbers::MONTHLY_RETAINER_MIN)
    }

    /// `yearsExperience`.
    pub fn years_experience(&self) -> Option<u32> {
        self.source.number(self.row, numbers::YEARS_EXPERIENCE).map(|years| years as u32)
    }

    /// `overallRating`, 0 to 5.
    pub fn overall_rating(&self) -> f64 {
        self.source.number(self.row, numbers::OVERALL_RATING).unwrap_or(0.0)
    }

    /// `totalReviews`.
    pub fn total_reviews(&self) -> u32 {
        self.source.number(self.row, numbers::TOTAL_REVIEWS).unwrap_or(0.0) as u32
    }

    /// `currentClients`.
    pub fn current_clients(&self) -> u32 {
        self.source.number(self.row, numbers::CURRENT_CLIENTS).unwrap_or(0.0) as u32
    }

    /// `maxClients`.
    pub fn max_clients(&self) -> u32 {
        self.source.number(self.row, numbers::MAX_CLIENTS).unwrap_or(0.0) as u32
    }

    /// `isAvailable`.
    pub fn is_available(&self) -> bool {
        self.source.flag(self.row, flags::IS_AVAILABLE).unwrap_or(false)
    }

    /// The whole profile, copied.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged) where the snapshot was damaged after it was opened.
    #[allow(
        clippy::wrong_self_convention,
        reason = "a listing is a view; this copies what it views"
    )]
    pub fn to_profile(&self) -> Result<AdvisorProfile> {
        self.source.check_embedding(self.row)?;
        Ok(read_profile(self.source, self.row))
    }
}

/// The whole profile of a row, copied out of where it is kept.
pub(crate) fn read_profile(source: &dyn ProfileSource, row: u32) -> AdvisorProfile {
    AdvisorProfile { embedding: source.embedding(row), ..read_without_embedding(source, row) }
}

/// The same without its embedding, which is most of it.
pub(crate) fn read_without_embedding(source: &dyn ProfileSource, row: u32) -> AdvisorProfile {
    let text = |field| source.string(row, field).map(str::to_owned);
    let words =
        |place| source.keywords(row, place).into_iter().map(str::to_owned).collect::<Vec<_>>();
    let count = |place| source.number(row, place).unwrap_or(0.0) as u32;
    let moment = |place| source.number(row, place).map(Instant::from_f64);
    let flag = |place| source.flag(row, place).unwrap_or(false);
    AdvisorProfile {
        id: source.id(row).to_owned(),
        user_id: text(StringField::UserId),
        professional_title: text(StringField::ProfessionalTitle),
        headline: text(StringField::Headline),
        bio: text(StringField::Bio),
        industries: words(keywords::INDUSTRIES),
        services: words(keywords::SERVICES),
        certifications: words(keywords::CERTIFICATIONS),
        hourly_rate: source.number(row, numbers::HOURLY_RATE),
        monthly_retainer_min: source.number(row, numbers::MONTHLY_RETAINER_MIN),
        years_experience: source.number(row, numbers::YEARS_EXPERIENCE).map(|years| years as u32),
        total_reviews: count(numbers::TOTAL_REVIEWS),
        current_clients: count(numbers::CURRENT_CLIENTS),
        max_clients: count(numbers::MAX_CLIENTS),
        overall_rating: source.number(row, numbers::OVERALL_RATING).unwrap_or(0.0),
        marketplace_status: words(keywords::STATUS).pop().unwrap_or_default(),
        is_verified: flag(flags::IS_VERIFIED),
        is_available: flag(flags::IS_AVAILABLE),
        created_at: moment(numbers::CREATED_AT),
        updated_at: moment(numbers::UPDATED_AT),
        deleted_at: moment(numbers::DELETED_AT),
        profile_image_url: text(StringField::ProfileImageUrl),
        embedding: None,
        attributes: read_attributes(source, row),
        details: source.details(row).map(str::to_owned),
    }
}

fn read_attributes(source: &dyn ProfileSource, row: u32) -> BTreeMap<String, AttributeValue> {
    let attributes = source.schema().attributes().iter();
    attributes.filter_map(|a| Some((a.name.clone(), read_attribute(source, row, a)?))).collect()
}

/// The value of an attribute.
pub(crate) fn read_attribute(
    source: &dyn ProfileSource,
    row: u32,
    attribute: &Attribute,
) -> Option<AttributeValue> {
    let place = attribute.place;
    match attribute.kind {
        AttributeKind::Keywords => {
            let values = source.keywords(row, place);
            (!values.is_empty())
                .then(|| AttributeValue::Keywords(values.into_iter().map(str::to_owned).collect()))
        }
        AttributeKind::Number => source.number(row, place).map(AttributeValue::Number),
        AttributeKind::Date => {
            source.number(row, place).map(|m| AttributeValue::Date(Instant::from_f64(m)))
        }
        AttributeKind::Bool => source.flag(row, place).map(AttributeValue::Bool),
        AttributeKind::Text => {
            source.text_attribute(row, place).map(|text| AttributeValue::Text(text.to_owned()))
        }
        AttributeKind::Geo => source.point(row, place).map(AttributeValue::Geo),
        AttributeKind::Availability => {
            source.availability(row, place).cloned().map(AttributeValue::Availability)
        }
    }
}

impl Serialize for Listing<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.projection.shows == Shows::Nothing {
            return serializer.serialize_unit();
        }
        if let Some(written) = self.written() {
            return written.0.serialize(serializer);
        }
        let mut map = serializer.serialize_map(None)?;
        self.write_fields(&mut map)?;
        map.end()
    }
}

impl Listing<'_> {
    /// What it is known by to whoever keeps listings; none where it shows other fields.
    pub(super) fn key(&self) -> Option<ListingKey> {
        let shows_listing = self.projection.shows == Shows::Listing;
        let stamp = self.source.stamp(self.row).filter(|_| shows_listing)?;
        Some(ListingKey { row: self.row, stamp })
    }

    /// Its wire form, where it is kept in it.
    pub(super) fn written(&self) -> Option<WrittenListing> {
        if self.projection.shows != Shows::Listing {
            return None;
        }
        self.source.written(self.row)
    }

    pub(crate) fn write_fields<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        for (name, field) in &self.projection.fields {
            write_field(map, name, *field, self.source, self.row)?;
        }
        Ok(())
    }
}

/// A number in JSON: without a fraction where it has none.
pub(super) struct Plain(pub(super) f64);

impl Serialize for Plain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.fract() == 0.0 && self.0.abs() < 9_007_199_254_740_992.0 {
            serializer.serialize_i64(self.0 as i64)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

/// A moment in JSON.
pub(super) struct Moment(pub(super) f64);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Instant::from_f64(self.0))
    }
}

struct Attributes<'a>(&'a dyn ProfileSource, u32);

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for attribute in self.0.schema().attributes().iter().filter(|a| !a.state.is_removed()) {
            let field = attribute.field();
            let missing = match field {
                FieldRef::Keywords(place) => self.0.keywords(self.1, place).is_empty(),
                FieldRef::Number(place) | FieldRef::Date(place) | FieldRef::Geo(place) => {
                    self.0.number(self.1, place).is_none()
                }
                FieldRef::Flag(place) => self.0.flag(self.1, place).is_none(),
                FieldRef::Availability(place) => self.0.availability(self.1, place).is_none(),
                FieldRef::Text(place) => self.0.text_attribute(self.1, place).is_none(),
                _ => true,
            };
            if !missing {
                write_field(&mut map, &attribute.name, field, self.0, self.1)?;
            }
        }
        map.end()
    }
}

fn write_field<M: SerializeMap>(
    map: &mut M,
    name: &str,
    field: FieldRef,
    source: &dyn ProfileSource,
    row: u32,
) -> Result<(), M::Error> {
    match field {
        FieldRef::Id => map.serialize_entry(name, source.id(row)),
        FieldRef::String(string) => map.serialize_entry(name, &source.string(row, string)),
        FieldRef::Keywords(keywords::STATUS) => {
            map.serialize_entry(name, &source.keywords(row, keywords::STATUS).first())
        }
        FieldRef::Keywords(place) => map.serialize_entry(name, &source.keywords(row, place)),
        FieldRef::Number(place) => map.serialize_entry(name, &source.number(row, place).map(Plain)),
        FieldRef::Date(place) => map.serialize_entry(name, &source.number(row, place).map(Moment)),
        FieldRef::Flag(place) => map.serialize_entry(name, &source.flag(row, place)),
        FieldRef::Text(place) => map.serialize_entry(name, &source.text_attribute(row, place)),
        FieldRef::Geo(place) => map.serialize_entry(name, &source.point(row, place)),
        FieldRef::Availability(place) => {
            map.serialize_entry(name, &source.availability(row, place).map(|times| &**times))
        }
        FieldRef::Embedding => map.serialize_entry(name, &source.embedding(row)),
        FieldRef::Attributes => map.serialize_entry(name, &Attributes(source, row)),
        FieldRef::Details => {
            let raw = source.details(row).map(|text| RawValue::from_string(text.to_owned()));
            map.serialize_entry(name, &raw.and_then(Result::ok))
        }
    }
}

/// The listing of a row in its wire form.
pub(crate) fn listing_to_json(source: &dyn ProfileSource, row: u32) -> String {
    struct Whole<'a>(Listing<'a>);

    impl Serialize for Whole<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(None)?;
            self.0.write_fields(&mut map)?;
            map.end()
        }
    }

    let projection = Projection::listing();
    super::json::to_json(&Whole(Listing::new(source, &projection, row)))
}

/// A whole profile in its wire form.
pub(crate) fn profile_to_json(source: &dyn ProfileSource, row: u32) -> String {
    let projection = Projection::all();
    super::json::to_json(&Listing::new(source, &projection, row))
}

/// The same, but for the embedding.
pub(crate) fn profile_to_json_without_embedding(source: &dyn ProfileSource, row: u32) -> String {
    let mut projection = Projection::all();
    projection.fields.retain(|(_, field)| *field != FieldRef::Embedding);
    super::json::to_json(&Listing::new(source, &projection, row))
}
