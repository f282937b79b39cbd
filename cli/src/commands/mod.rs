//! One file a command.

pub mod bench;
pub mod build;
pub mod compact;
pub mod completions;
pub mod demo;
pub mod eval;
pub mod generate;
pub mod get;
pub mod holds;
pub mod import;
pub mod info;
pub mod load;
pub mod matching;
pub mod pg;
pub mod rejects;
pub mod remove;
pub mod rules;
pub mod schema;
pub mod search;
pub mod similar;
pub mod snapshot;
pub mod suggest;
pub mod sync;
pub mod synonyms;
pub mod verify;
