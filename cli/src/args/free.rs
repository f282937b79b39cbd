//! Free time as it is typed.

use clap::Args;
use shortlist::Instant;

/// When advisors are free.
#[derive(Debug, Default, Args)]
pub struct FreeTime {
    /// Only who is free between two moments, by an attribute of free time
    #[arg(long, value_name = "FIELD=FROM/TO", value_parser = free, requires = "minutes", help_heading = "Typed request")]
    pub free: Option<Free>,
    /// For so many minutes on end
    #[arg(
        long = "for",
        id = "minutes",
        value_name = "MINUTES",
        requires = "free",
        help_heading = "Typed request"
    )]
    pub minutes: Option<u32>,
}

/// A field of free time, and the span to look in.
#[derive(Clone, Debug, PartialEq)]
pub struct Free {
    /// The field, `attributes.` before its name.
    pub field: String,
    /// From when.
    pub from: Instant,
    /// Until when.
    pub to: Instant,
}

fn free(text: &str) -> Result<Free, String> {
    let moment = |text: &str| Instant::parse("free", text).ok();
    let parts = text.split_once('=').and_then(|(field, span)| {
        let (from, to) = span.split_once('/')?;
        Some(Free { field: field.to_owned(), from: moment(from)?, to: moment(to)? })
    });
    parts.ok_or_else(|| {
        "it takes a field and two moments, such as attributes.calendar=2026-12-01T09:00:00Z/2026-12-01T17:00:00Z"
            .to_owned()
    })
}
