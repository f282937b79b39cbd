//! An error on its way to JavaScript, where a class is made of it.

use serde_json::json;
use shortlist::{Actor, Error};

/// What went wrong.
#[derive(Debug)]
pub enum Failure {
    /// The engine said so.
    Refused(Error),
    /// The engine said so of one entry of a list.
    RefusedAt(usize, Error),
    /// The handle was closed.
    Closed,
}

pub type Result<T, E = Failure> = std::result::Result<T, E>;

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl Failure {
    /// A value of another kind than `field` takes.
    pub fn wrong_type(field: &str, value: impl Into<String>, expected: &str) -> Self {
        let (field, value, expected) = (field.to_owned(), value.into(), expected.to_owned());
        Self::Refused(Error::WrongType { field, value, expected })
    }

    /// A field that does not exist.
    pub fn unknown_field(field: String, within: &'static str) -> Self {
        Self::Refused(Error::UnknownField { field, within, nearest: None })
    }

    /// A defect.
    pub fn internal(what: impl Into<String>) -> Self {
        Self::Refused(Error::Internal { what: what.into() })
    }

    /// Its parts, as the JavaScript side reads them.
    pub fn to_json(&self) -> String {
        let (index, error) = match self {
            Failure::Closed => {
                let message = "the engine was closed; open it again to use it";
                return json!({
                    "kind": "Closed", "code": "SL2010", "actor": "operator", "message": message,
                    "hint": "open it again",
                })
                .to_string();
            }
            Failure::Refused(error) => (None, error),
            Failure::RefusedAt(index, error) => (Some(index), error),
        };
        let actor = match error.actor() {
            Actor::Caller => "caller",
            Actor::Operator => "operator",
            _ => "us",
        };
        let message = match index {
            Some(index) => format!("entry {index}: {error}"),
            None => error.to_string(),
        };
        json!({
            "kind": error.kind(), "code": error.code(), "actor": actor, "message": message,
            "field": error.field(), "value": error.value(), "hint": error.hint(), "index": index,
        })
        .to_string()
    }
}

impl From<Failure> for napi::Error {
    fn from(failure: Failure) -> Self {
        napi::Error::from_reason(failure.to_json())
    }
}
