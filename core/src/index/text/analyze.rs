//! From text to words and stems: the one analysis that index, query and slow twin share.

use tantivy::tokenizer::{
    AsciiFoldingFilter, RawTokenizer, Stemmer, TextAnalyzer, TokenFilter, TokenStream, Tokenizer,
    WhitespaceTokenizer,
};

use super::settings::TextSettings;
use crate::model::Language;

/// Longer words are cut to this many bytes, in texts and queries alike.
pub const MAX_WORD_BYTES: usize = 64;

/// Lucene's English stop words.
const STOP_WORDS: [&str; 33] = [
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it",
    "no", "not", "of", "on", "or", "such", "that", "the", "their", "then", "there", "these",
    "they", "this", "to", "was", "will", "with",
];

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
}

/// The words of `text`, in order; one pass over the text.
///
/// A word is a run of letters and digits of any script. Marks that combine with a letter and
/// apostrophes between letters belong to the word and leave no trace (`don't` is `dont`), except
/// that the English possessive `'s` at a word's end is dropped. All else separates: `C++` is `c`.
///
/// Stop words are dropped and leave a gap in the positions. One that is written in two or more
/// capitals (`IT`, `OR`) is a word nevertheless, unless the text around it has no small letter
/// either; a text of that one word alone has nothing around it.
pub fn analyze(settings: &TextSettings, text: &str) -> Vec<Token> {
    analyze_within(settings, text, capitals_stand_out(text))
}

/// As [`analyze`], where the caller knows whether capitals stand out in what surrounds `text`.
pub fn analyze_within(settings: &TextSettings, text: &str, capitals_stand_out: bool) -> Vec<Token> {
    let stops = settings.language == Language::English;
    let mut kept: Vec<(String, u32)> = Vec::new();
    let mut position = 0;
    for raw in raw_words(text) {
        let word = fold(raw);
        if word.is_empty() {
            continue;
        }
        let stop = stops
            && STOP_WORDS.contains(&word.as_str())
            && !(capitals_stand_out && word.len() > 1 && !raw.chars().any(char::is_lowercase));
        if !stop {
            kept.push((word, position));
        }
        position += 1;
    }
    let stems = stems(settings.language, kept.iter().map(|(word, _)| word.as_str()));
    kept.into_iter()
        .zip(stems)
        .map(|((word, position), stem)| Token {
            letters: word.chars().count() as u32,
            stem,
            word,
            position,
        })
        .collect()
}

/// Whether a word in capitals differs from the text around it.
pub fn capitals_stand_out(text: &str) -> bool {
    text.chars().any(char::is_lowercase) || raw_words(text).nth(1).is_none()
}

/// The stem of one folded word.
pub fn stem(settings: &TextSettings, word: &str) -> String {
    stems(settings.language, std::iter::once(word)).pop().unwrap_or_default()
}

/// `word` in lower case, in ASCII where its letters have an equal there, cut to
/// [`MAX_WORD_BYTES`]; empty if nothing of it is a letter or digit.
pub fn fold(word: &str) -> String {
    let word = without_apostrophes(word);
    let mut folded = if word.is_ascii() { word.to_ascii_lowercase() } else { fold_unicode(&word) };
    let mut end = MAX_WORD_BYTES.min(folded.len());
    while !folded.is_char_boundary(end) {
        end -= 1;
    }
    folded.truncate(end);
    folded
}

fn without_apostrophes(word: &str) -> String {
    let base = word
        .strip_suffix(['s', 'S'])
        .and_then(|rest| rest.strip_suffix(is_apostrophe))
        .unwrap_or(word);
    base.chars().filter(|&c| !is_apostrophe(c)).collect()
}

fn fold_unicode(word: &str) -> String {
    let mut analyzer =
        TextAnalyzer::builder(RawTokenizer::default()).filter(AsciiFoldingFilter).build();
    let lower = word.to_lowercase();
    let mut stream = analyzer.token_stream(&lower);
    let folded = stream.next().map(|token| token.text.clone()).unwrap_or_default();
    folded.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The stems of folded words, one each.
fn stems<'w>(language: Language, words: impl Iterator<Item = &'w str> + Clone) -> Vec<String> {
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

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}')
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// The runs of letters and digits, with the marks and apostrophes inside them.
fn raw_words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && !is_apostrophe(c) && !is_mark(c))
        .map(|run| run.trim_matches(is_apostrophe))
        .filter(|run| run.chars().any(char::is_alphanumeric))
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
