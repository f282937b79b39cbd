//! What the twin borrows of text search: the reading of a query and its plain evaluation.

use crate::api::search::SearchRequest;
use crate::index::text::naive::Naive;
use crate::index::text::{self, TextDocument, TextOptions, TextQuery, TextSettings};
use crate::model::{AdvisorProfile, AttributeValue, Result, Schema};

/// A text that asks for something.
pub(super) struct Query(TextQuery);

impl Query {
    /// The query of a request; none where there is no text or nothing is left of it.
    pub(super) fn parse(request: &SearchRequest, schema: &Schema) -> Result<Option<Self>> {
        let Some(text) = &request.text else { return Ok(None) };
        let options = TextOptions { typos: request.typos, prefix: request.prefix };
        let query = text::parse(text, request.text_match, options, &settings(schema))?;
        Ok(if query.is_empty() { None } else { Some(Self(query)) })
    }
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
        Self(Naive::new(settings(schema), (0..).zip(documents)))
    }

    /// The rows among `within`, which ascend, that the query finds, each with its score.
    pub(super) fn search(&self, query: &Query, within: &[usize]) -> Vec<(usize, f64)> {
        let found = self.0.search(&query.0, |row| within.binary_search(&(row as usize)).is_ok());
        found.into_iter().map(|(row, score)| (row as usize, score)).collect()
    }
}

fn settings(schema: &Schema) -> TextSettings {
    let weights = schema.text_weights;
    TextSettings {
        language: schema.language,
        weights: [
            weights.professional_title,
            weights.headline,
            weights.keywords,
            weights.keywords,
            weights.keywords,
            weights.bio,
            weights.attributes,
        ],
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
