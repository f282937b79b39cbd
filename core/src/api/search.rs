//! What a search asks for.

use serde_json::{Map, Value};

use super::check::{check_common, check_finite, check_rating, check_values};
use super::facet::{self, FacetRequest};
use super::filter::Filter;
use super::highlight::Highlight;
use super::json::{Fields, out_of_range, parse_object, parse_requests, too_large, wrong_type};
use super::rules::RuleSource;
use super::{geo, limits};
use crate::model::error::cut;
use crate::model::{Error, GeoPoint, Result, nearest_name};

/// A list page or a text search. Every field has the default of `DESIGN.md` section 3, so a request
/// names only what it wants:
///
/// ```
/// use shortlist::{SearchRequest, Sort};
///
/// let request = SearchRequest {
///     industries: vec!["Healthcare".to_owned()],
///     min_rating: Some(4.0),
///     sort: Some(Sort::PriceAsc),
///     ..SearchRequest::default()
/// };
/// let same = SearchRequest::from_json(
///     r#"{"industries": ["Healthcare"], "minRating": 4, "sort": "priceAsc"}"#,
/// )?;
/// assert_eq!(request, same);
/// # Ok::<(), shortlist::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of the wire form")]
pub struct SearchRequest {
    /// Words to find, as web search reads them; at most 1,024 bytes.
    pub text: Option<String>,
    /// Whether all words must be there, or any.
    pub text_match: TextMatch,
    /// Tolerates one edit in words of five letters and more, two from nine.
    pub typos: bool,
    /// With `typos`: tolerates an edit of the first letter too. Costs a look at many more words.
    pub typos_in_first_letter: bool,
    /// Completes the last word.
    pub prefix: bool,
    /// Further conditions.
    pub filter: Option<Filter>,
    /// Which profiles are looked at.
    pub scope: Scope,
    /// Any of these industries; empty asks for none.
    pub industries: Vec<String>,
    /// Any of these services; empty asks for none.
    pub services: Vec<String>,
    /// `overallRating` at least this, 0 to 5.
    pub min_rating: Option<f64>,
    /// `hourlyRate` at most this.
    pub max_hourly_rate: Option<f64>,
    /// Only who has room: `currentClients < maxClients` and `isAvailable`.
    pub available: bool,
    /// The order; none is `relevance` with text or embedding, `rating` without.
    pub sort: Option<Sort>,
    /// The length of the page, 1 to 1,000.
    pub limit: u32,
    /// Where the page starts: `nextCursor` of the one before.
    pub cursor: Option<String>,
    /// Where the page ends: `previousCursor` of the one after. Walking back gives the pages of walking on.
    pub before: Option<String>,
    /// What is counted over the whole result; each field once.
    pub facets: Vec<FacetRequest>,
    /// Leaves a field's own condition out of its own counts.
    pub disjunctive: bool,
    /// The fields of each hit; none is the listing.
    pub fields: Option<Vec<String>>,
    /// Ranks by likeness to this vector.
    pub embedding: Option<Vec<f32>>,
    /// How the rankings of text and embedding are joined.
    pub fusion: Fusion,
    /// Gives up after that many milliseconds.
    pub timeout_ms: Option<u64>,
    /// An answer of the result cache will do that was right so many milliseconds ago; it is found anew behind. None: only
    /// one that is right now.
    pub max_staleness_ms: Option<u64>,
    /// Answers from that generation or a later one: what a write returned, handed to another process or thread, so that
    /// it reads what was written. Waited for up to `timeout_ms`, or not at all where there is none; see
    /// [`Engine::wait_for`](crate::Engine::wait_for).
    pub at_least: Option<u64>,
    /// Adds the plan to the answer.
    pub explain: bool,
    /// Shows in each hit where the words of the text were found.
    pub highlight: Option<Highlight>,
    /// Pins, hiding, boosts: given, or the name of those that the index keeps. See [`Rules`](crate::Rules).
    pub rules: Option<RuleSource>,
}

impl Default for SearchRequest {
    fn default() -> Self {
        Self {
            text: None,
            text_match: TextMatch::All,
            typos: false,
            typos_in_first_letter: false,
            prefix: false,
            filter: None,
            scope: Scope::Marketplace,
            industries: Vec::new(),
            services: Vec::new(),
            min_rating: None,
            max_hourly_rate: None,
            available: false,
            sort: None,
            limit: limits::DEFAULT_LIMIT,
            cursor: None,
            before: None,
            facets: Vec::new(),
            disjunctive: false,
            fields: None,
            embedding: None,
            fusion: Fusion::Auto,
            timeout_ms: None,
            max_staleness_ms: None,
            at_least: None,
            explain: false,
            highlight: None,
            rules: None,
        }
    }
}

/// Whether all words of a text must be found, or any of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Hash)]
#[non_exhaustive]
pub enum TextMatch {
    /// Every word.
    #[default]
    All,
    /// At least one.
    Any,
}

/// Which profiles a request looks at; one whose `deletedAt` is set never.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Hash)]
#[non_exhaustive]
pub enum Scope {
    /// Status `active` and verified.
    #[default]
    Marketplace,
    /// Every one.
    All,
}

impl Scope {
    pub(super) fn from_fields(fields: &mut Fields) -> Result<Self> {
        match fields.string("scope")?.as_deref() {
            None | Some("marketplace") => Ok(Scope::Marketplace),
            Some("all") => Ok(Scope::All),
            Some(other) => Err(out_of_range("scope", other, "`marketplace` or `all`")),
        }
    }
}

/// The order of a result. Missing values come last whichever the order; ties end by id, ascending.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Sort {
    /// Best first, by text, embedding or both.
    Relevance,
    /// `overallRating`, then `totalReviews`, both descending.
    Rating,
    /// `yearsExperience` descending.
    Experience,
    /// `totalReviews` descending.
    Reviews,
    /// `createdAt` descending.
    Newest,
    /// `hourlyRate` ascending.
    PriceAsc,
    /// `hourlyRate` descending.
    PriceDesc,
    /// By these fields in turn.
    Fields(Vec<SortKey>),
}

impl Sort {
    const NAMES: [(&'static str, Sort); 7] = [
        ("relevance", Sort::Relevance),
        ("rating", Sort::Rating),
        ("experience", Sort::Experience),
        ("reviews", Sort::Reviews),
        ("newest", Sort::Newest),
        ("priceAsc", Sort::PriceAsc),
        ("priceDesc", Sort::PriceDesc),
    ];

    /// The fields it sorts by, as a list of keys; none for relevance.
    pub fn keys(&self) -> Vec<SortKey> {
        let key = |field: &str, order| SortKey { field: field.to_owned(), order, near: None };
        match self {
            Sort::Relevance => Vec::new(),
            Sort::Rating => {
                vec![key("overallRating", Order::Desc), key("totalReviews", Order::Desc)]
            }
            Sort::Experience => vec![key("yearsExperience", Order::Desc)],
            Sort::Reviews => vec![key("totalReviews", Order::Desc)],
            Sort::Newest => vec![key("createdAt", Order::Desc)],
            Sort::PriceAsc => vec![key("hourlyRate", Order::Asc)],
            Sort::PriceDesc => vec![key("hourlyRate", Order::Desc)],
            Sort::Fields(keys) => keys.clone(),
        }
    }

    /// The order of that wire name.
    ///
    /// # Errors
    /// [`Error::UnknownField`], with the nearest name.
    pub fn from_name(name: &str) -> Result<Self> {
        let found = Self::NAMES
            .into_iter()
            .find(|(known, _)| *known == name || crate::model::field::is_snake_of(name, known));
        found.map(|(_, sort)| sort).ok_or_else(|| Error::UnknownField {
            field: cut(name),
            within: "sort (relevance, rating, experience, reviews, newest, priceAsc, priceDesc, or a list of {field, order})",
            nearest: nearest_name(name, Self::NAMES.map(|(known, _)| known)),
        })
    }

    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::String(name) => Self::from_name(&name),
            Value::Array(keys) => {
                keys.into_iter().map(SortKey::from_value).collect::<Result<_>>().map(Sort::Fields)
            }
            other => Err(wrong_type("sort", &other, "a name or a list of {field, order}")),
        }
    }

    fn check(&self) -> Result<()> {
        match self {
            Sort::Fields(keys) if keys.is_empty() || keys.len() > limits::FIELDS => {
                Err(out_of_range("sort", format!("a list of {}", keys.len()), "1 to 64 fields"))
            }
            _ => Ok(()),
        }
    }
}

/// One field of an order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SortKey {
    /// A number, date or true-or-false field, or `id`; or a point, with `near`.
    pub field: String,
    /// Which end comes first.
    pub order: Order,
    /// For a field of points: from where the distance is measured that the order is by.
    pub near: Option<GeoPoint>,
}

impl SortKey {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::String(field) => Ok(Self { field, order: Order::Asc, near: None }),
            Value::Object(map) => {
                let mut fields = Fields::new(map, "sort.");
                let Some(field) = fields.string("field")? else {
                    return Err(Error::MissingField {
                        field: "sort.field".to_owned(),
                        expected: "the name of the field to sort by".to_owned(),
                    });
                };
                let order = match fields.string("order")?.as_deref() {
                    None | Some("asc") => Order::Asc,
                    Some("desc") => Order::Desc,
                    Some(other) => {
                        return Err(out_of_range("sort.order", other, "`asc` or `desc`"));
                    }
                };
                let near =
                    fields.take("near").map(|value| geo::point("sort.near", value)).transpose()?;
                fields.finish("a sort key")?;
                Ok(Self { field, order, near })
            }
            other => Err(wrong_type("sort", &other, "a list of {field, order}")),
        }
    }
}

/// Ascending or descending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Order {
    /// Smallest first.
    Asc,
    /// Largest first.
    Desc,
}

/// How the rankings of text and embedding become one.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
#[non_exhaustive]
pub enum Fusion {
    /// By evidence: what the words and what the cosine say, both as log-likelihoods, added up. It asks of each
    /// query how much of it the words found and whether the embeddings agree, so that neither ranking spoils
    /// the better one, and it is the same for embeddings of any scale.
    #[default]
    Auto,
    /// Reciprocal ranks with k = 60 (Cormack, Clarke and Büttcher, 2009).
    Rrf,
    /// That much of the embedding's score and the rest of the text's, each brought to 0 to 1 by its least and greatest.
    Weighted(f64),
}

impl Fusion {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::String(name) if name == "auto" => Ok(Fusion::Auto),
            Value::String(name) if name == "rrf" => Ok(Fusion::Rrf),
            Value::Object(map) => {
                let mut fields = Fields::new(map, "fusion.");
                let weight = fields.number("weighted")?;
                fields.finish("fusion")?;
                weight.map(Fusion::Weighted).ok_or_else(|| Error::MissingField {
                    field: "fusion.weighted".to_owned(),
                    expected: "the embedding's share, 0 to 1".to_owned(),
                })
            }
            other => Err(wrong_type("fusion", &other, "\"auto\", \"rrf\" or {\"weighted\": w}")),
        }
    }

    fn check(self) -> Result<()> {
        match self {
            Fusion::Weighted(weight) if !(0.0..=1.0).contains(&weight) => {
                Err(out_of_range("fusion.weighted", weight, "0 to 1, the embedding's share"))
            }
            _ => Ok(()),
        }
    }
}

impl SearchRequest {
    /// Reads the wire form: one JSON object, names in camelCase or `snake_case`.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::UnknownField`], [`Error::WrongType`], [`Error::OutOfRange`], [`Error::TooLarge`].
    pub fn from_json(text: &str) -> Result<Self> {
        Self::from_map(parse_object("search request", text)?)
    }

    pub(crate) fn from_map(map: Map<String, Value>) -> Result<Self> {
        let mut fields = Fields::new(map, "");
        let default = Self::default();
        let request = Self {
            text: fields.string("text")?,
            text_match: match fields.string("textMatch")?.as_deref() {
                None | Some("all") => TextMatch::All,
                Some("any") => TextMatch::Any,
                Some(other) => return Err(out_of_range("textMatch", other, "`all` or `any`")),
            },
            typos: fields.flag("typos")?.unwrap_or(false),
            typos_in_first_letter: fields.flag("typosInFirstLetter")?.unwrap_or(false),
            prefix: fields.flag("prefix")?.unwrap_or(false),
            filter: fields
                .take("filter")
                .map(|value| Filter::from_value("filter", value))
                .transpose()?,
            scope: Scope::from_fields(&mut fields)?,
            industries: fields.strings("industries")?.unwrap_or_default(),
            services: fields.strings("services")?.unwrap_or_default(),
            min_rating: fields.number("minRating")?,
            max_hourly_rate: fields.number("maxHourlyRate")?,
            available: match fields.string("availability")?.as_deref() {
                None | Some("any") => false,
                Some("available") => true,
                Some(other) => {
                    return Err(out_of_range("availability", other, "`available` or `any`"));
                }
            },
            sort: fields.take("sort").map(Sort::from_value).transpose()?,
            limit: fields.count("limit")?.unwrap_or(default.limit),
            cursor: fields.string("cursor")?,
            before: fields.string("before")?,
            facets: fields.take("facets").map(facet::from_value).transpose()?.unwrap_or_default(),
            disjunctive: fields.flag("disjunctive")?.unwrap_or(false),
            fields: fields.strings("fields")?,
            embedding: fields.embedding("embedding")?,
            fusion: fields.take("fusion").map(Fusion::from_value).transpose()?.unwrap_or_default(),
            timeout_ms: fields.count("timeoutMs")?.map(u64::from),
            max_staleness_ms: fields.count("maxStalenessMs")?.map(u64::from),
            at_least: fields.generation("atLeast")?,
            explain: fields.flag("explain")?.unwrap_or(false),
            highlight: fields.take("highlight").map(Highlight::from_value).transpose()?.flatten(),
            rules: RuleSource::take(&mut fields)?,
        };
        fields.finish("a search request")?;
        request.check()?;
        Ok(request)
    }

    /// Refuses what is over a limit; the engine calls it for requests made in code too.
    ///
    /// # Errors
    /// [`Error::OutOfRange`], [`Error::TooLarge`], [`Error::InvalidEmbedding`].
    pub fn check(&self) -> Result<()> {
        check_common(
            self.limit,
            self.text.as_deref(),
            self.filter.as_ref(),
            self.embedding.as_deref(),
        )?;
        for (name, values) in [("industries", &self.industries), ("services", &self.services)] {
            check_values(name, values.len())?;
        }
        check_rating("minRating", self.min_rating)?;
        check_finite("maxHourlyRate", self.max_hourly_rate)?;
        self.sort.as_ref().map_or(Ok(()), Sort::check)?;
        if self.before.is_some() && self.cursor.is_some() {
            return Err(out_of_range("before", "given with `cursor`", "one of the two"));
        }
        self.fusion.check()?;
        self.highlight.as_ref().map_or(Ok(()), Highlight::check)?;
        facet::check(&self.facets)?;
        self.rules.as_ref().map_or(Ok(()), RuleSource::check)?;
        if let Some(fields) = &self.fields
            && fields.len() > limits::FIELDS
        {
            return Err(too_large("fields", fields.len(), limits::FIELDS, "fields"));
        }
        Ok(())
    }
}

/// Reads several searches, for [`Engine::search_many`](crate::Engine::search_many): a JSON list of requests, or one.
///
/// # Errors
/// As [`SearchRequest::from_json`], and [`Error::TooLarge`] beyond [`limits::REQUESTS`].
pub fn search_list_from_json(text: &str) -> Result<Vec<SearchRequest>> {
    parse_requests("search requests", text, SearchRequest::from_map)
}
