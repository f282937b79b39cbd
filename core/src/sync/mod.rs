//! Following a Postgres: start full, stay fresh, prove it.
//!
//! ```no_run
//! use shortlist::Engine;
//! use shortlist::sync::{Sync, SyncOptions};
//!
//! let engine = Engine::in_memory()?;
//! let sync = Sync::start(&engine, SyncOptions::new("postgres://reader@db.internal/market"))?;
//! println!("{:?}", sync.status());
//! # Ok::<(), shortlist::Error>(())
//! ```

mod address;
mod connect;
mod failure;
mod follow;
mod load;
mod mapping;
mod options;
mod options_json;
mod quarantine;
mod replica;
mod rows;
mod session;
mod setup;
mod state;
#[expect(clippy::module_inception, reason = "the type that the module is about")]
mod sync;
mod verify;

pub use mapping::Mapping;
pub use options::{SourceKind, StateWatcher, SyncOptions};
pub use setup::{
    CheckReport, FieldFit, check, indexes, install, install_script, make_indexes, publish,
    publish_script, uninstall, uninstall_script,
};
pub use state::{Quarantined, SyncState, SyncStatus};
pub use sync::Sync;
pub use verify::{Difference, VerifyOptions, VerifySummary, verify};
