//! Where the words of a text stand in a hit: what is asked, and what is shown.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::{Map, Value};

use super::json::{Fields, out_of_range, too_large, wrong_type};
use super::limits;
use crate::model::Result;

/// How hits show where the words of the text were found. In a request: `"highlight": true`, or an object.
///
/// ```
/// use shortlist::SearchRequest;
///
/// let request = SearchRequest::from_json(
///     r#"{"text": "tax", "highlight": {"fields": ["bio"], "fragmentLength": 80, "before": "<b>", "after": "</b>"}}"#,
/// )?;
/// assert_eq!(request.highlight.map(|highlight| highlight.fragment_length), Some(80));
/// # Ok::<(), shortlist::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Highlight {
    /// Text and keyword fields to look in, in the order to show them; none is all that text search reads.
    pub fields: Option<Vec<String>>,
    /// How many characters one fragment has at most, marks and `…` not counted; 20 to 2,000.
    pub fragment_length: u32,
    /// How many fragments one value gives at most, 1 to 10. A value that is no longer than a fragment is shown whole.
    pub fragments: u32,
    /// What goes before a found word, as it is. The text around is HTML-escaped.
    pub before: String,
    /// What goes after it.
    pub after: String,
}

impl Default for Highlight {
    fn default() -> Self {
        Self {
            fields: None,
            fragment_length: 160,
            fragments: 1,
            before: "<mark>".to_owned(),
            after: "</mark>".to_owned(),
        }
    }
}

impl Highlight {
    /// The longest mark, in bytes.
    const MARK_BYTES: usize = 64;

    pub(crate) fn from_value(value: Value) -> Result<Option<Self>> {
        match value {
            Value::Bool(asked) => Ok(asked.then(Self::default)),
            Value::Object(map) => Self::from_map(map).map(Some),
            other => Err(wrong_type("highlight", &other, "true, false or an object")),
        }
    }

    fn from_map(map: Map<String, Value>) -> Result<Self> {
        let mut fields = Fields::new(map, "highlight.");
        let default = Self::default();
        let highlight = Self {
            fields: fields.strings("fields")?,
            fragment_length: fields.count("fragmentLength")?.unwrap_or(default.fragment_length),
            fragments: fields.count("fragments")?.unwrap_or(default.fragments),
            before: fields.string("before")?.unwrap_or(default.before),
            after: fields.string("after")?.unwrap_or(default.after),
        };
        fields.finish("highlight")?;
        Ok(highlight)
    }

    pub(crate) fn check(&self) -> Result<()> {
        if let Some(fields) = &self.fields
            && fields.len() > limits::FIELDS
        {
            return Err(too_large("highlight.fields", fields.len(), limits::FIELDS, "fields"));
        }
        if !(20..=2_000).contains(&self.fragment_length) {
            return Err(out_of_range(
                "highlight.fragmentLength",
                self.fragment_length,
                "20 to 2000",
            ));
        }
        if !(1..=10).contains(&self.fragments) {
            return Err(out_of_range("highlight.fragments", self.fragments, "1 to 10"));
        }
        for (name, mark) in [("highlight.before", &self.before), ("highlight.after", &self.after)] {
            if mark.len() > Self::MARK_BYTES {
                return Err(too_large(name, mark.len(), Self::MARK_BYTES, "bytes"));
            }
        }
        Ok(())
    }
}

/// The fragments of one field of a hit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HighlightedField {
    /// The field, as a filter names it.
    pub field: String,
    /// HTML: the text escaped, what was found between the marks, `…` where text was cut off.
    pub fragments: Vec<String>,
}

/// The wire form of a hit's highlights: an object by field.
pub(super) struct Highlights<'a>(pub(super) &'a [HighlightedField]);

impl Serialize for Highlights<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for field in self.0 {
            map.serialize_entry(&field.field, &field.fragments)?;
        }
        map.end()
    }
}
