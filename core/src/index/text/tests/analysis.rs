use crate::index::text::TextSettings;
use crate::index::text::analyze::{MAX_WORD_BYTES, analyze, fold};
use crate::index::text::edits::edits_within;
use crate::model::Language;
use proptest::prelude::*;

fn words(text: &str) -> Vec<(String, u32)> {
    let tokens = analyze(&TextSettings::default(), text);
    tokens.into_iter().map(|token| (token.word, token.position)).collect()
}

fn stems(text: &str) -> Vec<String> {
    analyze(&TextSettings::default(), text).into_iter().map(|token| token.stem).collect()
}

#[test]
fn stop_words_leave_a_gap() {
    assert_eq!(
        words("head of the tax team"),
        [("head".into(), 0), ("tax".into(), 3), ("team".into(), 4)]
    );
}

#[test]
fn a_stop_word_in_capitals_is_a_word() {
    assert_eq!(words("Head of IT"), [("head".into(), 0), ("it".into(), 2)]);
    assert_eq!(words("IT"), [("it".into(), 0)]);
    assert_eq!(words("HEAD OF IT"), [("head".into(), 0), ("it".into(), 2)]);
    assert_eq!(words("HEAD OF AN AREA"), [("head".into(), 0), ("area".into(), 3)]);
    assert_eq!(words("A seasoned CFO"), [("seasoned".into(), 1), ("cfo".into(), 2)]);
}

#[test]
fn accents_and_case_fold() {
    assert_eq!(words("Café Zürich STRASSE straße"), words("cafe zurich strasse strasse"));
    assert_eq!(words("cafe\u{301} Zu\u{308}rich"), words("café Zürich"));
    assert_eq!(words("\u{438}\u{306} \u{3b1}\u{301}"), words("й ά"));
    assert_eq!(words("வணக்கம்").len(), 1);
}

#[test]
fn apostrophes_leave_no_trace() {
    assert_eq!(words("don't O\u{2019}Brien CFO's"), words("dont obrien cfo"));
    assert_eq!(words("'quoted'"), words("quoted"));
}

#[test]
fn signs_separate() {
    assert_eq!(words("tax/audit e-commerce"), words("tax audit e commerce"));
    assert!(words("++ -- ' \u{301}").is_empty());
}

#[test]
fn english_is_stemmed_and_none_is_not() {
    assert_eq!(stems("advising advisers taxes"), ["advis", "advis", "tax"]);
    let none = TextSettings { language: Language::None, ..TextSettings::default() };
    let stems: Vec<String> =
        analyze(&none, "the taxes").into_iter().map(|token| token.stem).collect();
    assert_eq!(stems, ["the", "taxes"]);
}

#[test]
fn every_language_has_its_own_name() {
    for name in ["none", "english", "german", "tamil"] {
        assert_eq!(Language::named(name).expect("a language").name(), name);
    }
    assert!(Language::named("klingon").is_err());
}

#[test]
fn long_words_are_cut_alike() {
    let long = "é".repeat(500);
    assert_eq!(fold(&long).len(), MAX_WORD_BYTES);
    assert_eq!(fold(&"я".repeat(500)).chars().count(), MAX_WORD_BYTES / 2);
}

proptest! {
    #[test]
    fn edits_agree_with_the_reference(a in "[abc]{0,9}", b in "[abc]{0,9}", max in 0u8..4) {
        let chars = |word: &str| word.chars().collect::<Vec<_>>();
        let expected = strsim::osa_distance(&a, &b);
        let found = edits_within(&chars(&a), &chars(&b), max);
        prop_assert_eq!(found.map(usize::from), (expected <= usize::from(max)).then_some(expected));
    }

    #[test]
    fn any_text_analyses(text in "\\PC{0,60}") {
        for token in analyze(&TextSettings::default(), &text) {
            prop_assert!(!token.word.is_empty() && !token.stem.is_empty());
            prop_assert!(token.word.len() <= MAX_WORD_BYTES);
            prop_assert_eq!(fold(&token.word), token.word);
        }
    }
}

#[test]
fn names_with_signs_are_words_of_their_own() {
    let of = |text| words(text).into_iter().map(|(word, _)| word).collect::<Vec<_>>();
    assert_eq!(of("C++ and C#, .NET"), ["c++", "c#", ".net"]);
    assert_eq!(of("M&A, m & a, FP&A"), ["m&a", "m&a", "fp&a"]);
    assert_eq!(stems("C++ M&A"), ["c++", "m&a"]);
}
