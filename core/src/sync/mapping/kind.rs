//! The types of columns, as their bytes cross the wire.

use postgres::types::{Kind, Type};

/// How the bytes of a column are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sync) enum Wire {
    Text,
    Bool,
    Int2,
    Int4,
    Int8,
    Float4,
    Float8,
    Numeric,
    Moment,
    Date,
    Uuid,
    Json,
    Jsonb,
    Texts,
    Float4s,
    Float8s,
    Bytes,
}

impl Wire {
    /// How a column of that type is read, and what it is cast to before, where it is.
    ///
    /// Types that a user or an extension made are cast to built-in ones: what their bytes are is theirs to change.
    pub(in crate::sync) fn of(kind: &Type) -> Option<(Wire, Option<&'static str>)> {
        Some(match *kind {
            Type::TEXT | Type::VARCHAR => (Wire::Text, None),
            Type::BPCHAR | Type::NAME | Type::CHAR => (Wire::Text, Some("text")),
            Type::BOOL => (Wire::Bool, None),
            Type::INT2 => (Wire::Int2, None),
            Type::INT4 => (Wire::Int4, None),
            Type::INT8 => (Wire::Int8, None),
            Type::FLOAT4 => (Wire::Float4, None),
            Type::FLOAT8 => (Wire::Float8, None),
            Type::NUMERIC => (Wire::Numeric, None),
            // Without a zone, a moment is read as UTC: that is what Prisma means by it.
            Type::TIMESTAMPTZ | Type::TIMESTAMP => (Wire::Moment, None),
            Type::DATE => (Wire::Date, None),
            Type::UUID => (Wire::Uuid, None),
            Type::JSON => (Wire::Json, None),
            Type::JSONB => (Wire::Jsonb, None),
            Type::BYTEA => (Wire::Bytes, None),
            Type::TEXT_ARRAY | Type::VARCHAR_ARRAY => (Wire::Texts, None),
            Type::FLOAT4_ARRAY => (Wire::Float4s, None),
            Type::FLOAT8_ARRAY => (Wire::Float8s, None),
            Type::NUMERIC_ARRAY => (Wire::Float8s, Some("float8[]")),
            _ => return Self::of_made(kind),
        })
    }

    fn of_made(kind: &Type) -> Option<(Wire, Option<&'static str>)> {
        match (kind.kind(), kind.name()) {
            (_, "citext") | (Kind::Enum(_), _) => Some((Wire::Text, Some("text"))),
            (_, "vector" | "halfvec") => Some((Wire::Float4s, Some("real[]"))),
            (Kind::Domain(inner), _) => {
                let (wire, cast) = Self::of(inner)?;
                Some((wire, cast.or(Some(wire.sql()))))
            }
            (Kind::Array(inner), _)
                if matches!(Self::of(inner), Some((Wire::Text | Wire::Uuid, _))) =>
            {
                Some((Wire::Texts, Some("text[]")))
            }
            (Kind::Array(inner), _) if matches!(*inner, Type::INT2 | Type::INT4 | Type::INT8) => {
                Some((Wire::Texts, Some("text[]")))
            }
            _ => None,
        }
    }

    /// Its name in SQL.
    pub(in crate::sync) fn sql(self) -> &'static str {
        match self {
            Wire::Text => "text",
            Wire::Bool => "bool",
            Wire::Int2 => "int2",
            Wire::Int4 => "int4",
            Wire::Int8 => "int8",
            Wire::Float4 => "real",
            Wire::Float8 => "float8",
            Wire::Numeric => "numeric",
            Wire::Moment => "timestamptz",
            Wire::Date => "date",
            Wire::Uuid => "uuid",
            Wire::Json => "json",
            Wire::Jsonb => "jsonb",
            Wire::Texts => "text[]",
            Wire::Float4s => "real[]",
            Wire::Float8s => "float8[]",
            Wire::Bytes => "bytea",
        }
    }
}
