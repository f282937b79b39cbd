//! The slow twin: the meaning of a [`TextQuery`] by scanning all documents, word by word.
//!
//! It shares analysis and parsing with the index, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use super::analyze::{analyze, stem};
use super::document::TextDocument;
use super::query::{Term, TextQuery};
use super::settings::{Field, TextSettings};

/// All documents that are alive, as plain lists of words.
#[derive(Clone, Debug)]
pub struct Naive {
    settings: TextSettings,
    docs: Vec<(u32, Vec<Occurrence>)>,
    /// In how many documents each folded word occurs.
    words: BTreeMap<String, usize>,
}

#[derive(Clone, Debug)]
struct Occurrence {
    field: Field,
    value: usize,
    position: u32,
    weight: f64,
    stem: String,
    word: String,
}

impl Naive {
    /// A twin that holds `docs`: the row and the text of every document that is alive.
    pub fn new<'a>(
        settings: TextSettings,
        docs: impl IntoIterator<Item = (u32, TextDocument<'a>)>,
    ) -> Self {
        let docs: Vec<_> =
            docs.into_iter().map(|(row, doc)| (row, occurrences(&settings, &doc))).collect();
        let mut words = BTreeMap::new();
        for (_, doc) in &docs {
            for word in doc.iter().map(|found| &found.word).collect::<BTreeSet<_>>() {
                *words.entry(word.clone()).or_default() += 1;
            }
        }
        Self { settings, docs, words }
    }

    /// The rows of `within` that match, ascending, each with its score.
    pub fn search(&self, query: &TextQuery, within: impl Fn(u32) -> bool) -> Vec<(u32, f64)> {
        let mean =
            self.docs.iter().map(|(_, doc)| length(doc)).sum::<f64>() / self.docs.len() as f64;
        let groups: Vec<_> =
            query.groups.iter().map(|group| self.bind_all(&group.alternatives)).collect();
        let excluded = self.bind_all(&query.excluded);
        let mut found = Vec::new();
        for (row, doc) in &self.docs {
            if !within(*row) || excluded.iter().any(|term| term.matches(doc)) {
                continue;
            }
            let norm = 1.2 * (1.0 - 0.75 + 0.75 * length(doc) / mean);
            let mut score = 0.0;
            let mut matched = 0;
            for group in &groups {
                let terms: Vec<_> = group.iter().filter(|term| term.matches(doc)).collect();
                matched += usize::from(!terms.is_empty());
                for word in terms.iter().flat_map(|term| &term.words) {
                    let tf = word.tf(doc);
                    score += word.idf * tf / (tf + norm);
                }
            }
            let enough = if query.any { matched > 0 } else { matched == groups.len() };
            if enough || groups.is_empty() {
                found.push((*row, score));
            }
        }
        found.sort_by_key(|&(row, _)| row);
        found
    }

    /// The folded words that begin with `prefix`, most documents first.
    #[cfg(test)]
    pub fn words_with_prefix(&self, prefix: &str, limit: usize) -> Vec<(String, u64)> {
        let mut found: Vec<_> = self
            .words
            .iter()
            .filter(|(word, _)| word.starts_with(prefix))
            .map(|(word, &count)| (word.clone(), count as u64))
            .collect();
        found.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        found.truncate(limit);
        found
    }

    fn bind_all<'q>(&self, terms: &'q [Term]) -> Vec<BoundTerm<'q>> {
        terms.iter().map(|term| self.bind(term)).collect()
    }

    fn bind<'q>(&self, term: &'q Term) -> BoundTerm<'q> {
        let words = term.words.iter().map(|word| {
            let mut stems = BTreeMap::from([(word.stem.clone(), 0)]);
            if term.typos > 0 {
                let near = |candidate: &str| {
                    let edits = strsim::osa_distance(&word.word, candidate);
                    let same_start = word.word.chars().next() == candidate.chars().next();
                    (same_start && edits <= usize::from(term.typos)).then_some(edits)
                };
                self.expand(near, 64, &mut stems);
            }
            if term.prefix {
                let completed = |candidate: &str| candidate.starts_with(&word.word).then_some(0);
                self.expand(completed, 256, &mut stems);
            }
            let having = self
                .docs
                .iter()
                .filter(|(_, doc)| doc.iter().any(|found| stems.contains_key(&found.stem)));
            let (n, having) = (self.docs.len() as f64, having.count() as f64);
            let idf = (1.0 + (n - having + 0.5) / (having + 0.5)).ln();
            BoundWord { offset: word.offset, stems, idf }
        });
        BoundTerm { term, words: words.collect() }
    }

    fn expand(
        &self,
        edits: impl Fn(&str) -> Option<usize>,
        most: usize,
        stems: &mut BTreeMap<String, usize>,
    ) {
        let mut found: Vec<_> = self
            .words
            .iter()
            .filter_map(|(word, &count)| Some((edits(word)?, usize::MAX - count, word)))
            .collect();
        found.sort();
        for (edits, _, word) in found.into_iter().take(most) {
            let least = stems.entry(stem(&self.settings, word)).or_insert(edits);
            *least = edits.min(*least);
        }
    }
}

struct BoundTerm<'q> {
    term: &'q Term,
    words: Vec<BoundWord>,
}

struct BoundWord {
    offset: u32,
    stems: BTreeMap<String, usize>,
    idf: f64,
}

impl BoundTerm<'_> {
    fn matches(&self, doc: &[Occurrence]) -> bool {
        doc.iter().any(|start| {
            self.term.field.is_none_or(|field| field == start.field)
                && self.words.iter().all(|word| {
                    doc.iter().any(|found| {
                        found.field == start.field
                            && found.value == start.value
                            && found.position == start.position + word.offset
                            && word.stems.contains_key(&found.stem)
                    })
                })
        })
    }
}

impl BoundWord {
    fn tf(&self, doc: &[Occurrence]) -> f64 {
        let mut tf = 0.0;
        for (stem, &edits) in &self.stems {
            let weights = doc.iter().filter(|found| found.stem == *stem).map(|found| found.weight);
            tf += weights.sum::<f64>() / (1.0 + edits as f64);
        }
        tf
    }
}

fn length(doc: &[Occurrence]) -> f64 {
    doc.iter().map(|found| found.weight).sum()
}

fn occurrences(settings: &TextSettings, document: &TextDocument<'_>) -> Vec<Occurrence> {
    let mut found = Vec::new();
    for field in Field::ALL {
        let weight = f64::from(settings.weights[field.number()]);
        for (value, text) in document.values(field).iter().enumerate() {
            let tokens = if weight > 0.0 { analyze(settings, text) } else { Vec::new() };
            found.extend(tokens.into_iter().map(|token| Occurrence {
                field,
                value,
                position: token.position,
                weight,
                stem: token.stem,
                word: token.word,
            }));
        }
    }
    found
}
