//! Any bytes as a file of profiles or of embeddings: each record is read or refused with its place. The first byte says
//! which kind of file.
#![no_main]

use std::path::PathBuf;

use libfuzzer_sys::fuzz_target;
use shortlist::import::{Embeddings, Records};
use shortlist::{Engine, Schema};

fuzz_target!(|bytes: &[u8]| {
    let Some((kind, rest)) = bytes.split_first() else { return };
    let kind = ["jsonl", "csv", "npy", "f32"][usize::from(kind % 4)];
    let folder = ["/dev/shm", "/tmp"].into_iter().find(|folder| PathBuf::from(folder).is_dir());
    let name = format!("shortlist-fuzz-{}.{kind}", std::process::id());
    let path = PathBuf::from(folder.unwrap_or(".")).join(name);
    if std::fs::write(&path, rest).is_err() {
        return;
    }
    if matches!(kind, "npy" | "f32") {
        let Ok(embeddings) = Embeddings::open(&path, (kind == "f32").then_some(3)) else { return };
        assert!(embeddings.rows() * embeddings.dimension() as u64 * 4 <= rest.len() as u64);
        embeddings.for_each(|row| drop(row));
        return;
    }
    let mut schema = Schema::default();
    schema.infer_attributes = true;
    let Ok(mut records) = Records::open(&path, schema) else { return };
    let engine = Engine::in_memory().expect("a new engine");
    let mut count = 0;
    while let Some(record) = records.next() {
        match record {
            Ok(profile) => {
                let known = engine.declare(records.schema());
                let taken = known.and_then(|_| engine.upsert(vec![profile.1]));
                if let Err(error) = taken {
                    // What a record alone does not show: vectors of one index have one length.
                    assert_eq!(error.code(), "SL1006", "{error}");
                }
            }
            Err(rejected) if rejected.fatal => break,
            Err(_) => {}
        }
        count += 1;
        assert!(count <= rest.len(), "more records than bytes");
    }
});
