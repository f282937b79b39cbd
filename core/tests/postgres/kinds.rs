//! Columns of every type that may fill a field, and names as Prisma writes them.

use serde_json::json;
use shortlist::sync::{
    Mapping, SourceKind, Sync, SyncOptions, VerifyOptions, check, indexes, install, make_indexes,
    verify,
};
use shortlist::{Engine, Schema};

use super::market::{held, live, market};

/// As Prisma makes it of a model without `@map`; the embedding in `$1`. A domain stands for pgvector's type where the
/// extension is not there: it is read by the same cast.
fn table(embedding: &str) -> String {
    format!(
        "CREATE TABLE \"AdvisorProfile\" (id uuid PRIMARY KEY, \"userId\" text, \"professionalTitle\" char(40), \
         industries jsonb, services varchar(50)[], \"hourlyRate\" money_ish, \"yearsExperience\" int8, \
         \"overallRating\" numeric(2, 1), \"totalReviews\" int2, \"currentClients\" int4, \
         \"marketplaceStatus\" text, \"isVerified\" bool, \"createdAt\" date, \"updatedAt\" timestamp(3), \
         \"profileImageUrl\" text, embedding {embedding}, details json)"
    )
}

const ROW: &str = "INSERT INTO \"AdvisorProfile\" VALUES ('2f1b1f4e-0000-4000-8000-000000000001', '7', 'CFO', \
    '[\"Retail\", \"Energy\"]', '{Audit}', 99.95, 12, 4.7, 31, 3, 'active', true, '2024-02-29', \
    '2024-03-01 12:00:00.123', 'https://x.test/a.png'";

#[test]
fn columns_of_every_type_fill_their_fields() {
    let Some((cluster, mut client)) = market(0) else { return };
    client
        .batch_execute("DROP TABLE advisor_profiles; CREATE DOMAIN money_ish AS numeric(10, 2); CREATE DOMAIN vector AS real[];")
        .expect("types");
    for (kind, value) in [
        ("real[]", "'{0.5, -1, 2}'"),
        ("float8[]", "'{0.5, -1, 2}'"),
        ("numeric[]", "'{0.5, -1, 2}'"),
        ("bytea", "'\\x0000003f000080bf00000040'"),
        ("vector", "'{0.5, -1, 2}'"),
    ] {
        let made = format!(
            "DROP TABLE IF EXISTS \"AdvisorProfile\"; {}; {ROW}, {value}, '{{\"a\": [1, null]}}')",
            table(kind)
        );
        client.batch_execute(&made).expect("a table");
        let report =
            check(&cluster.url(), &Mapping::default(), &Schema::default()).expect("a report");
        assert!(report.fits() && report.rows_wrong.is_empty(), "{report:?}");
        let engine = Engine::in_memory().expect("an index");
        let mut options = SyncOptions::new(cluster.url());
        options.source = SourceKind::Poll;
        let sync = Sync::start(&engine, options).expect("a sync");
        live(&sync);
        let profile = held(&engine, "2f1b1f4e-0000-4000-8000-000000000001").expect("the row");
        assert_eq!(profile.embedding.as_deref().map(<[f32]>::len), Some(3), "{kind}");
        assert_eq!(profile.industries, ["Retail", "Energy"]);
        assert_eq!((profile.hourly_rate, profile.overall_rating), (Some(99.95), 4.7));
        assert_eq!(profile.professional_title.as_deref().map(str::trim_end), Some("CFO"));
        assert_eq!(
            profile.created_at.map(|at| at.to_string()).as_deref(),
            Some("2024-02-29T00:00:00Z")
        );
        assert_eq!(
            profile.updated_at.map(|at| at.to_string()).as_deref(),
            Some("2024-03-01T12:00:00.123Z")
        );
        assert_eq!(
            profile.details.as_deref().map(|text| serde_json::from_str(text).ok()),
            Some(Some(json!({"a": [1, null]})))
        );
        let summary =
            verify(&engine, &cluster.url(), &Mapping::default(), &VerifyOptions::default());
        assert!(summary.expect("a verification").is_clean(), "{kind}");
    }
}

#[test]
fn a_difference_is_found_and_mended() {
    let Some((cluster, mut client)) = market(300) else { return };
    let engine = Engine::in_memory().expect("an index");
    let mut options = SyncOptions::new(cluster.url());
    options.source = SourceKind::Poll;
    options.once = true;
    let sync = Sync::start(&engine, options).expect("a sync");
    sync.wait_until(super::market::LONG, |status| status.state.has_ended());
    drop(sync);
    client
        .batch_execute(
            "UPDATE advisor_profiles SET bio = 'other' WHERE id = 'adv-5'; \
             UPDATE advisor_profiles SET embedding = '{9, 9, 9, 9}' WHERE id = 'adv-6'; \
             DELETE FROM advisor_profiles WHERE id = 'adv-7';",
        )
        .expect("changes that nobody follows");
    super::market::insert(&mut client, 301, 301);
    let mut options = VerifyOptions::default();
    options.tries = 1;
    let found = verify(&engine, &cluster.url(), &Mapping::default(), &options).expect("a summary");
    let named: Vec<(&str, &str)> =
        found.differences.iter().map(|found| (found.id.as_str(), found.what.as_str())).collect();
    assert_eq!(
        named,
        [("adv-301", "missing"), ("adv-5", "bio"), ("adv-6", "embedding"), ("adv-7", "extra")]
    );
    assert!(!found.is_clean());
    options.repair = true;
    let mended = verify(&engine, &cluster.url(), &Mapping::default(), &options).expect("a summary");
    assert_eq!(mended.repaired, 4);
    let clean = verify(&engine, &cluster.url(), &Mapping::default(), &options).expect("a summary");
    assert_eq!((clean.different, clean.profiles, clean.rows), (0, 300, 300));
}

#[test]
fn indexes_for_those_who_stay_in_sql_are_made_and_used() {
    let Some((cluster, mut client)) = market(3_000) else { return };
    let listed = indexes(&cluster.url(), &Mapping::default()).expect("statements");
    assert!(listed.iter().all(|sql| sql.contains("CONCURRENTLY IF NOT EXISTS")), "{listed:?}");
    for part in [
        "USING gin (\"industries\")",
        "INCLUDE (\"hourly_rate\"",
        "WHERE \"marketplace_status\" = 'active'",
    ] {
        assert!(listed.iter().any(|sql| sql.contains(part)), "{part}: {listed:?}");
    }
    assert_eq!(make_indexes(&cluster.url(), &Mapping::default()).expect("made"), listed.len());
    assert_eq!(make_indexes(&cluster.url(), &Mapping::default()).expect("twice"), listed.len());
    client.batch_execute("ANALYZE advisor_profiles").expect("analyzed");
    let plan = client
        .query(
            "EXPLAIN SELECT id FROM advisor_profiles WHERE marketplace_status = 'active' AND is_verified \
             AND deleted_at IS NULL ORDER BY overall_rating DESC, total_reviews DESC, id LIMIT 20",
            &[],
        )
        .expect("a plan");
    let plan: Vec<String> = plan.iter().map(|row| row.get(0)).collect();
    assert!(plan.join("\n").contains("shortlist_rating"), "{plan:?}");
}

#[test]
fn what_is_missing_is_said_with_the_sql_that_mends_it() {
    let Some((cluster, mut client)) = market(10) else { return };
    let report = check(&cluster.url(), &Mapping::default(), &Schema::default()).expect("a report");
    assert!(!report.outbox && report.fits());
    // What it says is SQL that runs.
    client
        .batch_execute(
            "ALTER TABLE advisor_profiles DROP updated_at, ALTER bio TYPE int[] USING NULL",
        )
        .expect("altered");
    let report = check(&cluster.url(), &Mapping::default(), &Schema::default()).expect("a report");
    assert!(!report.fits());
    for sql in report.mend.iter().filter(|sql| !sql.starts_with("--")) {
        client.batch_execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    client.batch_execute("ALTER TABLE advisor_profiles DROP bio").expect("altered");
    let report = check(&cluster.url(), &Mapping::default(), &Schema::default()).expect("a report");
    assert!(report.fits(), "{report:?}");
    for sql in report.mend.iter().filter(|sql| !sql.starts_with("--")) {
        client.batch_execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    install(&cluster.url(), &Mapping::default(), &[]).expect("an outbox");
    assert!(
        check(&cluster.url(), &Mapping::default(), &Schema::default()).expect("a report").outbox
    );
}
