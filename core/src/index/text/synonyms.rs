//! Which stems stand for which, when a query is read.

use hashbrown::{HashMap, HashSet};

use super::analyze::analyze;
use super::query::{QueryWord, StandIn, Term, TextQuery, phrase};
use super::settings::TextSettings;
use crate::model::{Error, Result, SynonymRule};

/// The most words in one phrase of a rule.
const MOST_WORDS: usize = 8;
/// The most synonyms that one word or phrase of a query gets.
const MOST_STAND_INS: usize = 32;
/// The most words that all synonyms in one query have.
const MOST_QUERY_WORDS: usize = 256;

/// What stands for each sequence of stems.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Synonyms {
    /// By the stems, joined by spaces: the phrases that stand for them, in the order of the rules.
    forms: HashMap<String, Vec<Vec<QueryWord>>>,
    /// The most stems in one sequence.
    longest: usize,
}

impl Synonyms {
    /// Reads rules as the index's texts are read. Costs their analysis.
    ///
    /// # Errors
    /// [`Error::TooLarge`] over a limit; [`Error::OutOfRange`] for a phrase of nothing but stop
    /// words and signs.
    pub fn new(settings: &TextSettings, rules: &[SynonymRule]) -> Result<Self> {
        SynonymRule::check_all(rules)?;
        let mut synonyms = Self::default();
        for rule in rules {
            let (from, to) = rule.sides();
            let read = |forms: &[String]| -> Result<Vec<Vec<QueryWord>>> {
                forms.iter().map(|form| read(settings, form)).collect()
            };
            let (from, to) = (read(from)?, read(to)?);
            for form in &from {
                let key = key(form.iter());
                synonyms.longest = synonyms.longest.max(form.len());
                let known = synonyms.forms.entry(key.clone()).or_default();
                let mut seen: HashSet<String> =
                    known.iter().map(|form| self::key(form.iter())).collect();
                seen.insert(key);
                for other in &to {
                    if known.len() < MOST_STAND_INS && seen.insert(self::key(other.iter())) {
                        known.push(other.clone());
                    }
                }
            }
        }
        Ok(synonyms)
    }

    /// Gives the terms of a query their synonyms. Sequences of single terms are read from the
    /// left, the longest that has synonyms first; alternatives of an `or` by themselves.
    ///
    /// A sequence `a b` with the synonym `c` is found where `a` or `c` is and `b` or `c` is, that
    /// is, where `a` and `b` are, or `c`.
    pub fn stand_in(&self, query: &mut TextQuery) {
        if self.forms.is_empty() {
            return;
        }
        let mut left = MOST_QUERY_WORDS;
        let mut from = 0;
        while from < query.groups.len() {
            let groups = &mut query.groups[from..];
            if let [first] = groups[0].alternatives.as_slice() {
                let field = first.field;
                let run = groups.iter().take_while(|group| match group.alternatives.as_slice() {
                    [term] => !term.exact && term.field == field,
                    _ => false,
                });
                let most = run.count();
                let known = (1..=most.min(self.longest)).rev().find_map(|terms| {
                    let words = groups[..terms].iter().flat_map(|g| &g.alternatives[0].words);
                    self.of(words).map(|known| (terms, known))
                });
                if let Some((terms, known)) = known {
                    let own = groups[..terms].iter_mut().flat_map(|group| &mut group.alternatives);
                    give(own.collect(), known, &mut left);
                    from += terms;
                    continue;
                }
            } else {
                for term in &mut groups[0].alternatives {
                    if let Some(known) = self.of(term.words.iter()).filter(|_| !term.exact) {
                        give(vec![term], known, &mut left);
                    }
                }
            }
            from += 1;
        }
    }

    fn of<'w>(
        &self,
        words: impl Iterator<Item = &'w QueryWord> + Clone,
    ) -> Option<&[Vec<QueryWord>]> {
        if words.clone().nth(self.longest).is_some() {
            return None;
        }
        self.forms.get(&key(words)).map(Vec::as_slice)
    }
}

/// Each of the terms gets what stands for all of them.
fn give(mut terms: Vec<&mut Term>, known: &[Vec<QueryWord>], left: &mut usize) {
    for words in known {
        let cost = words.len() * terms.len();
        if cost > *left {
            return;
        }
        *left -= cost;
        let count = terms.len() as u32;
        for term in &mut terms {
            term.stand_ins.push(StandIn { words: words.clone(), terms: count });
        }
    }
}

fn key<'w>(words: impl Iterator<Item = &'w QueryWord>) -> String {
    words.map(|word| word.stem.as_str()).collect::<Vec<_>>().join(" ")
}

fn read(settings: &TextSettings, form: &str) -> Result<Vec<QueryWord>> {
    let mut words = phrase(analyze(settings, form), 0);
    if words.is_empty() || words.len() > MOST_WORDS {
        return Err(Error::OutOfRange {
            field: "synonyms".to_owned(),
            value: crate::model::error::shown(form),
            expected: "a word or phrase of 1 to 8 words, stop words and signs not counted"
                .to_owned(),
        });
    }
    words.iter_mut().for_each(|word| word.at = 0..0);
    Ok(words)
}
