//! One expert of the marketplace, and a change to one.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{AttributeKind, Availability, GeoPoint, Instant};

/// One expert of the marketplace. `DESIGN.md` section 2 says what each field is; the wire form is camelCase JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct AdvisorProfile {
    /// Unique in the index, 1 to 64 bytes.
    pub id: String,
    /// The account behind the profile.
    pub user_id: Option<String>,
    /// Searched with weight 3.
    pub professional_title: Option<String>,
    /// Searched with weight 2.
    pub headline: Option<String>,
    /// Searched with weight 1; never on a list page.
    pub bio: Option<String>,
    /// Distinct values, in the order given.
    pub industries: Vec<String>,
    /// Distinct values, in the order given.
    pub services: Vec<String>,
    /// Distinct values, in the order given.
    pub certifications: Vec<String>,
    /// Money an hour, 0 or more.
    pub hourly_rate: Option<f64>,
    /// Money a month, 0 or more.
    pub monthly_retainer_min: Option<f64>,
    /// Whole years.
    pub years_experience: Option<u32>,
    /// How many reviews stand behind the rating; 0 where it is not given.
    pub total_reviews: u32,
    /// Clients now; 0 where it is not given.
    pub current_clients: u32,
    /// Clients at most; 15 where it is not given.
    pub max_clients: u32,
    /// 0 to 5; 0 where it is not given.
    pub overall_rating: f64,
    /// `active` is what the marketplace shows; `pending` where it is not given.
    pub marketplace_status: String,
    /// False where it is not given.
    pub is_verified: bool,
    /// True where it is not given.
    pub is_available: bool,
    /// When the profile was made.
    pub created_at: Option<Instant>,
    /// When it last changed.
    pub updated_at: Option<Instant>,
    /// When it was deleted; such a profile is never found, but `get` gives it.
    pub deleted_at: Option<Instant>,
    /// Stored only.
    pub profile_image_url: Option<String>,
    /// Finite numbers, not all zero, as many as the index has dimensions.
    pub embedding: Option<Vec<f32>>,
    /// The attributes that the index's schema declares.
    pub attributes: BTreeMap<String, AttributeValue>,
    /// Any JSON text, up to 256 KiB; stored, and given back by `get`.
    pub details: Option<String>,
}

impl AdvisorProfile {
    /// A profile that has its id and else only defaults.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            user_id: None,
            professional_title: None,
            headline: None,
            bio: None,
            industries: Vec::new(),
            services: Vec::new(),
            certifications: Vec::new(),
            hourly_rate: None,
            monthly_retainer_min: None,
            years_experience: None,
            total_reviews: 0,
            current_clients: 0,
            max_clients: 15,
            overall_rating: 0.0,
            marketplace_status: "pending".to_owned(),
            is_verified: false,
            is_available: true,
            created_at: None,
            updated_at: None,
            deleted_at: None,
            profile_image_url: None,
            embedding: None,
            attributes: BTreeMap::new(),
            details: None,
        }
    }
}

/// The value of one attribute.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum AttributeValue {
    /// Distinct values, in the order given.
    Keywords(Vec<String>),
    /// A finite number.
    Number(f64),
    /// True or false.
    Bool(bool),
    /// A moment.
    Date(Instant),
    /// Text to search in.
    Text(String),
    /// A point on the earth.
    Geo(GeoPoint),
    /// When somebody is free; shared, as copies of a profile do not change it.
    Availability(Arc<Availability>),
}

impl AttributeValue {
    /// The kind of attribute that such a value belongs to.
    pub fn kind(&self) -> AttributeKind {
        match self {
            AttributeValue::Keywords(_) => AttributeKind::Keywords,
            AttributeValue::Number(_) => AttributeKind::Number,
            AttributeValue::Bool(_) => AttributeKind::Bool,
            AttributeValue::Date(_) => AttributeKind::Date,
            AttributeValue::Text(_) => AttributeKind::Text,
            AttributeValue::Geo(_) => AttributeKind::Geo,
            AttributeValue::Availability(_) => AttributeKind::Availability,
        }
    }
}
