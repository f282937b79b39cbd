//! What an index decides once about its text: fields, weights and language; and what a request asks.

use std::sync::Arc;

use super::synonyms::Synonyms;
use crate::model::{Error, Language, Result};

/// One searched field, in the order in which fields lie in a document's positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// `professionalTitle`.
    Title,
    /// `headline`.
    Headline,
    /// `industries`, value after value.
    Industries,
    /// `services`, value after value.
    Services,
    /// `certifications`, value after value.
    Certifications,
    /// `bio`.
    Bio,
    /// All `text` attributes of the schema, one after the other.
    Attributes,
}

impl Field {
    /// All fields, in the order of their numbers.
    pub const ALL: [Field; 7] = [
        Field::Title,
        Field::Headline,
        Field::Industries,
        Field::Services,
        Field::Certifications,
        Field::Bio,
        Field::Attributes,
    ];

    /// The field that a query means by `name:`; camelCase and `snake_case`, none for other names.
    pub fn named(name: &str) -> Option<Field> {
        Some(match name {
            "professionalTitle" | "professional_title" | "title" => Field::Title,
            "headline" => Field::Headline,
            "industries" => Field::Industries,
            "services" => Field::Services,
            "certifications" => Field::Certifications,
            "bio" => Field::Bio,
            "attributes" => Field::Attributes,
            _ => return None,
        })
    }

    /// The field's number, 0 to 6: the upper byte of every position in it.
    pub fn number(self) -> usize {
        self as usize
    }
}

/// What an index decides: changing it means indexing every document anew, but for the synonyms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextSettings {
    /// The language of all texts.
    pub language: Language,
    /// What one occurrence counts in each field of [`Field::ALL`], 0 to 15. A field of weight 0 is
    /// not searched at all.
    pub weights: [u8; 7],
    /// What stands for what in queries. Unlike the rest, it may change: no document knows of it.
    pub synonyms: Arc<Synonyms>,
}

impl Default for TextSettings {
    fn default() -> Self {
        Self {
            language: Language::English,
            weights: [3, 2, 2, 2, 2, 1, 1],
            synonyms: Arc::default(),
        }
    }
}

impl TextSettings {
    /// The settings themselves, if every weight is at most 15.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a heavier weight.
    pub fn checked(self) -> Result<Self> {
        match self.weights.iter().find(|&&weight| weight > 15) {
            None => Ok(self),
            Some(weight) => Err(Error::OutOfRange {
                field: "textWeights".into(),
                value: weight.to_string(),
                expected: "a whole number from 0 to 15".into(),
            }),
        }
    }
}

/// What a request may ask beyond exact words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TextOptions {
    /// Tolerate one edit in words of five letters and more, two from nine.
    pub typos: bool,
    /// Tolerate an edit of a word's first letter too.
    pub any_first_letter: bool,
    /// Complete the last word.
    pub prefix: bool,
}
