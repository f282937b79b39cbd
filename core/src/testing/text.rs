//! What the twin borrows of text search: the reading of a query and its plain evaluation.

use std::ops::Range;

use crate::api::search::SearchRequest;
use crate::generation::text_settings;
use crate::index::text::naive::Naive;
use crate::index::text::{
    self, CatalogueWord, Field, QueryWord, TextDocument, TextOptions, TextQuery, Typed,
};
use crate::model::{AdvisorProfile, AttributeValue, Result, Schema};

/// A text that asks for something.
pub(super) struct Query(TextQuery);

impl Query {
    /// The query of a request; none where there is no text or nothing is left of it.
    pub(super) fn parse(request: &SearchRequest, schema: &Schema) -> Result<Option<Self>> {
        let Some(text) = &request.text else { return Ok(None) };
        let options = TextOptions {
            typos: request.typos,
            any_first_letter: request.typos_in_first_letter,
            prefix: request.prefix,
        };
        let query = text::parse(text, request.text_match, options, &text_settings(schema)?)?;
        Ok(if query.is_empty() { None } else { Some(Self(query)) })
    }
}

impl Query {
    /// The query for one folded word.
    pub(super) fn word(word: &str, schema: &Schema) -> Result<Self> {
        let words = CatalogueWord {
            word: word.to_owned(),
            stem: text::naive::stem_of(&text_settings(schema)?, word),
        };
        Ok(Self(words.query()))
    }

    /// The plain words to find: where each stands in the text, and the word.
    pub(super) fn plain_words(&self) -> Vec<(Range<usize>, &QueryWord)> {
        self.0.plain_words().map(|word| (word.at.clone(), word)).collect()
    }
}

/// The folded words of a text, stop words among them, and where the last one begins.
pub(super) fn typed_words(text: &str) -> (Vec<String>, usize) {
    Typed::read(text).map_or((Vec::new(), 0), |typed| (typed.words, typed.last_at))
}

/// Whether a word is what was typed, or begins with it; with `tolerant`, within one typo.
pub(super) fn within_a_typo(typed: &str, word: &str, beginning: bool, tolerant: bool) -> bool {
    let allowed = usize::from(tolerant && typed.chars().count() >= 5);
    if allowed == 0 {
        return if beginning { word.starts_with(typed) } else { word == typed };
    }
    let near = |part: &str| strsim::osa_distance(typed, part) <= allowed;
    let mut beginnings = (0..=word.len()).filter_map(|end| word.get(..end));
    word.chars().next() == typed.chars().next()
        && if beginning { beginnings.any(near) } else { near(word) }
}

/// The texts of all profiles, searched one after the other.
pub(super) struct TextTwin(Naive);

impl TextTwin {
    /// Reads the profiles, the row of each being its place. The deleted ones count in the statistics too:
    /// they are kept, and may come back.
    pub(super) fn new<'a>(
        schema: &Schema,
        profiles: impl Iterator<Item = &'a AdvisorProfile>,
    ) -> Self {
        let documents = profiles.map(|profile| document(profile, schema));
        Self(Naive::new(text_settings(schema).unwrap_or_default(), (0..).zip(documents)))
    }

    /// What all words of the query say together.
    pub(super) fn information(&self, query: &Query) -> f64 {
        self.0.information(&query.0)
    }

    /// The rows among `within`, which ascend, that the query finds, each with its score.
    pub(super) fn search(&self, query: &Query, within: &[usize]) -> Vec<(usize, f64)> {
        let found = self.0.search(&query.0, |row| within.binary_search(&(row as usize)).is_ok());
        found.into_iter().map(|(row, score)| (row as usize, score)).collect()
    }

    /// The catalogue's words that begin as typed, the first of each stem.
    pub(super) fn completions(&self, typed: &str, tolerant: bool, most: usize) -> Vec<&str> {
        self.0.completions(typed, tolerant, most)
    }

    /// What a plain word of `text` may be corrected to.
    pub(super) fn candidates(
        &self,
        (at, word): &(Range<usize>, &QueryWord),
        text: &str,
    ) -> Vec<String> {
        let meant = self.0.meant(&word.word, &word.stem, 3);
        let mut candidates = Vec::new();
        if meant.is_empty() || self.0.has_word(&word.word) {
            candidates.push(text[at.clone()].to_owned());
        }
        candidates.extend(meant.into_iter().map(str::to_owned));
        candidates
    }

    /// The bytes of a value of `field` in which the query is found.
    pub(super) fn marks(&self, query: &Query, field: Field, value: &str) -> Vec<Range<usize>> {
        self.0.marks(&query.0, field, value)
    }
}

fn document<'a>(profile: &'a AdvisorProfile, schema: &Schema) -> TextDocument<'a> {
    let words = |values: &'a [String]| values.iter().map(String::as_str).collect();
    let declared = schema.attributes().iter();
    let attributes =
        declared.filter_map(|attribute| match profile.attributes.get(&attribute.name) {
            Some(AttributeValue::Text(text)) => Some(text.as_str()),
            _ => None,
        });
    TextDocument {
        title: profile.professional_title.as_deref(),
        headline: profile.headline.as_deref(),
        industries: words(&profile.industries),
        services: words(&profile.services),
        certifications: words(&profile.certifications),
        bio: profile.bio.as_deref(),
        attributes: attributes.collect(),
    }
}
