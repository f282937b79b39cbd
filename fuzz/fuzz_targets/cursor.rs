//! Any text as a cursor, and any change of one that was given: refused as a cursor, or the page that it always led to.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use shortlist::testing::{Generator, generated_schema};
use shortlist::{Engine, EngineOptions, Scope, SearchRequest};

struct Given {
    engine: Engine,
    cursor: String,
    page: Vec<String>,
}

fn request(cursor: Option<String>) -> SearchRequest {
    SearchRequest { scope: Scope::All, limit: 7, cursor, ..SearchRequest::default() }
}

static GIVEN: LazyLock<Given> = LazyLock::new(|| {
    let options = EngineOptions::with_schema(generated_schema());
    let engine = Engine::in_memory_with(options).expect("a new engine");
    engine.upsert(Generator::new(3).advisors(100).collect()).expect("sound advisors");
    let cursor = engine.search(&request(None)).expect("a page").next_cursor.expect("more pages");
    let second = engine.search(&request(Some(cursor.clone()))).expect("a page");
    let page = second.ids().iter().map(|id| (*id).to_owned()).collect();
    Given { engine, cursor, page }
});

fuzz_target!(|bytes: &[u8]| {
    let Some((kind, rest)) = bytes.split_first() else { return };
    let mut cursor = GIVEN.cursor.clone().into_bytes();
    if kind % 2 == 0 {
        cursor = rest.to_vec();
    } else {
        for pair in rest.chunks_exact(2) {
            let at = usize::from(pair[0]) % cursor.len();
            cursor[at] = pair[1];
        }
    }
    let Ok(cursor) = String::from_utf8(cursor) else { return };
    match GIVEN.engine.search(&request(Some(cursor.clone()))) {
        Ok(page) => assert_eq!(page.ids(), GIVEN.page, "{cursor} is another place"),
        Err(error) => assert_eq!(error.code(), "SL1010", "{error}"),
    }
});
