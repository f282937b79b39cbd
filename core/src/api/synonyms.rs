//! The wire form of synonym rules.

use serde_json::{Value, json};

use super::json::{Fields, parse_value, strings, too_large, wrong_type};
use super::limits;
use crate::model::{Error, Result, SynonymRule};

impl SynonymRule {
    /// Reads a list of rules. A list is two-way, an object one-way:
    ///
    /// ```
    /// use shortlist::SynonymRule;
    ///
    /// let rules = SynonymRule::list_from_json(
    ///     r#"[["cfo", "chief financial officer"], {"from": "cpa", "to": ["accountant", "auditor"]}]"#,
    /// )?;
    /// assert!(matches!(&rules[1], SynonymRule::OneWay { from, to } if from.len() == 1 && to.len() == 2));
    /// # Ok::<(), shortlist::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::WrongType`], [`Error::MissingField`], [`Error::TooLarge`], [`Error::OutOfRange`].
    pub fn list_from_json(text: &str) -> Result<Vec<Self>> {
        if text.len() > limits::REQUEST_BYTES {
            return Err(too_large("synonyms", text.len(), limits::REQUEST_BYTES, "bytes"));
        }
        rules(parse_value("synonyms", text)?)
    }
}

impl SynonymRule {
    /// The wire form of rules, as [`SynonymRule::list_from_json`] reads it.
    pub fn list_to_json(rules: &[Self]) -> String {
        to_value(rules).to_string()
    }
}

/// A list of rules.
pub(super) fn rules(value: Value) -> Result<Vec<SynonymRule>> {
    const EXPECTED: &str = "a list of rules: lists of words, or {\"from\": ..., \"to\": ...}";
    let Value::Array(values) = value else {
        return Err(wrong_type("synonyms", &value, EXPECTED));
    };
    let rules = values
        .into_iter()
        .map(|value| match value {
            list @ Value::Array(_) => strings("synonyms", list).map(SynonymRule::Equal),
            Value::Object(map) => {
                let mut fields = Fields::new(map, "synonyms.");
                let (from, to) = (fields.strings("from")?, fields.strings("to")?);
                fields.finish("a synonym rule")?;
                let side = |side: Option<Vec<String>>, name: &str| {
                    side.ok_or_else(|| Error::MissingField {
                        field: format!("synonyms.{name}"),
                        expected: "a word or phrase, or a list of them".to_owned(),
                    })
                };
                Ok(SynonymRule::OneWay { from: side(from, "from")?, to: side(to, "to")? })
            }
            other => Err(wrong_type("synonyms", &other, EXPECTED)),
        })
        .collect::<Result<Vec<_>>>()?;
    SynonymRule::check_all(&rules)?;
    Ok(rules)
}

/// The rules as [`rules`] reads them.
pub(super) fn to_value(rules: &[SynonymRule]) -> Value {
    let value = |rule: &SynonymRule| match rule {
        SynonymRule::Equal(forms) => json!(forms),
        SynonymRule::OneWay { from, to } => json!({"from": from, "to": to}),
    };
    rules.iter().map(value).collect()
}
