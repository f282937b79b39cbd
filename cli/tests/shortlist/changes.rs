//! Changes of an index that is there: kept in its journal, seen by every command.

use serde_json::json;

use crate::ground::Ground;

const ONE_MORE: &str = r#"{"id": "new-1", "professionalTitle": "Treasurer", "marketplaceStatus": "active", "isVerified": true}
{"id": "adv-000001", "professionalTitle": "Somebody else"}
"#;

#[test]
fn what_is_imported_is_there_for_every_later_command() {
    let ground = Ground::with_index();
    ground.write("more.jsonl", ONE_MORE);
    let told = ground.run("import --index idx --input more.jsonl").json();
    assert_eq!((&told["imported"], &told["added"]), (&json!(2), &json!(1)));
    assert_eq!(told["profiles"], 301);
    let changed = ground.run("get --index idx adv-000001").json();
    assert_eq!(changed["professionalTitle"], "Somebody else");
    let found = ground.run("search --index idx --text treasurer").json();
    assert!(
        found["hits"].as_array().is_some_and(|hits| hits.iter().any(|hit| hit["id"] == "new-1"))
    );
    let info = ground.run("info --index idx").json();
    assert_eq!(info["keeping"]["journalGeneration"], info["generation"]);
    assert_eq!(info["warnings"], json!([]));
    let table = ground.run("info --index idx --format table").done();
    assert!(table.contains("journal") && table.contains("up to generation"), "{table}");
}

#[test]
fn an_index_is_made_by_an_import_that_is_told_to() {
    let ground = Ground::new();
    ground.write("more.jsonl", ONE_MORE);
    ground.run("import --index idx --input more.jsonl").refused("SL2001");
    let told = ground.run("import --index idx --input more.jsonl --create").json();
    assert_eq!((&told["added"], &told["profiles"]), (&json!(2), &json!(2)));
    assert_eq!(ground.run("info --index idx").json()["profiles"], 2);
}

#[test]
fn what_is_removed_is_gone_and_all_of_it_or_nothing_is() {
    let ground = Ground::with_index();
    ground.run("remove --index idx adv-000001 nobody").refused("SL1011");
    assert_eq!(ground.run("info --index idx").json()["profiles"], 300);
    let told = ground.run("remove --index idx --missing-ok adv-000001 nobody").json();
    assert_eq!((&told["removed"], &told["missing"]), (&json!(1), &json!(1)));
    assert_eq!(ground.run("info --index idx").json()["profiles"], 299);
}

#[test]
fn compacting_leaves_no_tombstones_and_the_same_answers() {
    let ground = Ground::with_index();
    let ids: Vec<_> = (1..=200).map(|number| format!("adv-{number:06}")).collect();
    ground.run(&format!("remove --index idx --missing-ok {}", ids.join(" "))).done();
    let before = ground.run(r#"search --index idx --request {"scope":"all","limit":100}"#).json();
    let told = ground.run("compact --index idx").json();
    assert_eq!(told["tombstones"]["after"], 0);
    let after = ground.run(r#"search --index idx --request {"scope":"all","limit":100}"#).json();
    assert_eq!((&after["hits"], &after["total"]), (&before["hits"], &before["total"]));
}

#[test]
fn a_build_replaces_an_index_that_has_a_journal() {
    let ground = Ground::with_index();
    ground.write("more.jsonl", ONE_MORE);
    ground.run("import --index idx --input more.jsonl").done();
    ground.run("build --input more.jsonl --index idx").done();
    assert_eq!(ground.run("info --index idx").json()["profiles"], 2);
}
