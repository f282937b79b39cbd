//! From text to words and stems: the one analysis that index, query and slow twin share.

use std::ops::Range;

use tantivy::tokenizer::{
    AsciiFoldingFilter, RawTokenizer, Stemmer, TextAnalyzer, TokenFilter, TokenStream, Tokenizer,
    WhitespaceTokenizer,
};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::settings::TextSettings;
use super::words::{is_apostrophe, is_sign, words};
use crate::model::Language;

/// Longer words are cut to this many bytes, in texts and queries alike.
pub const MAX_WORD_BYTES: usize = 64;

/// Lucene's English stop words.
const STOP_WORDS: [&str; 33] = [
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it",
    "no", "not", "of", "on", "or", "such", "that", "the", "their", "then", "there", "these",
    "they", "this", "to", "was", "will", "with",
];

/// The stop word that names something wherever it is written in capitals: the department.
const DEPARTMENT: &str = "IT";

/// One word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What is indexed and compared.
    pub stem: String,
    /// The word in lower case without diacritics, at most [`MAX_WORD_BYTES`] long.
    pub word: String,
    /// Its place among all words of the text, stop words counted.
    pub position: u32,
    /// The number of characters of `word`.
    pub letters: u32,
    /// Its bytes in the text.
    pub at: Range<usize>,
}

/// What is a stop word in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopWords {
    /// Those of the language, unless they are written as names are.
    Dropped {
        /// Whether a word in capitals differs from the text around it.
        capitals_stand_out: bool,
    },
    /// None.
    Kept,
}

impl StopWords {
    /// As texts are read.
    pub fn of(text: &str) -> Self {
        Self::Dropped { capitals_stand_out: capitals_stand_out(text) }
    }

    fn drops(self, raw: &str, word: &str) -> bool {
        let Self::Dropped { capitals_stand_out } = self else { return false };
        let longest = 5;
        word.len() <= longest
            && STOP_WORDS.contains(&word)
            && raw != DEPARTMENT
            && !(capitals_stand_out && word.len() > 1 && !raw.chars().any(char::is_lowercase))
    }
}

/// The words of `text`, in order; one pass over the text.
///
/// What a word is, [`words`] says. Accents, apostrophes and case leave no trace (`Zürich` is
/// `zurich`, `don't` is `dont`), and the English possessive `'s` at a word's end is dropped.
///
/// Stop words are dropped and leave a gap in the positions. One that is written in two or more
/// capitals (`IT`, `OR`) is a word nevertheless, unless the text around it has no small letter
/// either; a text of that one word alone has nothing around it. `IT` is a word everywhere.
pub fn analyze(settings: &TextSettings, text: &str) -> Vec<Token> {
    analyze_within(settings, text, StopWords::of(text))
}

/// As [`analyze`], where the caller knows what surrounds `text`.
pub fn analyze_within(settings: &TextSettings, text: &str, stop_words: StopWords) -> Vec<Token> {
    let english = settings.language == Language::English;
    let mut kept: Vec<(String, u32, Range<usize>)> = Vec::new();
    let mut position = 0;
    for at in words(text) {
        let raw = &text[at.clone()];
        let word = fold(raw);
        if word.is_empty() {
            continue;
        }
        if !(english && stop_words.drops(raw, &word)) {
            kept.push((word, position, at));
        }
        position += 1;
    }
    let stems = stems(settings.language, kept.iter().map(|(word, ..)| word.as_str()));
    kept.into_iter()
        .zip(stems)
        .map(|((word, position, at), stem)| Token {
            letters: word.chars().count() as u32,
            stem,
            word,
            position,
            at,
        })
        .collect()
}

/// Whether a word in capitals differs from the text around it.
fn capitals_stand_out(text: &str) -> bool {
    text.chars().any(char::is_lowercase) || words(text).nth(1).is_none()
}

/// The stem of one folded word.
#[cfg(any(test, feature = "testing"))]
pub fn stem(settings: &TextSettings, word: &str) -> String {
    stems(settings.language, std::iter::once(word)).pop().unwrap_or_default()
}

/// `word` in lower case and without accents, in ASCII where its letters have an equal there, cut to
/// [`MAX_WORD_BYTES`]; empty if nothing of it is a letter or digit.
pub fn fold(word: &str) -> String {
    let base = word
        .strip_suffix(['s', 'S'])
        .and_then(|rest| rest.strip_suffix(is_apostrophe))
        .unwrap_or(word);
    let mut folded: String = if base.is_ascii() {
        let kept = base.chars().filter(|c| c.is_ascii_alphanumeric() || is_sign(*c));
        kept.map(|c| c.to_ascii_lowercase()).collect()
    } else {
        fold_unicode(base)
    };
    if !folded.contains(char::is_alphanumeric) {
        folded.clear();
    }
    let mut end = MAX_WORD_BYTES.min(folded.len());
    while !folded.is_char_boundary(end) {
        end -= 1;
    }
    folded.truncate(end);
    folded
}

fn fold_unicode(word: &str) -> String {
    let mut analyzer =
        TextAnalyzer::builder(RawTokenizer::default()).filter(AsciiFoldingFilter).build();
    let bare: String = word.nfd().filter(|c| !is_accent(*c)).nfc().collect();
    let lower = bare.to_lowercase();
    let mut stream = analyzer.token_stream(&lower);
    let folded = stream.next().map(|token| token.text.clone()).unwrap_or_default();
    let of_a_word =
        |c: &char| c.is_alphanumeric() || is_sign(*c) || (is_combining_mark(*c) && !is_accent(*c));
    folded.chars().flat_map(char::to_lowercase).filter(of_a_word).collect()
}

/// A mark over or under a Latin, Greek or Cyrillic letter. Those of other scripts are spelling.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// The stems of folded words, one each.
pub fn stems<'w>(language: Language, words: impl Iterator<Item = &'w str> + Clone) -> Vec<String> {
    let Some(language) = algorithm(language) else {
        return words.map(str::to_owned).collect();
    };
    let line = words.clone().collect::<Vec<_>>().join(" ");
    let mut stemmer = Stemmer::new(language).transform(WhitespaceTokenizer::default());
    let mut stream = stemmer.token_stream(&line);
    words
        .map(|word| match stream.next() {
            Some(token) if !token.text.is_empty() => token.text.clone(),
            _ => word.to_owned(),
        })
        .collect()
}

/// The words of a text in lower case and without accents, none left out.
pub fn folded_words(text: &str) -> impl Iterator<Item = String> {
    words(text).map(|word| fold(&text[word])).filter(|word| !word.is_empty())
}

/// The stemmer of a language, if it has one.
fn algorithm(language: Language) -> Option<tantivy::tokenizer::Language> {
    use tantivy::tokenizer::Language as Stem;
    Some(match language {
        Language::None => return None,
        Language::English => Stem::English,
        Language::Arabic => Stem::Arabic,
        Language::Danish => Stem::Danish,
        Language::Dutch => Stem::Dutch,
        Language::Finnish => Stem::Finnish,
        Language::French => Stem::French,
        Language::German => Stem::German,
        Language::Greek => Stem::Greek,
        Language::Hungarian => Stem::Hungarian,
        Language::Italian => Stem::Italian,
        Language::Norwegian => Stem::Norwegian,
        Language::Portuguese => Stem::Portuguese,
        Language::Romanian => Stem::Romanian,
        Language::Russian => Stem::Russian,
        Language::Spanish => Stem::Spanish,
        Language::Swedish => Stem::Swedish,
        Language::Tamil => Stem::Tamil,
        Language::Turkish => Stem::Turkish,
    })
}
