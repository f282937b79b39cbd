use std::time::Duration;

use shortlist::Engine;
use shortlist::sync::{
    Mapping, SourceKind, Sync, SyncOptions, SyncState, SyncStatus, check, install,
};

use super::cluster::PASSWORD;
use super::market::{LONG, differences, held, live, market};

fn follow(engine: &Engine, url: String, source: SourceKind) -> Sync {
    let mut options = SyncOptions::new(url);
    options.source = source;
    options.compare_every = Duration::from_hours(1);
    Sync::start(engine, options).expect("a sync")
}

#[test]
fn a_reader_follows_once_it_is_let() {
    let Some((cluster, mut client)) = market(50) else { return };
    let made = format!(
        "CREATE ROLE \"the reader\" LOGIN PASSWORD '{PASSWORD}'; \
         GRANT SELECT ON advisor_profiles TO \"the reader\";"
    );
    client.batch_execute(&made).expect("a role");
    install(&cluster.url(), &Mapping::default(), &[]).expect("an outbox");
    let url = cluster.url_of("the%20reader", "127.0.0.1", "sslmode=disable");
    let engine = Engine::in_memory().expect("an index");
    let failed = |status: &SyncStatus| matches!(status.state, SyncState::Failed { .. });
    let status = follow(&engine, url.clone(), SourceKind::Outbox).wait_until(LONG, failed);
    assert!(format!("{status:?}").contains("permission denied"), "{status:?}");

    let readers = ["the reader".to_owned()];
    install(&cluster.url(), &Mapping::default(), &readers).expect("let");
    let sync = follow(&engine, url, SourceKind::Outbox);
    live(&sync);
    client
        .batch_execute("UPDATE advisor_profiles SET bio = 'new' WHERE id = 'adv-3'")
        .expect("a change");
    assert_eq!(differences(&engine, &cluster), []);
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(live(&sync).state, SyncState::Live, "it may say how far it is");
}

#[test]
fn moments_without_a_zone_are_utc_whatever_the_sessions_zone() {
    let Some((cluster, mut client)) = market(50) else { return };
    let moved = "ALTER ROLE syncer SET TimeZone = 'Asia/Tokyo'; \
        ALTER TABLE advisor_profiles ALTER updated_at TYPE timestamp USING updated_at AT TIME ZONE 'UTC'; \
        UPDATE advisor_profiles SET updated_at = '3000-01-01' WHERE id = 'adv-9';";
    client.batch_execute(moved).expect("a column without a zone");
    let engine = Engine::in_memory().expect("an index");
    let sync = follow(&engine, cluster.url(), SourceKind::Poll);
    live(&sync);
    let change = "UPDATE advisor_profiles SET bio = 'soon', updated_at = now() AT TIME ZONE 'UTC' WHERE id = 'adv-3'";
    client.batch_execute(change).expect("a change");
    let seen = |_: &SyncStatus| held(&engine, "adv-3").is_some_and(|held| held.bio.is_some());
    for _ in 0..100 {
        sync.wait_until(Duration::from_millis(100), seen);
    }
    assert!(seen(&sync.status()), "{:?}", sync.status());
}

#[test]
fn a_connection_is_encrypted_as_it_is_asked_to_be() {
    let Some((mut cluster, client)) = market(5) else { return };
    drop(client);
    let plain = cluster.url_of("syncer", "127.0.0.1", "sslmode=require");
    check(&plain, &Mapping::default(), &shortlist::Schema::default())
        .expect_err("a server that cannot encrypt is not spoken to");
    let Some(authority) = cluster.encrypt() else { return };
    let try_with = |host: &str, parameters: &str| {
        let url = cluster.url_of("syncer", host, parameters);
        check(&url, &Mapping::default(), &shortlist::Schema::default())
    };
    let full = format!("sslmode=verify-full&sslrootcert={}", authority.display());
    for (host, parameters) in [
        ("127.0.0.1", "sslmode=disable"),
        ("127.0.0.1", "sslmode=prefer"),
        ("127.0.0.1", "sslmode=require"),
        ("localhost", &full),
    ] {
        try_with(host, parameters).unwrap_or_else(|error| panic!("{host} {parameters}: {error}"));
    }
    for (host, parameters) in [("127.0.0.1", full.as_str()), ("localhost", "sslmode=verify-full")] {
        let error = try_with(host, parameters).expect_err("a certificate that does not hold");
        assert_eq!(error.code(), "SL2020", "{error}");
        assert!(!format!("{error} {error:?}").contains(PASSWORD), "{error}");
    }
}
