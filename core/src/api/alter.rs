//! What changes in the schema of an index that has data.

use serde_json::{Map, Value, json};

use super::json::{Fields, parse_object, wrong_type};
use super::profile::{attribute_value, check_attribute};
use super::schema::attribute_kind;
use crate::model::{AttributeKind, AttributeValue, Result};

/// Attributes to add and to remove: [`Engine::alter`](crate::Engine::alter).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SchemaChange {
    /// Attributes beside those that there are.
    pub add: Vec<NewAttribute>,
    /// Names of attributes that go.
    pub remove: Vec<String>,
}

/// An attribute to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAttribute {
    /// Its name, without `attributes.`.
    pub name: String,
    /// Its kind.
    pub kind: AttributeKind,
    /// Where in the details of the profiles that are there its values are, members of members joined by dots; its own
    /// name where this says nothing.
    pub from: Option<String>,
}

impl SchemaChange {
    /// Reads the wire form, both parts of it optional.
    ///
    /// ```
    /// use shortlist::SchemaChange;
    ///
    /// let change = SchemaChange::from_json(
    ///     r#"{"add": {"languages": "keywords", "licensedSince": {"kind": "date", "from": "license.since"}},
    ///         "remove": ["oldRank"]}"#,
    /// )?;
    /// assert_eq!(change.add[1].from.as_deref(), Some("license.since"));
    /// # Ok::<(), shortlist::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Malformed`](crate::Error::Malformed), [`Error::UnknownField`](crate::Error::UnknownField),
    /// [`Error::WrongType`](crate::Error::WrongType).
    pub fn from_json(text: &str) -> Result<Self> {
        let mut fields = Fields::new(parse_object("schema change", text)?, "");
        let add = fields.object("add")?.unwrap_or_default().into_iter().map(added);
        let add = add.collect::<Result<_>>()?;
        let remove = fields.strings("remove")?.unwrap_or_default();
        fields.finish("a schema change")?;
        Ok(Self { add, remove })
    }

    /// The wire form, as [`SchemaChange::from_json`] reads it.
    pub fn to_json(&self) -> String {
        let add: Map<String, Value> = self
            .add
            .iter()
            .map(|one| {
                let kind = Value::from(one.kind.name());
                let shown = match &one.from {
                    Some(from) => json!({"kind": kind, "from": from}),
                    None => kind,
                };
                (one.name.clone(), shown)
            })
            .collect();
        json!({"add": add, "remove": self.remove}).to_string()
    }
}

impl NewAttribute {
    pub(crate) fn source(&self) -> &str {
        self.from.as_deref().unwrap_or(&self.name)
    }
}

fn added((name, value): (String, Value)) -> Result<NewAttribute> {
    let (kind, from) = match value {
        Value::Object(map) => {
            let mut fields = Fields::new(map, "add.");
            let (kind, from) = (fields.take("kind"), fields.string("from")?);
            fields.finish("an attribute to add")?;
            let expected = "an object with `kind`, and `from` where that is another name";
            let Some(kind) = kind else {
                return Err(wrong_type(&format!("add.{name}"), &Value::Null, expected));
            };
            (attribute_kind(&name, &kind)?, from)
        }
        kind => (attribute_kind(&name, &kind)?, None),
    };
    Ok(NewAttribute { name, kind, from })
}

/// The value that details have at a place, where it is one of that kind and within its limits.
pub(crate) fn value_of_details(
    details: &str,
    from: &str,
    kind: AttributeKind,
) -> Option<AttributeValue> {
    let details: Value = serde_json::from_str(details).ok()?;
    // A member may have dots in its own name.
    let found = details
        .get(from)
        .or_else(|| from.split('.').try_fold(&details, |inside, member| inside.get(member)))?;
    let value = attribute_value(from, found.clone(), kind).ok()?;
    check_attribute(from, &value).ok()?;
    (!matches!(&value, AttributeValue::Keywords(values) if values.is_empty())).then_some(value)
}
