//! What the twin borrows of text search: the reading of a query and its plain evaluation.

use crate::api::search::SearchRequest;
use crate::model::{AdvisorProfile, Result, Schema};

/// A text that asks for something.
pub(super) struct Query(String);

impl Query {
    /// The query of a request; none where there is no text or nothing is left of it.
    pub(super) fn parse(request: &SearchRequest, _schema: &Schema) -> Result<Option<Self>> {
        Ok(request.text.clone().map(Self))
    }
}

/// The texts of all profiles, searched one after the other.
pub(super) struct TextTwin(Vec<String>);

impl TextTwin {
    pub(super) fn new<'a>(
        _schema: &Schema,
        profiles: impl Iterator<Item = &'a AdvisorProfile>,
    ) -> Self {
        Self(profiles.map(|profile| format!("{profile:?}").to_lowercase()).collect())
    }

    /// The rows among `within` that the query finds, each with its score.
    pub(super) fn search(&self, query: &Query, within: &[usize]) -> Vec<(usize, f64)> {
        let needle = query.0.to_lowercase();
        within.iter().filter(|row| self.0[**row].contains(&needle)).map(|row| (*row, 1.0)).collect()
    }
}
