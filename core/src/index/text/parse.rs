//! From the text in a search box to a query.

use super::analyze::{StopWords, analyze_within};
use super::query::{Group, MAX_QUERY_BYTES, MAX_QUERY_WORDS, QueryWord, Term, TextQuery, phrase};
use super::settings::{Field, TextOptions, TextSettings};
use super::words::words;
use crate::api::search::TextMatch;
use crate::model::{Error, Result};

/// Reads `text` as web search does. One pass, no recursion.
///
/// - Words are joined as `join` says; a word of several parts (`e-commerce`) is a phrase where all must match.
/// - `"quoted words"` are a phrase; an open quote runs to the end. Distances count stop words.
/// - `-word` and `-"a phrase"` exclude.
/// - `or` or `OR` between two terms makes them alternatives, and binds before anything else does.
///   Elsewhere it is a word like others.
/// - `title:cfo` and `headline:"interim cfo"` look in one field; an unknown name is just a word.
/// - Words that are only stop words vanish, as if they were not there; where nothing else was
///   typed, they are looked for (`it` finds the `IT` department). Other punctuation separates.
///
/// Typos are tolerated in words to find that stand alone; the prefix is the last thing in the
/// text, if that is such a word. What is quoted or excluded means just itself; all else has the
/// index's synonyms.
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
    let read = |stop_words| {
        let query = TextQuery { any: join == TextMatch::Any, ..TextQuery::default() };
        let (words, pending_or, last_is_plain) = (0, None, false);
        Builder { text, settings, options, stop_words, query, words, pending_or, last_is_plain }
            .read()
    };
    let mut query = read(StopWords::of(text))?;
    if query.is_empty() {
        query = read(StopWords::Kept)?;
    }
    settings.synonyms.stand_in(&mut query);
    Ok(query)
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
    let end = if quoted {
        *rest = rest.trim_start_matches(is_quote);
        rest.find(is_quote).unwrap_or(rest.len())
    } else {
        let end = rest.find(|c| is_separator(c) || is_quote(c)).unwrap_or(rest.len());
        // A name that is written with spaces inside (`M & A`) is one word.
        let across = words(rest).take_while(|word| word.start < end).last();
        across.map_or(end, |word| word.end.max(end))
    };
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
    text: &'s str,
    settings: &'s TextSettings,
    options: TextOptions,
    stop_words: StopWords,
    query: TextQuery,
    words: usize,
    /// An `or` after a term, as it was typed.
    pending_or: Option<&'s str>,
    /// Whether the last piece was a word to find that stands alone.
    last_is_plain: bool,
}

impl<'s> Builder<'s> {
    fn read(mut self) -> Result<TextQuery> {
        let mut rest = self.text;
        while let Some(piece) = next_piece(&mut rest) {
            self.take(&piece);
        }
        self.finish()
    }

    fn take(&mut self, piece: &Piece<'s>) {
        self.last_is_plain = false;
        let operator = matches!(piece.text, "or" | "OR")
            && !piece.quoted
            && !piece.excluded
            && piece.field.is_none();
        if operator && !self.query.groups.is_empty() {
            self.pending_or.get_or_insert(piece.text);
            return;
        }
        let Some(term) = self.term(piece) else { return };
        if piece.excluded {
            self.give_up_or();
            self.query.excluded.push(term);
            return;
        }
        self.last_is_plain = !piece.quoted && term.words.len() == 1;
        if self.query.any && !piece.quoted && self.pending_or.is_none() {
            // Where any word is enough, any part of a word is.
            let alone = |word: QueryWord| Group {
                alternatives: vec![Term {
                    words: vec![QueryWord { offset: 0, ..word }],
                    ..term.clone()
                }],
            };
            self.query.groups.extend(term.words.iter().cloned().map(alone));
            return;
        }
        match (self.pending_or.take(), self.query.groups.last_mut()) {
            (Some(_), Some(group)) => group.alternatives.push(term),
            _ => self.query.groups.push(Group { alternatives: vec![term] }),
        }
    }

    /// An `or` that joins nothing is a word.
    fn give_up_or(&mut self) {
        if let Some(text) = self.pending_or.take()
            && let Some(term) =
                self.term(&Piece { excluded: false, field: None, quoted: false, text })
        {
            self.query.groups.push(Group { alternatives: vec![term] });
        }
    }

    fn term(&mut self, piece: &Piece<'_>) -> Option<Term> {
        let tokens = analyze_within(self.settings, piece.text, self.stop_words);
        let first = tokens.first()?;
        let exact = piece.quoted || piece.excluded;
        let typos = match first.letters {
            _ if !self.options.typos || exact || tokens.len() > 1 => 0,
            0..=4 => 0,
            5..=8 => 1,
            _ => 2,
        };
        self.words += tokens.len();
        // The piece is a part of the text.
        let start = piece.text.as_ptr() as usize - self.text.as_ptr() as usize;
        Some(Term {
            field: piece.field,
            words: phrase(tokens, start),
            exact,
            prefix: false,
            typos,
            any_first_letter: self.options.any_first_letter,
            stand_ins: Vec::new(),
        })
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
