//! The parts of an error for those who show them apart: field, value, and what would be right.

use super::Error;

impl Error {
    /// The field that is wrong, where one is.
    pub fn field(&self) -> Option<&str> {
        match self {
            Error::UnknownField { field, .. }
            | Error::WrongType { field, .. }
            | Error::OutOfRange { field, .. }
            | Error::MissingField { field, .. }
            | Error::InvalidEmbedding { field, .. }
            | Error::WrongDimension { field, .. }
            | Error::BeingIndexed { field, .. }
            | Error::RemovedField { field, .. }
            | Error::TooLarge { field, .. } => Some(field),
            Error::DuplicateId { .. } | Error::NotFound { .. } | Error::NoPlace { .. } => {
                Some("id")
            }
            Error::ConditionNotMet { .. } => Some("if"),
            Error::HoldEnded { .. } => Some("hold"),
            Error::CursorRefused { .. } => Some("cursor"),
            _ => None,
        }
    }

    /// The value that is wrong, where there is one: shortened, and never a secret.
    pub fn value(&self) -> Option<String> {
        match self {
            Error::WrongType { value, .. } | Error::OutOfRange { value, .. } => Some(value.clone()),
            Error::WrongDimension { found, .. } => Some(found.to_string()),
            Error::TooLarge { found, unit, .. } => Some(format!("{found} {unit}")),
            Error::DuplicateId { id, .. }
            | Error::NotFound { id }
            | Error::NoPlace { id, .. }
            | Error::ConditionNotMet { id, .. } => Some(id.clone()),
            Error::HoldEnded { hold } => Some(hold.to_string()),
            Error::EmbedderMismatch { found, .. } => Some(found.clone()),
            Error::NewerFormat { found, .. } => Some(found.to_string()),
            _ => None,
        }
    }

    /// What would be right, where that can be said in a word.
    pub fn hint(&self) -> Option<String> {
        match self {
            Error::UnknownField { nearest, .. } => {
                nearest.as_ref().map(|name| format!("did you mean `{name}`?"))
            }
            Error::WrongType { expected, .. }
            | Error::OutOfRange { expected, .. }
            | Error::MissingField { expected, .. }
            | Error::EmbedderMismatch { expected, .. } => Some(expected.clone()),
            Error::InvalidEmbedding { .. } => Some("finite numbers, not all zero".to_owned()),
            Error::WrongDimension { expected, .. } => Some(format!("{expected} dimensions")),
            Error::DuplicateId { .. } => Some("ids are unique in one batch".to_owned()),
            Error::TooLarge { limit, unit, .. } => Some(format!("at most {limit} {unit}")),
            Error::BeingIndexed { .. } => Some("ask for it once that is done".to_owned()),
            Error::RemovedField { .. } => Some("add it to the schema again".to_owned()),
            Error::CursorRefused { .. } => Some(
                "the `nextCursor` of the page before, with the same request, or none".to_owned(),
            ),
            Error::ConditionNotMet { .. } => {
                Some("read the profile again and decide anew".to_owned())
            }
            Error::Damaged { .. } => Some("restore it from a copy or build it anew".to_owned()),
            Error::NewerFormat { supported, .. } => Some(format!("formats up to {supported}")),
            Error::DiskFull { .. } => Some("make room and try again".to_owned()),
            Error::Locked { .. } => Some("close the other process, or open read-only".to_owned()),
            Error::Mapping { remedy, .. } => Some(remedy.clone()),
            Error::Forked { .. } => Some("open the index in this process".to_owned()),
            Error::Closed { .. } => Some("open it again".to_owned()),
            _ => None,
        }
    }
}
