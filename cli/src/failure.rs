//! What ends a command early, how it is told, and with which exit code.

use std::io::{self, Write};
use std::path::Path;

use serde_json::{Value, json};
use shortlist::{Actor, Error};

use crate::output::Format;

/// The result of every command.
pub type Result<T = ()> = std::result::Result<T, Failure>;

/// Why a command ends before its end.
#[derive(Debug)]
pub enum Failure {
    /// Something was wrong with what it was given, or with the machine: exit code 2.
    Refused {
        /// What, and what would be right.
        error: Error,
        /// Where: `line 7 of advisors.jsonl`.
        place: Option<Place>,
    },
    /// An answer was not what it must be: exit code 1.
    Differs(String),
    /// A threshold was missed: exit code 1.
    Missed(String),
    /// What was followed cannot be followed further: exit code 1.
    Failed(String),
    /// Whoever read the output went away: exit code 0, and nothing to say.
    Closed,
}

/// The line of a file.
#[derive(Clone, Debug)]
pub struct Place {
    /// Counted from 1.
    pub line: u64,
    /// The file as it was named.
    pub file: String,
}

impl Place {
    /// A line of the file that was named so; `-` is standard input.
    pub fn new(line: u64, file: &Path) -> Self {
        let file = match file {
            path if path.as_os_str() == "-" => "standard input".to_owned(),
            path => path.display().to_string(),
        };
        Self { line, file }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Refused { error, place: None }
    }
}

impl Failure {
    /// An error on a line of a file.
    pub fn at(error: Error, place: Place) -> Self {
        Self::Refused { error, place: Some(place) }
    }

    /// What went wrong with writing to standard output.
    pub fn output(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Error::from_io(error, "write", "standard output").into(),
        }
    }

    /// Tells it on standard error, and gives the exit code.
    pub fn tell(&self, format: Format) -> u8 {
        let mut stderr = io::stderr().lock();
        let (text, code) = match self {
            Self::Closed => return 0,
            Self::Differs(what) if format.is_json() => (coded("differs", what), 1),
            Self::Missed(what) if format.is_json() => (coded("missed", what), 1),
            Self::Failed(what) if format.is_json() => (coded("failed", what), 1),
            Self::Differs(what) | Self::Missed(what) | Self::Failed(what) => {
                (format!("error: {what}"), 1)
            }
            Self::Refused { error, place } if format.is_json() => {
                (error_json(error, place.as_ref()).to_string(), 2)
            }
            Self::Refused { error, place } => {
                let mut lines = vec![format!("error[{}]: {error}", error.code())];
                if let Some(Place { line, file }) = place {
                    lines.push(format!("   at: line {line} of {file}"));
                }
                lines.extend(hint(error).map(|hint| format!(" hint: {hint}")));
                (lines.join("\n"), 2)
            }
        };
        // Where standard error is closed too, the exit code still speaks.
        let _ = writeln!(stderr, "{text}");
        code
    }
}

fn coded(code: &str, what: &str) -> String {
    json!({"error": {"code": code, "message": what, "field": null}}).to_string()
}

/// An error as an object: `{"error": {"code", "message", "field", "line"?}}`.
pub fn error_json(error: &Error, place: Option<&Place>) -> Value {
    let mut value = json!({"error": {
        "code": error.code(), "message": error.to_string(), "field": error.field(),
    }});
    if let Some(place) = place {
        value["error"]["line"] = place.line.into();
    }
    value
}

fn hint(error: &Error) -> Option<&'static str> {
    match error {
        Error::UnknownField { .. } => {
            Some("`shortlist schema --index DIR` prints the attributes that an index knows")
        }
        Error::DuplicateId { .. } => {
            Some("`build --on-error skip` keeps the first and writes the others to a file")
        }
        Error::EmbeddingsFile { .. } => {
            Some("row i of the embeddings belongs to record i; both files must be made together")
        }
        Error::MissingField { field, .. } if field == "dim" => {
            Some("add --dim D, or give a .npy file, which says it itself")
        }
        Error::WrongDimension { .. } => {
            Some("`shortlist info --index DIR` says how many dimensions an index has")
        }
        Error::NotAnIndex { .. } => Some("`shortlist build --input FILE --index DIR` makes one"),
        Error::Damaged { .. } => Some("`shortlist build` makes the index anew from its input"),
        Error::CursorRefused { .. } => {
            Some("repeat the request exactly, and change its cursor alone")
        }
        error if error.actor() == Actor::Us => Some("this is a defect of Shortlist itself"),
        _ => None,
    }
}
