use serde_json::json;

use crate::ground::Ground;

fn floats(numbers: &[f32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

fn three() -> Ground {
    let ground = Ground::new();
    ground.write("p.jsonl", "{\"id\":\"a\"}\n{\"id\":\"b\"}\n{\"id\":\"c\"}\n");
    ground
}

const BUILD: &str = "build --input p.jsonl --embeddings p.f32 --dim 2 --index idx";

#[test]
fn an_embedding_that_is_not_finite_or_all_zero_is_refused_by_its_row() {
    for number in [f32::NAN, f32::INFINITY] {
        let ground = three();
        ground.write("p.f32", floats(&[1.0, 0.0, 1.0, number, 1.0, 1.0]));
        let error = ground.run(BUILD).refused("SL1005");
        assert_eq!((&error["field"], &error["line"]), (&json!("embedding row 2"), &json!(2)));
        assert!(!ground.path("idx").exists());
    }
    let ground = three();
    ground.write("p.f32", floats(&[1.0, 0.0, 0.0, 0.0, 1.0, 1.0]));
    ground.run(BUILD).refused("SL1005");
    let built = ground.run(&format!("{BUILD} --on-error skip")).json();
    assert_eq!((&built["profiles"], &built["rejected"]), (&json!(2), &json!(1)));
}

#[test]
fn embeddings_of_another_dimension_or_number_are_refused() {
    let ground = three();
    ground.write("p.f32", floats(&[1.0; 7]));
    ground.run(BUILD).refused("SL1014");
    ground.write("p.f32", floats(&[1.0; 4]));
    let error = ground.run(BUILD).refused("SL1014");
    assert!(
        error["message"].as_str().is_some_and(|m| m.contains("2 rows for 3 records")),
        "{error}"
    );
    ground.run(&format!("{BUILD} --on-error skip")).refused("SL1014");
    ground.write("p.f32", floats(&[1.0; 8]));
    let error = ground.run(BUILD).refused("SL1014");
    assert!(
        error["message"].as_str().is_some_and(|m| m.contains("4 rows for 3 records")),
        "{error}"
    );
    assert!(!ground.path("idx").exists());
    let no_dim = "build --input p.jsonl --embeddings p.f32 --index idx";
    assert_eq!(ground.run(no_dim).refused("SL1004")["field"], "dim");
    ground
        .write("p.jsonl", "{\"id\":\"a\",\"embedding\":[1,2]}\n{\"id\":\"b\",\"embedding\":[1]}\n");
    let error = ground.run("build --input p.jsonl --index idx").refused("SL1006");
    assert_eq!(error["line"], 2);
    ground.run("build --input p.jsonl --index idx --embedder hash").refused("SL1012");
}

#[test]
fn the_same_id_twice_is_refused_with_both_lines() {
    let ground = three();
    ground.write("p.jsonl", "{\"id\":\"a\"}\n{\"id\":\"b\"}\n\n{\"id\":\"a\"}\n");
    let error = ground.run("build --input p.jsonl --index idx").refused("SL1007");
    assert_eq!(error["line"], 4);
    assert!(error["message"].as_str().is_some_and(|m| m.contains("first on line 1")), "{error}");
}

#[test]
fn records_that_are_wrong_say_what_would_be_right() {
    let ground = Ground::new();
    for (record, code, field) in [
        ("{\"id\":\"a\",\"heading\":\"x\"}", "SL1001", json!("heading")),
        ("{\"id\":\"a\",\"hourlyRate\":\"much\"}", "SL1002", json!("hourlyRate")),
        ("{\"id\":\"a\",\"overallRating\":6}", "SL1003", json!("overallRating")),
        ("{\"headline\":\"x\"}", "SL1004", json!("id")),
        ("{\"id\":\"a\",\"embedding\":[0,0]}", "SL1005", json!("embedding")),
        ("{\"id\":\"a\"", "SL1008", json!(null)),
        ("[1]", "SL1002", json!("profile")),
        ("{\"id\":\"a\",\"attributes\":{\"x\":{}}}", "SL1002", json!("attributes.x")),
    ] {
        ground.write("p.jsonl", record);
        let error = ground.run("build --input p.jsonl --index idx").refused(code);
        assert_eq!(error["field"], field, "{record}");
    }
    let mut long = b"{\"id\":\"a\",\"bio\":\"".to_vec();
    long.resize(10_000_000, b'x');
    ground.write("p.jsonl", long);
    ground.run("build --input p.jsonl --index idx").refused("SL1009");
    ground.write("p.jsonl", b"{\"id\":\"\xff\"}");
    ground.run("build --input p.jsonl --index idx").refused("SL1008");
}

#[test]
fn an_input_that_is_empty_missing_or_of_another_kind_is_refused() {
    let ground = Ground::new();
    ground.write("p.jsonl", "");
    ground.run("build --input p.jsonl --index idx").refused("SL1008");
    ground.write("p.parquet", "");
    ground.run("build --input p.parquet --index idx").refused("SL1008");
    ground.write("p.csv", "");
    ground.run("build --input p.csv --index idx").refused("SL1004");
    ground.run("build --input none.jsonl --index idx").refused("SL2004");
    ground.write("p.xlsx", "");
    ground.run("build --input p.xlsx --index idx").refused("SL1003");
    ground.write("p.jsonl", "{\"id\":\"a\"}");
    ground.write("s.json", "{\"dimension\": 4, \"attribute\": {}}");
    ground.run("build --input p.jsonl --schema s.json --index idx").refused("SL1001");
    ground.write("s.json", "{\"dimension\": 4}");
    ground.run("build --input p.jsonl --schema s.json --dim 5 --index idx").refused("SL1006");
}
