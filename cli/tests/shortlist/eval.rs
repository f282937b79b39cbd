//! Rankings measured: the figures are those that `ir_measures` 0.4.3 gives for the same rankings.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::ground::Ground;

fn collection() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/judged")
}

/// An evaluation of the small collection.
fn evaluated(ground: &Ground, more: &[&str]) -> Value {
    let folder = collection();
    let mut arguments = vec!["eval", "--collection", folder.to_str().expect("UTF-8")];
    arguments.extend(more);
    ground.run_with(&arguments).json()
}

fn near(value: &Value, right: f64) -> bool {
    value.as_f64().is_some_and(|value| (value - right).abs() < 1e-6)
}

#[test]
fn measures_are_those_of_ir_measures() {
    let run = collection().join("elsewhere.trec");
    let run = run.to_str().expect("UTF-8");
    let found = evaluated(&Ground::new(), &["--config", r#"{"embedding": null}"#, "--run", run]);
    assert_eq!(
        (&found["requests"], &found["judged"], &found["unasked"]),
        (&json!(6), &json!(6), &json!(0))
    );
    let figures = [(0.985_567, 1.0, 1.0), (0.526_537, 0.583_333, 0.527_778)];
    for (config, (ndcg, mrr, recall)) in
        found["configs"].as_array().expect("configs").iter().zip(figures)
    {
        assert!(near(&config["ndcg10"], ndcg), "{config}");
        assert!(near(&config["mrr10"], mrr), "{config}");
        assert!(near(&config["recall"], recall), "{config}");
    }
    assert_eq!((&found["verified"], &found["sample"]), (&json!(6), &json!(6)));
    let compared = &found["comparisons"][0];
    assert_eq!(
        (&compared["better"], &compared["worse"], &compared["same"]),
        (&json!(1), &json!(4), &json!(1))
    );
}

#[test]
fn an_index_with_its_own_requests_measures_the_same_as_its_collection() {
    let ground = Ground::new();
    let lines = |name: &str| -> Vec<Value> {
        let text = std::fs::read_to_string(collection().join(name)).expect("a file");
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    };
    let profiles = lines("docs.jsonl").into_iter().map(|doc| {
        json!({"id": doc["id"], "professionalTitle": doc["title"], "bio": doc["text"]}).to_string()
    });
    ground.write("docs.jsonl", profiles.collect::<Vec<_>>().join("\n"));
    ground.write("schema.json", r#"{"dimension": 4, "textWeights": {"professionalTitle": 1}}"#);
    // Both forms of a line, and both forms of a name.
    let requests = lines("queries.jsonl").into_iter().enumerate().map(|(at, query)| {
        if at % 2 == 0 {
            json!({"id": query["id"], "text": query["text"], "text_match": "all"}).to_string()
        } else {
            json!({"id": query["id"], "request": {"text": query["text"]}}).to_string()
        }
    });
    ground.write("queries.jsonl", requests.collect::<Vec<_>>().join("\n"));
    ground.write("all.json", r#"{"textMatch": "any", "scope": "all"}"#);
    let vectors = collection().join("docs.f32");
    let build =
        ["build", "--input", "docs.jsonl", "--embeddings", vectors.to_str().expect("UTF-8")];
    ground.run_with(&[&build[..], &["--schema", "schema.json", "--index", "idx"]].concat()).done();
    let (queries, qrels) = (collection().join("queries.f32"), collection().join("qrels.trec"));
    let arguments =
        ["eval", "--index", "idx", "--requests", "queries.jsonl", "--config", "all.json"];
    let files = [
        "--embeddings",
        queries.to_str().expect("UTF-8"),
        "--qrels",
        qrels.to_str().expect("UTF-8"),
    ];
    let own = ground.run_with(&[&arguments[..], &files].concat()).json();
    let whole = evaluated(&ground, &[]);
    assert_eq!((&own["requests"], &own["judged"]), (&json!(7), &json!(6)));
    assert_eq!(own["configs"][0]["name"], "all");
    for measure in ["ndcg10", "mrr10", "recall"] {
        assert_eq!(own["configs"][0][measure], whole["configs"][0][measure], "{measure}");
    }
}

#[test]
fn matches_are_measured_against_the_exact_top_and_by_whom_they_show() {
    let ground = Ground::shared();
    let arguments = [
        "eval",
        "match",
        "--index",
        "idx",
        "--requests",
        "a.match.jsonl",
        "--embeddings",
        "a.match.f32",
        "--config",
        "{}",
        "--config",
        r#"{"weights": {"similarity": 0, "business": 0, "rating": 1}, "limit": 3}"#,
    ];
    let found = ground.run_with(&arguments).json();
    assert_eq!(found["judged"], Value::Null);
    let (plain, rated) = (&found["configs"][0], &found["configs"][1]);
    for config in [plain, rated] {
        assert_eq!(
            (&config["exact"]["recall"], &config["exact"]["whole"]),
            (&json!(1.0), &json!(20))
        );
        let gini = config["exposure"]["gini"].as_f64().expect("a number");
        assert!((0.0..1.0).contains(&gini), "{config}");
    }
    // Three a page can show at most 60 of them.
    assert!(rated["exposure"]["shown"].as_u64().is_some_and(|shown| (1..=60).contains(&shown)));
    assert!(rated["keptOfFirst"].as_f64().is_some_and(|kept| kept < 1.0), "{rated}");
    assert_eq!(found["verified"], found["sample"]);
}

#[test]
fn runs_and_pages_are_written_where_they_are_asked_for() {
    let ground = Ground::new();
    evaluated(
        &ground,
        &["--config", r#"{"text": null}"#, "--runs-out", "runs", "--html", "eval.html"],
    );
    let run = ground.read("runs/config-1.trec");
    assert!(run.starts_with("q1 Q0 a 1 1000 config-1\n"), "{run}");
    let html = ground.read("eval.html");
    assert!(html.contains("nDCG@10") && html.contains("0.9856"), "the measures are in the page");
}

#[test]
fn judgements_of_other_queries_and_lines_without_an_id_are_refused() {
    let ground = Ground::shared();
    let own = Ground::new();
    let index = ground.path("idx");
    let index = index.to_str().expect("UTF-8");
    own.write("q.jsonl", r#"{"id": "x", "text": "cash"}"#);
    own.write("qrels.trec", "1 0 adv-000001 1\n");
    let asked = ["eval", "--index", index, "--requests", "q.jsonl", "--qrels", "qrels.trec"];
    let error = own.run_with(&asked).refused("SL1003");
    assert_eq!(error["field"], "qrels");
    own.write("q.jsonl", r#"{"text": "cash"}"#);
    let error = own.run_with(&asked).refused("SL1004");
    assert_eq!((&error["field"], &error["line"]), (&json!("id"), &json!(1)));
    own.write("qrels.trec", "1 adv-000001 1\n");
    let error = own.run_with(&asked).refused("SL1008");
    assert!(
        error["message"].as_str().is_some_and(|text| text.contains("line 1 of qrels.trec")),
        "{error}"
    );
    own.write("q.jsonl", r#"{"id": "1", "txt": "cash"}"#);
    own.write("qrels.trec", "1 0 adv-000001 1\n");
    own.run_with(&asked).refused("SL1001");
}
