//! Random texts, synonyms, highlights and suggestions.

use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;
use shortlist::{Highlight, Scope, SuggestKind, SuggestRequest, SynonymRule};

use crate::filters::filter;
use crate::vocabulary::{INDUSTRIES, MISTYPED, SERVICES, WORDS, word};

/// Words and phrases that rules are made of.
const FORMS: [&str; 12] = [
    "CFO",
    "chief financial officer",
    "financial officer",
    "tax",
    "taxes",
    "planner",
    "cash flow",
    "M&A",
    "e-commerce",
    "head of planning",
    "IT",
    "auditor",
];

/// What people write that is read in a way of its own.
pub const NAMES: [&str; 8] = ["IT", "it", "M&A", "m & a", "C++", ".NET", "Zu\u{308}rich", "don't"];

/// Synonym rules, often none.
pub fn synonyms() -> impl Strategy<Value = Vec<SynonymRule>> {
    let forms = || {
        prop::collection::hash_set(select(&FORMS[..]), 2..4)
            .prop_map(|forms| forms.into_iter().map(str::to_owned).collect::<Vec<_>>())
    };
    let rule = prop_oneof![
        forms().prop_map(SynonymRule::Equal),
        (forms(), forms()).prop_map(|(from, to)| SynonymRule::OneWay { from, to }),
    ];
    prop::collection::vec(rule, 0..4)
}

/// How hits are to show what was found.
pub fn highlight() -> impl Strategy<Value = Option<Highlight>> {
    const FIELDS: [&str; 4] = ["bio", "services", "attributes.motto", "professionalTitle"];
    let fields = prop::collection::hash_set(select(&FIELDS[..]), 0..4)
        .prop_map(|fields| fields.into_iter().map(str::to_owned).collect());
    let how = (weighted(0.4, fields), 20..60_u32, 1..4_u32).prop_map(
        |(fields, fragment_length, fragments)| Highlight {
            fields,
            fragment_length,
            fragments,
            ..Highlight::default()
        },
    );
    prop_oneof![2 => Just(None), 1 => Just(Some(Highlight::default())), 2 => how.prop_map(Some)]
}

/// The beginning of what somebody is looking for.
fn typed() -> impl Strategy<Value = String> {
    let words = prop_oneof![
        4 => word(&WORDS),
        2 => word(&MISTYPED),
        1 => word(&NAMES),
        2 => word(&SERVICES),
        1 => word(&INDUSTRIES),
    ];
    (prop::collection::vec(words, 0..3), 0..12_usize, any::<bool>()).prop_map(
        |(words, end, cut)| {
            let text = words.join(" ");
            if cut { text.chars().take(end).collect() } else { text }
        },
    )
}

/// A suggest request, right in every part.
pub fn suggest() -> impl Strategy<Value = SuggestRequest> {
    let kinds = Just(SuggestKind::ALL.map(|(_, kind)| kind).to_vec()).prop_shuffle();
    (typed(), kinds, 1..5_usize, 1..8_u32, any::<bool>(), weighted(0.3, filter()), any::<bool>())
        .prop_map(|(text, mut kinds, count, limit, typos, filter, all)| {
            kinds.truncate(count);
            let scope = if all { Scope::All } else { Scope::Marketplace };
            SuggestRequest { text, kinds, limit, typos, filter, scope, ..SuggestRequest::default() }
        })
}
