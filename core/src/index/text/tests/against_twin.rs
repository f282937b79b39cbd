//! The index against the slow twin, on the same random documents, changes and queries.

use proptest::prelude::*;

use crate::api::deadline::Deadline;
use crate::api::search::TextMatch;
use crate::index::text::naive::Naive;
use crate::index::text::{TextDocument, TextIndex, TextOptions, TextSettings, parse};
use crate::model::Rows;

const WORDS: [&str; 24] = [
    "tax",
    "taxes",
    "audit",
    "auditing",
    "audits",
    "audti",
    "cfo",
    "fractional",
    "fractoinal",
    "fractionals",
    "finance",
    "financial",
    "finances",
    "the",
    "of",
    "IT",
    "café",
    "e-commerce",
    "startup",
    "startups",
    "boston",
    "bostno",
    "don't",
    "M&A",
];
const QUERY_WORDS: [&str; 34] = [
    "tax",
    "audit",
    "cfo",
    "fractional",
    "financial",
    "finance",
    "fin",
    "the",
    "IT",
    "cafe",
    "e-commerce",
    "startup",
    "boston",
    "bosto",
    "fractoinla",
    "or",
    "or",
    "OR",
    "-tax",
    "-audit",
    "\"audit of finance\"",
    "\"fractional cfo\"",
    "\"tax audit\"",
    "-\"tax cfo\"",
    "title:cfo",
    "bio:tax",
    "services:audit",
    "headline:\"tax audit\"",
    "\"tax the audit",
    "dont",
    "m&a",
    "commerce",
    "bio:financ",
    "startupz",
];

#[derive(Clone, Debug)]
struct Doc {
    fields: Vec<(usize, String)>,
}

impl Doc {
    fn text(&self) -> TextDocument<'_> {
        let mut document = TextDocument::default();
        for (field, text) in &self.fields {
            match field {
                0 => document.title = Some(text),
                1 => document.headline = Some(text),
                2 => document.industries.push(text),
                3 => document.services.push(text),
                4 => document.certifications.push(text),
                5 => document.attributes.push(text),
                _ => document.bio = Some(text),
            }
        }
        document
    }
}

fn words(from: &'static [&'static str], most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(from), 0..most).prop_map(|words| words.join(" "))
}

fn doc() -> impl Strategy<Value = Doc> {
    prop::collection::vec((0usize..9, words(&WORDS, 6)), 0..5).prop_map(|fields| Doc { fields })
}

#[derive(Clone, Debug)]
enum Step {
    Add(Vec<Doc>),
    Remove(prop::sample::Index),
    Seal,
    Save,
    Merge,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => prop::collection::vec(doc(), 0..6).prop_map(Step::Add),
        3 => any::<prop::sample::Index>().prop_map(Step::Remove),
        1 => Just(Step::Seal),
        1 => Just(Step::Save),
        1 => Just(Step::Merge),
    ]
}

fn run(steps: &[Step]) -> (TextIndex, Vec<Doc>, Rows) {
    let mut index = TextIndex::new(TextSettings::default()).unwrap();
    let mut docs: Vec<Doc> = Vec::new();
    let mut live = Rows::none(0);
    for step in steps {
        match step {
            Step::Add(batch) => {
                let texts: Vec<_> = batch.iter().map(Doc::text).collect();
                index.add(index.rows(), &texts).unwrap();
                live.resize(index.rows());
                (docs.len()..docs.len() + batch.len()).for_each(|row| live.insert(row as u32));
                docs.extend(batch.iter().cloned());
            }
            Step::Remove(which) if !docs.is_empty() => {
                let row = which.index(docs.len());
                if live.contains(row as u32) {
                    index.remove(row as u32, &docs[row].text()).unwrap();
                    live.remove(row as u32);
                }
            }
            Step::Remove(_) => {}
            Step::Seal => index.seal().unwrap(),
            Step::Save => index = TextIndex::from_bytes(&index.to_bytes().unwrap()).unwrap(),
            Step::Merge => {
                if let Some(plan) = index.merge_plan(&live) {
                    assert!(index.adopt(plan.run().unwrap()));
                }
            }
        }
    }
    (index, docs, live)
}

proptest! {
    #[test]
    fn the_index_answers_as_the_twin_does(
        steps in prop::collection::vec(step(), 1..12),
        queries in prop::collection::vec(
            (words(&QUERY_WORDS, 5), any::<[bool; 4]>()), 1..6,
        ),
        chosen in any::<u64>(),
    ) {
        let (index, docs, live) = run(&steps);
        let settings = index.settings().clone();
        let alive = live.iter().map(|row| (row, docs[row as usize].text()));
        let twin = Naive::new(settings.clone(), alive);
        let mut within = Rows::from_rows(live.universe(), (0..64).filter(|row| chosen >> row & 1 == 1));
        within.intersect(&live);
        for (text, [any, typos, prefix, any_first_letter]) in queries {
            let join = if any { TextMatch::Any } else { TextMatch::All };
            let query = parse(&text, join, TextOptions { typos, any_first_letter, prefix }, &settings).unwrap();
            if query.is_empty() {
                continue;
            }
            let compiled = index.compile(&query, &live, &Deadline::NEVER).unwrap();
            for within in [&live, &within] {
                let expected = twin.search(&query, |row| within.contains(row));
                let ranked = compiled.ranked(within, &Deadline::NEVER).unwrap();
                prop_assert_eq!(&ranked, &expected, "{}", text);
                let rows: Vec<u32> = compiled.matching(within, &Deadline::NEVER).unwrap().iter().collect();
                let expected: Vec<u32> = expected.into_iter().map(|(row, _)| row).collect();
                prop_assert_eq!(rows, expected, "{}", text);
            }
        }
        for prefix in ["f", "fin", "tax", "fractoinal"] {
            for tolerant in [false, true] {
                let found = index.completions(prefix, tolerant, 3, &Deadline::NEVER).unwrap();
                let found: Vec<&str> = found.iter().map(|found| found.word.as_str()).collect();
                prop_assert_eq!(found, twin.completions(prefix, tolerant, 3));
            }
        }
    }
}
