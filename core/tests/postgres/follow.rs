use shortlist::sync::{
    Mapping, SourceKind, Sync, SyncOptions, SyncState, SyncStatus, check, install, publish,
    uninstall,
};
use shortlist::{Engine, Error, Event, Schema, SearchRequest};

use super::cluster::PASSWORD;
use super::market::{LONG, differences, held, insert, live, market, start};

#[test]
fn what_is_committed_is_found_whatever_the_source() {
    let Some((cluster, mut client)) = market(500) else { return };
    install(&cluster.url(), &Mapping::default(), &[]).expect("an outbox");
    install(&cluster.url(), &Mapping::default(), &[]).expect("twice is once");
    publish(&cluster.url(), &Mapping::default()).expect("a publication");
    publish(&cluster.url(), &Mapping::default()).expect("twice is once");
    for (_, source) in SourceKind::ALL {
        let engine = Engine::in_memory().expect("an index");
        let sync = start(&engine, &cluster, source);
        live(&sync);
        assert_eq!(differences(&engine, &cluster), []);
        client.batch_execute(
            "UPDATE advisor_profiles SET hourly_rate = 99.5, updated_at = now() WHERE id = 'adv-7'; \
             DELETE FROM advisor_profiles WHERE id IN ('adv-8', 'adv-9'); \
             UPDATE advisor_profiles SET id = 'new-' || id, updated_at = now() WHERE id = 'adv-10';",
        ).expect("changes");
        insert(&mut client, 1_001, 1_100);
        assert_eq!(differences(&engine, &cluster), []);
        assert_eq!(held(&engine, "adv-7").and_then(|profile| profile.hourly_rate), Some(99.5));
        assert!(held(&engine, "new-adv-10").is_some() && held(&engine, "adv-10").is_none());
        client.batch_execute("TRUNCATE advisor_profiles").expect("emptied");
        insert(&mut client, 1, 500);
        assert_eq!(differences(&engine, &cluster), []);
        assert_eq!(engine.search(&SearchRequest::default()).expect("a page").total, 334);
        assert_eq!(sync.stop().state, SyncState::Stopped);
    }
    uninstall(&cluster.url()).expect("taken back");
    let triggers = client.query_one("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal", &[]);
    assert_eq!(triggers.expect("a count").get::<_, i64>(0), 0);
    let left = client.query("SELECT slot_name FROM pg_replication_slots", &[]).expect("slots");
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_transaction_that_stays_open_hides_nothing_and_holds_up_nobody() {
    for source in [SourceKind::Outbox, SourceKind::Replication] {
        stays_open(source);
    }
}

fn stays_open(source: SourceKind) {
    let Some((cluster, mut client)) = market(50) else { return };
    install(&cluster.url(), &Mapping::default(), &[]).expect("an outbox");
    publish(&cluster.url(), &Mapping::default()).expect("a publication");
    let engine = Engine::in_memory().expect("an index");
    let sync = start(&engine, &cluster, source);
    live(&sync);
    let mut slow = cluster.admin();
    let mut open = slow.transaction().expect("a transaction");
    open.batch_execute("UPDATE advisor_profiles SET headline = 'late' WHERE id = 'adv-1'")
        .expect("held");
    let mut undone = cluster.admin();
    let mut rolled = undone.transaction().expect("a transaction");
    rolled.batch_execute("DELETE FROM advisor_profiles WHERE id = 'adv-3'").expect("held");
    client
        .batch_execute("UPDATE advisor_profiles SET headline = 'soon' WHERE id = 'adv-2'")
        .expect("a change");
    assert_eq!(differences(&engine, &cluster), []);
    assert_eq!(
        held(&engine, "adv-2").and_then(|profile| profile.headline).as_deref(),
        Some("soon")
    );
    rolled.rollback().expect("undone");
    open.commit().expect("late");
    assert_eq!(differences(&engine, &cluster), []);
    assert_eq!(
        held(&engine, "adv-1").and_then(|profile| profile.headline).as_deref(),
        Some("late")
    );
    assert!(held(&engine, "adv-3").is_some());
}

#[test]
fn a_server_that_goes_away_is_waited_for() {
    let Some((mut cluster, mut client)) = market(50) else { return };
    install(&cluster.url(), &Mapping::default(), &[]).expect("an outbox");
    let engine = Engine::in_memory().expect("an index");
    let sync = start(&engine, &cluster, SourceKind::Outbox);
    live(&sync);
    client.batch_execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'shortlist'")
        .expect("terminated");
    insert(&mut client, 51, 60);
    assert_eq!(differences(&engine, &cluster), []);
    drop(client);
    cluster.halt();
    let waiting = |status: &SyncStatus| matches!(status.state, SyncState::Waiting { .. });
    let status = sync.wait_until(LONG, waiting);
    assert!(waiting(&status), "{status:?}");
    assert!(held(&engine, "adv-60").is_some(), "the index goes on serving");
    cluster.resume();
    insert(&mut cluster.admin(), 61, 70);
    live(&sync);
    assert_eq!(differences(&engine, &cluster), []);
    let log = std::fs::read_to_string(cluster.log()).expect("the server's log");
    // The statement that made the role has it, in the server's own log; nothing of ours has.
    let ours = log.lines().filter(|line| !line.contains("CREATE ROLE syncer")).collect::<String>();
    assert!(!format!("{:?} {ours}", sync.status()).contains(PASSWORD));
}

#[test]
fn each_state_is_told_as_it_comes() {
    let Some((cluster, _client)) = market(50) else { return };
    install(&cluster.url(), &Mapping::default(), &[]).expect("an outbox");
    let engine = Engine::in_memory().expect("an index");
    let (told, states) = std::sync::mpsc::channel();
    let mut options = SyncOptions::new(cluster.url());
    options.on_state = Some(std::sync::Arc::new(move |status: &SyncStatus| {
        let _ = told.send(status.state.clone());
    }));
    let mut events = engine.subscribe();
    let sync = Sync::start(&engine, options).expect("a sync");
    live(&sync);
    drop(sync);
    let mut told = Vec::new();
    while let Some(event) = events.try_next().expect("it is in memory") {
        if let Event::Source(source) = event {
            assert_eq!((source.source.as_str(), source.error), ("postgres", None));
            told.push(source.state);
        }
    }
    assert_eq!(told, ["connecting", "loading", "catchingUp", "live", "stopped"]);
    let states: Vec<SyncState> = states.iter().collect();
    let [
        SyncState::Connecting,
        SyncState::Loading { rows: 50, .. },
        SyncState::CatchingUp,
        SyncState::Live,
        SyncState::Stopped,
    ] = states.as_slice()
    else {
        panic!("{states:?}")
    };
}

#[test]
fn a_row_that_makes_no_profile_is_listed_and_stops_nobody() {
    let Some((cluster, mut client)) = market(50) else { return };
    install(&cluster.url(), &Mapping::default(), &[]).expect("an outbox");
    client
        .batch_execute("UPDATE advisor_profiles SET overall_rating = 9 WHERE id = 'adv-5'")
        .expect("wrong");
    let engine = Engine::in_memory().expect("an index");
    let sync = start(&engine, &cluster, SourceKind::Outbox);
    assert_eq!(live(&sync).quarantined, 1);
    let [row] = sync.quarantined().try_into().expect("one row");
    assert_eq!(row.id, "adv-5");
    assert!(row.reason.contains("overallRating"), "{row:?}");
    client
        .batch_execute("UPDATE advisor_profiles SET overall_rating = 4 WHERE id = 'adv-5'")
        .expect("mended");
    assert_eq!(differences(&engine, &cluster), []);
    assert_eq!(sync.status().quarantined, 0);
}

#[test]
fn a_table_that_no_longer_fits_is_a_clear_stop() {
    let Some((cluster, mut client)) = market(50) else { return };
    install(&cluster.url(), &Mapping::default(), &[]).expect("an outbox");
    let engine = Engine::in_memory().expect("an index");
    let sync = start(&engine, &cluster, SourceKind::Outbox);
    live(&sync);
    // Another type that fits: everything is read again, since no trigger tells of it.
    client
        .batch_execute(
            "ALTER TABLE advisor_profiles ALTER hourly_rate TYPE float8 USING hourly_rate * 2",
        )
        .expect("altered");
    assert_eq!(differences(&engine, &cluster), []);
    client
        .batch_execute("ALTER TABLE advisor_profiles ALTER hourly_rate TYPE text")
        .expect("altered");
    let failed = |status: &SyncStatus| matches!(status.state, SyncState::Failed { .. });
    let status = sync.wait_until(LONG, failed);
    assert!(failed(&status), "{status:?}");
    assert!(format!("{status:?}").contains("hourly_rate"), "{status:?}");
    let report = check(&cluster.url(), &Mapping::default(), &Schema::default()).expect("a report");
    assert!(!report.fits());
    let none = Mapping::from_toml("table = \"advisor_profile\"").expect("a mapping");
    let error = check(&cluster.url(), &none, &Schema::default()).expect_err("no such table");
    assert!(
        matches!(&error, Error::Mapping { remedy, .. } if remedy.contains("advisor_profiles")),
        "{error}"
    );
}
