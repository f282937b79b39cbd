//! Loading from a standby, which may be behind.

use std::time::Duration;

use shortlist::Engine;
use shortlist::sync::{Mapping, SourceKind, Sync, SyncOptions, SyncState, SyncStatus, install};

use super::cluster::Cluster;
use super::market::{LONG, differences, insert, live, market};

#[test]
fn a_replica_is_loaded_from_once_it_has_what_the_primary_had() {
    let Some((cluster, mut client)) = market(500) else { return };
    install(&cluster.url(), &Mapping::default(), &[]).expect("an outbox");
    let standby = cluster.standby();
    for source in [SourceKind::Outbox, SourceKind::Poll] {
        standby.admin().batch_execute("SELECT pg_wal_replay_pause()").expect("paused");
        // What nobody will announce again: it lies before the position, and the replica lacks it.
        client
            .batch_execute("UPDATE advisor_profiles SET headline = 'before', updated_at = now()")
            .expect("a change");
        let engine = Engine::in_memory().expect("an index");
        let mut options = SyncOptions::new(cluster.url());
        options.load_url = Some(standby.url());
        options.source = source;
        options.compare_every = Duration::from_secs(1);
        let sync = Sync::start(&engine, options).expect("a sync");
        let behind = |status: &SyncStatus| status.replica_lag_bytes.is_some_and(|bytes| bytes > 0);
        let status = sync.wait_until(Duration::from_secs(10), behind);
        std::thread::sleep(Duration::from_millis(500));
        assert!(behind(&sync.status()), "{status:?}");
        assert_ne!(sync.status().state, SyncState::Live);
        assert_eq!(engine.stats().profiles, 0, "it waits");
        // While it waits, and while it is behind again.
        insert(&mut client, 501, 600);
        standby.admin().batch_execute("SELECT pg_wal_replay_resume()").expect("resumed");
        let status = live(&sync);
        assert_eq!(status.replica_lag_bytes, Some(0), "{status:?}");
        assert_eq!(status.replica_lag_seconds, Some(0.0), "{status:?}");
        assert_eq!(differences(&engine, &cluster), []);
        client
            .batch_execute("DELETE FROM advisor_profiles WHERE substr(id, 5)::int > 500")
            .expect("gone");
        assert_eq!(differences(&engine, &cluster), []);
    }
}

#[test]
fn a_replica_of_another_cluster_is_refused() {
    let (Some((cluster, _)), Some(other)) = (market(5), Cluster::start()) else { return };
    install(&cluster.url(), &Mapping::default(), &[]).expect("an outbox");
    let engine = Engine::in_memory().expect("an index");
    let mut options = SyncOptions::new(cluster.url());
    options.load_url = Some(other.url());
    let sync = Sync::start(&engine, options).expect("a sync");
    let status = sync.wait_until(LONG, |status| status.state.has_ended());
    assert!(format!("{status:?}").contains("another cluster"), "{status:?}");
}
