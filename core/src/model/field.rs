//! The fields of a profile, and where each is kept.

/// Text that is kept as it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
#[non_exhaustive]
pub enum StringField {
    /// `userId`.
    UserId,
    /// `professionalTitle`.
    ProfessionalTitle,
    /// `headline`.
    Headline,
    /// `bio`.
    Bio,
    /// `profileImageUrl`.
    ProfileImageUrl,
}

impl StringField {
    /// All of them, in the order in which a record keeps them.
    pub const ALL: [StringField; 5] = [
        StringField::UserId,
        StringField::ProfessionalTitle,
        StringField::Headline,
        StringField::Bio,
        StringField::ProfileImageUrl,
    ];
}

/// Keyword fields every profile has; attributes of kind keywords follow them.
pub mod keywords {
    /// `industries`.
    pub const INDUSTRIES: usize = 0;
    /// `services`.
    pub const SERVICES: usize = 1;
    /// `certifications`.
    pub const CERTIFICATIONS: usize = 2;
    /// `marketplaceStatus`.
    pub const STATUS: usize = 3;
    /// How many there are.
    pub const BUILT_IN: usize = 4;
}

/// Number and date fields every profile has; attributes of these kinds follow them.
pub mod numbers {
    /// `hourlyRate`.
    pub const HOURLY_RATE: usize = 0;
    /// `monthlyRetainerMin`.
    pub const MONTHLY_RETAINER_MIN: usize = 1;
    /// `yearsExperience`.
    pub const YEARS_EXPERIENCE: usize = 2;
    /// `totalReviews`.
    pub const TOTAL_REVIEWS: usize = 3;
    /// `currentClients`.
    pub const CURRENT_CLIENTS: usize = 4;
    /// `maxClients`.
    pub const MAX_CLIENTS: usize = 5;
    /// `overallRating`.
    pub const OVERALL_RATING: usize = 6;
    /// `createdAt`.
    pub const CREATED_AT: usize = 7;
    /// `updatedAt`.
    pub const UPDATED_AT: usize = 8;
    /// `deletedAt`.
    pub const DELETED_AT: usize = 9;
    /// How many there are.
    pub const BUILT_IN: usize = 10;
}

/// True-or-false fields every profile has; attributes of kind bool follow them.
pub mod flags {
    /// `isVerified`.
    pub const IS_VERIFIED: usize = 0;
    /// `isAvailable`.
    pub const IS_AVAILABLE: usize = 1;
    /// How many there are.
    pub const BUILT_IN: usize = 2;
}

/// Where a field is kept: its kind, and its place among the fields of that kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FieldRef {
    /// `id`.
    Id,
    /// Text kept as it came.
    String(StringField),
    /// A list of values (`marketplaceStatus` is a list of one).
    Keywords(usize),
    /// A number.
    Number(usize),
    /// A moment, kept among the numbers.
    Date(usize),
    /// True or false.
    Flag(usize),
    /// An attribute of kind text, by its place among these.
    Text(usize),
    /// A point: its latitude's place among the numbers; its longitude is the next.
    Geo(usize),
    /// When somebody is free, by its place among the attributes of that kind.
    Availability(usize),
    /// `embedding`.
    Embedding,
    /// `details`.
    Details,
    /// All attributes at once; only for projection.
    Attributes,
}

impl FieldRef {
    /// The kind in the words of the design, for errors.
    pub fn kind(self) -> &'static str {
        match self {
            FieldRef::Id | FieldRef::String(StringField::UserId) => "a key",
            FieldRef::String(StringField::ProfileImageUrl) | FieldRef::Details => "stored",
            FieldRef::String(_) | FieldRef::Text(_) => "text",
            FieldRef::Keywords(_) => "keywords",
            FieldRef::Number(_) => "a number",
            FieldRef::Date(_) => "a date",
            FieldRef::Flag(_) => "true or false",
            FieldRef::Geo(_) => "a point on the earth",
            FieldRef::Availability(_) => "free time",
            FieldRef::Embedding => "an embedding",
            FieldRef::Attributes => "attributes",
        }
    }
}

/// Every built-in field by its wire name.
pub const FIELDS: [(&str, FieldRef); 25] = [
    ("id", FieldRef::Id),
    ("userId", FieldRef::String(StringField::UserId)),
    ("professionalTitle", FieldRef::String(StringField::ProfessionalTitle)),
    ("headline", FieldRef::String(StringField::Headline)),
    ("bio", FieldRef::String(StringField::Bio)),
    ("industries", FieldRef::Keywords(keywords::INDUSTRIES)),
    ("services", FieldRef::Keywords(keywords::SERVICES)),
    ("certifications", FieldRef::Keywords(keywords::CERTIFICATIONS)),
    ("hourlyRate", FieldRef::Number(numbers::HOURLY_RATE)),
    ("monthlyRetainerMin", FieldRef::Number(numbers::MONTHLY_RETAINER_MIN)),
    ("yearsExperience", FieldRef::Number(numbers::YEARS_EXPERIENCE)),
    ("totalReviews", FieldRef::Number(numbers::TOTAL_REVIEWS)),
    ("currentClients", FieldRef::Number(numbers::CURRENT_CLIENTS)),
    ("maxClients", FieldRef::Number(numbers::MAX_CLIENTS)),
    ("overallRating", FieldRef::Number(numbers::OVERALL_RATING)),
    ("marketplaceStatus", FieldRef::Keywords(keywords::STATUS)),
    ("isVerified", FieldRef::Flag(flags::IS_VERIFIED)),
    ("isAvailable", FieldRef::Flag(flags::IS_AVAILABLE)),
    ("createdAt", FieldRef::Date(numbers::CREATED_AT)),
    ("updatedAt", FieldRef::Date(numbers::UPDATED_AT)),
    ("deletedAt", FieldRef::Date(numbers::DELETED_AT)),
    ("profileImageUrl", FieldRef::String(StringField::ProfileImageUrl)),
    ("embedding", FieldRef::Embedding),
    ("attributes", FieldRef::Attributes),
    ("details", FieldRef::Details),
];

/// The fields of a list page, in the order in which they are shown.
pub const LISTING: [&str; 15] = [
    "id",
    "userId",
    "professionalTitle",
    "headline",
    "yearsExperience",
    "industries",
    "services",
    "hourlyRate",
    "monthlyRetainerMin",
    "overallRating",
    "totalReviews",
    "currentClients",
    "maxClients",
    "profileImageUrl",
    "isAvailable",
];

/// The built-in field of that wire name, camelCase or `snake_case`.
pub fn built_in(name: &str) -> Option<(&'static str, FieldRef)> {
    FIELDS.iter().copied().find(|(known, _)| *known == name || is_snake_of(name, known))
}

/// Whether `name` is `camel` written in `snake_case`.
pub fn is_snake_of(name: &str, camel: &str) -> bool {
    let mut given = name.bytes();
    for byte in camel.bytes() {
        if byte.is_ascii_uppercase() {
            if given.next() != Some(b'_') || given.next() != Some(byte.to_ascii_lowercase()) {
                return false;
            }
        } else if given.next() != Some(byte) {
            return false;
        }
    }
    given.next().is_none()
}
