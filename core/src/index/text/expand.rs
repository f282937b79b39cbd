//! The catalogue's words that stand for a word as it was typed.

use std::cmp::Ordering;

use super::analyze::stems;
use super::counts::Counts;
use super::near::Wanted;
use super::query::Term;
use super::settings::TextSettings;
use crate::api::deadline::Deadline;
use crate::model::Result;

/// The most words that typos lead to.
pub const MOST_TYPO_WORDS: usize = 64;
/// The most words that a prefix is completed to.
pub const MOST_PREFIX_WORDS: usize = 256;

/// The stems that stand for a term's only word, ascending, each with the fewest edits of its
/// words; the word's own stem is always among them, with none.
///
/// Of many, those with the fewest edits are taken, then those that most documents alive have, then
/// the first by bytes. Costs a look at the beginnings of words that are near, and at every word
/// that begins as typed.
///
/// # Errors
/// [`Error::TimedOut`](crate::Error::TimedOut).
pub fn expand(
    settings: &TextSettings,
    words: &Counts,
    term: &Term,
    deadline: &Deadline,
) -> Result<Vec<(String, u8)>> {
    let typed = &term.words[0];
    let mut stems = vec![(typed.stem.clone(), 0)];
    if term.typos > 0 {
        let letters: Vec<char> = typed.word.chars().collect();
        let wanted = Wanted { letters: &letters, edits: term.typos, beginning: false };
        let first = letters.first().copied().filter(|_| !term.any_first_letter);
        let near = words.near(wanted, first, deadline)?;
        let near = near.into_iter().map(|(word, count, edits)| (edits, count, word)).collect();
        stems.extend(best(settings, near, MOST_TYPO_WORDS));
    }
    if term.prefix {
        let found = words.with_prefix(&typed.word, deadline)?;
        let found = found.into_iter().map(|(word, count)| (0, count, word)).collect();
        stems.extend(best(settings, found, MOST_PREFIX_WORDS));
    }
    stems.sort_unstable();
    stems.dedup_by(|next, kept| next.0 == kept.0);
    Ok(stems)
}

/// The stems of the first `most`: fewest edits, then the most frequent, then by bytes.
fn best(
    settings: &TextSettings,
    mut found: Vec<(u8, i64, &str)>,
    most: usize,
) -> impl Iterator<Item = (String, u8)> {
    first(&mut found, most, |a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)).then(a.2.cmp(b.2)));
    let stems = stems(settings.language, found.iter().map(|(_, _, word)| *word));
    let edits: Vec<u8> = found.into_iter().map(|(edits, ..)| edits).collect();
    stems.into_iter().zip(edits)
}

/// Keeps the first `most` of an order, in order, without sorting the rest.
pub fn first<T>(found: &mut Vec<T>, most: usize, compare: impl Fn(&T, &T) -> Ordering) {
    if found.len() > most {
        found.select_nth_unstable_by(most, &compare);
        found.truncate(most);
    }
    found.sort_unstable_by(compare);
}
