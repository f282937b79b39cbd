//! Through a `PgBouncer` in transaction mode, where no two statements outside a transaction share a server.

use std::time::Duration;

use postgres::NoTls;
use shortlist::Engine;
use shortlist::sync::{Mapping, SourceKind, Sync, SyncOptions, check, install};

use super::market::{differences, insert, live, market};

#[test]
fn a_pool_in_transaction_mode_is_followed_through() {
    let Some((cluster, mut client)) = market(1_000) else { return };
    let Some((_pool, url)) = cluster.pool() else { return };
    // The migration and the look at the table go through it too.
    install(&url, &Mapping::default(), &[]).expect("an outbox");
    check(&url, &Mapping::default(), &shortlist::Schema::default()).expect("a report");
    // Others, so that a session gets another server at each turn.
    let others: Vec<_> = (0..4)
        .map(|_| {
            let mut other = postgres::Client::connect(&url, NoTls).expect("the pool answers");
            std::thread::spawn(move || {
                for _ in 0..300 {
                    other.simple_query("SELECT pg_sleep(0.005)").expect("answered");
                }
            })
        })
        .collect();
    // Told of the pool, as Prisma's URLs do, or not.
    let told = [format!("{url}&pgbouncer=true"), url.clone()];
    let followers: Vec<(Engine, Sync)> = told
        .iter()
        .flat_map(|url| [(url, SourceKind::Outbox), (url, SourceKind::Poll)])
        .map(|(url, source)| {
            let engine = Engine::in_memory().expect("an index");
            let mut options = SyncOptions::new(url);
            options.source = source;
            options.compare_every = Duration::from_secs(1);
            let sync = Sync::start(&engine, options).expect("a sync");
            (engine, sync)
        })
        .collect();
    for (_, sync) in &followers {
        live(sync);
    }
    insert(&mut client, 1_001, 1_500);
    client
        .batch_execute("UPDATE advisor_profiles SET bio = 'new', updated_at = now() WHERE id = 'adv-3'; DELETE FROM advisor_profiles WHERE id = 'adv-4'")
        .expect("changes");
    for (at, (engine, sync)) in followers.iter().enumerate() {
        assert_eq!(differences(engine, &cluster), [], "{:?}", sync.status());
        let status = live(sync);
        assert_eq!(engine.stats().profiles, 1_499);
        // Where it was told, it asks for nothing that a pool cannot give.
        assert!(at > 1 || status.last_error.is_none(), "{status:?}");
    }
    for other in others {
        other.join().expect("the others had answers");
    }
}
