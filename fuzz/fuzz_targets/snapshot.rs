//! Any bytes as a snapshot: it is opened or refused as the operator's matter, and what opens answers without a panic.
#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use shortlist::{ClientCriteria, Engine, Scope, SearchRequest};

static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = ["/dev/shm", "/tmp"].into_iter().find(|folder| PathBuf::from(folder).is_dir());
    PathBuf::from(folder.unwrap_or(".")).join(format!("shortlist-fuzz-{}.slx", std::process::id()))
});

fuzz_target!(|bytes: &[u8]| {
    // A file of its own each time: what is mapped must not change.
    let _ = std::fs::remove_file(&*FILE);
    if std::fs::write(&*FILE, bytes).is_err() {
        return;
    }
    let answered = Engine::open_snapshot(&*FILE).and_then(|engine| {
        let page = SearchRequest {
            scope: Scope::All,
            text: Some("tax".to_owned()),
            ..SearchRequest::default()
        };
        let _ = engine.search(&page)?.to_json();
        let need = ClientCriteria { embedding: Some(vec![0.5; 8]), ..ClientCriteria::default() };
        let _ = engine.match_advisors(&need)?.to_json();
        engine.verify()
    });
    if let Err(error) = answered {
        // Of another dimension than the request: the fuzzer made that index itself.
        let expected = error.code().starts_with("SL2") || error.code() == "SL1006";
        assert!(expected, "{}: {error}", error.code());
    }
});
