//! What may have been meant by a text that finds nothing.

use super::find::Finder;
use super::plan::options;
use crate::index::text::{QueryWord, TextQuery, parse};
use crate::model::{Result, Rows};

/// How many words of a text are corrected at once.
const WORDS: usize = 4;
/// How many words of the catalogue are tried for one that was typed.
const CANDIDATES: usize = 3;
/// How many corrected texts are tried.
const TRIES: usize = 32;

impl Finder<'_> {
    /// The first corrected text that finds something of `rows`, which are all but for the text.
    ///
    /// The first four plain words are corrected: by words of the catalogue within one edit from four letters,
    /// two from eight; a word that the catalogue has may also stay. The nearest and most frequent come first;
    /// 32 texts are tried at most, each at the cost of a search.
    pub(super) fn did_you_mean(&self, query: &TextQuery, rows: &Rows) -> Result<Option<String>> {
        let Some(text) = self.request.text.as_deref().filter(|_| !rows.is_empty()) else {
            return Ok(None);
        };

        let words: Vec<&QueryWord> = query.plain_words().take(WORDS).collect();
        let candidates = words.iter().map(|word| self.candidates(word, text));
        let candidates = candidates.collect::<Result<Vec<Vec<String>>>>()?;
        for choice in choices(&candidates) {
            self.deadline.check()?;
            let corrected = replaced(text, &words, &candidates, &choice);
            if corrected != text && self.finds(&corrected, rows)? {
                return Ok(Some(corrected));
            }
        }
        Ok(None)
    }

    /// What a word may be corrected to; itself first, where the catalogue has it or nothing near.
    fn candidates(&self, word: &QueryWord, text: &str) -> Result<Vec<String>> {
        let index = &self.generation.text;
        let meant = index.meant(&word.word, &word.stem, CANDIDATES, self.deadline)?;
        let keep = index.has_word(&word.word) || meant.is_empty();
        let own = keep.then(|| text[word.at.clone()].to_owned());
        Ok(own.into_iter().chain(meant.into_iter().map(|meant| meant.word)).collect())
    }

    fn finds(&self, text: &str, rows: &Rows) -> Result<bool> {
        let index = &self.generation.text;
        let request = self.request;
        let read = parse(text, request.text_match, options(request), index.settings());
        // A correction that is longer than a text may be is none.
        let Ok(query) = read else { return Ok(false) };
        let compiled = index.compile(&query, &self.generation.live, self.deadline)?;
        Ok(!compiled.matching(rows, self.deadline)?.is_empty())
    }
}

/// Which candidate of each word to take, the nearest in all first.
fn choices(candidates: &[Vec<String>]) -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = vec![Vec::new()];
    for own in candidates {
        let longer = |choice: Vec<usize>| {
            (0..own.len()).map(move |next| [choice.as_slice(), &[next]].concat())
        };
        all = all.into_iter().flat_map(longer).collect();
    }
    // A stable sort: equals stay in the order of their words.
    all.sort_by_key(|choice| choice.iter().sum::<usize>());
    all.truncate(TRIES);
    all
}

fn replaced(
    text: &str,
    words: &[&QueryWord],
    candidates: &[Vec<String>],
    choice: &[usize],
) -> String {
    let mut corrected = String::with_capacity(text.len() + 16);
    let mut from = 0;
    for ((word, candidates), chosen) in words.iter().zip(candidates).zip(choice) {
        corrected.push_str(&text[from..word.at.start]);
        corrected.push_str(&candidates[*chosen]);
        from = word.at.end;
    }
    corrected.push_str(&text[from..]);
    corrected
}
