use serde_json::json;

use crate::ground::Ground;

#[test]
fn requests_that_are_wrong_say_what_would_be_right() {
    let ground = Ground::shared();
    for (what, request, code) in [
        ("search", r#"{"txt": "x"}"#, "SL1001"),
        ("search", r#"{"filter": {"hourlyRat": {"gt": 1}}}"#, "SL1001"),
        ("search", r#"{"limit": 0}"#, "SL1003"),
        ("search", r#"{"limit": 1001}"#, "SL1003"),
        ("search", r#"{"limit": "x"}"#, "SL1002"),
        ("search", r#"{"sort": "cheap"}"#, "SL1001"),
        ("search", r#"{"embedding": [1, 2]}"#, "SL1006"),
        ("search", "{", "SL1008"),
        ("match", r#"{"limit": 0}"#, "SL1003"),
        ("match", r#"{"limit": 1001}"#, "SL1003"),
        ("match", r#"{"embedding": [0, 0]}"#, "SL1005"),
        ("match", r#"{"embedding": [1, 2]}"#, "SL1006"),
        ("match", r#"{"weights": {"rating": -1}}"#, "SL1003"),
        ("match", r#"{"industry": ["x"]}"#, "SL1001"),
    ] {
        ground.run_with(&[what, "--index", "idx", "--request", request]).refused(code);
    }
    ground.run("search --index idx --limit 0").refused("SL1003");
    ground.run("search --index idx --limit 1001").refused("SL1003");
    ground.run("match --index idx --limit 1001").refused("SL1003");
    ground.run("search --index idx --sort cheapest").refused("SL1001");
    ground.run_with(&["search", "--index", "idx", "--text", &"x".repeat(2_000)]).refused("SL1009");
}

#[test]
fn a_cursor_of_another_request_is_refused() {
    let ground = Ground::shared();
    let page = ground.run("search --index idx --limit 5").json();
    let cursor = page["nextCursor"].as_str().expect("a further page");
    let other = format!("search --index idx --limit 5 --min-rating 1 --cursor {cursor}");
    assert_eq!(ground.run(&other).refused("SL1010")["field"], "cursor");
    ground.run("search --index idx --limit 5 --cursor nonsense").refused("SL1010");
}

#[test]
fn a_filter_ten_thousand_deep_and_ten_megabytes_of_text_are_refused() {
    let ground = Ground::with_index();
    let deep = format!(
        "{{\"filter\":{}{{\"isVerified\":true}}{}}}\n",
        "{\"not\":".repeat(10_000),
        "}".repeat(10_000)
    );
    ground.write("deep.jsonl", &deep);
    let error = ground.run("search --index idx --requests deep.jsonl").refused("SL1009");
    assert_eq!(error["line"], 1);
    ground.run("match --index idx --requests deep.jsonl").refused("SL1009");
    ground.write("long.jsonl", format!("{{\"text\":\"{}\"}}\n", "x".repeat(10_000_000)));
    ground.run("search --index idx --requests long.jsonl").refused("SL1009");
    ground.run("match --index idx --requests long.jsonl").refused("SL1009");
    let mut child = ground.command();
    child.args(["search", "--index", "idx", "--request", "-"]);
    let long = std::fs::File::open(ground.path("long.jsonl")).expect("a file");
    let output = child.stdin(long).output().expect("the binary runs");
    crate::ground::Ran::from(output).refused("SL1009");
}

#[test]
fn a_bad_line_stops_the_requests_or_is_answered_with_its_error() {
    let ground = Ground::with_index();
    ground.write("r.jsonl", "{\"limit\":1}\n{\"limit\":0}\n{\"limit\":2}\n");
    let ran = ground.run("search --index idx --requests r.jsonl");
    assert_eq!(ran.refused("SL1003")["line"], 2);
    assert_eq!(ran.out.lines().count(), 1);
    let lines = ground.run("search --index idx --requests r.jsonl --on-error skip").lines();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[1]["error"]["code"], "SL1003");
    assert_eq!(lines[2]["hits"].as_array().map(Vec::len), Some(2));
    ground.run("bench search --index idx --requests r.jsonl").refused("SL1003");
    ground.write("empty.jsonl", "");
    ground.run("search --index idx --requests empty.jsonl").refused("SL1008");
}

#[test]
fn embeddings_of_requests_must_be_as_many_as_the_requests() {
    let ground = Ground::with_index();
    ground.write("r.jsonl", "{\"limit\":1}\n{\"limit\":1}\n");
    for rows in [1, 3] {
        ground.write(
            "r.f32",
            vec![1.0_f32; 16 * rows].iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<_>>(),
        );
        let ran = ground.run("match --index idx --requests r.jsonl --embeddings r.f32");
        let error = ran.refused("SL1014");
        let counts = format!("{rows} rows for 2 records");
        assert!(error["message"].as_str().is_some_and(|m| m.contains(&counts)), "{error}");
    }
    ground.write("r.f32", [0; 20]);
    ground.run("match --index idx --requests r.jsonl --embeddings r.f32").refused("SL1014");
}

#[test]
fn an_unknown_field_names_the_nearest_known_one() {
    let request = r#"{"filter": {"attributes.langages": "German"}}"#;
    let error = Ground::shared()
        .run_with(&["search", "--index", "idx", "--request", request])
        .refused("SL1001");
    assert_eq!(error["field"], json!("attributes.langages"));
    let message = error["message"].as_str().unwrap_or_default();
    assert!(message.contains("did you mean `attributes.languages`?"), "{message}");
}
