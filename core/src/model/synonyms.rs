//! Which words stand for which.

use super::{Error, Result};

/// The most synonym rules of one index.
pub const MAX_RULES: usize = 2_000;
/// The most words and phrases on one side of a rule.
pub const MAX_FORMS: usize = 32;
/// The longest word or phrase of a rule, in bytes.
pub const MAX_FORM_BYTES: usize = 256;
/// The most bytes of all words and phrases together.
pub const MAX_BYTES: usize = 512 * 1_024;

/// A rule of an index: which words or phrases stand for which, when a text is looked for.
///
/// Case, accents and endings do not matter, as in any search: a rule for `advisor` is one for
/// `Advisors` too. The rules say nothing of documents, so they may change at any time.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SynonymRule {
    /// Each stands for all the others: `cfo`, `chief financial officer`.
    Equal(Vec<String>),
    /// Who looks for one of `from` finds `to` too, and not the other way round.
    OneWay {
        /// What is looked for.
        from: Vec<String>,
        /// What is found beside it.
        to: Vec<String>,
    },
}

impl SynonymRule {
    /// Each way in which the rule can be read: what is looked for, and what stands for it.
    pub(crate) fn sides(&self) -> (&[String], &[String]) {
        match self {
            Self::Equal(forms) => (forms, forms),
            Self::OneWay { from, to } => (from, to),
        }
    }

    /// Refuses rules over a limit, and one that says nothing.
    ///
    /// # Errors
    /// [`Error::TooLarge`], [`Error::OutOfRange`].
    pub(crate) fn check_all(rules: &[SynonymRule]) -> Result<()> {
        let too_large = |found: usize, limit: usize, unit| Error::TooLarge {
            field: "synonyms".to_owned(),
            found: found as u64,
            limit: limit as u64,
            unit,
        };
        if rules.len() > MAX_RULES {
            return Err(too_large(rules.len(), MAX_RULES, "rules"));
        }
        let forms = |rule: &SynonymRule| match rule {
            Self::Equal(forms) => forms.iter().map(String::len).sum::<usize>(),
            Self::OneWay { from, to } => from.iter().chain(to).map(String::len).sum(),
        };
        let bytes = rules.iter().map(forms).sum();
        if bytes > MAX_BYTES {
            return Err(too_large(bytes, MAX_BYTES, "bytes in all"));
        }
        for rule in rules {
            let (from, to) = rule.sides();
            let least = if matches!(rule, Self::Equal(_)) { 2 } else { 1 };
            for side in [from, to] {
                if side.len() > MAX_FORMS {
                    return Err(too_large(side.len(), MAX_FORMS, "words or phrases in one rule"));
                }
                if side.len() < least {
                    return Err(Error::OutOfRange {
                        field: "synonyms".to_owned(),
                        value: format!("a rule with {} on one side", side.len()),
                        expected: "two words or phrases or more, or `from` and `to` with at least one each".to_owned(),
                    });
                }
                if let Some(form) = side.iter().find(|form| form.len() > MAX_FORM_BYTES) {
                    return Err(too_large(form.len(), MAX_FORM_BYTES, "bytes in one phrase"));
                }
            }
        }
        Ok(())
    }
}
