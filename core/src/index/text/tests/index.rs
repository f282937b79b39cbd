use super::{bio, query};
use crate::api::deadline::Deadline;
use crate::index::text::index::{JOIN_AT, SEAL_AT};
use crate::index::text::naive::Naive;
use crate::index::text::{TextDocument, TextIndex, TextSettings};
use crate::model::{Error, Rows};

fn index_of(batches: &[&[TextDocument<'_>]]) -> TextIndex {
    let mut index = TextIndex::new(TextSettings::default()).expect("default settings");
    for batch in batches {
        index.add(index.rows(), batch).expect("rows follow");
    }
    index
}

fn found(index: &TextIndex, text: &str) -> Vec<u32> {
    let all = Rows::all(index.rows());
    index
        .compile(&query(text), &all, &Deadline::NEVER)
        .unwrap()
        .matching(&all, &Deadline::NEVER)
        .unwrap()
        .iter()
        .collect()
}

#[test]
fn words_are_found_by_stem_and_within_the_filter() {
    let index = index_of(&[&[bio("Advises on taxes"), bio("audit")], &[bio("tax advising")]]);
    assert_eq!(found(&index, "tax advise"), [0, 2]);
    let all = Rows::all(3);
    let compiled_query = query("tax");
    let compiled = index.compile(&compiled_query, &all, &Deadline::NEVER).unwrap();
    let within = Rows::from_rows(3, [1, 2]);
    assert_eq!(
        compiled.matching(&within, &Deadline::NEVER).unwrap().iter().collect::<Vec<_>>(),
        [2]
    );
    assert_eq!(compiled.ranked(&within, &Deadline::NEVER).unwrap().len(), 1);
}

#[test]
fn phrases_never_cross_values_or_fields() {
    let document = TextDocument {
        title: Some("Interim"),
        headline: Some("CFO interim"),
        industries: vec!["Real", "Estate"],
        services: vec!["Real Estate"],
        ..TextDocument::default()
    };
    let index = index_of(&[&[document]]);
    assert!(found(&index, "\"interim cfo\"").is_empty());
    assert!(found(&index, "industries:\"real estate\"").is_empty());
    assert_eq!(found(&index, "services:\"real estate\""), [0]);
    assert_eq!(found(&index, "title:interim headline:cfo"), [0]);
    assert!(found(&index, "title:cfo").is_empty());
}

#[test]
fn a_title_outweighs_a_bio() {
    let title = TextDocument { title: Some("Tax"), ..TextDocument::default() };
    let index = index_of(&[&[bio("tax"), title]]);
    let all = Rows::all(2);
    let scored = index
        .compile(&query("tax"), &all, &Deadline::NEVER)
        .unwrap()
        .ranked(&all, &Deadline::NEVER)
        .unwrap();
    assert!(scored[1].1 > scored[0].1);
}

#[test]
fn a_field_without_weight_is_not_searched() {
    let settings = TextSettings { weights: [3, 2, 2, 2, 2, 0, 1], ..TextSettings::default() };
    let mut index = TextIndex::new(settings).unwrap();
    index.add(0, &[bio("tax")]).unwrap();
    assert!(found(&index, "tax").is_empty());
    assert_eq!(index.mean_length(), 0.0);
}

#[test]
fn only_exclusions_leave_the_rest_at_score_zero() {
    let index = index_of(&[&[bio("tax"), bio("audit"), TextDocument::default()]]);
    let all = Rows::all(3);
    let scored = index
        .compile(&query("-tax"), &all, &Deadline::NEVER)
        .unwrap()
        .ranked(&all, &Deadline::NEVER)
        .unwrap();
    assert_eq!(scored, [(1, 0.0), (2, 0.0)]);
}

#[test]
fn rows_are_added_in_order_only() {
    let mut index = index_of(&[&[bio("tax")]]);
    assert!(matches!(index.add(5, &[bio("tax")]), Err(Error::Internal { .. })));
    assert!(matches!(index.remove(1, &bio("tax")), Err(Error::Internal { .. })));
    assert_eq!(index.rows(), 1);
}

#[test]
fn a_clone_keeps_its_state() {
    let before = index_of(&[&[bio("tax")]]);
    let mut after = before.clone();
    after.add(1, &[bio("tax audit")]).unwrap();
    after.remove(0, &bio("tax")).unwrap();
    assert_eq!((before.rows(), before.documents()), (1, 1));
    assert!(before.has_word("tax") && !before.has_word("audit") && after.has_word("audit"));
    assert_eq!((after.rows(), after.documents()), (2, 1));
}

#[test]
fn single_upserts_leave_a_tail_of_few_blocks_that_a_plan_seals() {
    let mut index = index_of(&[]);
    let rows = SEAL_AT as u32 + 5;
    for row in 0..rows {
        let text = format!("tax advisor number{row}");
        index.add(row, &[bio(&text)]).unwrap();
        assert!(index.blocks.len() <= SEAL_AT / JOIN_AT + 7, "{} blocks", index.blocks.len());
        assert_eq!(index.merge_is_due(&Rows::all(row + 1)), row + 1 >= SEAL_AT as u32);
    }
    assert!(index.blocks.iter().all(|block| block.is_tail()), "no write has sealed");
    let plan = index.merge_plan(&Rows::all(rows)).expect("it is due");
    index.add(rows, &[bio("tax while it is sealed")]).unwrap();
    assert!(index.adopt(plan.run().unwrap()), "what a plan holds, no write joins");
    assert!(!index.blocks[0].is_tail() && !index.merge_is_due(&Rows::all(rows + 1)));
    assert_eq!(found(&index, "tax").len(), SEAL_AT + 6);
    assert_eq!(found(&index, "number7"), [7]);
    assert_eq!(found(&index, "number1027"), [1027]);
}

#[test]
fn a_tail_that_nobody_seals_is_sealed_by_a_write_in_the_end() {
    let mut index = index_of(&[]);
    let texts: Vec<String> = (0..500).map(|row| format!("tax word{row}")).collect();
    let batch: Vec<_> = texts.iter().map(|text| bio(text)).collect();
    for turn in 0..17 {
        index.add(turn * 500, &batch).unwrap();
    }
    assert!(!index.blocks[0].is_tail());
}

#[test]
fn compacting_leaves_the_living_in_rows_without_gaps_with_the_same_scores() {
    let mut index = index_of(&[]);
    let mut live = Rows::none(0);
    for row in 0..30u32 {
        let text = format!("tax advisor {}", if row % 3 == 0 { "boston" } else { "denver tax" });
        index.add(row, &[bio(&text)]).unwrap();
        if row == 14 {
            index.seal().unwrap();
        }
        live.resize(row + 1);
        live.insert(row);
    }
    for row in (0..30).filter(|row| row % 4 == 0) {
        let text = format!("tax advisor {}", if row % 3 == 0 { "boston" } else { "denver tax" });
        index.remove(row, &bio(&text)).unwrap();
        live.remove(row);
    }
    let ranked = |index: &TextIndex, live: &Rows| {
        index
            .compile(&query("tax boston"), live, &Deadline::NEVER)
            .unwrap()
            .ranked(live, &Deadline::NEVER)
            .unwrap()
    };
    let kept: Vec<u32> = live.iter().collect();
    let compacted = index.compacted(&live).unwrap();
    assert_eq!(compacted.rows() as usize, kept.len());
    let after = ranked(&compacted, &Rows::all(compacted.rows()));
    let before = ranked(&index, &live);
    let renamed: Vec<_> = after.iter().map(|scored| kept[scored.0 as usize]).collect();
    assert_eq!(renamed, before.iter().map(|scored| scored.0).collect::<Vec<_>>());
    assert!(after.iter().zip(&before).all(|(a, b)| a.1.to_bits() == b.1.to_bits()));
}

#[test]
fn large_batches_are_sealed_at_once_with_the_tail_before_them() {
    let texts: Vec<String> = (0..SEAL_AT).map(|row| format!("tax word{row}")).collect();
    let batch: Vec<_> = texts.iter().map(|text| bio(text)).collect();
    let index = index_of(&[&[bio("tax first")], &batch]);
    assert_eq!(index.blocks.len(), 1);
    assert_eq!(found(&index, "first"), [0]);
    assert_eq!(found(&index, "word3"), [4]);
}

#[test]
fn merging_drops_the_dead_and_changes_no_score() {
    let mut index = index_of(&[]);
    let mut live = Rows::none(0);
    for row in 0..10u32 {
        let text = format!("tax advisor {}", if row % 2 == 0 { "boston" } else { "denver" });
        index.add(row, &[bio(&text)]).unwrap();
        index.seal().unwrap();
        live.resize(row + 1);
        live.insert(row);
    }
    for row in [0, 2, 3] {
        let text = if row == 3 { "tax advisor denver" } else { "tax advisor boston" };
        index.remove(row, &bio(text)).unwrap();
        live.remove(row);
    }
    let ranked = |index: &TextIndex| {
        index
            .compile(&query("tax boston"), &live, &Deadline::NEVER)
            .unwrap()
            .ranked(&live, &Deadline::NEVER)
            .unwrap()
    };
    let before = ranked(&index);
    assert_eq!(before.iter().map(|scored| scored.0).collect::<Vec<_>>(), [4, 6, 8]);
    let mut merges = 0;
    while let Some(plan) = index.merge_plan(&live) {
        assert!(index.adopt(plan.run().unwrap()));
        merges += 1;
        assert!(merges < 20, "merging ends");
    }
    assert!(merges > 0 && index.blocks.len() <= 8);
    assert_eq!(ranked(&index), before);
}

#[test]
fn a_merge_of_blocks_that_are_gone_is_not_adopted() {
    let mut index = index_of(&[&[bio("tax")]]);
    index.seal().unwrap();
    index.remove(0, &bio("tax")).unwrap();
    let plan = index.merge_plan(&Rows::none(1)).expect("all of it is dead");
    let merged = plan.run().unwrap();
    let mut other = index_of(&[&[bio("tax")]]);
    assert!(!other.adopt(merged));
}

#[test]
fn damaged_bytes_are_refused() {
    let index = index_of(&[&[bio("tax"), bio("audit")]]);
    let bytes = index.to_bytes().unwrap();
    assert_eq!(found(&TextIndex::from_bytes(&bytes).unwrap(), "audit"), [1]);
    for end in [0, 3, 8, 12, bytes.len() / 2, bytes.len() - 1] {
        assert!(TextIndex::from_bytes(&bytes[..end]).is_err());
    }
    for at in (0..bytes.len()).step_by(7) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x20;
        assert!(matches!(TextIndex::from_bytes(&damaged), Err(Error::Damaged { .. })));
    }
}

#[test]
fn frequent_and_rare_words_answer_alike_wherever_blocks_begin() {
    let texts: Vec<String> = (0..400u32)
        .map(|row| {
            let often = ["tax", "audit", "cfo"].iter().enumerate();
            let words = often.filter(|(i, _)| row % (*i as u32 + 2) == 0).map(|(_, word)| *word);
            let rare = format!("rare{}", row % 40);
            words.chain([rare.as_str()]).collect::<Vec<_>>().join(" ")
        })
        .collect();
    let docs: Vec<_> = texts.iter().map(|text| bio(text)).collect();
    let mut index = index_of(&[&docs[..70]]);
    index.seal().unwrap();
    index.add(70, &docs[70..301]).unwrap();
    index.seal().unwrap();
    index.add(301, &docs[301..]).unwrap();
    let twin = Naive::new(TextSettings::default(), (0..).zip(docs.iter().cloned()));
    let all = Rows::all(400);
    for text in
        ["tax", "tax audit", "tax audit cfo", "tax rare4", "rare4 rare4", "tax or cfo -audit"]
    {
        for keep in [1, 3, 97] {
            let within = Rows::from_rows(400, (0..400).filter(|row| row % keep == 0));
            let query = query(text);
            let compiled = index.compile(&query, &all, &Deadline::NEVER).unwrap();
            let expected = twin.search(&query, |row| within.contains(row));
            assert_eq!(compiled.ranked(&within, &Deadline::NEVER).unwrap(), expected, "{text}");
            assert_eq!(
                compiled.matching(&within, &Deadline::NEVER).unwrap().count() as usize,
                expected.len()
            );
        }
    }
}

#[test]
fn an_index_is_shared_between_threads() {
    fn shared<T: Send + Sync + Clone>(_: &T) {}
    shared(&index_of(&[]));
}
