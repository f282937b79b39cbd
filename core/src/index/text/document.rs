//! The text of one profile, and what of it is indexed.

use super::analyze::analyze;
use super::settings::{Field, TextSettings};

/// Positions between two values of one field: no phrase reaches over it.
pub const VALUE_GAP: u32 = 100;
/// A position is the field's number above this many bits and the place in the field below.
pub const FIELD_SHIFT: u32 = 24;

/// The texts of one profile, borrowed. What is missing is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextDocument<'a> {
    /// `professionalTitle`.
    pub title: Option<&'a str>,
    /// `headline`.
    pub headline: Option<&'a str>,
    /// `industries`.
    pub industries: Vec<&'a str>,
    /// `services`.
    pub services: Vec<&'a str>,
    /// `certifications`.
    pub certifications: Vec<&'a str>,
    /// `bio`.
    pub bio: Option<&'a str>,
    /// The values of all `text` attributes.
    pub attributes: Vec<&'a str>,
}

impl TextDocument<'_> {
    /// The values of one field.
    pub fn values(&self, field: Field) -> &[&str] {
        match field {
            Field::Title => self.title.as_slice(),
            Field::Headline => self.headline.as_slice(),
            Field::Industries => &self.industries,
            Field::Services => &self.services,
            Field::Certifications => &self.certifications,
            Field::Bio => self.bio.as_slice(),
            Field::Attributes => &self.attributes,
        }
    }
}

/// What is indexed of one document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DocumentTerms {
    /// Each occurrence as its stem and position, in ascending order of both.
    pub occurrences: Vec<(String, u32)>,
    /// The distinct folded words, ascending.
    pub words: Vec<String>,
    /// The number of occurrences, each counted with its field's weight.
    pub length: u32,
}

impl DocumentTerms {
    /// Analyses `document`; one pass over its text.
    ///
    /// Occurrences beyond the first 2^24 positions of a field are left out.
    pub fn of(settings: &TextSettings, document: &TextDocument<'_>) -> Self {
        let mut terms = Self::default();
        for field in Field::ALL {
            let weight = settings.weights[field.number()];
            if weight == 0 {
                continue;
            }
            let mut base = 0u32;
            for value in document.values(field) {
                let mut end = base;
                for token in analyze(settings, value) {
                    let place = base.saturating_add(token.position);
                    if place >> FIELD_SHIFT != 0 {
                        break;
                    }
                    let position = (field.number() as u32) << FIELD_SHIFT | place;
                    end = place + 1;
                    terms.occurrences.push((token.stem, position));
                    terms.words.push(token.word);
                    terms.length = terms.length.saturating_add(u32::from(weight));
                }
                base = end + VALUE_GAP;
            }
        }
        terms.occurrences.sort_unstable();
        terms.words.sort_unstable();
        terms.words.dedup();
        terms
    }

    /// The distinct stems, ascending.
    pub fn stems(&self) -> impl Iterator<Item = &str> {
        self.occurrences.chunk_by(|a, b| a.0 == b.0).map(|same| same[0].0.as_str())
    }
}

/// What an occurrence at `position` counts.
pub fn weight_at(settings: &TextSettings, position: u32) -> u32 {
    settings.weights.get((position >> FIELD_SHIFT) as usize).copied().unwrap_or(0).into()
}
