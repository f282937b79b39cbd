//! Any bytes as a filter: refused as the caller's by engine and twin, or both find the same.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use shortlist::testing::{Generator, Twin, compare_search, generated_schema};
use shortlist::{Actor, Engine, EngineOptions, Filter, Scope, SearchRequest};

static BOTH: LazyLock<(Engine, Twin)> = LazyLock::new(|| {
    let advisors: Vec<_> = Generator::new(3).advisors(200).collect();
    let options = EngineOptions::with_schema(generated_schema());
    let engine = Engine::in_memory_with(options).expect("a new engine");
    engine.upsert(advisors.clone()).expect("sound advisors");
    (engine, Twin::new(generated_schema(), advisors, None).expect("sound advisors"))
});

fuzz_target!(|bytes: &[u8]| {
    let Ok(json) = std::str::from_utf8(bytes) else { return };
    let filter = match Filter::from_json(json) {
        Ok(filter) => filter,
        Err(error) => {
            assert_eq!(error.actor(), Actor::Caller, "{error}");
            return;
        }
    };
    let request =
        SearchRequest { filter: Some(filter), scope: Scope::All, ..SearchRequest::default() };
    let (engine, twin) = &*BOTH;
    match (twin.search(&request), engine.search(&request)) {
        (Ok(twin), Ok(answer)) => {
            if let Err(what) = compare_search(&twin, &request, &answer, 0) {
                panic!("{what}");
            }
        }
        (Err(_), Err(error)) => assert_eq!(error.actor(), Actor::Caller, "{error}"),
        (twin, engine) => panic!("{:?} and {:?}", twin.err(), engine.err()),
    }
});
