//! How good the rankings are, beside the reference implementations' figures.
//!
//! `cargo bench -p shortlist-benches --bench relevance`. It reads the judged collections of `../shared/data`, or of
//! `SHORTLIST_SHARED_DATA`, and says so where there are none. With `SHORTLIST_RUNS=DIR` it also writes each ranking as a
//! TREC run, to be measured by other tools. The bars are held by `core/tests/relevance`.

use std::path::Path;

use shortlist::Fusion;
use shortlist::testing::relevance::{
    Collection, Measures, Mode, engine_of, evaluate, run_lines, shared_data,
};

/// What a ranking is called, and how the reference implementations measure it (bm25s, exact cosine, their fusion).
type Row = (&'static str, Mode, Option<[f64; 3]>);

fn rows(name: &str) -> Vec<Row> {
    let [words, dense, ranks] = match name {
        "cranfield" => {
            [[0.3597, 0.5216, 0.7314], [0.3755, 0.5432, 0.7723], [0.4062, 0.5741, 0.7905]]
        }
        _ => [[0.2916, 0.2531, 0.6230], [0.3808, 0.3282, 0.8180], [0.3614, 0.3067, 0.8270]],
    };
    vec![
        ("words", Mode::Text, Some(words)),
        ("embeddings", Mode::Dense, Some(dense)),
        ("both, rrf", Mode::Fused(Fusion::Rrf), Some(ranks)),
        ("both, weighted 0.5", Mode::Fused(Fusion::Weighted(0.5)), None),
        ("both, auto", Mode::Fused(Fusion::Auto), None),
    ]
}

fn main() {
    let Some(data) = shared_data() else {
        println!(
            "no judged collections: ../shared/data is absent, and SHORTLIST_SHARED_DATA names none"
        );
        return;
    };
    for name in ["cranfield", "onet"] {
        let collection = Collection::read(&data.join(name)).expect("the collection reads");
        let engine = engine_of(&collection).expect("the documents are sound");
        println!(
            "\n{name}: {} queries      nDCG@10 / MRR@10 / recall@100",
            collection.queries.len()
        );
        for (what, mode, reference) in rows(name) {
            let found = evaluate(&engine, &collection, mode).expect("the queries are sound");
            let reference = reference.map_or(String::new(), |[ndcg, mrr, recall]| {
                format!("   reference {ndcg:.4} / {mrr:.4} / {recall:.4}")
            });
            println!("{what:>20}  {}{reference}", shown(found));
            if let Some(runs) = std::env::var_os("SHORTLIST_RUNS") {
                let lines = run_lines(&engine, &collection, mode).expect("the queries are sound");
                let file = format!("{name}-{}.trec", what.replace([',', ' ', '.'], ""));
                std::fs::write(Path::new(&runs).join(file), lines).expect("the folder is writable");
            }
        }
    }
}

fn shown(found: Measures) -> String {
    format!("{:.4} / {:.4} / {:.4}", found.ndcg_10, found.mrr_10, found.recall)
}
