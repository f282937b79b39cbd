//! Snapshots that are carried in one file, and directories that are read while another writes them.

use std::fs;
use std::path::Path;

use shortlist::{AdvisorProfile, ClientCriteria, Engine, Error, Result, Scope, SearchRequest};

fn advisor(number: u32) -> AdvisorProfile {
    let mut advisor = AdvisorProfile::new(format!("adv-{number:03}"));
    advisor.professional_title = Some(format!("Fractional CFO number {number}"));
    advisor.industries = vec!["Healthcare".to_owned()];
    advisor.embedding = Some((0..24).map(|at| ((number * 7 + at) % 11) as f32 - 4.5).collect());
    advisor
}

fn engine(advisors: u32) -> Result<Engine> {
    let engine = Engine::in_memory()?;
    engine.upsert((0..advisors).map(advisor).collect())?;
    Ok(engine)
}

/// What it answers to a page, a text and a match, without generation and time.
fn answers(engine: &Engine) -> Result<Vec<String>> {
    let request = |text: Option<&str>| SearchRequest {
        scope: Scope::All,
        text: text.map(str::to_owned),
        limit: 50,
        ..SearchRequest::default()
    };
    let need = ClientCriteria {
        embedding: Some((0..24).map(|at| at as f32 - 7.5).collect()),
        ..ClientCriteria::default()
    };
    let ids = |answer: shortlist::SearchAnswer| {
        let hits = answer.hits().map(|hit| format!("{} {:?}", hit.listing.id(), hit.score));
        hits.collect::<Vec<_>>().join(";")
    };
    Ok(vec![
        ids(engine.search(&request(None))?),
        ids(engine.search(&request(Some("cfo 7")))?),
        engine.match_advisors(&need)?.ids().join(";"),
        engine.get_json("adv-003")?.unwrap_or_default(),
    ])
}

fn file(directory: &Path) -> std::path::PathBuf {
    directory.join("advisors.slx")
}

#[test]
fn a_snapshot_carried_in_one_file_answers_alike_and_refuses_every_write() -> Result<()> {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = engine(30)?;
    let report = engine.snapshot_to(file(folder.path()))?;
    assert_eq!(report.bytes, fs::metadata(&report.path).expect("the file").len());
    let carried = Engine::open_snapshot(&report.path)?;
    assert_eq!(answers(&carried)?, answers(&engine)?);
    assert_eq!(carried.verify()?.profiles, 30);
    assert!(carried.is_read_only() && !carried.refresh()?);
    for refused in [
        carried.upsert(vec![advisor(1)]).err(),
        carried.remove(&["adv-001"]).err(),
        carried.patch(Vec::new()).err(),
    ] {
        assert!(matches!(refused, Some(Error::ReadOnly { is_file: true, .. })), "{refused:?}");
    }
    Ok(())
}

#[test]
fn a_snapshot_of_a_snapshot_holds_the_same() -> Result<()> {
    let folder = tempfile::tempdir().expect("a folder");
    let first = engine(700)?.snapshot_to(file(folder.path()))?;
    let again = Engine::open_snapshot(&first.path)?;
    let second = again.snapshot_to(folder.path().join("second.slx"))?;
    assert_eq!(fs::read(first.path).expect("bytes"), fs::read(second.path).expect("bytes"));
    Ok(())
}

#[test]
fn a_file_written_over_leaves_its_readers_their_own() -> Result<()> {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = engine(700)?;
    engine.snapshot_to(file(folder.path()))?;
    let reader = Engine::open_snapshot(file(folder.path()))?;
    engine.upsert((700..800).map(advisor).collect())?;
    engine.snapshot_to(file(folder.path()))?;
    assert_eq!(reader.stats().profiles, 700);
    assert_eq!(answers(&Engine::open_snapshot(file(folder.path()))?)?, answers(&engine)?);
    Ok(())
}

#[test]
fn a_writer_goes_on_from_mapped_pages_and_readers_keep_theirs() -> Result<()> {
    let folder = tempfile::tempdir().expect("a folder");
    engine(700)?.snapshot(folder.path())?;
    let (reader, writer) = (Engine::open_read_only(folder.path())?, Engine::open(folder.path())?);
    let before = answers(&reader)?;
    let mut other = advisor(3);
    other.embedding = advisor(4).embedding;
    writer.upsert(vec![other, advisor(900)])?;
    writer.remove(&["adv-007"])?;
    assert_eq!(answers(&reader)?, before);
    assert_ne!(answers(&writer)?, before);
    writer.verify()?;
    Ok(())
}

#[test]
fn a_reader_beside_a_writer_follows_from_snapshot_to_snapshot() -> Result<()> {
    let folder = tempfile::tempdir().expect("a folder");
    engine(5)?.snapshot(folder.path())?;
    let writer = Engine::open(folder.path())?;
    let reader = Engine::open_read_only(folder.path())?;
    assert!(!reader.refresh()?);
    for number in 5..12 {
        writer.upsert(vec![advisor(number)])?;
        assert!(!reader.refresh()?, "what no snapshot has is not seen");
        writer.snapshot(folder.path())?;
        assert!(reader.refresh()?);
        assert_eq!(answers(&reader)?, answers(&writer)?);
    }
    assert!(matches!(reader.upsert(vec![advisor(1)]), Err(Error::ReadOnly { is_file: false, .. })));
    Ok(())
}

#[test]
fn a_file_that_is_cut_short_while_open_is_an_error_where_it_was_not_read_yet() -> Result<()> {
    let folder = tempfile::tempdir().expect("a folder");
    let report = engine(700)?.snapshot_to(file(folder.path()))?;
    let reader = Engine::open_snapshot(&report.path)?;
    let kept = fs::OpenOptions::new().write(true).open(&report.path).expect("the file");
    // The end is enough: from then on no chunk is read that was not read before.
    kept.set_len(report.bytes - 5_000).expect("a cut");
    let need = ClientCriteria { embedding: Some(vec![1.0; 24]), ..ClientCriteria::default() };
    let marketplace = reader.match_advisors(&need)?;
    assert!(marketplace.is_empty(), "nobody is active, so no vector is read");
    assert!(matches!(reader.get("adv-003"), Err(Error::Damaged { .. })), "its vector is gone");
    Ok(())
}

#[test]
fn what_is_no_snapshot_is_refused_in_words() -> Result<()> {
    let folder = tempfile::tempdir().expect("a folder");
    let other = folder.path().join("other");
    fs::write(
        &other,
        b"something else altogether, as long as a header is and then some more of it",
    )
    .expect("room");
    fs::write(folder.path().join("empty"), b"").expect("room");
    for path in [&other, &folder.path().join("empty"), folder.path()] {
        let refused = Engine::open_snapshot(path);
        assert!(matches!(refused, Err(Error::NotAnIndex { .. })), "{refused:?}");
    }
    let missing = Engine::open_snapshot(folder.path().join("missing"));
    assert!(matches!(missing, Err(Error::Io { .. })), "{missing:?}");
    assert!(matches!(Engine::open_read_only(folder.path()), Err(Error::NotAnIndex { .. })));

    let report = engine(3)?.snapshot_to(file(folder.path()))?;
    let mut newer = fs::read(&report.path).expect("bytes");
    newer[8] = 77;
    fs::write(&report.path, newer).expect("room");
    let refused = Engine::open_snapshot(&report.path).expect_err("from the future");
    assert!(matches!(refused, Error::NewerFormat { found: 77, .. }), "{refused:?}");
    let text = refused.to_string();
    assert!(text.contains("77") && text.contains("up to 2"), "both numbers: {text}");
    Ok(())
}

#[test]
fn an_index_that_grew_by_rows_without_values_opens_again_and_goes_on() -> Result<()> {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = Engine::in_memory()?;
    for batch in 0..6 {
        let mut advisors: Vec<_> = (batch * 2_000..(batch + 1) * 2_000).map(advisor).collect();
        for (number, advisor) in (0..).zip(&mut advisors) {
            // The rate ends with the second batch; the retainer is nobody's.
            advisor.hourly_rate = (batch < 2).then(|| f64::from(number % 90));
            advisor.embedding = None;
        }
        engine.upsert(advisors)?;
        engine.maintain()?;
    }
    engine.snapshot_to(file(folder.path()))?;
    let carried = Engine::open_snapshot(file(folder.path()))?;
    assert_eq!(answers(&carried)?, answers(&engine)?);

    engine.snapshot(folder.path().join("index"))?;
    let opened = Engine::open(folder.path().join("index"))?;
    let cheap =
        SearchRequest { scope: Scope::All, max_hourly_rate: Some(5.0), ..SearchRequest::default() };
    let before = opened.search(&cheap)?.total;
    let mut last = advisor(11_999);
    last.hourly_rate = Some(1.0);
    last.embedding = None;
    opened.upsert(vec![last])?;
    assert_eq!(opened.search(&cheap)?.total, before + 1);
    Ok(())
}
