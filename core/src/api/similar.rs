//! Advisors like one that is known: the request and its answer.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::{Map, Value};

use super::answer::{PlanReport, Sequence, end_answer};
use super::check::check_common;
use super::filter::Filter;
use super::json::{Fields, parse_object};
use super::limits;
use super::listing::{Listing, ProfileSource, Projection};
use super::search::Scope;
use crate::model::{Error, Result};

/// Which advisors' embeddings are nearest to that of one advisor.
///
/// ```
/// use shortlist::SimilarRequest;
///
/// let request = SimilarRequest { limit: 5, ..SimilarRequest::of("ada") };
/// assert_eq!(SimilarRequest::from_json(r#"{"id": "ada", "limit": 5}"#)?, request);
/// # Ok::<(), shortlist::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SimilarRequest {
    /// The advisor to compare with. The index must hold it with an embedding; it need not be in the scope.
    pub id: String,
    /// Conditions on the advisors found.
    pub filter: Option<Filter>,
    /// Where to look.
    pub scope: Scope,
    /// How many, 1 to 1,000.
    pub limit: u32,
    /// The fields of each listing; none is the listing.
    pub fields: Option<Vec<String>>,
    /// Gives up after that many milliseconds.
    pub timeout_ms: Option<u64>,
    /// Adds the plan to the answer.
    pub explain: bool,
}

impl SimilarRequest {
    /// The twenty of the marketplace that are most like this advisor.
    pub fn of(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            filter: None,
            scope: Scope::Marketplace,
            limit: limits::DEFAULT_LIMIT,
            fields: None,
            timeout_ms: None,
            explain: false,
        }
    }

    /// Reads the wire form: one JSON object, names in camelCase or `snake_case`.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::UnknownField`], [`Error::MissingField`] without an id, [`Error::WrongType`],
    /// [`Error::OutOfRange`], [`Error::TooLarge`].
    pub fn from_json(text: &str) -> Result<Self> {
        Self::from_map(parse_object("similar request", text)?)
    }

    pub(crate) fn from_map(map: Map<String, Value>) -> Result<Self> {
        let mut fields = Fields::new(map, "");
        let id = fields.string("id")?;
        let request = Self {
            filter: fields
                .take("filter")
                .map(|value| Filter::from_value("filter", value))
                .transpose()?,
            scope: Scope::from_fields(&mut fields)?,
            limit: fields.count("limit")?.unwrap_or(limits::DEFAULT_LIMIT),
            fields: fields.strings("fields")?,
            timeout_ms: fields.count("timeoutMs")?.map(u64::from),
            explain: fields.flag("explain")?.unwrap_or(false),
            ..Self::of(id.clone().unwrap_or_default())
        };
        fields.finish("a similar request")?;
        if id.is_none() {
            return Err(Error::MissingField {
                field: "id".to_owned(),
                expected: "the id of the advisor to compare with".to_owned(),
            });
        }
        request.check()?;
        Ok(request)
    }

    /// Refuses what is over a limit; the engine calls it for a request made in code too.
    ///
    /// # Errors
    /// [`Error::OutOfRange`], [`Error::TooLarge`].
    pub fn check(&self) -> Result<()> {
        check_common(self.limit, None, self.filter.as_ref(), None)
    }
}

/// The advisors nearest to one, best first. Listings are read from the generation that answered, which it keeps alive.
#[derive(Clone)]
pub struct SimilarAnswer {
    /// The name of the path that was taken.
    pub(crate) path: &'static str,
    pub(crate) source: Arc<dyn ProfileSource>,
    pub(crate) projection: Arc<Projection>,
    pub(crate) found: Vec<(u32, f64)>,
    /// How many advisors were compared: all that pass scope and filter and have an embedding.
    pub considered: u64,
    /// Whether these are the true nearest.
    pub exact: bool,
    /// The generation that answered.
    pub generation: u64,
    /// Microseconds from request to answer.
    pub took_us: u64,
    /// How the answer was found, where the request asks for it.
    pub explain: Option<PlanReport>,
}

/// One advisor that is like another.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SimilarAdvisor<'a> {
    /// The advisor's id.
    pub advisor_id: &'a str,
    /// Cosine of the two embeddings, -1 to 1.
    pub similarity: f64,
    /// The profile.
    pub listing: Listing<'a>,
}

impl SimilarAnswer {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether nobody was found.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The advisors, most alike first; of equals the lesser id.
    pub fn similar(&self) -> impl ExactSizeIterator<Item = SimilarAdvisor<'_>> {
        self.found.iter().map(|&found| self.similar_of(found, &self.projection))
    }

    /// The advisor of that place, from 0; none behind the last. Cost: nothing is copied.
    pub fn get(&self, at: usize) -> Option<SimilarAdvisor<'_>> {
        self.found.get(at).map(|&found| self.similar_of(found, &self.projection))
    }

    fn similar_of<'a>(
        &'a self,
        (row, similarity): (u32, f64),
        projection: &'a Projection,
    ) -> SimilarAdvisor<'a> {
        let listing = Listing::new(&*self.source, projection, row);
        SimilarAdvisor { advisor_id: listing.id(), similarity, listing }
    }

    /// Their ids, in order.
    pub fn ids(&self) -> Vec<&str> {
        self.found.iter().map(|&(row, _)| self.source.id(row)).collect()
    }

    /// The wire form. Cost: the listings are read and written once.
    pub fn to_json(&self) -> String {
        super::json::to_json(self)
    }
}

impl fmt::Debug for SimilarAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimilarAnswer").field("ids", &self.ids()).finish_non_exhaustive()
    }
}

impl Serialize for SimilarAnswer {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.write(serializer, &self.projection)
    }
}

impl SimilarAnswer {
    /// The wire form, with these fields of each listing.
    pub(super) fn write<S: Serializer>(
        &self,
        serializer: S,
        projection: &Projection,
    ) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(
            "similar",
            &Sequence(|| self.found.iter().map(|&one| self.similar_of(one, projection))),
        )?;
        map.serialize_entry("considered", &self.considered)?;
        map.serialize_entry("exact", &self.exact)?;
        end_answer(map, self.explain.as_ref(), self.generation, self.took_us)
    }
}
