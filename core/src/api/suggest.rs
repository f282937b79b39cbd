//! What completes a text as it is typed: the request, and the answer.

use serde::Serialize;
use serde_json::{Map, Value};

use super::check::check_common;
use super::filter::Filter;
use super::json::{Fields, out_of_range, parse_object};
use super::search::Scope;
use crate::model::error::cut;
use crate::model::{Error, Result, nearest_name};

/// What somebody has typed so far, to be completed.
///
/// ```
/// use shortlist::{SuggestKind, SuggestRequest};
///
/// let request = SuggestRequest::from_json(r#"{"text": "fract", "kinds": ["titles"], "limit": 3}"#)?;
/// assert_eq!(request.kinds, [SuggestKind::Titles]);
/// # Ok::<(), shortlist::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SuggestRequest {
    /// The text so far; its last word is still being typed. At most 1,024 bytes and 64 words. Without a word,
    /// nothing is suggested.
    pub text: String,
    /// What to suggest, in the order of the answer.
    pub kinds: Vec<SuggestKind>,
    /// The most suggestions of each kind, 1 to 50.
    pub limit: u32,
    /// Whether, where nothing is found as typed, one typo is tolerated in each word of five letters and more,
    /// but for its first letter.
    pub typos: bool,
    /// Conditions on the profiles that are counted.
    pub filter: Option<Filter>,
    /// Which profiles are counted.
    pub scope: Scope,
    /// Gives up after that many milliseconds.
    pub timeout_ms: Option<u64>,
}

/// The most suggestions of one kind.
const MOST: u32 = 50;

impl Default for SuggestRequest {
    fn default() -> Self {
        Self {
            text: String::new(),
            kinds: SuggestKind::ALL.map(|(_, kind)| kind).to_vec(),
            limit: 5,
            typos: true,
            filter: None,
            scope: Scope::Marketplace,
            timeout_ms: None,
        }
    }
}

/// A source of suggestions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum SuggestKind {
    /// Professional titles.
    Titles,
    /// Services.
    Services,
    /// Industries.
    Industries,
    /// What was typed with its last word completed by the words of all searchable text.
    Words,
}

impl SuggestKind {
    /// Every kind with its wire name.
    pub const ALL: [(&'static str, SuggestKind); 4] = [
        ("titles", SuggestKind::Titles),
        ("services", SuggestKind::Services),
        ("industries", SuggestKind::Industries),
        ("words", SuggestKind::Words),
    ];

    /// The kind of that wire name.
    ///
    /// # Errors
    /// [`Error::UnknownField`], with the nearest name.
    pub fn from_name(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|(known, _)| *known == name);
        found.map(|(_, kind)| kind).ok_or_else(|| Error::UnknownField {
            field: cut(name),
            within: "kinds (titles, services, industries, words)",
            nearest: nearest_name(name, Self::ALL.map(|(known, _)| known)),
        })
    }
}

impl SuggestRequest {
    /// Reads the wire form: one JSON object, names in camelCase or `snake_case`.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::UnknownField`], [`Error::WrongType`], [`Error::OutOfRange`],
    /// [`Error::TooLarge`], [`Error::MissingField`] without a `text`.
    pub fn from_json(text: &str) -> Result<Self> {
        Self::from_map(parse_object("suggest request", text)?)
    }

    fn from_map(map: Map<String, Value>) -> Result<Self> {
        let mut fields = Fields::new(map, "");
        let default = Self::default();
        let request = Self {
            text: fields.string("text")?.ok_or_else(|| Error::MissingField {
                field: "text".to_owned(),
                expected: "what was typed so far".to_owned(),
            })?,
            kinds: match fields.strings("kinds")? {
                Some(names) => {
                    names.iter().map(|name| SuggestKind::from_name(name)).collect::<Result<_>>()?
                }
                None => default.kinds,
            },
            limit: fields.count("limit")?.unwrap_or(default.limit),
            typos: fields.flag("typos")?.unwrap_or(default.typos),
            filter: fields
                .take("filter")
                .map(|value| Filter::from_value("filter", value))
                .transpose()?,
            scope: Scope::from_fields(&mut fields)?,
            timeout_ms: fields.count("timeoutMs")?.map(u64::from),
        };
        fields.finish("a suggest request")?;
        request.check()?;
        Ok(request)
    }

    /// Refuses what is over a limit; the engine calls it for requests made in code too.
    ///
    /// # Errors
    /// [`Error::OutOfRange`], [`Error::TooLarge`].
    pub fn check(&self) -> Result<()> {
        check_common(1, Some(&self.text), self.filter.as_ref(), None)?;
        if !(1..=MOST).contains(&self.limit) {
            return Err(out_of_range("limit", self.limit, "1 to 50"));
        }
        let twice = |(at, kind): (usize, &SuggestKind)| self.kinds[..at].contains(kind);
        if self.kinds.is_empty() || self.kinds.iter().enumerate().any(twice) {
            let value = format!("a list of {}", self.kinds.len());
            return Err(out_of_range("kinds", value, "one kind or more, each once"));
        }
        Ok(())
    }
}

/// The answer to a [`SuggestRequest`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SuggestAnswer {
    /// Kind after kind in the order asked, most profiles first, then by bytes.
    pub suggestions: Vec<Suggestion>,
    /// The generation that answered.
    pub generation: u64,
    /// Microseconds from request to answer.
    pub took_us: u64,
}

impl SuggestAnswer {
    /// The wire form.
    pub fn to_json(&self) -> String {
        super::json::to_json(self)
    }
}

/// One completion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    /// The title, service or industry; or the text with its last word completed, in lower case.
    pub text: String,
    /// What it is.
    pub kind: SuggestKind,
    /// How many profiles within filter and scope have it; of a text, how many a search for all its words finds.
    pub count: u64,
}
