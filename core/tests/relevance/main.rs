//! How good the rankings are, on judged collections that lie beside the repository. Where they do not, the tests say
//! so and pass.
//!
//! The bars: words alone and reciprocal ranks at most 0.005 of nDCG@10 below the reference implementations, and the
//! default fusion at most 0.005 below the better of its two rankings, whatever is done to one of them.

mod spoiled;

use shortlist::testing::relevance::{Collection, Measures, Mode, engine_of, evaluate, shared_data};
use shortlist::{Engine, Fusion};

const SLACK: f64 = 0.005;

/// A folder, and nDCG@10 of the reference implementations by words and by reciprocal ranks.
const REFERENCES: [(&str, f64, f64); 2] = [("cranfield", 0.3597, 0.4062), ("onet", 0.2916, 0.3614)];

fn collection(name: &str) -> Option<Collection> {
    let Some(data) = shared_data() else {
        eprintln!("skipped: no judged collections are beside this repository");
        return None;
    };
    Some(Collection::read(&data.join(name)).expect("the collection reads"))
}

fn measures(engine: &Engine, collection: &Collection, mode: Mode) -> Measures {
    evaluate(engine, collection, mode).expect("the queries are sound")
}

#[test]
fn words_alone_and_reciprocal_ranks_are_as_good_as_the_reference_implementations() {
    for (name, words, ranks) in REFERENCES {
        let Some(collection) = collection(name) else { return };
        let engine = engine_of(&collection).expect("the documents are sound");
        let found = measures(&engine, &collection, Mode::Text).ndcg_10;
        assert!(found >= words - SLACK, "{name}: {found:.4} by words, the reference has {words}");
        let found = measures(&engine, &collection, Mode::Fused(Fusion::Rrf)).ndcg_10;
        assert!(found >= ranks - SLACK, "{name}: {found:.4} by ranks, the reference has {ranks}");
    }
}

#[test]
fn the_default_fusion_is_never_much_worse_than_the_better_of_its_rankings() {
    for (name, ..) in REFERENCES {
        let Some(collection) = collection(name) else { return };
        never_much_worse(name, &collection);
    }
}

/// Checks the bar on one collection, as it is or spoiled.
fn never_much_worse(name: &str, collection: &Collection) {
    let engine = engine_of(collection).expect("the documents are sound");
    let words = measures(&engine, collection, Mode::Text).ndcg_10;
    let dense = measures(&engine, collection, Mode::Dense).ndcg_10;
    let fused = measures(&engine, collection, Mode::Fused(Fusion::Auto)).ndcg_10;
    println!("{name}: {words:.4} by words, {dense:.4} by embeddings, {fused:.4} by both");
    assert!(
        fused >= words.max(dense) - SLACK,
        "{name}: {fused:.4} by both, {words:.4} by words, {dense:.4} by embeddings"
    );
}
