//! Whatever is done to the server while 500 rows a second are written, every source ends with what it has.
//!
//! Each runs for some seconds; `SHORTLIST_CHAOS_SECONDS=60` runs each for a minute.

use std::time::{Duration, Instant};

use postgres::Client;
use shortlist::Engine;
use shortlist::sync::{
    Mapping, SourceKind, Sync, SyncOptions, SyncState, SyncStatus, install, publish,
};

use super::cluster::{Cluster, PASSWORD};
use super::market::{LONG, differences, live, market};
use super::writer::{Dice, Writer};

const ROWS: u32 = 4_000;

/// How long something is done to the server.
pub fn seconds() -> u64 {
    std::env::var("SHORTLIST_CHAOS_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(4)
}

/// Indexes that follow the same table, one by each source.
struct Followers {
    all: [(Engine, Sync); 3],
}

impl Followers {
    fn start(url: &str) -> Self {
        let all = SourceKind::ALL.map(|(_, source)| {
            let engine = Engine::in_memory().expect("an index");
            let mut options = SyncOptions::new(url);
            options.source = source;
            options.compare_every = Duration::from_secs(3);
            let sync = Sync::start(&engine, options).expect("a sync");
            (engine, sync)
        });
        Self { all }
    }

    fn live(&self) {
        self.all.iter().for_each(|(_, sync)| _ = live(sync));
    }

    /// All have what the server has, whoever made no profile is listed, and nothing shows the password.
    fn agree(&self, cluster: &Cluster) {
        let wrong: i64 = cluster
            .admin()
            .query_one("SELECT count(*) FROM advisor_profiles WHERE overall_rating > 5", &[])
            .expect("a count")
            .get(0);
        for (engine, sync) in &self.all {
            live(sync);
            assert_eq!(differences(engine, cluster), [], "{:?}", sync.status());
            let status = sync.status();
            assert_eq!(status.quarantined, wrong as u64, "{status:?}");
            assert_eq!(sync.quarantined().len() as i64, wrong);
            assert!(status.position.is_some(), "{status:?}");
            let json = serde_json::to_string(&status).expect("JSON");
            assert!(!format!("{status:?} {json} {sync:?}").contains(PASSWORD), "{status:?}");
        }
    }

    fn statuses(&self) -> Vec<SyncStatus> {
        self.all.iter().map(|(_, sync)| sync.status()).collect()
    }
}

/// Follows a table that is written to, does `disturb` until the time is over, and compares after quiet.
fn chaos(mut disturb: impl FnMut(&mut Cluster, &mut Dice)) {
    let Some((mut cluster, client)) = market(ROWS) else { return };
    drop(client);
    install(&cluster.url(), &Mapping::default(), &[]).expect("an outbox");
    publish(&cluster.url(), &Mapping::default()).expect("a publication");
    let followers = Followers::start(&cluster.url());
    followers.live();
    let writer = Writer::start(cluster.url());
    let mut dice = Dice(seconds());
    let until = Instant::now() + Duration::from_secs(seconds());
    while Instant::now() < until {
        disturb(&mut cluster, &mut dice);
    }
    let written = writer.stop();
    assert!(written > 100 * seconds(), "{written} rows in {} s", seconds());
    followers.agree(&cluster);
    no_log_has_the_password(&cluster);
}

/// The server's log says which statements came, in full; that which made the role is the administrator's.
fn no_log_has_the_password(cluster: &Cluster) {
    let log = std::fs::read_to_string(cluster.log()).expect("the server's log");
    let shown = log.lines().find(|line| line.contains(PASSWORD) && !line.contains("CREATE ROLE"));
    assert_eq!(shown, None);
}

fn pause(dice: &mut Dice, most_ms: u64) {
    std::thread::sleep(Duration::from_millis(dice.below(most_ms)));
}

#[test]
fn nothing_is_lost_with_a_connection() {
    const END: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'shortlist'";
    let mut ended = 0;
    chaos(|cluster, dice| {
        pause(dice, 600);
        ended += cluster.admin().query(END, &[]).expect("terminated").len();
    });
    assert!(ended > 0 || seconds() == 0);
}

#[test]
fn nothing_is_lost_with_the_server() {
    chaos(|cluster, dice| {
        pause(dice, 1_500);
        cluster.halt();
        pause(dice, 500);
        cluster.resume();
    });
}

#[test]
fn a_lost_notification_costs_time_only() {
    const WITHOUT: &str = "DO $do$ DECLARE made text; name text; BEGIN \
        FOREACH name IN ARRAY ARRAY['written_0', 'changed_0', 'removed_0', 'emptied_0'] LOOP \
        SELECT replace(pg_get_functiondef(('shortlist.' || name)::regproc), \
        'PERFORM pg_catalog.pg_notify(''shortlist'', '''')', 'NULL') \
        INTO made; ASSERT made NOT LIKE '%pg_notify%'; EXECUTE made; END LOOP; END $do$";
    chaos(|cluster, dice| {
        cluster.admin().batch_execute(WITHOUT).expect("silenced");
        pause(dice, 1_000);
    });
}

#[test]
fn transactions_that_commit_late_or_never_are_followed_as_they_end() {
    chaos(|cluster, dice| {
        let (mut slow, mut undone) = (cluster.admin(), cluster.admin());
        let mut late = slow.transaction().expect("a transaction");
        let mut never = undone.transaction().expect("a transaction");
        // Rows that no writer touches: it would wait for them.
        for (transaction, word) in [(&mut late, "late"), (&mut never, "never")] {
            let first = 1_000_000 + dice.below(1_000_000);
            let rows = format!(
                "INSERT INTO advisor_profiles (id, headline, updated_at) \
                 SELECT '{word}-' || n, '{word}', now() FROM generate_series({first}, {first} + 50) n ON CONFLICT DO NOTHING"
            );
            transaction.batch_execute(&rows).expect("rows");
        }
        pause(dice, 4_000);
        never.rollback().expect("undone");
        late.commit().expect("late");
    });
}

#[test]
fn a_large_update_in_one_transaction_is_followed() {
    let rows = if seconds() >= 60 { 200_000 } else { 20_000 };
    let mut begun = false;
    chaos(|cluster, dice| {
        let mut client = cluster.admin();
        if !std::mem::replace(&mut begun, true) {
            let made = format!(
                "INSERT INTO advisor_profiles (id, headline, embedding) \
                 SELECT 'many-' || n, 'first', ARRAY[n, 1, 2, 3]::real[] FROM generate_series(1, {rows}) n"
            );
            client.batch_execute(&made).expect("rows");
        }
        let word = dice.below(1_000);
        let all = format!(
            "UPDATE advisor_profiles SET headline = 'all {word}', updated_at = now() WHERE id LIKE 'many-%'"
        );
        client.batch_execute(&all).expect("updated");
        pause(dice, 2_000);
    });
}

#[test]
fn a_table_may_be_emptied() {
    chaos(|cluster, dice| {
        pause(dice, 1_500);
        let mut client = cluster.admin();
        client.batch_execute("BEGIN; TRUNCATE advisor_profiles").expect("emptied");
        if dice.below(2) == 0 {
            super::market::insert(&mut client, 1, 500);
        }
        client.batch_execute("COMMIT").expect("emptied");
    });
}

#[test]
fn a_column_may_get_another_type() {
    chaos(|cluster, dice| {
        for kind in ["float8", "numeric(12, 3)"] {
            pause(dice, 1_500);
            let alter = format!(
                "ALTER TABLE advisor_profiles ALTER hourly_rate TYPE {kind} USING hourly_rate + 1"
            );
            cluster.admin().batch_execute(&alter).expect("altered");
        }
    });
}

/// Renamed under a writer that goes on: it stops in words, says the column, and goes on where a mapping names it.
#[test]
fn a_column_that_was_renamed_is_a_clear_stop() {
    let Some((cluster, mut client)) = market(ROWS) else { return };
    install(&cluster.url(), &Mapping::default(), &[]).expect("an outbox");
    publish(&cluster.url(), &Mapping::default()).expect("a publication");
    let followers = Followers::start(&cluster.url());
    followers.live();
    let writer = Writer::start(cluster.url());
    std::thread::sleep(Duration::from_secs(seconds() / 2));
    client
        .batch_execute("ALTER TABLE advisor_profiles RENAME hourly_rate TO price")
        .expect("renamed");
    for (engine, sync) in &followers.all {
        let status = sync.wait_until(LONG, |status| status.state.has_ended());
        let SyncState::Failed { error } = &status.state else { panic!("{status:?}") };
        assert!(error.contains("hourlyRate") && error.contains("hourly_rate"), "{error}");
        let rated = r#"{"filter": {"hourlyRate": {"exists": true}}, "scope": "all"}"#;
        let rated = shortlist::SearchRequest::from_json(rated).expect("a request");
        assert!(engine.search(&rated).expect("a page").total > 1_000, "none is emptied");
    }
    rename_back(&mut client);
    std::thread::sleep(Duration::from_secs(seconds() / 2));
    writer.stop();
    for (engine, sync) in &followers.all {
        let source = SourceKind::parse(sync.status().source).expect("a source");
        let again = super::market::start(engine, &cluster, source);
        live(&again);
        assert_eq!(differences(engine, &cluster), []);
    }
    assert!(followers.statuses().iter().all(|status| status.last_error.is_some()));
}

fn rename_back(client: &mut Client) {
    client
        .batch_execute("ALTER TABLE advisor_profiles RENAME price TO hourly_rate")
        .expect("renamed");
}
