//! What went wrong with Postgres, and whether time alone can mend it.

use postgres::error::SqlState;

use crate::model::Error;

/// Why a session with the server ended before its time.
#[derive(Debug)]
pub(super) enum Failure {
    /// Time may mend it: the server is away, restarts, or ended the session.
    Away(Error),
    /// Somebody must act: the mapping no longer fits, a right is missing, the index refuses.
    Final(Error),
    /// The user asked to stop.
    Stopped,
}

pub(super) type Outcome<T> = std::result::Result<T, Failure>;

/// An error of this crate does not pass by waiting.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            // The disk may have room again, or the writer may be free.
            Error::DiskFull { .. } | Error::Io { .. } => Failure::Away(error),
            error => Failure::Final(error),
        }
    }
}

impl Failure {
    pub(super) fn error(self) -> Option<Error> {
        match self {
            Failure::Away(error) | Failure::Final(error) => Some(error),
            Failure::Stopped => None,
        }
    }
}

/// What the server said while we tried to `operation`.
pub(super) fn failed(operation: &'static str, error: &postgres::Error) -> Failure {
    let stated = Error::Postgres {
        operation,
        reason: words(error),
        state: error.code().map(|state| state.code().to_owned()),
    };
    if passes(error) { Failure::Away(stated) } else { Failure::Final(stated) }
}

/// As [`failed`], for use as `.map_err(at("read changes"))`.
pub(super) fn at(operation: &'static str) -> impl Fn(postgres::Error) -> Failure {
    move |error| failed(operation, &error)
}

/// A stream that broke: what stands behind its error is the server's, or the network's.
pub(super) fn broken(operation: &'static str, error: &std::io::Error) -> Failure {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<postgres::Error>()) {
        Some(inner) => failed(operation, inner),
        None => Failure::Away(refused(operation, &error.to_string())),
    }
}

/// An error about Postgres that Postgres did not state itself.
pub(super) fn refused(operation: &'static str, reason: &str) -> Error {
    Error::Postgres { operation, reason: reason.to_owned(), state: None }
}

/// A mapping that does not fit the database.
pub(super) fn unfit(
    what: impl Into<String>,
    reason: impl Into<String>,
    remedy: impl Into<String>,
) -> Error {
    Error::Mapping { what: what.into(), reason: reason.into(), remedy: remedy.into() }
}

/// Whether waiting can help. A right or a column that is missing stays missing.
fn passes(error: &postgres::Error) -> bool {
    let Some(state) = error.code() else {
        // The connection itself broke, or was never made.
        return true;
    };
    // A statement's name that a pool still holds for somebody else is another one at the next try.
    if *state == SqlState::DUPLICATE_PSTATEMENT || *state == SqlState::INVALID_SQL_STATEMENT_NAME {
        return true;
    }
    let class = state.code().get(..2).unwrap_or_default();
    // Connection, resources, operator's intervention, system error, rolled back, read-only after a failover.
    matches!(class, "08" | "53" | "57" | "58" | "40" | "55")
        || *state == SqlState::READ_ONLY_SQL_TRANSACTION
}

/// The server's message with its detail and hint, or the chain of causes. Neither holds a password.
fn words(error: &postgres::Error) -> String {
    if let Some(stated) = error.as_db_error() {
        let parts = [Some(stated.message()), stated.detail(), stated.hint()];
        return parts.into_iter().flatten().collect::<Vec<_>>().join("; ");
    }
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}
