//! One column of the table, and the field of a profile that it fills.

use super::kind::Wire;
use crate::model::field::{FIELDS, FieldRef, built_in};
use crate::model::{AttributeKind, Error, Result, nearest_name};

/// The field that a column fills.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sync) enum Target {
    Field(&'static str, FieldRef),
    Attribute(String),
}

impl Target {
    /// The wire name.
    pub(in crate::sync) fn name(&self) -> String {
        match self {
            Target::Field(name, _) => (*name).to_owned(),
            Target::Attribute(name) => format!("attributes.{name}"),
        }
    }
}

/// A column that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sync) struct Column {
    pub(in crate::sync) name: String,
    pub(in crate::sync) target: Target,
    pub(in crate::sync) wire: Wire,
    /// The type that it is cast to.
    pub(in crate::sync) cast: Option<&'static str>,
}

/// The wire name of a profile's field that is written in camelCase or `snake_case`.
pub(in crate::sync) fn field_name(name: &str) -> Result<&'static str> {
    if let Some((known, _)) = built_in(name) {
        return Ok(known);
    }
    let found = FIELDS.iter().find(|(known, _)| folded(known) == folded(name));
    found.map(|(known, _)| *known).ok_or_else(|| Error::UnknownField {
        field: format!("columns.{name}"),
        within: "a profile",
        nearest: nearest_name(name, FIELDS.iter().map(|(known, _)| *known)),
    })
}

/// A name without case and underscores: `hourly_rate`, `hourlyRate` and `HourlyRate` are one.
pub(in crate::sync) fn folded(name: &str) -> String {
    name.chars().filter(|char| *char != '_').flat_map(char::to_lowercase).collect()
}

/// Whether a column read so can fill that field; if not, the types that could.
pub(in crate::sync) fn fits(field: FieldRef, wire: Wire) -> std::result::Result<(), &'static str> {
    let (fits, wanted) = match field {
        FieldRef::Id | FieldRef::String(_) | FieldRef::Text(_) => (
            matches!(wire, Wire::Text | Wire::Uuid | Wire::Int2 | Wire::Int4 | Wire::Int8),
            "text, varchar, uuid, an enum or a whole number",
        ),
        FieldRef::Keywords(_) => (
            matches!(wire, Wire::Texts | Wire::Text | Wire::Json | Wire::Jsonb),
            "text[], text, an enum, or jsonb that holds a list",
        ),
        FieldRef::Number(_) => (
            matches!(
                wire,
                Wire::Int2 | Wire::Int4 | Wire::Int8 | Wire::Float4 | Wire::Float8 | Wire::Numeric
            ),
            "numeric, double precision, real or a whole number",
        ),
        FieldRef::Date(_) => {
            (matches!(wire, Wire::Moment | Wire::Date), "timestamptz, timestamp or date")
        }
        FieldRef::Flag(_) => (wire == Wire::Bool, "boolean"),
        FieldRef::Embedding => (
            matches!(wire, Wire::Float4s | Wire::Float8s | Wire::Bytes),
            "real[], double precision[], vector, or bytea of little-endian float32",
        ),
        FieldRef::Details => {
            (matches!(wire, Wire::Json | Wire::Jsonb | Wire::Text), "jsonb, json or text")
        }
        FieldRef::Geo(_) => (
            matches!(wire, Wire::Json | Wire::Jsonb),
            "jsonb such as {\"lat\": 52.5, \"lon\": 13.4}",
        ),
        FieldRef::Availability(_) => (
            matches!(wire, Wire::Json | Wire::Jsonb),
            "jsonb such as {\"weekly\": [{\"day\": \"mon\", \"from\": \"09:00\", \"to\": \"12:00\"}]}",
        ),
        FieldRef::Attributes => {
            (matches!(wire, Wire::Json | Wire::Jsonb), "jsonb that holds an object")
        }
    };
    if fits { Ok(()) } else { Err(wanted) }
}

/// The kind that an undeclared attribute gets from its column.
pub(in crate::sync) fn kind_of(wire: Wire) -> Option<AttributeKind> {
    match wire {
        Wire::Text | Wire::Texts | Wire::Uuid | Wire::Json | Wire::Jsonb => {
            Some(AttributeKind::Keywords)
        }
        Wire::Bool => Some(AttributeKind::Bool),
        Wire::Int2 | Wire::Int4 | Wire::Int8 | Wire::Float4 | Wire::Float8 | Wire::Numeric => {
            Some(AttributeKind::Number)
        }
        Wire::Moment | Wire::Date => Some(AttributeKind::Date),
        Wire::Float4s | Wire::Float8s | Wire::Bytes => None,
    }
}
