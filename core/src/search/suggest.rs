//! Suggestions as somebody types.

use std::cmp::Reverse;
use std::sync::Arc;

use crate::api::deadline::Deadline;
use crate::api::filter::Filter;
use crate::api::search::TextMatch;
use crate::api::suggest::{SuggestAnswer, SuggestKind, SuggestRequest, Suggestion};
use crate::generation::{Generation, KeywordField, Within};
use crate::index::text::{CatalogueWord, TextOptions, Typed, ValueWords, parse};
use crate::model::field::keywords;
use crate::model::{Result, Rows};

/// Of how many words the profiles are counted, before the most frequent among them are shown.
const COUNTED_WORDS: usize = 24;

/// Completes a text from one generation.
///
/// Cost: the filter; the words that begin as typed; a pass over the rows of what is suggested, or over the
/// filter's where they are fewer.
///
/// # Errors
/// Whatever the request has wrong, and [`Error::TimedOut`](crate::Error::TimedOut).
pub(crate) fn suggest(
    generation: &Generation,
    request: &SuggestRequest,
    within: Option<&Filter>,
    deadline: &Deadline,
) -> Result<SuggestAnswer> {
    request.check()?;
    let filters = within.into_iter().chain(&request.filter);
    let conditions = filters.map(|filter| generation.resolve_filter(filter));
    let conditions = conditions.collect::<Result<Vec<_>>>()?;
    // Reading it refuses a text of too many words.
    let settings = generation.text.settings();
    parse(&request.text, TextMatch::All, TextOptions::default(), settings)?;
    let mut suggestions = Vec::new();
    if let Some(typed) = Typed::read(&request.text) {
        let within = Within { scope: request.scope, open: false };
        let rows = generation.filtered(within, &conditions, deadline)?.rows;
        let run = Suggest { generation, request, typed, rows, deadline };
        for kind in &request.kinds {
            suggestions.extend(run.of_kind(*kind)?);
        }
    }
    Ok(SuggestAnswer { suggestions, generation: generation.number, took_us: 0 })
}

struct Suggest<'a> {
    generation: &'a Generation,
    request: &'a SuggestRequest,
    typed: Typed,
    /// The profiles that are counted.
    rows: Arc<Rows>,
    deadline: &'a Deadline,
}

impl Suggest<'_> {
    fn of_kind(&self, kind: SuggestKind) -> Result<Vec<Suggestion>> {
        let completions = &self.generation.completions;
        let fields = &self.generation.keywords;
        let count = |tolerant: bool| match kind {
            SuggestKind::Titles => {
                self.values(&completions.titles, &completions.title_words, tolerant)
            }
            SuggestKind::Services => {
                self.values(&fields[keywords::SERVICES], &completions.service_words, tolerant)
            }
            SuggestKind::Industries => {
                self.values(&fields[keywords::INDUSTRIES], &completions.industry_words, tolerant)
            }
            SuggestKind::Words => self.words(tolerant),
        };
        let mut found = count(false)?;
        if found.is_empty() && self.request.typos {
            found = count(true)?;
        }
        found.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        found.truncate(self.request.limit as usize);
        let shown = found.into_iter().map(|(text, count)| Suggestion { text, kind, count });
        Ok(shown.collect())
    }

    /// The values that are completed, each with how many of the rows have it.
    fn values(
        &self,
        field: &KeywordField,
        words: &ValueWords,
        tolerant: bool,
    ) -> Result<Vec<(String, u64)>> {
        self.deadline.check()?;
        let codes = words.completed(&self.typed, tolerant, self.deadline)?;
        if codes.is_empty() {
            return Ok(Vec::new());
        }
        let mut counts = field.index.counts_of(&codes, &self.rows, |row| field.codes.get(row));
        // Only what may be shown is copied.
        let most = self.request.limit as usize;
        if counts.len() > most {
            let order = |a: &(u32, u32), b: &(u32, u32)| {
                let values = || field.index.value(a.0).cmp(field.index.value(b.0));
                b.1.cmp(&a.1).then_with(values)
            };
            counts.select_nth_unstable_by(most, order);
            counts.truncate(most);
        }
        let named =
            |(code, count): (u32, u32)| (field.index.value(code).to_owned(), u64::from(count));
        Ok(counts.into_iter().map(named).collect())
    }

    /// The text with its last word completed, each with how many of the rows a search for it finds.
    fn words(&self, tolerant: bool) -> Result<Vec<(String, u64)>> {
        let Some(last) = self.typed.words.last() else { return Ok(Vec::new()) };
        let text = &self.generation.text;
        let candidates = text.completions(last, tolerant, COUNTED_WORDS, self.deadline)?;
        let before = self.request.text[..self.typed.last_at].trim_end();
        let within = self.narrowed(before)?;
        let rows = within.as_ref().unwrap_or(&self.rows);
        let begin = if before.is_empty() { String::new() } else { format!("{before} ") };
        let compile = |candidate: CatalogueWord| {
            let compiled =
                text.compile(&candidate.query(), &self.generation.live, self.deadline)?;
            Ok((compiled.most(), candidate.word, compiled))
        };
        let mut candidates = candidates.into_iter().map(compile).collect::<Result<Vec<_>>>()?;
        candidates.sort_by_key(|(most, ..)| Reverse(*most));
        let mut found: Vec<(String, u64)> = Vec::new();
        let mut counts: Vec<u64> = Vec::new();
        for (most, word, compiled) in candidates {
            // Who can have no more than the last that is shown has, and all behind, are not counted.
            if counts.get(self.request.limit as usize - 1).is_some_and(|last| *last > most as u64) {
                break;
            }
            let count = u64::from(compiled.matching(rows, self.deadline)?.count());
            if count > 0 {
                counts.insert(counts.partition_point(|other| *other >= count), count);
                found.push((format!("{begin}{word}"), count));
            }
        }
        Ok(found)
    }

    /// The rows that the words before the last one find; none where there is nothing to look for.
    fn narrowed(&self, before: &str) -> Result<Option<Rows>> {
        let text = &self.generation.text;
        let query = parse(before, TextMatch::All, TextOptions::default(), text.settings())?;
        if query.is_empty() {
            return Ok(None);
        }
        let compiled = text.compile(&query, &self.generation.live, self.deadline)?;
        compiled.matching(&self.rows, self.deadline).map(Some)
    }
}
