//! Profiles that a query makes of several tables.

use std::time::Duration;

use shortlist::Engine;
use shortlist::sync::{
    Difference, Mapping, SourceKind, Sync, SyncOptions, VerifyOptions, install, verify,
};

use super::cluster::Cluster;
use super::market::{held, live, market};

const REVIEWS: &str = "CREATE TABLE reviews (id serial PRIMARY KEY, advisor text, stars int, published bool, words text);
    CREATE TABLE tongues (advisor text, name text);
    INSERT INTO reviews (advisor, stars, published, words)
    SELECT 'adv-' || n, 1 + k, true, 'Review ' || k FROM generate_series(1, 50) n, generate_series(1, 4) k;
    INSERT INTO tongues SELECT 'adv-' || n, 'Finnish' FROM generate_series(1, 20) n;";

/// The last three published reviews in the details, and languages of another table.
const MAPPING: &str = r#"
    table = "advisor_profiles"
    query = """
        SELECT a.id, a.professional_title, a.industries, a.hourly_rate, a.updated_at, a.embedding,
            (SELECT array_agg(t.name ORDER BY t.name) FROM tongues t WHERE t.advisor = a.id) AS tongues,
            jsonb_build_object('reviews', (SELECT coalesce(jsonb_agg(r.words), '[]') FROM
                (SELECT words FROM reviews WHERE advisor = a.id AND published ORDER BY id DESC LIMIT 3) r)) AS details
        FROM advisor_profiles a
    """
    [attributes]
    languages = "tongues"
    [watch]
    reviews = "advisor"
    tongues = "advisor"
"#;

fn unequal(engine: &Engine, cluster: &Cluster, mapping: &Mapping) -> Vec<Difference> {
    let mut options = VerifyOptions::default();
    options.tries = 10;
    verify(engine, &cluster.url(), mapping, &options).expect("a verification").differences
}

fn reviews(engine: &Engine, id: &str) -> String {
    held(engine, id).and_then(|profile| profile.details).unwrap_or_default()
}

#[test]
fn a_change_of_a_joined_table_is_a_change_of_the_profile() {
    let Some((cluster, mut client)) = market(50) else { return };
    client.batch_execute(REVIEWS).expect("tables");
    let mapping = Mapping::from_toml(MAPPING).expect("a mapping");
    install(&cluster.url(), &mapping, &[]).expect("an outbox");
    let engine = Engine::in_memory().expect("an index");
    let mut options = SyncOptions::new(cluster.url());
    options.mapping = mapping.clone();
    options.source = SourceKind::Outbox;
    let sync = Sync::start(&engine, options).expect("a sync");
    live(&sync);
    assert_eq!(unequal(&engine, &cluster, &mapping), []);
    let first = reviews(&engine, "adv-7");
    assert!(first.contains("Review 4") && !first.contains("Review 1"), "{first}");
    let finnish = r#"{"filter": {"attributes.languages": "Finnish"}, "scope": "all"}"#;
    let finnish = shortlist::SearchRequest::from_json(finnish).expect("a request");
    assert_eq!(engine.search(&finnish).expect("a page").total, 20);

    for (change, id, has) in [
        (
            "INSERT INTO reviews (advisor, published, words) VALUES ('adv-7', true, 'Newest')",
            "adv-7",
            "Newest",
        ),
        ("UPDATE reviews SET published = false WHERE words = 'Newest'", "adv-7", "Review 2"),
        (
            "UPDATE reviews SET advisor = 'adv-9' WHERE words = 'Review 4' AND advisor = 'adv-8'",
            "adv-8",
            "Review 1",
        ),
        (
            "DELETE FROM reviews WHERE advisor = 'adv-10' AND words <> 'Review 2'",
            "adv-10",
            "Review 2",
        ),
    ] {
        client.batch_execute(change).expect("a change");
        assert_eq!(unequal(&engine, &cluster, &mapping), [], "{change}");
        assert!(reviews(&engine, id).contains(has), "{change}: {}", reviews(&engine, id));
    }
    // Nothing of the profiles' own table changes: all of them are read again for it.
    client.batch_execute("TRUNCATE reviews").expect("emptied");
    assert_eq!(unequal(&engine, &cluster, &mapping), []);
    assert!(!reviews(&engine, "adv-7").contains("Review"));
    client
        .batch_execute("ALTER TABLE tongues ALTER name TYPE text USING upper(name)")
        .expect("altered");
    assert_eq!(unequal(&engine, &cluster, &mapping), []);
    assert_eq!(engine.search(&finnish).expect("a page").total, 0);
    std::thread::sleep(Duration::from_millis(100));
    live(&sync);
}
