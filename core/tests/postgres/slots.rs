//! Following by the server's log: what may happen to the slot, and what must not happen to the server for it.

use std::time::Duration;

use postgres::Client;
use shortlist::Engine;
use shortlist::sync::{Mapping, SourceKind, SyncState, SyncStatus, install, publish};

use super::market::{LONG, differences, held, insert, live, market, start};

fn slots(client: &mut Client) -> Vec<(String, i64)> {
    let sql = "SELECT slot_name::text, pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)::bigint \
        FROM pg_replication_slots ORDER BY 1";
    let rows = client.query(sql, &[]).expect("slots");
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

#[test]
fn a_slot_that_is_gone_means_a_fresh_load() {
    let Some((cluster, mut client)) = market(200) else { return };
    publish(&cluster.url(), &Mapping::default()).expect("a publication");
    let engine = Engine::in_memory().expect("an index");
    let sync = start(&engine, &cluster, SourceKind::Replication);
    live(&sync);
    drop(sync);
    client
        .batch_execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots")
        .expect("dropped");
    client.batch_execute("DELETE FROM advisor_profiles WHERE id = 'adv-1'").expect("a change");
    insert(&mut client, 201, 210);
    let sync = start(&engine, &cluster, SourceKind::Replication);
    let status = live(&sync);
    assert_eq!((status.upserted, status.removed), (209, 1), "all is read again: {status:?}");
    assert_eq!(differences(&engine, &cluster), []);
    assert_eq!(slots(&mut client).len(), 1);
    drop(sync);
    // Whoever takes another source leaves no slot behind, for which the server would keep its log.
    install(&cluster.url(), &Mapping::default(), &[]).expect("an outbox");
    let sync = start(&engine, &cluster, SourceKind::Outbox);
    live(&sync);
    assert_eq!(slots(&mut client), []);
    assert_eq!(differences(&engine, &cluster), []);
}

#[test]
fn an_idle_table_does_not_hold_up_the_servers_log() {
    let Some((cluster, mut client)) = market(50) else { return };
    publish(&cluster.url(), &Mapping::default()).expect("a publication");
    let engine = Engine::in_memory().expect("an index");
    let sync = start(&engine, &cluster, SourceKind::Replication);
    live(&sync);
    client.batch_execute("CREATE TABLE other (n int, words text)").expect("a table");
    // 40 MiB that are nobody's business here.
    for _ in 0..40 {
        client
            .batch_execute(
                "INSERT INTO other SELECT n, repeat('x', 1000) FROM generate_series(1, 1000) n",
            )
            .expect("rows");
    }
    let mut behind = i64::MAX;
    for _ in 0..150 {
        behind = slots(&mut client)[0].1;
        if behind < 20 << 20 {
            break;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    assert!(behind < 20 << 20, "{behind} bytes; {:?}", sync.status());
    assert_eq!(differences(&engine, &cluster), []);
}

#[test]
fn what_replication_lacks_is_said() {
    let Some((cluster, mut client)) = market(5) else { return };
    let engine = Engine::in_memory().expect("an index");
    let failed = |status: &SyncStatus| matches!(status.state, SyncState::Failed { .. });
    let status = start(&engine, &cluster, SourceKind::Replication).wait_until(LONG, failed);
    assert!(format!("{status:?}").contains("pg install --source replication"), "{status:?}");
    client
        .batch_execute("ALTER TABLE advisor_profiles DROP CONSTRAINT advisor_profiles_pkey")
        .expect("altered");
    let error = publish(&cluster.url(), &Mapping::default()).expect_err("updates would fail");
    assert!(error.to_string().contains("primary key"), "{error}");
}

#[test]
fn a_table_that_was_emptied_is_loaded_again_once() {
    let Some((cluster, mut client)) = market(100) else { return };
    publish(&cluster.url(), &Mapping::default()).expect("a publication");
    let engine = Engine::in_memory().expect("an index");
    let sync = start(&engine, &cluster, SourceKind::Replication);
    live(&sync);
    client.batch_execute("TRUNCATE advisor_profiles").expect("emptied");
    insert(&mut client, 1, 40);
    assert_eq!(differences(&engine, &cluster), []);
    let loaded = live(&sync).upserted;
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(live(&sync).upserted, loaded, "it is not loaded for ever");
    assert_eq!(slots(&mut client).len(), 1);
}

#[test]
fn many_small_changes_are_read_although_none_is_given_up_yet() {
    let Some((cluster, mut client)) = market(100) else { return };
    publish(&cluster.url(), &Mapping::default()).expect("a publication");
    let engine = Engine::in_memory().expect("an index");
    let sync = start(&engine, &cluster, SourceKind::Replication);
    live(&sync);
    let many = "DO $do$ BEGIN FOR n IN 1 .. 12000 LOOP \
        UPDATE advisor_profiles SET total_reviews = n WHERE id = 'adv-' || (1 + n % 100); COMMIT; END LOOP; END $do$";
    client.batch_execute(many).expect("changes");
    assert_eq!(differences(&engine, &cluster), []);
    let status = live(&sync);
    assert!(status.upserted > 100 && status.lag_rows == 0, "{status:?}");
}

/// A large value lies beside its row, and the log does not repeat what an update left alone.
#[test]
fn a_large_value_that_an_update_left_alone_stays() {
    let Some((cluster, mut client)) = market(5) else { return };
    publish(&cluster.url(), &Mapping::default()).expect("a publication");
    let large = "ALTER TABLE advisor_profiles ALTER bio SET STORAGE EXTERNAL; \
        UPDATE advisor_profiles SET bio = repeat('long ', 4000) WHERE id = 'adv-3'";
    client.batch_execute(large).expect("a large value");
    let engine = Engine::in_memory().expect("an index");
    let sync = start(&engine, &cluster, SourceKind::Replication);
    live(&sync);
    client
        .batch_execute("UPDATE advisor_profiles SET headline = 'new' WHERE id = 'adv-3'")
        .expect("a change");
    assert_eq!(differences(&engine, &cluster), []);
    let held = held(&engine, "adv-3").expect("it is there");
    assert_eq!(
        (held.headline.as_deref(), held.bio.map(|bio| bio.len())),
        (Some("new"), Some(20_000))
    );
}
