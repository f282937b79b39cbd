//! What a directory keeps, who may write it, and what is refused when it is opened.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use shortlist::{
    AdvisorProfile, ClientCriteria, Embedder, Engine, EngineOptions, Error, HashEmbedder, Result,
    Scope, SearchRequest,
};

fn advisor(number: u32) -> AdvisorProfile {
    let mut advisor = AdvisorProfile::new(format!("adv-{number}"));
    advisor.professional_title = Some(format!("Fractional CFO number {number}"));
    advisor.industries = vec!["Healthcare".to_owned()];
    advisor.embedding = Some(vec![1.0, number as f32]);
    advisor
}

fn everyone(limit: u32) -> SearchRequest {
    SearchRequest { scope: Scope::All, limit, ..SearchRequest::default() }
}

fn snapshots(directory: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry").path());
    let mut found: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|end| end == "slx")).collect();
    found.sort();
    found
}

#[test]
fn the_last_two_snapshots_of_an_index_are_kept() -> Result<()> {
    let directory = tempfile::tempdir().expect("a directory");
    Engine::in_memory()?.snapshot(directory.path())?;
    let engine = Engine::open(directory.path())?;
    for number in 0..4 {
        engine.upsert(vec![advisor(number)])?;
        engine.snapshot(directory.path())?;
    }
    assert_eq!(snapshots(directory.path()).len(), 2);
    drop(engine);
    assert_eq!(Engine::open(directory.path())?.stats().profiles, 4);
    Ok(())
}

#[test]
fn a_directory_that_another_writes_is_refused_and_untouched() -> Result<()> {
    let directory = tempfile::tempdir().expect("a directory");
    let engine = Engine::in_memory()?;
    engine.snapshot(directory.path())?;
    let before = snapshots(directory.path());
    let lock =
        OpenOptions::new().write(true).open(directory.path().join("lock")).expect("the lock");
    lock.lock().expect("nobody else holds it");
    engine.upsert(vec![advisor(1)])?;
    assert!(matches!(engine.snapshot(directory.path()), Err(Error::Locked { .. })));
    assert_eq!(snapshots(directory.path()), before);
    lock.unlock().expect("it was held");
    engine.snapshot(directory.path())?;
    assert_eq!(Engine::open(directory.path())?.stats().profiles, 1);
    Ok(())
}

#[test]
fn every_flipped_byte_and_every_truncation_is_refused_or_changes_nothing() -> Result<()> {
    let directory = tempfile::tempdir().expect("a directory");
    let engine = Engine::in_memory()?;
    engine.upsert((0..5).map(advisor).collect())?;
    engine.snapshot(directory.path())?;
    let whole = engine.search(&everyone(10))?.to_json();
    let whole = whole.split("\"generation\"").next().expect("a part");
    let file = snapshots(directory.path()).pop().expect("a snapshot");
    let bytes = fs::read(&file).expect("its bytes");
    let mut refused = 0;
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x41;
        for try_of in [&damaged[..], &bytes[..at]] {
            fs::remove_file(&file).expect("it was there");
            fs::write(&file, try_of).expect("room");
            match Engine::open(directory.path()) {
                Err(error) => {
                    assert!(error.code().starts_with("SL2"), "byte {at}: {error}");
                    refused += 1;
                }
                Ok(opened) => {
                    let answer = opened.search(&everyone(10))?.to_json();
                    assert!(answer.starts_with(whole), "byte {at} changed an answer in silence");
                }
            }
        }
    }
    assert!(refused > bytes.len(), "every truncation, and every byte but the padding");
    Ok(())
}

struct Stranger;

impl Embedder for Stranger {
    fn name(&self) -> &'static str {
        "stranger"
    }

    fn dimension(&self) -> usize {
        16
    }

    fn embed(&self, _: &str) -> Result<Option<Vec<f32>>> {
        Ok(Some(vec![1.0; 16]))
    }
}

#[test]
fn two_embedders_are_never_mixed_and_the_built_in_one_is_found_again() -> Result<()> {
    let directory = tempfile::tempdir().expect("a directory");
    let with_hash = EngineOptions::default().with_embedder(Arc::new(HashEmbedder::new(16)));
    let engine = Engine::in_memory_with(with_hash)?;
    let mut ada = advisor(1);
    (ada.embedding, ada.is_verified, ada.marketplace_status) = (None, true, "active".to_owned());
    engine.upsert(vec![ada])?;
    engine.snapshot(directory.path())?;
    for other in [Arc::new(Stranger) as Arc<dyn Embedder>, Arc::new(HashEmbedder::new(17))] {
        let opened =
            Engine::open_with(directory.path(), EngineOptions::default().with_embedder(other));
        assert!(matches!(opened, Err(Error::EmbedderMismatch { .. })), "{opened:?}");
    }
    let need = ClientCriteria { text: Some("a CFO".to_owned()), ..ClientCriteria::default() };
    let answer = Engine::open(directory.path())?.match_advisors(&need)?;
    let similarity = answer.matches().next().and_then(|found| found.breakdown.similarity);
    assert!(similarity.is_some_and(|similarity| similarity > 0.0), "{answer:?}");

    let given = tempfile::tempdir().expect("a directory");
    Engine::in_memory()?.snapshot(given.path())?;
    let opened =
        Engine::open_with(given.path(), EngineOptions::default().with_embedder(Arc::new(Stranger)));
    assert!(matches!(opened, Err(Error::EmbedderMismatch { .. })), "{opened:?}");
    Ok(())
}

#[test]
fn a_cursor_that_was_changed_anywhere_is_refused() -> Result<()> {
    let engine = Engine::in_memory()?;
    engine.upsert((0..5).map(advisor).collect())?;
    let cursor = engine.search(&everyone(2))?.next_cursor.expect("more pages");
    let with = |cursor: String| SearchRequest { cursor: Some(cursor), ..everyone(2) };
    assert_eq!(engine.search(&with(cursor.clone()))?.len(), 2);
    for at in 0..cursor.len() {
        let mut forged = cursor.clone().into_bytes();
        forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(forged).expect("ASCII");
        for forged in [forged, cursor[..at].to_owned()] {
            assert!(matches!(engine.search(&with(forged)), Err(Error::CursorRefused { .. })));
        }
    }
    Ok(())
}

#[test]
fn a_request_stops_at_its_own_time_limit() -> Result<()> {
    let engine = Engine::in_memory()?;
    engine.upsert((0..5).map(advisor).collect())?;
    let search = SearchRequest { timeout_ms: Some(0), ..everyone(2) };
    assert!(matches!(engine.search(&search), Err(Error::TimedOut { limit_ms: 0 })));
    let need = ClientCriteria { timeout_ms: Some(0), ..ClientCriteria::default() };
    assert!(matches!(engine.match_advisors(&need), Err(Error::TimedOut { limit_ms: 0 })));
    Ok(())
}
