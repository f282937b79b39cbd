//! Which of many short names have a word: what completes a name as it is typed.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::analyze::fold;
use super::counts::Counts;
use super::near::Wanted;
use super::words::words;
use crate::api::deadline::Deadline;
use crate::model::persistent::{Chunked, HashIndex};
use crate::model::{Result, Rows};

/// What somebody has typed so far, word by word; stop words are words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// The folded words. The last one is still being typed.
    pub words: Vec<String>,
    /// Where the last word begins in the text.
    pub last_at: usize,
}

impl Typed {
    /// Reads a text; none if it has no word.
    pub fn read(text: &str) -> Option<Self> {
        let found =
            words(text).map(|at| (at.start, fold(&text[at]))).filter(|(_, w)| !w.is_empty());
        let (starts, words): (Vec<usize>, Vec<String>) = found.unzip();
        Some(Self { last_at: *starts.last()?, words })
    }
}

/// The one typo that a word of five letters and more may have.
pub fn typos_in(word: &str) -> u8 {
    u8::from(word.chars().nth(4).is_some())
}

/// From the words of names to the numbers of the names. A clone shares everything.
#[derive(Clone, Debug, Default)]
pub struct ValueWords {
    /// The words, each with how many names have it.
    counts: Counts,
    numbers: HashIndex,
    words: Chunked<Arc<str>>,
    /// By number of the word: the names that have it.
    names: Chunked<Arc<Vec<u32>>>,
    len: u32,
}

impl ValueWords {
    /// How many names were added; the number of the next.
    pub fn len(&self) -> u32 {
        self.len
    }

    /// Adds the next names. Costs their words.
    pub fn add<'v>(&mut self, names: impl IntoIterator<Item = &'v str>) {
        let mut added: BTreeMap<String, i32> = BTreeMap::new();
        for name in names {
            let mut own: Vec<String> = words(name).map(|at| fold(&name[at])).collect();
            own.retain(|word| !word.is_empty());
            own.sort_unstable();
            own.dedup();
            for word in own {
                self.add_word(&word);
                *added.entry(word).or_default() += 1;
            }
            self.len += 1;
        }
        self.counts.add(added.iter().map(|(word, count)| (word.as_str(), *count)));
    }

    fn add_word(&mut self, word: &str) {
        let number = self.number(word).unwrap_or_else(|| {
            let number = self.words.len() as u32;
            self.words.push(word.into());
            self.names.push(Arc::default());
            self.numbers.insert(word.as_bytes(), number);
            number
        });
        if let Some(names) = self.names.get_mut(number as usize) {
            Arc::make_mut(names).push(self.len);
        }
    }

    fn number(&self, word: &str) -> Option<u32> {
        let is =
            |number: u32| self.words.get(number as usize).is_some_and(|known| **known == *word);
        self.numbers.find(word.as_bytes(), is)
    }

    /// The names that have all words typed, the last one as the beginning of a word; with
    /// `tolerant`, each within the typo that [`typos_in`] allows, but for its first letter.
    ///
    /// Costs the words that begin so and the names that have them.
    ///
    /// # Errors
    /// [`Error::TimedOut`](crate::Error::TimedOut).
    pub fn completed(&self, typed: &Typed, tolerant: bool, deadline: &Deadline) -> Result<Rows> {
        let mut all: Option<Rows> = None;
        for (i, word) in typed.words.iter().enumerate() {
            let mut any = Rows::none(self.len);
            let is_last = i + 1 == typed.words.len();
            for candidate in self.candidates(word, is_last, tolerant, deadline)? {
                let number = self.number(candidate);
                let names = number.and_then(|number| self.names.get(number as usize));
                names.into_iter().flat_map(|names| names.iter()).for_each(|name| any.insert(*name));
            }
            match &mut all {
                Some(all) => all.intersect(&any),
                None => all = Some(any),
            }
        }
        Ok(all.unwrap_or_else(|| Rows::none(self.len)))
    }

    fn candidates<'a>(
        &'a self,
        word: &'a str,
        last: bool,
        tolerant: bool,
        deadline: &Deadline,
    ) -> Result<Vec<&'a str>> {
        let edits = if tolerant { typos_in(word) } else { 0 };
        if edits == 0 {
            return Ok(if last {
                let found = self.counts.with_prefix(word, deadline)?;
                found.into_iter().map(|(word, _)| word).collect()
            } else {
                vec![word]
            });
        }
        let letters: Vec<char> = word.chars().collect();
        let wanted = Wanted { letters: &letters, edits, beginning: last };
        let near = self.counts.near(wanted, letters.first().copied(), deadline)?;
        Ok(near.into_iter().map(|(word, ..)| word).collect())
    }

    /// What it takes in memory, about.
    pub fn memory_bytes(&self) -> usize {
        let words: usize = self.words.iter().map(|word| word.len() + 32).sum();
        let names: usize = self.names.iter().map(|names| names.len() * 4 + 48).sum();
        words + names + self.counts.memory_bytes() + self.numbers.bytes()
    }
}
