//! A damaged snapshot is an error, or answers as if nothing were: never another answer, a panic, or memory out of
//! proportion.
//!
//! `SHORTLIST_MUTATIONS` is the number of random mutations (20,000); each is made from its number alone.

use std::fs;
use std::path::Path;

use shortlist::testing::{Generator, generated_schema};
use shortlist::{
    ClientCriteria, Engine, EngineOptions, Result, Scope, SearchRequest, SuggestRequest,
};

#[path = "hostile/allocation.rs"]
mod allocation;

const DIMENSION: usize = 24;

fn write(advisors: usize, file: &Path) -> Result<()> {
    let generator = Generator::new(3);
    let embeddings = generator.embeddings(DIMENSION);
    let engine = Engine::in_memory_with(EngineOptions::with_schema(generated_schema()))?;
    let advisors = generator.advisors(advisors).enumerate().map(|(row, mut advisor)| {
        advisor.embedding = Some(embeddings.row(row));
        advisor
    });
    engine.upsert(advisors.collect())?;
    engine.snapshot_to(file)?;
    Ok(())
}

/// What an index answers, read to the end: pages, texts, facets, matches, suggestions, whole profiles.
fn answers(engine: &Engine) -> Result<Vec<String>> {
    let search = |request: &str| -> Result<String> {
        let answer = engine.search(&SearchRequest::from_json(request)?)?;
        let hits = answer.hits().map(|hit| {
            let listing = hit.listing;
            format!(
                "{} {:?} {:?} {:?}",
                listing.id(),
                listing.headline(),
                listing.services(),
                hit.score
            )
        });
        Ok(format!("{} {:?} {}", answer.total, answer.facets, hits.collect::<Vec<_>>().join(";")))
    };
    let generator = Generator::new(3);
    let embeddings = generator.embeddings(DIMENSION);
    let need = ClientCriteria { embedding: Some(embeddings.row(1)), ..ClientCriteria::default() };
    let matches = engine.match_advisors(&need)?;
    let matches = matches.matches().map(|found| format!("{} {}", found.listing.id(), found.score));
    let typed =
        SuggestRequest { text: "fin".to_owned(), scope: Scope::All, ..SuggestRequest::default() };
    let mut all = vec![
        search(r#"{"scope": "all", "limit": 30, "facets": ["industries", "services"]}"#)?,
        search(r#"{"scope": "all", "filter": {"hourlyRate": {"lte": 200}}, "sort": "priceAsc"}"#)?,
        search(r#"{"scope": "all", "text": "tax or \"financial planning\"", "limit": 30}"#)?,
        matches.collect::<Vec<_>>().join(";"),
        format!("{:?}", engine.suggest(&typed)?.suggestions),
    ];
    for id in ["adv-000001", "adv-000017"] {
        all.push(engine.get_json(id)?.unwrap_or_default());
    }
    Ok(all)
}

/// Opens the bytes as a snapshot and asks; says whether it was refused.
fn is_refused(file: &Path, bytes: &[u8], right: &[String], what: &str) -> bool {
    fs::remove_file(file).expect("it was there");
    fs::write(file, bytes).expect("room");
    let (answered, peak) =
        allocation::peak_of(|| Engine::open_snapshot(file).and_then(|engine| answers(&engine)));
    // What an empty index takes is not the file's doing.
    let most = 4 * bytes.len().max(256 << 10);
    assert!(peak <= most, "{what}: {peak} bytes for a file of {}", bytes.len());
    match answered {
        Ok(answers) => {
            assert_eq!(answers, right, "{what} changed an answer in silence");
            false
        }
        Err(error) => {
            assert!(error.code().starts_with("SL2"), "{what}: {error}");
            true
        }
    }
}

/// Numbers without a pattern (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((x ^ (x >> 31)) % end.max(1) as u64) as usize
    }
}

#[test]
fn every_flipped_byte_and_every_truncation_of_a_small_one() -> Result<()> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("index.slx");
    write(3, &file)?;
    let bytes = fs::read(&file).expect("bytes");
    let right = answers(&Engine::open_snapshot(&file)?)?;
    let mut refused = 0;
    for at in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        refused += usize::from(is_refused(&file, &flipped, &right, &format!("byte {at}")));
        assert!(
            is_refused(&file, &bytes[..at], &right, &format!("{at} bytes")),
            "a truncation at {at}"
        );
    }
    // Sections begin at multiples of 64; what lies between them is nobody's.
    assert!(refused * 10 > bytes.len() * 6, "{refused} of {} flips were refused", bytes.len());
    Ok(())
}

#[test]
fn random_mutations_of_a_larger_one() -> Result<()> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("index.slx");
    write(600, &file)?;
    let bytes = fs::read(&file).expect("bytes");
    let right = answers(&Engine::open_snapshot(&file)?)?;
    let rounds = std::env::var("SHORTLIST_MUTATIONS").ok().and_then(|n| n.parse().ok());
    let mut refused = 0;
    let rounds: u64 = rounds.unwrap_or(20_000);
    for round in 0..rounds {
        let mut dice = Dice(round);
        let mut mutated = bytes.clone();
        let at = dice.below(bytes.len());
        match round % 6 {
            0 => mutated[at] ^= 1 << dice.below(8),
            1 => {
                for _ in 0..16 {
                    mutated[dice.below(bytes.len())] = dice.below(256) as u8;
                }
            }
            2 => {
                let end = bytes.len().min(at + 16);
                mutated[at..end].iter_mut().for_each(|byte| *byte = dice.below(256) as u8);
            }
            3 => {
                let end = bytes.len().min(at + 4_096);
                mutated[at..end].fill(0);
            }
            4 => {
                // Bytes of one place written at another.
                let (from, len) = (dice.below(bytes.len()), dice.below(2_000));
                let len = len.min(bytes.len() - at).min(bytes.len() - from);
                mutated.copy_within(from..from + len, at);
            }
            _ => {
                mutated.truncate(at);
                mutated.resize(at + dice.below(3_000), 7);
            }
        }
        if mutated != bytes {
            refused += u64::from(is_refused(&file, &mutated, &right, &format!("mutation {round}")));
        }
    }
    assert!(refused * 2 > rounds, "{refused} of {rounds} were refused");
    Ok(())
}
