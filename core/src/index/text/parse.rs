//! From the text in a search box to a query.

use super::analyze::{Token, analyze_within, capitals_stand_out};
use super::query::{Group, MAX_QUERY_BYTES, MAX_QUERY_WORDS, QueryWord, Term, TextQuery};
use super::settings::{Field, TextOptions, TextSettings};
use crate::api::search::TextMatch;
use crate::model::{Error, Result};

/// Reads `text` as web search does. One pass, no recursion.
///
/// - Words are joined as `join` says; a word of several parts (`e-commerce`) is a phrase.
/// - `"quoted words"` are a phrase; an open quote runs to the end. Distances count stop words.
/// - `-word` and `-"a phrase"` exclude.
/// - `or` or `OR` between two terms makes them alternatives, and binds before anything else does.
///   Elsewhere it is a word like others.
/// - `title:cfo` and `headline:"interim cfo"` look in one field; an unknown name is just a word.
/// - Words that are only stop words vanish, as if they were not there. Other punctuation
///   separates.
///
/// Typos are tolerated in words to find that stand alone; the prefix is the last thing in the
/// text, if that is such a word.
///
/// # Errors
/// [`Error::TooLarge`] over 1,024 bytes or 64 words.
pub fn parse(
    text: &str,
    join: TextMatch,
    options: TextOptions,
    settings: &TextSettings,
) -> Result<TextQuery> {
    check("bytes", text.len(), MAX_QUERY_BYTES)?;
    let mut builder = Builder {
        settings,
        options,
        capitals_stand_out: capitals_stand_out(text),
        query: TextQuery { any: join == TextMatch::Any, ..TextQuery::default() },
        words: 0,
        pending_or: None,
        last_is_plain: false,
    };
    let mut rest = text;
    while let Some(piece) = next_piece(&mut rest) {
        builder.take(&piece);
    }
    builder.finish()
}

fn check(unit: &'static str, found: usize, limit: usize) -> Result<()> {
    if found <= limit {
        return Ok(());
    }
    Err(Error::TooLarge { field: "text".into(), found: found as u64, limit: limit as u64, unit })
}

/// One term as it was typed.
#[derive(Debug, PartialEq)]
struct Piece<'t> {
    excluded: bool,
    field: Option<Field>,
    quoted: bool,
    text: &'t str,
}

fn next_piece<'t>(rest: &mut &'t str) -> Option<Piece<'t>> {
    *rest = rest.trim_start_matches(is_separator);
    if rest.is_empty() {
        return None;
    }
    let unsigned = rest.trim_start_matches('-');
    let excluded = unsigned.len() < rest.len();
    *rest = unsigned;
    let mut field = None;
    if let Some((name, after)) = rest.split_once(':')
        && let Some(named) = Field::named(name)
        && after.starts_with(|c: char| !c.is_whitespace())
    {
        (field, *rest) = (Some(named), after);
    }
    let quoted = rest.starts_with(is_quote);
    let end;
    if quoted {
        *rest = rest.trim_start_matches(is_quote);
        end = rest.find(is_quote).unwrap_or(rest.len());
    } else {
        end = rest.find(|c| is_separator(c) || is_quote(c)).unwrap_or(rest.len());
    }
    let (text, after) = rest.split_at(end);
    *rest = if quoted { after.strip_prefix(is_quote).unwrap_or(after) } else { after };
    Some(Piece { excluded, field, quoted, text })
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, ',' | ';' | ':' | '(' | ')' | '[' | ']' | '{' | '}' | '|')
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\u{201c}' | '\u{201d}')
}

struct Builder<'s> {
    settings: &'s TextSettings,
    options: TextOptions,
    capitals_stand_out: bool,
    query: TextQuery,
    words: usize,
    /// An `or` after a term, as it was typed.
    pending_or: Option<String>,
    /// Whether the last piece was a word to find that stands alone.
    last_is_plain: bool,
}

impl Builder<'_> {
    fn take(&mut self, piece: &Piece<'_>) {
        self.last_is_plain = false;
        let operator = matches!(piece.text, "or" | "OR")
            && !piece.quoted
            && !piece.excluded
            && piece.field.is_none();
        if operator && !self.query.groups.is_empty() {
            self.pending_or.get_or_insert_with(|| piece.text.to_owned());
            return;
        }
        let Some(term) = self.term(piece) else { return };
        if piece.excluded {
            self.give_up_or();
            self.query.excluded.push(term);
            return;
        }
        self.last_is_plain = !piece.quoted && term.words.len() == 1;
        match (self.pending_or.take(), self.query.groups.last_mut()) {
            (Some(_), Some(group)) => group.alternatives.push(term),
            _ => self.query.groups.push(Group { alternatives: vec![term] }),
        }
    }

    /// An `or` that joins nothing is a word.
    fn give_up_or(&mut self) {
        if let Some(text) = self.pending_or.take()
            && let Some(term) =
                self.term(&Piece { excluded: false, field: None, quoted: false, text: &text })
        {
            self.query.groups.push(Group { alternatives: vec![term] });
        }
    }

    fn term(&mut self, piece: &Piece<'_>) -> Option<Term> {
        let tokens = analyze_within(self.settings, piece.text, self.capitals_stand_out);
        let first = tokens.first()?;
        let typos = match first.letters {
            _ if !self.options.typos || piece.quoted || piece.excluded || tokens.len() > 1 => 0,
            0..=4 => 0,
            5..=8 => 1,
            _ => 2,
        };
        let start = first.position;
        self.words += tokens.len();
        let word =
            |Token { stem, word, position, .. }| QueryWord { stem, word, offset: position - start };
        let words = tokens.into_iter().map(word).collect();
        Some(Term { field: piece.field, words, prefix: false, typos })
    }

    fn finish(mut self) -> Result<TextQuery> {
        self.give_up_or();
        if self.options.prefix
            && self.last_is_plain
            && let Some(group) = self.query.groups.last_mut()
            && let Some(term) = group.alternatives.last_mut()
        {
            term.prefix = true;
        }
        check("words", self.words, MAX_QUERY_WORDS)?;
        Ok(self.query)
    }
}
