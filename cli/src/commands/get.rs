//! `shortlist get`.

use shortlist::Error;

use crate::args::Get;
use crate::failure::Result;
use crate::open::open;
use crate::output::{Format, Output};

/// Prints whole profiles. An id that is not there is an error, and then nothing is printed.
pub fn run(options: &Get, out: &mut Output) -> Result {
    let engine = open(&options.index.index)?;
    let profiles = options
        .ids
        .iter()
        .map(|id| engine.get_json(id)?.ok_or_else(|| Error::NotFound { id: id.clone() }))
        .collect::<shortlist::Result<Vec<_>>>()?;
    match (out.format, profiles.as_slice()) {
        (Format::Json, [_, _, ..]) => out.line(format!("[{}]", profiles.join(","))),
        (Format::Table, _) => profiles.iter().try_for_each(|profile| out.line(indented(profile))),
        _ => profiles.iter().try_for_each(|profile| out.line(profile)),
    }
}

/// A profile over several lines; of its embedding only the length, which is what a person can use.
fn indented(profile: &str) -> String {
    let Ok(mut value) = serde_json::from_str::<serde_json::Value>(profile) else {
        return profile.to_owned();
    };
    if let Some(embedding) = value.get_mut("embedding")
        && let Some(dimensions) = embedding.as_array().map(Vec::len)
    {
        *embedding = format!("({dimensions} numbers)").into();
    }
    serde_json::to_string_pretty(&value).unwrap_or_else(|_| profile.to_owned())
}
