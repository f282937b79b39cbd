//! Bytes as a life of an index: changes, requests, snapshots, upkeep; the slow twin lives the same.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use shortlist::testing::{Generator, Twin, compare_match, compare_search, generated_schema};
use shortlist::{
    AdvisorProfile, ClientCriteria, Engine, EngineOptions, ProfilePatch, Scope, SearchRequest,
};

const DIMENSION: usize = 8;
const IDS: usize = 12;

struct Given {
    pool: Vec<AdvisorProfile>,
    searches: Vec<SearchRequest>,
    matches: Vec<ClientCriteria>,
}

static GIVEN: LazyLock<Given> = LazyLock::new(|| {
    let generator = Generator::new(7);
    let embeddings = generator.embeddings(DIMENSION);
    let pool = generator.advisors(64).enumerate().map(|(row, mut advisor)| {
        advisor.embedding = (row % 9 != 7).then(|| embeddings.row(row));
        advisor
    });
    Given {
        pool: pool.collect(),
        searches: generator.search_requests(64).collect(),
        matches: generator.match_requests(64, Some(&embeddings)).collect(),
    }
});

fn patch(byte: u8) -> ProfilePatch {
    let mut patch = ProfilePatch::default();
    match byte % 5 {
        0 => patch.current_clients = Some(u32::from(byte) % 20),
        1 => patch.overall_rating = Some(f64::from(byte % 6)),
        2 => patch.headline = Some(Some(format!("tax {}", byte % 3))),
        3 => {
            patch.marketplace_status = Some(["active", "paused"][usize::from(byte) % 2].to_owned())
        }
        _ => patch.hourly_rate = Some(None),
    }
    patch
}

fuzz_target!(|bytes: &[u8]| {
    let given = &*GIVEN;
    let options = EngineOptions::with_schema(generated_schema()).with_background(false);
    let engine = Engine::in_memory_with(options).expect("a new engine");
    let mut twin = Twin::new(generated_schema(), Vec::new(), None).expect("an empty one");
    for step in bytes.chunks_exact(3).take(200) {
        let (kind, whose, what) = (step[0], usize::from(step[1]), step[2]);
        let id = given.pool[whose % IDS].id.clone();
        match kind % 8 {
            0 | 1 => {
                let profile = AdvisorProfile { id, ..given.pool[usize::from(what) % 64].clone() };
                let done = (engine.upsert(vec![profile.clone()]), twin.upsert(vec![profile]));
                assert_eq!(done.0.err(), done.1.err());
            }
            2 | 3 => {
                let patches = vec![(id, patch(what))];
                assert_eq!(engine.patch(patches.clone()).err(), twin.patch(patches).err());
            }
            4 => assert_eq!(engine.remove(&[&id]).err(), twin.remove(&[&id]).err()),
            5 => engine.maintain().expect("no defect"),
            6 => {
                let need = &given.matches[whose % 64];
                let (twin, answer) = (twin.match_advisors(need), engine.match_advisors(need));
                compare_match(&twin.expect("sound"), &answer.expect("sound")).expect("the same");
            }
            _ => {
                let request =
                    SearchRequest { scope: Scope::All, ..given.searches[whose % 64].clone() };
                let (twin, answer) = (twin.search(&request), engine.search(&request));
                compare_search(&twin.expect("sound"), &request, &answer.expect("sound"), 0)
                    .expect("the same");
            }
        }
    }
    engine.verify().expect("sound");
});
