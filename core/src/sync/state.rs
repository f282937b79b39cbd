//! How a sync stands, for whoever watches it.

use std::time::{Duration, SystemTime};

use serde::Serialize;

use crate::api::event::SourceEvent;
use crate::model::{Error, Instant};

/// What a sync is doing.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "state")]
#[non_exhaustive]
pub enum SyncState {
    /// It opens a session with the server.
    Connecting,
    /// It reads the whole table.
    Loading {
        /// Rows read.
        rows: u64,
        /// Rows that the server expects there to be.
        of: u64,
        /// Rows a second, over the whole load.
        rows_per_second: f64,
        /// How long the rest takes at that rate.
        seconds_left: Option<f64>,
    },
    /// It works through changes that piled up.
    CatchingUp,
    /// Every change that is committed is applied, or will be within milliseconds.
    Live,
    /// The server is away; the index goes on serving what it has.
    Waiting {
        /// How long it waits.
        retry_in_seconds: f64,
        /// When it tries again, in RFC 3339.
        retry_at: String,
        /// Why it waits.
        error: String,
    },
    /// It stopped: somebody must act.
    Failed {
        /// What is wrong and what would be right.
        error: String,
    },
    /// It was asked to stop, or has done what was asked of it.
    Stopped,
}

impl SyncState {
    pub(super) fn waiting(retry: Duration, error: &Error) -> Self {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let at = i64::try_from((now + retry).as_micros()).map(Instant::from_micros);
        let retry_at = at.ok().and_then(Result::ok).map(|at| at.to_string()).unwrap_or_default();
        Self::Waiting { retry_in_seconds: retry.as_secs_f64(), retry_at, error: error.to_string() }
    }

    /// Its name, as in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            SyncState::Connecting => "connecting",
            SyncState::Loading { .. } => "loading",
            SyncState::CatchingUp => "catchingUp",
            SyncState::Live => "live",
            SyncState::Waiting { .. } => "waiting",
            SyncState::Failed { .. } => "failed",
            SyncState::Stopped => "stopped",
        }
    }

    /// What those who follow the index are told of it.
    pub(super) fn event(&self) -> SourceEvent {
        let error = match self {
            SyncState::Waiting { error, .. } | SyncState::Failed { error } => Some(error.clone()),
            _ => None,
        };
        SourceEvent { source: "postgres".to_owned(), state: self.name().to_owned(), error }
    }

    /// Whether nothing more will come of it.
    pub fn has_ended(&self) -> bool {
        matches!(self, SyncState::Failed { .. } | SyncState::Stopped)
    }
}

/// How a sync stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SyncStatus {
    /// What it is doing.
    #[serde(flatten)]
    pub state: SyncState,
    /// Where the changes come from: `outbox`, `poll` or `replication`.
    pub source: &'static str,
    /// Server, port and database; never a password.
    pub server: String,
    /// How far it is: of the newest change that is applied, in the source's words.
    pub position: Option<String>,
    /// Profiles written since it began.
    pub upserted: u64,
    /// Profiles removed since it began.
    pub removed: u64,
    /// Rows that make no profile.
    pub quarantined: u64,
    /// Changes that are committed and not applied yet, when it last looked.
    pub lag_rows: u64,
    /// How old the oldest of them is.
    pub lag_seconds: f64,
    /// How old what the replica has not replayed is at most, where one is loaded from.
    pub replica_lag_seconds: Option<f64>,
    /// How much of the primary's log the replica has still to replay before it can be loaded from.
    pub replica_lag_bytes: Option<u64>,
    /// The newest error that it recovered from, or ended by.
    pub last_error: Option<String>,
}

/// A row that makes no profile; what the index held of it before stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Quarantined {
    /// The row's id.
    pub id: String,
    /// What is wrong with it and what would be right.
    pub reason: String,
}
