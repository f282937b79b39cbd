//! What is done in the background: nobody waits for it, no answer shows it, and memory is given back.

use std::time::{Duration, Instant};

use shortlist::testing::{Generator, generated_schema};
use shortlist::{
    AdvisorProfile, Engine, EngineOptions, ProfilePatch, Result, Scope, SearchRequest,
};

const DIMENSION: usize = 48;

fn advisors(generator: &Generator, count: usize, dimension: usize) -> Vec<AdvisorProfile> {
    let embeddings = generator.embeddings(dimension);
    let with_embedding = |(row, mut advisor): (usize, AdvisorProfile)| {
        advisor.embedding = (row % 40 != 7).then(|| embeddings.row(row));
        advisor
    };
    generator.advisors(count).enumerate().map(with_embedding).collect()
}

fn engine(background: bool) -> Result<Engine> {
    Engine::in_memory_with(
        EngineOptions::with_schema(generated_schema()).with_background(background),
    )
}

/// What an answer says, but for its generation, the time that it took, and cursors, which each index seals by itself.
fn said(json: &str) -> String {
    let mut said = json.split("\"generation\"").next().unwrap_or_default().to_owned();
    for cursor in ["\"nextCursor\":\"", "\"previousCursor\":\""] {
        if let Some(start) = said.find(cursor).map(|at| at + cursor.len()) {
            let end = said[start..].find('"').map_or(said.len(), |len| start + len);
            said.replace_range(start..end, "");
        }
    }
    said
}

fn same(a: &[String], b: &[String], when: &str) {
    let apart = a.iter().zip(b).position(|(a, b)| a != b);
    if let Some(at) = apart {
        let (a, b) = (&a[at], &b[at]);
        let from = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count().saturating_sub(60);
        let part = |of: &String| {
            String::from_utf8_lossy(&of.as_bytes()[from..]).chars().take(160).collect::<String>()
        };
        panic!("{when}, answer {at}:\n{}\n{}", part(a), part(b));
    }
}

fn answers(engine: &Engine, generator: &Generator) -> Result<Vec<String>> {
    let embeddings = generator.embeddings(DIMENSION);
    let mut said_all = Vec::new();
    for request in generator.search_requests(60) {
        said_all.push(said(&engine.search(&SearchRequest { limit: 50, ..request })?.to_json()));
    }
    for mut criteria in generator.match_requests(60, Some(&embeddings)) {
        criteria.rating = shortlist::RatingMode::Bayesian;
        said_all.push(said(&engine.match_advisors(&criteria)?.to_json()));
    }
    Ok(said_all)
}

/// One turn of changes of every kind: hot fields, words, vectors, removals, additions.
fn change(engine: &Engine, advisors: &[AdvisorProfile], turn: usize) -> Result<()> {
    let one = |step: usize| &advisors[(turn * 7_919 + step * 613) % 2_400];
    let clients =
        ProfilePatch { current_clients: Some(turn as u32 % 16), ..ProfilePatch::default() };
    let rating =
        ProfilePatch { overall_rating: Some(turn as f64 % 5.0), ..ProfilePatch::default() };
    engine.patch(vec![(one(1).id.clone(), clients), (one(2).id.clone(), rating)])?;
    let bio = Some(format!("Budgets and audits in turn {turn}"));
    let mut changed = vec![AdvisorProfile { bio, ..one(3).clone() }];
    let embedding = advisors[turn].embedding.clone();
    changed.push(AdvisorProfile { embedding, ..one(4).clone() });
    changed.push(advisors[2_400 + turn].clone());
    changed.dedup_by(|a, b| a.id == b.id);
    engine.upsert(changed)?;
    let gone = &advisors[2_400 + turn].id;
    if turn.is_multiple_of(3) { engine.remove(&[gone]).map(|_| ()) } else { Ok(()) }
}

#[test]
fn upkeep_with_changes_while_it_is_done_changes_no_answer_by_a_bit() -> Result<()> {
    let generator = Generator::new(5);
    let advisors = advisors(&generator, 2_700, DIMENSION);
    let (kept, left) = (engine(false)?, engine(false)?);
    for one in [&kept, &left] {
        one.upsert(advisors[..2_400].to_vec())?;
        one.remove(&advisors[..300].iter().map(|advisor| &advisor.id).collect::<Vec<_>>())?;
        one.upsert(advisors[..300].to_vec())?;
    }
    // The orders are sorted and the sample is drawn, so that they have to be brought along.
    same(&answers(&kept, &generator)?, &answers(&left, &generator)?, "before");
    for round in 0..3 {
        let mut turn = round * 90;
        kept.maintain_by_hand(|| {
            change(&kept, &advisors, turn).expect("a change");
            change(&left, &advisors, turn).expect("a change");
            turn += 1;
        })?;
        assert!(kept.stats().tombstones < 5, "{:?}", kept.stats());
        kept.verify()?;
        same(&answers(&kept, &generator)?, &answers(&left, &generator)?, "after a round");
        assert_eq!(kept.stats().generation, left.stats().generation);
    }
    assert!(left.stats().tombstones > 400);
    Ok(())
}

#[test]
fn the_background_does_by_itself_what_is_due_and_ends_with_the_last_handle() -> Result<()> {
    let threads = || {
        let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
        let names = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok());
        names.filter(|name| name.starts_with("shortlist-upkee")).count()
    };
    let engine = engine(true)?;
    let other = engine.clone();
    let ids: Vec<String> = (0..4_000).map(|number| format!("adv-{number}")).collect();
    engine.upsert(ids.iter().map(|id| AdvisorProfile::new(id.as_str())).collect())?;
    engine.remove(&ids[..3_900])?;
    let start = Instant::now();
    while engine.stats().tombstones > 0 && start.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(engine.stats().tombstones, 0);
    let all = SearchRequest { scope: Scope::All, ..SearchRequest::default() };
    assert_eq!(engine.search(&all)?.total, 100);
    if cfg!(target_os = "linux") {
        assert_eq!(threads(), 1);
        drop(engine);
        assert_eq!(threads(), 1, "another handle is there");
        drop(other);
        assert_eq!(threads(), 0);
    }
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_removed_gives_its_memory_back() -> Result<()> {
    let resident = || -> usize {
        let status = std::fs::read_to_string("/proc/self/status").expect("the system's own words");
        let line = status.lines().find(|line| line.starts_with("VmRSS")).expect("a line");
        line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).expect("a number")
    };
    let generator = Generator::new(5);
    let engine = engine(true)?;
    let embeddings = generator.embeddings(256);
    let empty = resident();
    let mut ids = Vec::new();
    let mut source = generator.advisors(6_000).enumerate();
    loop {
        let batch: Vec<_> = source
            .by_ref()
            .take(2_000)
            .map(|(row, advisor)| AdvisorProfile {
                embedding: Some(embeddings.row(row)),
                ..advisor
            })
            .collect();
        if batch.is_empty() {
            break;
        }
        ids.extend(batch.iter().map(|advisor| advisor.id.clone()));
        engine.upsert(batch)?;
    }
    engine.maintain()?;
    let full = resident() - empty;
    engine.remove(&ids[..5_400])?;
    engine.maintain()?;
    let left = resident() - empty;
    assert_eq!(engine.stats().profiles, 600);
    eprintln!("{full} KiB of 6,000 advisors, {left} KiB after nine in ten were removed");
    assert!(left * 10 < full * 5, "{full} KiB before, {left} KiB after");
    Ok(())
}
