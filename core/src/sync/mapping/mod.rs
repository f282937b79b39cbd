//! Which table, and which of its columns, make a profile.

mod column;
mod kind;
mod resolve;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value};

use crate::api::json::{Fields, parse_object, wrong_type};
use crate::model::{Error, Result};

pub(super) use column::{Column, Target};
pub(super) use kind::Wire;
pub(super) use resolve::{Resolved, literal, look, named, quoted};

/// What makes a profile, as a user states it. What it leaves out is found by looking at the table: a column
/// belongs to the field of its name, in `snake_case` or in camelCase.
///
/// The default is the marketplace's own table, `advisor_profiles`.
///
/// ```
/// use shortlist::sync::Mapping;
///
/// let mapping = Mapping::from_toml(r#"
///     table = "public.experts"
///
///     [columns]
///     hourlyRate = "rate_usd"
///     embedding = "profile_vector"
///
///     [attributes]
///     languages = "spoken"
///
///     [watch]
///     reviews = "expert_id"
/// "#)?;
/// assert_eq!(mapping.table.as_deref(), Some("public.experts"));
/// # Ok::<(), shortlist::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mapping {
    /// The table whose rows are the profiles, with its schema if need be. Its changes are followed.
    pub table: Option<String>,
    /// A `SELECT` that gives the profiles, one a row, where one table is not enough. Its columns are matched as a
    /// table's are; `table` still says whose changes are followed.
    pub query: Option<String>,
    /// From the profile's field to the column; none where the field is to be left out.
    pub columns: BTreeMap<String, Option<String>>,
    /// From the attribute to the column.
    pub attributes: BTreeMap<String, String>,
    /// Further tables of `query` whose changes touch a profile: from the table to its column with the profile's id.
    pub watch: BTreeMap<String, String>,
}

impl Mapping {
    /// Reads a file: TOML, or JSON where its name ends in `.json`.
    ///
    /// # Errors
    /// [`Error::Io`], and as [`Mapping::from_toml`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text =
            std::fs::read_to_string(path).map_err(|error| Error::from_io(&error, "read", path))?;
        if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json")) {
            Self::from_json(&text)
        } else {
            Self::from_toml(&text)
        }
    }

    /// Reads the TOML form.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::UnknownField`], [`Error::WrongType`], [`Error::OutOfRange`].
    pub fn from_toml(text: &str) -> Result<Self> {
        let value: Value = toml::from_str(text).map_err(|error| Error::Malformed {
            what: "the mapping".to_owned(),
            reason: error.to_string().trim_end().to_owned(),
        })?;
        match value {
            Value::Object(map) => Self::from_map(map),
            other => Err(wrong_type("mapping", &other, "a table")),
        }
    }

    /// Reads the JSON form: the same names.
    ///
    /// # Errors
    /// As [`Mapping::from_toml`].
    pub fn from_json(text: &str) -> Result<Self> {
        Self::from_map(parse_object("mapping", text)?)
    }

    pub(super) fn from_map(map: Map<String, Value>) -> Result<Self> {
        let mut fields = Fields::new(map, "");
        let mut columns = BTreeMap::new();
        for (field, value) in fields.object("columns")?.unwrap_or_default() {
            let column = match value {
                Value::Bool(false) => None,
                Value::String(column) => Some(column),
                other => {
                    let expected = "a column's name, or false to leave the field out";
                    return Err(wrong_type(&format!("columns.{field}"), &other, expected));
                }
            };
            columns.insert(column::field_name(&field)?.to_owned(), column);
        }
        let mapping = Self {
            table: fields.string("table")?,
            query: fields.string("query")?,
            columns,
            attributes: names(fields.object("attributes")?, "attributes")?,
            watch: names(fields.object("watch")?, "watch")?,
        };
        fields.finish("the mapping")?;
        if mapping.query.as_deref().is_some_and(|query| query.contains(';')) {
            return Err(Error::OutOfRange {
                field: "query".to_owned(),
                value: "text with `;`".to_owned(),
                expected: "one SELECT, without a semicolon".to_owned(),
            });
        }
        Ok(mapping)
    }
}

fn names(map: Option<Map<String, Value>>, within: &str) -> Result<BTreeMap<String, String>> {
    let read = |(name, value)| match value {
        Value::String(column) => Ok((name, column)),
        other => Err(wrong_type(&format!("{within}.{name}"), &other, "a column's name")),
    };
    map.unwrap_or_default().into_iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toml_and_json_say_the_same() {
        let toml = Mapping::from_toml(
            "table = \"a\"\n[columns]\nhourly_rate = \"rate\"\nbio = false\n[attributes]\nx = \"y\"\n",
        );
        let json = Mapping::from_json(
            r#"{"table": "a", "columns": {"hourlyRate": "rate", "bio": false}, "attributes": {"x": "y"}}"#,
        );
        assert_eq!(toml, json);
        assert!(toml.is_ok());
    }

    #[test]
    fn a_slip_in_a_mapping_is_named() {
        let unknown = Mapping::from_toml("tabel = \"a\"").expect_err("unknown");
        assert!(unknown.to_string().contains("did you mean `table`"), "{unknown}");
        let field = Mapping::from_toml("[columns]\nhourlyRat = \"a\"").expect_err("unknown");
        assert!(field.to_string().contains("did you mean `hourlyRate`"), "{field}");
        assert_eq!(Mapping::from_toml("table = ").expect_err("cut").code(), "SL1008");
        let several = Mapping::from_toml("query = \"select 1; drop table x\"").expect_err("two");
        assert_eq!(several.code(), "SL1003");
    }
}
