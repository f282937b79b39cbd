//! The catalogue's words that stand for a word as it was typed.

use super::analyze::stem;
use super::counts::Counts;
use super::edits::edits_within;
use super::query::Term;
use super::settings::TextSettings;

/// The most words that typos lead to.
pub const MOST_TYPO_WORDS: usize = 64;
/// The most words that a prefix is completed to.
pub const MOST_PREFIX_WORDS: usize = 256;

/// The stems that stand for a term's only word, ascending, each with the fewest edits of its
/// words; the word's own stem is always among them, with none.
///
/// Of many, those with the fewest edits are taken, then those that most documents alive have, then
/// the first by bytes. Costs a look at every word with the same first letter.
pub fn expand(settings: &TextSettings, words: &Counts, term: &Term) -> Vec<(String, u8)> {
    let typed = &term.words[0];
    let mut stems = vec![(typed.stem.clone(), 0)];
    if term.typos > 0
        && let Some(first) = typed.word.chars().next()
    {
        let letters: Vec<char> = typed.word.chars().collect();
        let mut other = Vec::with_capacity(letters.len());
        let mut near = Vec::new();
        for (word, count) in words.with_prefix(first.encode_utf8(&mut [0; 4])) {
            other.clear();
            other.extend(word.chars());
            if let Some(edits) = edits_within(&letters, &other, term.typos) {
                near.push((edits, count, word));
            }
        }
        stems.extend(best(settings, near, MOST_TYPO_WORDS));
    }
    if term.prefix {
        let found = words.with_prefix(&typed.word);
        let found = found.into_iter().map(|(word, count)| (0, count, word)).collect();
        stems.extend(best(settings, found, MOST_PREFIX_WORDS));
    }
    stems.sort_unstable();
    stems.dedup_by(|next, kept| next.0 == kept.0);
    stems
}

fn best(
    settings: &TextSettings,
    mut found: Vec<(u8, i64, &str)>,
    most: usize,
) -> impl Iterator<Item = (String, u8)> {
    found.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)).then(a.2.cmp(b.2)));
    found.truncate(most);
    found.into_iter().map(|(edits, _, word)| (stem(settings, word), edits))
}
