use serde_json::{Value, json};

use crate::ground::Ground;

#[test]
fn the_same_seed_gives_the_same_files() {
    let ground = Ground::new();
    ground.generate();
    for name in ["a.jsonl", "a.schema.json", "a.search.jsonl", "a.match.jsonl"] {
        assert_eq!(ground.read(name), Ground::shared().read(name), "{name}");
    }
    assert_eq!(ground.read("a.jsonl").lines().count(), 300);
    assert_eq!(std::fs::metadata(ground.path("a.f32")).expect("a file").len(), 300 * 16 * 4);
    assert_eq!(std::fs::metadata(ground.path("a.match.f32")).expect("a file").len(), 20 * 16 * 4);
}

#[test]
fn profiles_can_be_generated_to_standard_output() {
    let ground = Ground::new();
    let advisors = ground.run("generate --advisors 3 --out -").lines();
    assert_eq!(advisors.len(), 3);
    assert!(advisors[0]["id"].is_string());
}

#[test]
fn info_says_what_the_index_holds() {
    let info = Ground::shared().run("info --index idx").json();
    assert_eq!((&info["profiles"], &info["embedded"]), (&json!(300), &json!(300)));
    assert_eq!(info["dimension"], 16);
    let table = Ground::shared().run("info --index idx --format table").done();
    assert!(table.contains("in the marketplace"), "{table}");
}

#[test]
fn verify_reads_everything_again() {
    let report = Ground::shared().run("verify --index idx").json();
    assert_eq!((&report["verified"], &report["profiles"]), (&json!(true), &json!(300)));
    assert!(report["sections"].as_array().is_some_and(|sections| !sections.is_empty()));
}

#[test]
fn the_schema_of_an_index_builds_another() {
    let ground = Ground::shared();
    let schema = ground.run("schema --index idx").json();
    assert_eq!(schema["attributes"]["languages"], "keywords");
    assert_eq!(schema["dimension"], 16);
    let table = ground.run("schema --index idx --format table").done();
    assert!(table.contains("attributes.languages"), "{table}");
}

#[test]
fn attributes_come_with_values_from_the_details_and_go() {
    let ground = Ground::new();
    let line = |n: u32| format!(r#"{{"id": "a{n}", "details": {{"license": {{"since": {n}}}}}}}"#);
    ground.write("p.jsonl", (0..30).map(line).collect::<Vec<_>>().join("\n"));
    ground.run("build --input p.jsonl --index idx").done();
    let schema = ground.run("schema --index idx --add since=number:license.since").json();
    assert_eq!(schema["attributes"]["since"], "number");
    let ask = r#"{"scope": "all", "filter": {"attributes.since": {"gte": 20}}}"#;
    let ask = ["search", "--index", "idx", "--request", ask];
    assert_eq!(ground.run_with(&ask).json()["total"], 10);
    ground.run("schema --index idx --remove since").done();
    ground.run_with(&ask).refused("SL1024");
    ground.run("schema --index idx --add since").refused("SL1008");
    let table = ground.run("schema --index idx --format table").done();
    assert!(!table.contains("since"), "{table}");
}

#[test]
fn get_gives_whole_profiles_in_the_order_asked() {
    let ground = Ground::shared();
    let one = ground.run("get --index idx adv-000002").json();
    assert_eq!(one["id"], "adv-000002");
    assert_eq!(one["embedding"].as_array().map(Vec::len), Some(16));
    let two = ground.run("get --index idx adv-000003 adv-000001").json();
    let ids: Vec<&Value> = two.as_array().expect("a list").iter().map(|p| &p["id"]).collect();
    assert_eq!(ids, ["adv-000003", "adv-000001"]);
    let lines = ground.run("get --index idx adv-000003 adv-000001 --format jsonl").lines();
    assert_eq!(lines.len(), 2);
    let table = ground.run("get --index idx adv-000001 --format table").done();
    assert!(table.contains("(16 numbers)"), "{table}");
    let error = ground.run("get --index idx adv-000001 nobody").refused("SL1011");
    assert_eq!(error["field"], "id");
}

#[test]
fn bench_times_every_request_and_verifies_the_answers() {
    let ground = Ground::shared();
    for (what, rest) in [("search", ""), ("match", " --embeddings a.match.f32 --threads 2")] {
        let bench = format!(
            "bench {what} --index idx --requests a.{what}.jsonl --seconds 0.05 --format json{rest}"
        );
        let report = ground.run(&bench).json();
        assert_eq!((&report["requests"], &report["verified"]), (&json!(20), &json!(20)));
        assert_eq!(report["threads"], if what == "match" { 2 } else { 1 });
        for key in ["p50_us", "p95_us", "p99_us", "max_us", "requests_per_s"] {
            assert!(report[key].as_f64().is_some_and(|number| number > 0.0), "{key}: {report}");
        }
        assert!(report["p50_us"].as_f64() <= report["max_us"].as_f64());
    }
}

#[test]
fn the_demo_verifies_every_answer_and_is_plain_when_piped() {
    let ground = Ground::new();
    let text = ground.run("demo --advisors 300 --requests 20").done();
    assert!(text.contains("verified 40/40"), "{text}");
    assert!(!text.contains(['\x1b', '█', '\r']), "{text}");
    assert!(text.contains("similarity") && text.contains("What to try next"), "{text}");
    let bars = ground.run("demo --advisors 300 --requests 1 --format table").done();
    assert!(bars.contains('█') && !bars.contains('\x1b'), "{bars}");
    let report = ground.run("demo --advisors 300 --requests 20 --format json").json();
    assert_eq!((&report["requests"], &report["verified"]), (&json!(40), &json!(40)));
}

#[test]
fn every_shell_gets_its_completions() {
    let ground = Ground::new();
    for (shell, mark) in [
        ("bash", "complete -F _shortlist"),
        ("zsh", "#compdef shortlist"),
        ("fish", "complete -c shortlist"),
    ] {
        let script = ground.run(&format!("completions {shell}")).done();
        assert!(script.contains(mark), "{shell}");
    }
}

#[test]
fn every_command_has_a_help_that_shows_how() {
    let ground = Ground::new();
    for command in ["generate", "build", "search", "match", "bench"] {
        let help = ground.run(&format!("{command} --help")).done();
        assert!(help.contains(&format!("  shortlist {command} ")), "{help}");
    }
    assert_eq!(ground.run("serch").code, Some(2));
}

#[test]
fn a_place_is_held_listed_and_confirmed_from_one_command_to_the_next() {
    let ground = Ground::with_index();
    let before = ground.run("get --index idx adv-000001").json()["currentClients"].clone();
    let held = ground.run("holds reserve --index idx adv-000001 --minutes 30").json();
    assert_eq!(held[0]["advisorId"], "adv-000001");
    assert_eq!(ground.run("holds list --index idx").json(), held);
    let id = held[0]["id"].as_u64().expect("a name");
    let left = ground.run(&format!("holds confirm --index idx {id}")).json();
    assert_eq!(left, json!([]));
    let after = ground.run("get --index idx adv-000001").json()["currentClients"].clone();
    assert_eq!(after.as_u64(), before.as_u64().map(|before| before + 1));
    let error = ground.run(&format!("holds release --index idx {id}")).refused("SL1041");
    assert_eq!(error["field"], "hold");
    ground.run("holds reserve --index idx adv-000001 --minutes 50000").refused("SL1003");
}
