use std::io::Write;

use serde_json::json;

use crate::ground::{Ground, Ran};

#[test]
fn a_build_says_what_it_holds() {
    let ground = Ground::new();
    ground.generate();
    let built = ground.run("build --input a.jsonl --embeddings a.f32 --dim 16 --index idx").json();
    assert_eq!((&built["profiles"], &built["embedded"]), (&json!(300), &json!(300)));
    assert_eq!(built["rejected"], 0);
    assert!(built["attributes"].to_string().contains("languages: keywords"), "{built}");
    assert!(built["snapshotBytes"].as_u64().is_some_and(|bytes| bytes > 0));
    let again = ground.run("build --input a.jsonl --index idx --format table").done();
    assert!(again.contains("(inferred)") && again.contains("in all"), "{again}");
    assert_eq!(ground.run("info --index idx").json()["embedded"], 0);
}

#[test]
fn every_kind_of_file_gives_the_same_index() {
    let ground = Ground::new();
    let rows = "{\"id\":\"a\",\"hourlyRate\":10.5,\"industries\":[\"X\",\"Y\"]}\n{\"id\":\"b\"}\n";
    ground.write("p.jsonl", rows);
    ground.write("p.csv", "id,hourly_rate,industries\r\na,10.5,X;Y\r\nb,,\r\n");
    let zipped =
        std::process::Command::new("gzip").args(["-k"]).arg(ground.path("p.jsonl")).status();
    let mut inputs = vec!["p.jsonl", "p.csv"];
    if zipped.is_ok_and(|status| status.success()) {
        inputs.push("p.jsonl.gz");
    }
    for input in inputs {
        let index = format!("{input}.idx");
        ground.run(&format!("build --input {input} --index {index}")).json();
        let a = ground.run(&format!("get --index {index} a")).json();
        assert_eq!((&a["hourlyRate"], &a["industries"]), (&json!(10.5), &json!(["X", "Y"])));
    }
    let mut child = ground
        .command()
        .args(["build", "--input", "-", "--index", "stdin.idx"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("the binary runs");
    child.stdin.take().expect("a pipe").write_all(rows.as_bytes()).expect("a pipe that is read");
    let built = Ran::from(child.wait_with_output().expect("an end")).json();
    assert_eq!(built["profiles"], 2);
}

#[test]
fn a_bad_record_stops_the_build_with_its_line_and_nothing_is_written() {
    let ground = Ground::new();
    ground.write("p.jsonl", "{\"id\":\"a\"}\n\n{\"id\":\"b\",\"hourlyRat\":5}\n");
    let ran = ground.run("build --input p.jsonl --index idx");
    let error = ran.refused("SL1001");
    assert_eq!((&error["line"], &error["field"]), (&json!(3), &json!("hourlyRat")));
    assert!(error["message"].as_str().is_some_and(|m| m.contains("did you mean `hourlyRate`?")));
    assert!(!ground.path("idx").exists());
    let told = ground.run("build --input p.jsonl --index idx --format table");
    assert!(
        told.err.contains("error[SL1001]: ") && told.err.contains("at: line 3 of p.jsonl"),
        "{told:?}"
    );
}

#[test]
fn skipped_records_are_written_beside_the_index_with_their_reasons() {
    let ground = Ground::new();
    let bad = "{\"id\":\"b\",\"overallRating\":9}";
    ground
        .write("p.jsonl", format!("{{\"id\":\"a\"}}\n{bad}\n{{\"id\":\"a\"}}\n{{\"id\":\"c\"}}\n"));
    let built = ground.run("build --input p.jsonl --index idx --on-error skip").json();
    assert_eq!((&built["profiles"], &built["rejected"]), (&json!(2), &json!(2)));
    assert_eq!(built["rejectedFile"], "idx.rejected.jsonl");
    let rejected = ground.read("idx.rejected.jsonl");
    let lines: Vec<serde_json::Value> =
        rejected.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!((&lines[0]["line"], &lines[0]["error"]["code"]), (&json!(2), &json!("SL1003")));
    assert_eq!(lines[0]["raw"], bad);
    assert_eq!((&lines[1]["line"], &lines[1]["error"]["code"]), (&json!(3), &json!("SL1007")));
}

#[test]
fn a_rejected_record_uses_up_its_row_of_the_embeddings() {
    let ground = Ground::new();
    ground.write("p.jsonl", "{\"id\":\"a\"}\n{\"id\":\"b\",\"hourlyRate\":-1}\n{\"id\":\"c\"}\n");
    let numbers: [f32; 6] = [1.0, 0.0, 0.6, 0.8, 0.0, 1.0];
    let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    ground.write("p.f32", bytes);
    ground
        .run("build --input p.jsonl --embeddings p.f32 --dim 2 --index idx --on-error skip")
        .json();
    let c = ground.run("get --index idx c").json();
    assert_eq!(c["embedding"], json!([0.0, 1.0]));
}

#[test]
fn a_directory_with_something_else_in_it_is_not_written_to() {
    let ground = Ground::new();
    ground.write("p.jsonl", "{\"id\":\"a\"}\n");
    std::fs::create_dir(ground.path("home")).expect("a directory");
    ground.write("home/letter.txt", "dear");
    ground.run("build --input p.jsonl --index home").refused("SL2001");
    ground.run("build --input p.jsonl --index p.jsonl").refused("SL2001");
    assert_eq!(std::fs::read_dir(ground.path("home")).expect("a directory").count(), 1);
}
