//! An embedding is most of a row, and is not read again where it is as it was; where it is not, it is.

use std::time::Duration;

use postgres::Client;
use shortlist::Engine;
use shortlist::sync::{Mapping, SourceKind, Sync, install};

use super::cluster::Cluster;
use super::market::{differences, held, live, market, start};

struct Followed {
    cluster: Cluster,
    client: Client,
    engine: Engine,
    sync: Sync,
}

fn followed() -> Option<Followed> {
    let (cluster, client) = market(50)?;
    install(&cluster.url(), &Mapping::default(), &[]).expect("an outbox");
    let engine = Engine::in_memory().expect("an index");
    let sync = start(&engine, &cluster, SourceKind::Outbox);
    live(&sync);
    Some(Followed { cluster, client, engine, sync })
}

impl Followed {
    fn after(&mut self, sql: &str) {
        self.client.batch_execute(sql).expect("a change");
        assert_eq!(differences(&self.engine, &self.cluster), [], "{sql}");
        live(&self.sync);
    }

    fn embedding(&self, id: &str) -> Vec<f32> {
        held(&self.engine, id).and_then(|profile| profile.embedding).expect("an embedding")
    }

    /// How many rows were read without it.
    fn read_light(&mut self) -> i64 {
        let counted = "SELECT count(*) FROM shortlist.outbox WHERE light";
        self.client.query_one(counted, &[]).expect("a count").get(0)
    }
}

#[test]
fn an_embedding_changes_when_it_is_set_and_stays_when_it_is_not() {
    let Some(mut all) = followed() else { return };
    let before = all.embedding("adv-1");
    all.after(
        "UPDATE advisor_profiles SET hourly_rate = 77, headline = 'words' WHERE id = 'adv-1'",
    );
    assert_eq!(all.embedding("adv-1"), before);
    assert!(all.read_light() > 0, "nothing was spared");
    all.after("UPDATE advisor_profiles SET embedding = '{4,3,2,1}', headline = 'other' WHERE id = 'adv-1'");
    assert_ne!(all.embedding("adv-1"), before);
    all.after("UPDATE advisor_profiles SET embedding = NULL WHERE id = 'adv-2'");
    all.after(
        "BEGIN; UPDATE advisor_profiles SET embedding = '{1,1,1,9}' WHERE id = 'adv-2'; \
         UPDATE advisor_profiles SET total_reviews = 5 WHERE id = 'adv-2'; COMMIT",
    );
    all.after(
        "INSERT INTO advisor_profiles (id, embedding) VALUES ('adv-3', '{5,5,5,1}') \
         ON CONFLICT (id) DO UPDATE SET embedding = excluded.embedding",
    );
    all.after("UPDATE advisor_profiles SET id = 'moved' WHERE id = 'adv-4'");
    assert!(held(&all.engine, "moved").is_some_and(|moved| moved.embedding.is_some()));
}

#[test]
fn an_embedding_that_a_trigger_sets_is_read() {
    let Some(mut all) = followed() else { return };
    all.after(
        "CREATE FUNCTION turn() RETURNS trigger LANGUAGE plpgsql AS \
         'BEGIN NEW.embedding := ARRAY[9, 8, 7, NEW.total_reviews + 1]::real[]; RETURN NEW; END'; \
         CREATE TRIGGER turn BEFORE UPDATE ON advisor_profiles FOR EACH ROW EXECUTE FUNCTION turn(); \
         UPDATE advisor_profiles SET total_reviews = 6 WHERE id = 'adv-1'",
    );
    // Without what would tell of it, every row is read whole.
    all.after(
        "DROP TRIGGER turn ON advisor_profiles; DROP TRIGGER shortlist_embedding ON advisor_profiles; \
         UPDATE advisor_profiles SET embedding = '{2,2,3,3}' WHERE id = 'adv-2'",
    );
}

#[test]
fn a_row_that_is_not_held_or_made_no_profile_is_read_whole() {
    let Some(mut all) = followed() else { return };
    all.engine.remove(&["adv-5"]).expect("removed behind its back");
    all.after("UPDATE advisor_profiles SET total_reviews = 5 WHERE id = 'adv-5'");
    assert_eq!(all.embedding("adv-5").len(), 4);
    all.client
        .batch_execute("UPDATE advisor_profiles SET embedding = '{1,2}' WHERE id = 'adv-6'")
        .expect("of no use");
    for _ in 0..600 {
        all.sync.wait_until(Duration::from_millis(100), |status| status.quarantined == 1);
    }
    assert_eq!(all.sync.status().quarantined, 1);
    all.after("UPDATE advisor_profiles SET total_reviews = 5 WHERE id = 'adv-6'");
    assert_eq!(all.sync.status().quarantined, 1, "it is still of no use");
    all.after("UPDATE advisor_profiles SET embedding = '{1,2,3,4}' WHERE id = 'adv-6'");
    assert_eq!(all.sync.status().quarantined, 0);
}
