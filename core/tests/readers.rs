//! Readers beside a writer. `SHORTLIST_BATCHES` is how many batches it writes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use shortlist::{AdvisorProfile, Engine, ProfilePatch, Result, Scope, SearchRequest};

const PROFILES: u32 = 60;
const BATCHES: u32 = 20_000;
const READERS: u32 = 8;

fn everyone() -> SearchRequest {
    SearchRequest {
        scope: Scope::All,
        limit: 1_000,
        facets: vec!["isVerified".into()],
        ..SearchRequest::default()
    }
}

#[test]
fn a_request_sees_every_change_of_a_batch_or_none() -> Result<()> {
    let engine = Engine::in_memory()?;
    let id = |number: u32| format!("adv-{number:03}");
    engine.upsert((0..PROFILES).map(|number| AdvisorProfile::new(id(number))).collect())?;
    let batches = std::env::var("SHORTLIST_BATCHES").ok().and_then(|count| count.parse().ok());
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let readers: Vec<_> = (0..READERS)
            .map(|_| {
                scope.spawn(|| {
                    let (mut pages, mut last) = (0, 0);
                    while !done.load(Ordering::Relaxed) || pages == 0 {
                        let page = engine.search(&everyone())?;
                        let clients: Vec<u32> =
                            page.hits().map(|hit| hit.listing.current_clients()).collect();
                        assert!(
                            clients.iter().all(|count| *count == clients[0]),
                            "half a batch was seen"
                        );
                        assert_eq!(
                            (clients.len() as u32, page.total),
                            (PROFILES, u64::from(PROFILES))
                        );
                        let counted: u64 =
                            page.facets[0].counts.iter().map(|value| value.count).sum();
                        assert_eq!(counted, page.total, "facets of another generation");
                        assert!(page.generation >= last, "an older generation after a newer one");
                        (pages, last) = (pages + 1, page.generation);
                    }
                    Ok::<_, shortlist::Error>(pages)
                })
            })
            .collect();
        for batch in 1..=batches.unwrap_or(BATCHES) {
            let patch = ProfilePatch {
                current_clients: Some(batch),
                is_verified: Some(batch % 2 == 0),
                ..ProfilePatch::default()
            };
            let applied =
                engine.patch((0..PROFILES).map(|number| (id(number), patch.clone())).collect())?;
            let read = engine.search(&everyone())?;
            assert!(read.generation >= applied.generation, "a write is visible when it returns");
        }
        done.store(true, Ordering::Relaxed);
        for reader in readers {
            assert!(reader.join().expect("no reader fails")? > 0);
        }
        Ok(())
    })
}
