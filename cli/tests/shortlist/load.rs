//! Load on a small catalogue: what is told, and what is missed.

use serde_json::{Value, json};

use crate::ground::{Ground, Ran};

/// A small run whose thresholds any machine meets.
const SMALL: &str =
    "--advisors 300 --dim 16 --distinct 50 --seconds 2 --max-p95-ms 60000 --max-growth 1000";

fn run(more: &str) -> Ran {
    Ground::new().run(&format!("load {more}"))
}

fn number(value: &Value) -> u64 {
    value.as_u64().expect("a whole number")
}

#[test]
fn the_busiest_day_asks_everything_while_profiles_change() {
    let told = run(&format!("peak {SMALL} --rate 100 --max-p99-ms 60000")).json();
    for kind in ["list", "search", "profile", "match"] {
        assert!(number(&told["kinds"][kind]["requests"]) > 0, "{told}");
    }
    let answered = number(&told["all"]["requests"]);
    assert!((130..270).contains(&answered), "{answered} of 200");
    assert_eq!((&told["errors"], &told["firstError"]), (&json!(0), &Value::Null));
    let changes = &told["changes"];
    assert!(number(&changes["upserts"]) >= 95 && number(&changes["patches"]) >= 950, "{changes}");
    assert_eq!(told["verified"], told["sample"]);
    assert!(number(&told["sample"]) >= 100);
    assert_eq!(told["passed"], true);
}

#[test]
fn people_browse_and_matches_rise() {
    let told = run(&format!("browsing {SMALL} --users 40")).json();
    assert!(number(&told["kinds"]["list"]["requests"]) >= 38, "{told}");
    assert_eq!((&told["offeredPerS"], &told["kinds"]["match"]), (&Value::Null, &Value::Null));
    let told = run(&format!("matching {SMALL} --rate 60 --upserts 0 --patches 0")).json();
    assert_eq!(told["all"]["requests"], told["kinds"]["match"]["requests"]);
    assert_eq!(told["changes"]["upserts"], 0);
}

#[test]
fn an_index_is_driven_as_a_copy() {
    let ground = Ground::shared();
    let before = std::fs::read(ground.snapshot()).expect("a snapshot");
    let load = "load peak --index idx --seconds 0.5 --rate 100 --distinct 20 --max-p95-ms 60000 --max-p99-ms 60000";
    let told = ground.run(&format!("{load} --max-growth 1000")).json();
    assert!(number(&told["changes"]["patches"]) > 0);
    assert_eq!(std::fs::read(ground.snapshot()).expect("a snapshot"), before);
}

#[test]
fn changes_are_journaled_where_the_index_is_kept() {
    let ground = Ground::new();
    let load = format!(
        "load peak {SMALL} --rate 50 --max-p99-ms 60000 --upserts 5 --patches 20 --keep idx"
    );
    let told = ground.run(&load).json();
    assert_eq!(told["passed"], true);
    assert_eq!(ground.run("info --index idx").json()["profiles"], 300);
    ground.run(&load).refused("SL1003");
}

#[test]
fn a_missed_threshold_is_exit_code_1_and_named() {
    let ran = run("matching --advisors 200 --dim 16 --distinct 10 --seconds 0.5 --max-p95-ms 0");
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let error: Value = serde_json::from_str(&ran.err).expect("JSON");
    assert_eq!(error["error"]["code"], "missed");
    assert!(
        error["error"]["message"].as_str().is_some_and(|text| text.contains("p95 is")),
        "{error}"
    );
    let told: Value = serde_json::from_str(&ran.out).expect("the report all the same");
    assert_eq!(told["passed"], false);
}

#[test]
fn a_service_that_does_not_answer_is_refused_in_words() {
    let error = run("peak --url http://127.0.0.1:9 --seconds 1").refused("SL1003");
    assert_eq!(error["field"], "url");
}
