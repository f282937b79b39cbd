use serde_json::{Value, json};

use crate::ground::Ground;

fn ids(answer: &Value) -> Vec<&str> {
    let hits = answer["hits"].as_array().expect("hits");
    hits.iter().filter_map(|hit| hit["id"].as_str()).collect()
}

#[test]
fn a_typed_search_is_the_same_as_its_json() {
    let ground = Ground::shared();
    let typed = ground
        .run_with(&[
            "search",
            "--index",
            "idx",
            "--text",
            "cash flow",
            "--industry",
            "Healthcare",
            "--industry",
            "Technology",
            "--min-rating",
            "3",
            "--max-rate",
            "300",
            "--available",
            "--sort",
            "priceAsc",
            "--limit",
            "7",
            "--facet",
            "services",
        ])
        .json();
    let request = json!({
        "text": "cash flow", "industries": ["Healthcare", "Technology"], "minRating": 3,
        "maxHourlyRate": 300, "availability": "available", "sort": "priceAsc", "limit": 7,
        "facets": ["services"],
    });
    let json =
        ground.run_with(&["search", "--index", "idx", "--request", &request.to_string()]).json();
    assert!(!ids(&json).is_empty());
    for key in ["hits", "total", "nextCursor", "facets", "generation"] {
        assert_eq!(typed[key], json[key], "{key}");
    }
}

#[test]
fn pages_follow_one_another_by_their_cursors() {
    let ground = Ground::shared();
    let all = ground.run("search --index idx --all --limit 300").json();
    let mut walked = Vec::new();
    let mut next = String::new();
    loop {
        let page = ground.run(&format!("search --index idx --all --limit 90{next}")).json();
        walked.extend(ids(&page).into_iter().map(str::to_owned));
        match page["nextCursor"].as_str() {
            Some(cursor) => next = format!(" --cursor {cursor}"),
            None => break,
        }
    }
    assert_eq!(walked, ids(&all));
}

#[test]
fn a_file_of_requests_gives_one_answer_a_line_in_order() {
    let ground = Ground::shared();
    for what in ["search", "match"] {
        let requests = ground.read(&format!("a.{what}.jsonl"));
        let embeddings = if what == "match" { " --embeddings a.match.f32" } else { "" };
        let run = format!("{what} --index idx --requests a.{what}.jsonl{embeddings}");
        let answers = ground.run(&run).lines();
        assert_eq!(answers.len(), 20);
        let key = if what == "search" { "total" } else { "considered" };
        for (request, answer) in requests.lines().zip(&answers) {
            // Without its embedding a need's text says nothing here.
            let mut request: Value = serde_json::from_str(request).expect("JSON");
            if what == "match" {
                request.as_object_mut().expect("an object").remove("text");
            }
            let request = request.to_string();
            let alone = ground.run_with(&[what, "--index", "idx", "--request", &request]).json();
            assert_eq!(alone[key], answer[key], "{request}");
        }
    }
}

#[test]
fn a_match_explains_its_score_and_its_parts_sum_to_it() {
    let ground = Ground::shared();
    let answer = ground
        .run_with(&["match", "--index", "idx", "--industry", "Technology", "--max-budget", "400"])
        .json();
    assert_eq!(answer["exact"], true);
    let matches = answer["matches"].as_array().expect("matches");
    assert!(!matches.is_empty());
    for found in matches {
        let parts = found["breakdown"]["parts"].as_array().expect("parts");
        let sum: f64 = parts.iter().filter_map(|part| part["contribution"].as_f64()).sum();
        let score = found["score"].as_f64().expect("a score");
        assert!((sum - score).abs() < 1e-9, "{found}");
    }
}

#[test]
fn tables_show_names_totals_facets_and_bars() {
    let ground = Ground::shared();
    let page = ground.run("search --index idx --facet industries --limit 3 --format table").done();
    assert!(page.contains("3 of ") && page.contains("Technology") && page.contains('█'), "{page}");
    let found = ground.run("match --index idx --industry Technology -n 2 -f table").done();
    assert!(found.contains("1 of 1 industry") && found.contains("2 best of"), "{found}");
    assert!(!found.contains("experience"), "{found}");
    let found =
        ground.run("match --index idx --industry Technology -n 2 -f table --explain").done();
    assert!(found.contains("experience") && found.contains("business-only"), "{found}");
}

#[test]
fn a_need_in_words_wants_an_index_that_embeds() {
    let ground = Ground::shared();
    let need = ["match", "--index", "idx", "--need", "raise a series A"];
    let error = ground.run_with(&need).refused("SL1003");
    assert!(error["message"].as_str().is_some_and(|m| m.contains("--embedder hash")), "{error}");

    let ground = Ground::new();
    ground.generate();
    let built = ground.run("build --input a.jsonl --embedder hash --dim 64 --index idx").json();
    assert_eq!((&built["embedded"], &built["dimension"]), (&json!(300), &json!(64)));
    let answer = ground.run_with(&need).json();
    assert!(answer["matches"][0]["breakdown"]["similarity"].is_number(), "{answer}");
}

#[test]
fn typed_rules_of_a_match_are_the_same_as_their_json() {
    let ground = Ground::shared();
    let typed = ground
        .run_with(&[
            "match",
            "--index",
            "idx",
            "--industry",
            "Technology",
            "--max-budget",
            "60",
            "--relax",
            "--max-per",
            "industries=3",
            "--min-score",
            "0.1",
            "--diversity",
            "0.8",
            "-n",
            "9",
        ])
        .json();
    let request = json!({
        "industries": ["Technology"], "maxBudget": 60, "relax": true, "minScore": 0.1,
        "maxPer": {"field": "industries", "count": 3}, "diversity": 0.8, "limit": 9,
    });
    let json =
        ground.run_with(&["match", "--index", "idx", "--request", &request.to_string()]).json();
    for key in ["matches", "considered", "relaxed"] {
        assert_eq!(typed[key], json[key], "{key}");
    }
    assert_eq!(typed["relaxed"][0], "budget+10%");
}

#[test]
fn who_is_like_an_advisor_is_told_and_who_is_unknown_is_refused() {
    let ground = Ground::shared();
    let all = ground.run("search --index idx -n 1").json();
    let id = ids(&all)[0].to_owned();
    let similar = ground.run(&format!("similar --index idx {id} -n 3")).json();
    let found = similar["similar"].as_array().expect("a list");
    assert_eq!(found.len(), 3);
    assert!(found.iter().all(|one| one["advisorId"] != id.as_str()), "{similar}");
    let table = ground.run(&format!("similar --index idx {id} -n 3 -f table --explain")).done();
    assert!(table.contains("3 most like it of"), "{table}");
    ground.run("similar --index idx nobody").refused("SL1011");
}

#[test]
fn a_typed_point_is_what_hits_are_near_to_and_ordered_by() {
    let ground = Ground::new();
    let made =
        "generate --advisors 300 --whereabouts --out a.jsonl --schema-out s.json --requests 30";
    ground.run(made).done();
    ground.run("build --input a.jsonl --schema s.json --index idx").done();
    let near = "search --index idx --near attributes.office=40.71,-74.01 --within 100";
    let typed = ground.run(near).json();
    let point = json!({"lat": 40.71, "lon": -74.01});
    let request = json!({
        "filter": {"attributes.office": {"near": {"lat": 40.71, "lon": -74.01, "radiusKm": 100}}},
        "sort": [{"field": "attributes.office", "near": point}],
    });
    let json =
        ground.run_with(&["search", "--index", "idx", "--request", &request.to_string()]).json();
    assert_eq!((&typed["hits"], &typed["total"]), (&json["hits"], &json["total"]));
    let km: Vec<f64> = typed["hits"]
        .as_array()
        .expect("hits")
        .iter()
        .filter_map(|hit| hit["distanceKm"].as_f64())
        .collect();
    assert!(km.len() > 3 && km.is_sorted() && km.iter().all(|km| *km <= 100.0), "{km:?}");
    let table = ground.run(&format!("{near} --format table")).done();
    assert!(table.contains(&format!("{:.1}", km[0])), "{table}");
    // In the order of a name, whoever is near.
    let rated = ground.run(&format!("{near} --sort rating")).json();
    assert_eq!(rated["total"], typed["total"]);
    assert!(rated["hits"][0]["distanceKm"].is_null());
    ground.run("search --index idx --near attributes.location=1,2").refused("SL1002");
    let bench = "bench search --index idx --requests a.search.jsonl --seconds 0.01 -f json";
    assert_eq!(ground.run(bench).json()["verified"], 30);
}

#[test]
fn typed_free_time_is_the_same_as_its_json() {
    let ground = Ground::new();
    ground.run("generate --advisors 300 --whereabouts --out a.jsonl --schema-out s.json").done();
    ground.run("build --input a.jsonl --schema s.json --index idx").done();
    let (from, to) = ("2026-12-01T14:00:00Z", "2026-12-01T22:00:00Z");
    let typed = format!("search --index idx --free attributes.calendar={from}/{to} --for 60");
    let typed = ground.run(&typed).json();
    let condition = json!({"freeBetween": [from, to], "forMinutes": 60});
    let request = json!({"filter": {"attributes.calendar": condition}}).to_string();
    let json = ground.run_with(&["search", "--index", "idx", "--request", &request]).json();
    assert_eq!((&typed["hits"], &typed["total"]), (&json["hits"], &json["total"]));
    assert!(typed["total"].as_u64().is_some_and(|total| (20..250).contains(&total)), "{typed}");
    let reversed = format!("search --index idx --free attributes.calendar={to}/{from} --for 60");
    ground.run(&reversed).refused("SL1003");
}
