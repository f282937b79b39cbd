//! The counts of the values of a field over a result.

use crate::api::answer::{Facet, FacetCount};
use crate::generation::Generation;
use crate::model::{FieldRef, Rows};

/// Counts the values of one field over the rows: most frequent first, then by value.
pub(super) fn count(generation: &Generation, name: &str, field: FieldRef, rows: &Rows) -> Facet {
    let mut counts: Vec<(u32, &str)> = match field {
        FieldRef::Keywords(place) => {
            let keywords = &generation.keywords[place];
            let counts = keywords.index.counts(rows, |row| keywords.codes.get(row));
            counts.into_iter().map(|(code, count)| (count, keywords.index.value(code))).collect()
        }
        FieldRef::Flag(place) => {
            let flag = &generation.flags[place];
            let yes = flag.is_true().intersection_count(rows);
            let no = flag.present().intersection_count(rows) - yes;
            [(yes, "true"), (no, "false")].into_iter().filter(|(count, _)| *count > 0).collect()
        }
        _ => Vec::new(),
    };
    counts.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    let counts = counts
        .into_iter()
        .map(|(count, value)| FacetCount { value: value.to_owned(), count: count.into() });
    Facet { field: name.to_owned(), counts: counts.collect() }
}
