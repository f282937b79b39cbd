//! The corrected text that finds something, by trying one after the other.

use super::Twin;
use crate::api::search::SearchRequest;
use crate::testing::text::Query;

const TRIES: usize = 32;

impl Twin {
    /// What may be meant by the text of a request that finds nothing among `rows`.
    pub(super) fn did_you_mean(
        &self,
        request: &SearchRequest,
        query: &Query,
        rows: &[usize],
    ) -> Option<String> {
        let text = request.text.as_deref().unwrap_or_default();
        let words: Vec<_> = query.plain_words().into_iter().take(4).collect();
        // Each choice: how far down the lists it goes in all, and the text it makes.
        let mut tries = vec![(0, String::new(), 0)];
        for (at, candidates) in
            words.iter().map(|word| (&word.0, self.text().candidates(word, text)))
        {
            let mut longer = Vec::new();
            for (depth, made, from) in &tries {
                for (place, candidate) in candidates.iter().enumerate() {
                    let made = format!("{made}{}{candidate}", &text[*from..at.start]);
                    longer.push((depth + place, made, at.end));
                }
            }
            tries = longer;
        }
        tries.sort_by_key(|(depth, ..)| *depth);
        for (_, made, from) in tries.into_iter().take(TRIES) {
            let corrected = made + &text[from..];
            let asked = SearchRequest { text: Some(corrected.clone()), ..request.clone() };
            if corrected != text
                && let Ok(Some(query)) = Query::parse(&asked, &self.schema)
                && !self.text().search(&query, rows).is_empty()
            {
                return Some(corrected);
            }
        }
        None
    }
}
