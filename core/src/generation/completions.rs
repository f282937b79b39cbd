//! What is suggested as somebody types: the profiles' titles, and the words of titles, services and industries.

use super::{Generation, KeywordField};
use crate::index::text::ValueWords;
use crate::model::field::keywords;

/// The titles as keywords, and the words of everything that is suggested whole.
///
/// On disk are the titles alone: the words are made of them when an index is opened, kept up with every change.
#[derive(Clone, Debug, Default)]
pub(crate) struct Completions {
    pub(crate) titles: KeywordField,
    pub(crate) title_words: ValueWords,
    pub(crate) service_words: ValueWords,
    pub(crate) industry_words: ValueWords,
}

impl Completions {
    /// Of titles that were kept; what they are found by is made of them.
    pub(super) fn of_titles(titles: KeywordField) -> Self {
        let mut completions = Self { titles, ..Self::default() };
        catch_up(&mut completions.title_words, &completions.titles);
        completions
    }

    /// Adds the next row.
    pub(super) fn push(&mut self, title: Option<&str>) {
        let titles = &mut self.titles;
        let row = titles.codes.len() as u32;
        match title.filter(|title| !title.is_empty()) {
            Some(title) => {
                let code = titles.index.code_or_insert(title);
                titles.index.insert(code, row, row + 1);
                titles.codes.push(&[code]);
            }
            None => titles.codes.push(&[]),
        }
    }

    /// Forgets the title of a row.
    pub(super) fn remove(&mut self, row: u32) {
        if let [code] = *self.titles.codes.get(row) {
            self.titles.index.remove(code, row);
            self.titles.codes.set(row, &[]);
        }
    }

    /// What it takes in memory, about.
    pub(crate) fn bytes(&self) -> usize {
        let words = [&self.title_words, &self.service_words, &self.industry_words];
        let words: usize = words.iter().map(|words| words.memory_bytes()).sum();
        self.titles.index.bytes() + self.titles.codes.bytes() + words
    }
}

impl Generation {
    /// Takes in the words of values that are new.
    pub(super) fn complete_values(&mut self) {
        let Completions { titles, title_words, service_words, industry_words } =
            &mut self.completions;
        catch_up(title_words, titles);
        catch_up(service_words, &self.keywords[keywords::SERVICES]);
        catch_up(industry_words, &self.keywords[keywords::INDUSTRIES]);
    }
}

fn catch_up(words: &mut ValueWords, field: &KeywordField) {
    let values = words.len()..field.index.len() as u32;
    words.add(values.map(|code| field.index.value(code)));
}
