use std::time::Duration;

use shortlist::Engine;
use shortlist::sync::{Mapping, SourceKind, install};

use super::market::{differences, held, insert, live, market, start};

#[test]
fn a_process_that_begins_again_goes_on_from_its_snapshot() {
    let Some((cluster, mut client)) = market(500) else { return };
    install(&cluster.url(), &Mapping::default(), &[]).expect("an outbox");
    let folder = tempfile::tempdir().expect("a folder");
    let engine = Engine::in_memory().expect("an index");
    let sync = start(&engine, &cluster, SourceKind::Outbox);
    live(&sync);
    engine.snapshot(folder.path()).expect("kept");
    insert(&mut client, 501, 510);
    assert_eq!(differences(&engine, &cluster), []);
    // Long enough that the outbox is told what it may forget: not what the snapshot lacks.
    std::thread::sleep(Duration::from_secs(5));
    drop((sync, engine));

    client.batch_execute("DELETE FROM advisor_profiles WHERE id = 'adv-1'").expect("a change");
    let engine = Engine::open(folder.path()).expect("the index");
    assert!(held(&engine, "adv-505").is_none(), "it was not kept");
    let sync = start(&engine, &cluster, SourceKind::Outbox);
    live(&sync);
    assert_eq!(differences(&engine, &cluster), []);
    let status = sync.status();
    assert_eq!((status.upserted, status.removed), (10, 1), "a load would write all: {status:?}");
}

#[test]
fn an_index_is_left_alone_while_nothing_changes() {
    let Some((cluster, mut client)) = market(50) else { return };
    install(&cluster.url(), &Mapping::default(), &[]).expect("an outbox");
    let engine = Engine::in_memory().expect("an index");
    let sync = start(&engine, &cluster, SourceKind::Outbox);
    live(&sync);
    let before = engine.stats().generation;
    // Others write to the same server.
    client.batch_execute("CREATE TABLE other (n int)").expect("a table");
    for _ in 0..5 {
        client.batch_execute("INSERT INTO other VALUES (1)").expect("a row");
        std::thread::sleep(Duration::from_millis(300));
    }
    assert_eq!(engine.stats().generation, before);
}

#[test]
fn more_rows_than_a_batch_may_go_at_once() {
    let Some((cluster, mut client)) = market(9_000) else { return };
    let engine = Engine::in_memory().expect("an index");
    let sync = start(&engine, &cluster, SourceKind::Poll);
    live(&sync);
    drop(sync);
    client.batch_execute("DELETE FROM advisor_profiles WHERE id <> 'adv-7'").expect("emptied");
    let sync = start(&engine, &cluster, SourceKind::Poll);
    live(&sync);
    assert_eq!(differences(&engine, &cluster), []);
    assert_eq!(engine.stats().profiles, 1);
}
