//! Suggestions by reading every title, service, industry and word.

use std::collections::BTreeMap;

use super::Twin;
use crate::api::search::SearchRequest;
use crate::api::suggest::{SuggestKind, SuggestRequest, Suggestion};
use crate::model::{AdvisorProfile, Result};
use crate::testing::text::{Query, typed_words, within_a_typo};

/// Of how many words the profiles are counted.
const COUNTED_WORDS: usize = 24;

impl Twin {
    /// Completes a text.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn suggest(&self, request: &SuggestRequest) -> Result<Vec<Suggestion>> {
        request.check()?;
        let conditions = super::conditions::of_filter(request.filter.as_ref());
        let rows = self.passing(&conditions, request.scope)?;
        let asked =
            |text: &str| SearchRequest { text: Some(text.to_owned()), ..SearchRequest::default() };
        Query::parse(&asked(&request.text), &self.schema)?;
        let (typed, last_at) = typed_words(&request.text);
        let mut suggestions = Vec::new();
        for &kind in &request.kinds {
            let mut found = BTreeMap::new();
            for tolerant in [false, request.typos] {
                if typed.is_empty() || !found.is_empty() {
                    continue;
                }
                found = match kind {
                    SuggestKind::Words => {
                        let before = request.text[..last_at].trim_end();
                        let query = Query::parse(&asked(before), &self.schema)?;
                        self.words(before, query.as_ref(), typed.last(), &rows, tolerant)?
                    }
                    _ => self.values(kind, &typed, &rows, tolerant),
                };
            }
            let mut found: Vec<(String, u64)> = found.into_iter().collect();
            found.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
            found.truncate(request.limit as usize);
            suggestions.extend(found.into_iter().map(|(text, count)| Suggestion {
                text,
                kind,
                count,
            }));
        }
        Ok(suggestions)
    }

    fn values(
        &self,
        kind: SuggestKind,
        typed: &[String],
        rows: &[usize],
        tolerant: bool,
    ) -> BTreeMap<String, u64> {
        let mut found = BTreeMap::new();
        for &row in rows {
            let mut values = values_of(&self.rows[row], kind);
            values.sort_unstable();
            values.dedup();
            for value in values {
                let (own, _) = typed_words(value);
                let has = |(at, wanted): (usize, &String)| {
                    let last = at + 1 == typed.len();
                    own.iter().any(|word| within_a_typo(wanted, word, last, tolerant))
                };
                if typed.iter().enumerate().all(has) {
                    *found.entry(value.to_owned()).or_default() += 1;
                }
            }
        }
        found
    }

    fn words(
        &self,
        before: &str,
        query: Option<&Query>,
        last: Option<&String>,
        rows: &[usize],
        tolerant: bool,
    ) -> Result<BTreeMap<String, u64>> {
        let rows: Vec<usize> = match query {
            Some(query) => {
                self.text().search(query, rows).into_iter().map(|(row, _)| row).collect()
            }
            None => rows.to_vec(),
        };
        let mut found = BTreeMap::new();
        for word in
            self.text().completions(last.map_or("", String::as_str), tolerant, COUNTED_WORDS)
        {
            let count = self.text().search(&Query::word(word, &self.schema)?, &rows).len();
            if count > 0 {
                let text =
                    if before.is_empty() { word.to_owned() } else { format!("{before} {word}") };
                found.insert(text, count as u64);
            }
        }
        Ok(found)
    }
}

fn values_of(profile: &AdvisorProfile, kind: SuggestKind) -> Vec<&str> {
    match kind {
        SuggestKind::Titles => profile
            .professional_title
            .as_deref()
            .filter(|title| !title.is_empty())
            .into_iter()
            .collect(),
        SuggestKind::Services => profile.services.iter().map(String::as_str).collect(),
        SuggestKind::Industries => profile.industries.iter().map(String::as_str).collect(),
        SuggestKind::Words => Vec::new(),
    }
}
