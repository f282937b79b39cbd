//! The slow twin: the meaning of a [`TextQuery`] by scanning all documents, word by word.
//!
//! It shares analysis and parsing with the index, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::analyze::{analyze, stem};
use super::document::TextDocument;
use super::query::{QueryWord, Term, TextQuery};
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
                for term in terms {
                    score += term.score(doc, norm);
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

    /// The bytes of `text`, a value of `field`, that the query finds, as ranges that do not touch.
    pub fn marks(&self, query: &TextQuery, field: Field, text: &str) -> Vec<Range<usize>> {
        let tokens = analyze(&self.settings, text);
        let mut marked = vec![false; text.len()];
        let terms = query.groups.iter().flat_map(|group| self.bind_all(&group.alternatives));
        for term in terms.filter(|term| term.term.field.is_none_or(|only| only == field)) {
            for (words, _) in &term.phrases {
                for start in &tokens {
                    let stands = words.iter().map(|word| {
                        tokens.iter().find(|token| {
                            token.position == start.position + word.offset
                                && word.stems.contains_key(&token.stem)
                        })
                    });
                    if let Some(found) = stands.collect::<Option<Vec<_>>>() {
                        let end = found.iter().map(|token| token.at.end).max().unwrap_or(0);
                        marked[start.at.start..end].fill(true);
                    }
                }
            }
        }
        if self.settings.weights[field.number()] == 0 {
            return Vec::new();
        }
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for at in (0..text.len()).filter(|&at| marked[at]) {
            match ranges.last_mut() {
                Some(last) if last.end == at => last.end = at + 1,
                _ => ranges.push(at..at + 1),
            }
        }
        ranges
    }

    /// The catalogue's words that begin with `typed`, or with something within one edit of it, the
    /// first word of each stem.
    pub fn completions(&self, typed: &str, tolerant: bool, most: usize) -> Vec<&str> {
        let allowed = usize::from(tolerant && typed.chars().count() >= 5);
        let edits = |word: &str| {
            if !word.starts_with(typed.chars().next()?) {
                return None;
            }
            let beginnings = (0..=word.len()).filter_map(|end| word.get(..end));
            let edits = beginnings.map(|beginning| strsim::osa_distance(typed, beginning)).min()?;
            (edits <= allowed).then_some(edits)
        };
        self.of_each_stem(edits, most)
    }

    /// The catalogue's words near one that was typed, the first of each stem but for its own.
    pub fn meant(&self, typed: &str, own: &str, most: usize) -> Vec<&str> {
        let allowed = match typed.chars().count() {
            0..=3 => return Vec::new(),
            4..=7 => 1,
            _ => 2,
        };
        for same_letter in [true, false] {
            let edits = |word: &str| {
                if same_letter && word.chars().next() != typed.chars().next() {
                    return None;
                }
                Some(strsim::osa_distance(typed, word)).filter(|edits| *edits <= allowed)
            };
            let mut found = self.of_each_stem(edits, most + 1);
            found.retain(|word| stem(&self.settings, word) != own);
            found.truncate(most);
            if !found.is_empty() {
                return found;
            }
        }
        Vec::new()
    }

    /// Whether any document has the folded word.
    pub fn has_word(&self, word: &str) -> bool {
        self.words.contains_key(word)
    }

    /// What the query's words say together: for each group the heaviest of its alternatives.
    pub fn information(&self, query: &TextQuery) -> f64 {
        let heaviest = |group: &super::query::Group| {
            let terms = self.bind_all(&group.alternatives);
            let own = terms.iter().filter_map(|term| term.phrases.first());
            own.map(|(words, _)| words.iter().map(|word| word.idf).sum()).fold(0.0, f64::max)
        };
        query.groups.iter().map(heaviest).sum()
    }

    fn of_each_stem(&self, edits: impl Fn(&str) -> Option<usize>, most: usize) -> Vec<&str> {
        let mut found: Vec<_> = self
            .words
            .iter()
            .filter_map(|(word, &count)| Some((edits(word)?, usize::MAX - count, word.as_str())))
            .collect();
        found.sort_unstable();
        found.truncate(most * 4);
        let (mut seen, mut kept) = (BTreeSet::new(), Vec::new());
        for (_, _, word) in found {
            if kept.len() < most && seen.insert(stem(&self.settings, word)) {
                kept.push(word);
            }
        }
        kept
    }

    fn bind_all<'q>(&self, terms: &'q [Term]) -> Vec<BoundTerm<'q>> {
        terms.iter().map(|term| self.bind(term)).collect()
    }

    fn bind<'q>(&self, term: &'q Term) -> BoundTerm<'q> {
        let own = term.words.iter().map(|word| {
            let mut stems = BTreeMap::from([(word.stem.clone(), 0)]);
            if term.typos > 0 {
                let near = |candidate: &str| {
                    let edits = strsim::osa_distance(&word.word, candidate);
                    let same_start = word.word.chars().next() == candidate.chars().next();
                    let near = edits <= usize::from(term.typos);
                    (near && (same_start || term.any_first_letter)).then_some(edits)
                };
                self.expand(near, 64, &mut stems);
            }
            if term.prefix {
                let completed = |candidate: &str| candidate.starts_with(&word.word).then_some(0);
                self.expand(completed, 256, &mut stems);
            }
            self.word(word.offset, stems)
        });
        let mut phrases = vec![(own.collect(), 1.0)];
        for stand_in in &term.stand_ins {
            let stems = |word: &QueryWord| BTreeMap::from([(word.stem.clone(), 0)]);
            let words = stand_in.words.iter().map(|word| self.word(word.offset, stems(word)));
            phrases.push((words.collect(), f64::from(stand_in.terms)));
        }
        BoundTerm { term, phrases }
    }

    fn word(&self, offset: u32, stems: BTreeMap<String, usize>) -> BoundWord {
        let having = self
            .docs
            .iter()
            .filter(|(_, doc)| doc.iter().any(|found| stems.contains_key(&found.stem)));
        let (n, having) = (self.docs.len() as f64, having.count() as f64);
        let idf = (1.0 + (n - having + 0.5) / (having + 0.5)).ln();
        BoundWord { offset, stems, idf }
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
    /// The term itself, then what stands for it, each with the number of terms it stands for.
    phrases: Vec<(Vec<BoundWord>, f64)>,
}

struct BoundWord {
    offset: u32,
    stems: BTreeMap<String, usize>,
    idf: f64,
}

impl BoundTerm<'_> {
    fn matches(&self, doc: &[Occurrence]) -> bool {
        self.phrases.iter().any(|(words, _)| self.stands(words, doc))
    }

    /// Whether the words stand one after the other somewhere in the document.
    fn stands(&self, words: &[BoundWord], doc: &[Occurrence]) -> bool {
        doc.iter().any(|start| {
            self.term.field.is_none_or(|field| field == start.field)
                && words.iter().all(|word| {
                    doc.iter().any(|found| {
                        found.field == start.field
                            && found.value == start.value
                            && found.position == start.position + word.offset
                            && word.stems.contains_key(&found.stem)
                    })
                })
        })
    }

    /// The most that one of the phrases that stand in the document is worth.
    fn score(&self, doc: &[Occurrence], norm: f64) -> f64 {
        let mut best = f64::NEG_INFINITY;
        for (words, terms) in &self.phrases {
            if self.stands(words, doc) {
                let mut worth = 0.0;
                for word in words {
                    let tf = word.tf(doc);
                    worth += word.idf * tf / (tf + norm);
                }
                best = best.max(worth / terms);
            }
        }
        best
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

/// The stem of a folded word.
pub fn stem_of(settings: &TextSettings, word: &str) -> String {
    stem(settings, word)
}
