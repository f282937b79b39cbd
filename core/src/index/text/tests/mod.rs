//! What the text index promises, as facts.
#![allow(clippy::unwrap_used, reason = "a test that panics is a test that fails")]

mod against_twin;
mod analysis;
mod index;
mod parsing;

use super::{TextDocument, TextOptions, TextQuery, TextSettings, parse};
use crate::api::search::TextMatch;

fn query(text: &str) -> TextQuery {
    parse(text, TextMatch::All, TextOptions::default(), &TextSettings::default())
        .expect("the query is within limits")
}

fn bio(text: &str) -> TextDocument<'_> {
    TextDocument { bio: Some(text), ..TextDocument::default() }
}
