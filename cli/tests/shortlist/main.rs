//! The binary as a user meets it: every command, and everything that can be wrong.

mod answers;
mod bad_index;
mod bad_input;
mod bad_request;
mod build;
mod changes;
mod commands;
mod eval;
mod ground;
mod load;
mod pipes;
mod reports;
