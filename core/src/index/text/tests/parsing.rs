use super::query;
use crate::api::search::TextMatch;
use crate::index::text::settings::Field;
use crate::index::text::{TextOptions, TextQuery, TextSettings, parse};
use crate::model::Error;
use proptest::prelude::*;

/// The query in one line: groups by space, alternatives by `|`, phrases by `+offset`.
fn shown(query: &TextQuery) -> String {
    let term = |term: &crate::index::text::query::Term| {
        let field = term.field.map(|field| format!("{field:?}:")).unwrap_or_default();
        let words: Vec<String> =
            term.words.iter().map(|word| format!("{}+{}", word.word, word.offset)).collect();
        format!(
            "{field}{}{}{}",
            words.join("_"),
            "~".repeat(term.typos.into()),
            if term.prefix { "*" } else { "" }
        )
    };
    let groups = query
        .groups
        .iter()
        .map(|group| group.alternatives.iter().map(term).collect::<Vec<_>>().join("|"));
    let excluded = query.excluded.iter().map(|excluded| format!("-{}", term(excluded)));
    groups.chain(excluded).collect::<Vec<_>>().join(" ")
}

fn wide(text: &str) -> String {
    let options = TextOptions { typos: true, prefix: true, ..TextOptions::default() };
    shown(&parse(text, TextMatch::All, options, &TextSettings::default()).expect("within limits"))
}

#[test]
fn or_binds_before_and() {
    assert_eq!(shown(&query("tax or audit boston")), "tax+0|audit+0 boston+0");
    assert_eq!(shown(&query("tax OR audit or cfo")), "tax+0|audit+0|cfo+0");
    assert_eq!(shown(&query("tax or or audit")), "tax+0|audit+0");
}

#[test]
fn an_or_that_joins_nothing_is_a_word() {
    assert_eq!(shown(&query("or tax")), "tax+0");
    assert_eq!(shown(&query("tax or")), "tax+0");
    assert_eq!(shown(&query("tax or -audit")), "tax+0 -audit+0");
    assert_eq!(shown(&query("portland OR")), "portland+0 or+0");
}

#[test]
fn parts_of_a_word_are_words_where_any_is_enough() {
    let any = |text: &str| {
        let settings = TextSettings::default();
        shown(&parse(text, TextMatch::Any, TextOptions::default(), &settings).expect("in limits"))
    };
    assert_eq!(any("high-speed flow"), "high+0 speed+0 flow+0");
    assert_eq!(any("\"high speed\" -e-mail"), "high+0_speed+1 -e+0_mail+1");
}

#[test]
fn phrases_keep_distances_over_stop_words() {
    assert_eq!(shown(&query("\"head of tax\" cfo")), "head+0_tax+2 cfo+0");
    assert_eq!(shown(&query("\"the head of tax")), "head+0_tax+2");
    assert_eq!(shown(&query("e-commerce -\"interim cfo\"")), "e+0_commerce+1 -interim+0_cfo+1");
}

#[test]
fn known_fields_limit_and_unknown_ones_are_words() {
    assert_eq!(shown(&query("title:\"interim cfo\" bio:tax")), "Title:interim+0_cfo+1 Bio:tax+0");
    assert_eq!(
        shown(&query("professional_title:cfo -headline:tax")),
        "Title:cfo+0 -Headline:tax+0"
    );
    assert_eq!(shown(&query("foo:bar")), "foo+0 bar+0");
    assert_eq!(shown(&query("title: cfo")), "title+0 cfo+0");
    assert_eq!(Field::named("nonsense"), None);
}

#[test]
fn signs_are_no_words() {
    assert_eq!(shown(&query("(tax OR audit) & cfo, - ++")), "tax+0|audit+0 cfo+0");
    assert!(query("").is_empty());
    assert!(query("\"\" - : ++").is_empty());
}

#[test]
fn typos_and_prefix_are_for_single_words() {
    assert_eq!(wide("tax audit consulting"), "tax+0 audit+0~ consulting+0~~*");
    assert_eq!(wide("tax \"consulting\""), "tax+0 consulting+0");
    assert_eq!(wide("tax -consulting"), "tax+0 -consulting+0");
    assert_eq!(wide("tax e-commerce"), "tax+0 e+0_commerce+1");
    assert_eq!(wide("cfo tax the"), "cfo+0 tax+0");
    assert_eq!(wide("cfo or tax "), "cfo+0|tax+0*");
}

#[test]
fn long_queries_are_refused() {
    let found =
        |text: &str| parse(text, TextMatch::All, TextOptions::default(), &TextSettings::default());
    assert!(matches!(found(&"a".repeat(1025)), Err(Error::TooLarge { limit: 1024, .. })));
    assert!(matches!(found(&"x ".repeat(65)), Err(Error::TooLarge { found: 65, limit: 64, .. })));
    assert!(found(&"x ".repeat(64)).is_ok());
}

proptest! {
    #[test]
    fn any_text_parses(text in "([a-z]{1,3}|[\"\\-:() ,']|or |OR |title:|\\PC){0,40}") {
        let _ = parse(&text, TextMatch::Any, TextOptions { typos: true, prefix: true, ..TextOptions::default() }, &TextSettings::default());
    }
}
