//! The counts of a field's values: most frequent first, then by value.

use super::ValuesPlan;
use crate::api::deadline::Deadline;
use crate::api::facet_answer::{Facet, FacetCount, FacetRest};
use crate::generation::{Generation, KeywordField};
use crate::index::text::folded_words;
use crate::index::vector::kernels::overlap;
use crate::model::{FieldRef, Result, Rows};

/// One row's codes are taken to cost as much as that many words of the values' bitmaps: an estimate. A row costs a
/// jump in memory and a count for each of its values, a word one step of a straight run. Too small a number visits
/// the rows of wide results, too great a one passes over every value for narrow ones; the counts are the same.
const VISIT: usize = 24;
/// How many values are looked at between two looks at the clock.
const STRIDE: usize = 1_024;

/// Counts the values of one field over the rows.
///
/// Cost: the lesser of one pass over every value's rows and one visit to each row's values; a query reads the
/// words of every value that occurs; only what is listed is copied.
pub(super) fn list(
    generation: &Generation,
    field: FieldRef,
    plan: &ValuesPlan,
    rows: &Rows,
    deadline: &Deadline,
) -> Result<Facet> {
    let mut counts: Vec<(u32, &str)> = match field {
        FieldRef::Keywords(place) => keywords(&generation.keywords[place], rows, deadline)?,
        FieldRef::Flag(place) => {
            let flag = &generation.flags[place];
            let yes = overlap(flag.is_true().words(), rows.words());
            let no = overlap(flag.present().words(), rows.words()) - yes;
            [(yes, "true"), (no, "false")].into_iter().filter(|(count, _)| *count > 0).collect()
        }
        _ => Vec::new(),
    };
    if !plan.words.is_empty() {
        let mut found = Vec::new();
        for some in counts.chunks(STRIDE) {
            deadline.check()?;
            found.extend(some.iter().filter(|(_, value)| has_words(value, &plan.words)));
        }
        counts = found;
    }
    let rest = cut(&mut counts, plan.limit);
    let listed = counts.into_iter();
    let listed =
        listed.map(|(count, value)| FacetCount { value: value.to_owned(), count: count.into() });
    Ok(Facet { counts: listed.collect(), rest: (!plan.plain).then_some(rest), ..Facet::default() })
}

/// How many of the rows have each value that one of them has.
fn keywords<'a>(
    field: &'a KeywordField,
    rows: &Rows,
    deadline: &Deadline,
) -> Result<Vec<(u32, &'a str)>> {
    let mut counts: Vec<u32> = Vec::with_capacity(field.index.len());
    if (rows.count() as usize).saturating_mul(VISIT) < field.index.pass() {
        counts.resize(field.index.len(), 0);
        let count = |codes: &[u32]| {
            for code in codes {
                counts[*code as usize] += 1;
            }
        };
        field.codes.visit_while(rows, || deadline.check(), count)?;
    } else {
        for count in field.index.overlaps(rows, overlap) {
            if counts.len() % STRIDE == STRIDE - 1 {
                deadline.check()?;
            }
            counts.push(count);
        }
    }
    let found = (0..).zip(counts).filter(|(_, count)| *count > 0);
    Ok(found.map(|(code, count)| (count, field.index.value(code))).collect())
}

/// Whether each word begins a word of the value.
fn has_words(value: &str, words: &[String]) -> bool {
    let of_value: Vec<String> = folded_words(value).collect();
    words.iter().all(|word| of_value.iter().any(|known| known.starts_with(word)))
}

/// Puts the counts in order and sums up what a limit leaves out. Only what stays is sorted.
fn cut(counts: &mut Vec<(u32, &str)>, limit: Option<usize>) -> FacetRest {
    let order = |a: &(u32, &str), b: &(u32, &str)| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1));
    let mut rest = FacetRest::default();
    if let Some(limit) = limit.filter(|limit| *limit < counts.len()) {
        counts.select_nth_unstable_by(limit, order);
        rest.values = (counts.len() - limit) as u64;
        rest.count = counts.drain(limit..).map(|(count, _)| u64::from(count)).sum();
    }
    counts.sort_unstable_by(order);
    rest
}
