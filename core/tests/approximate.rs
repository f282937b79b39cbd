//! The approximate path through the engine's door: when it is taken, what it says of itself, what it finds.

use std::sync::OnceLock;

use shortlist::{
    AdvisorProfile, ClientCriteria, Engine, EngineOptions, Error, Filter, MatchAnswer, Schema,
};

const ADVISORS: u64 = 66_000;
const DIMENSION: usize = 12;

/// A number from 0 to 1 that looks like chance.
fn chance(seed: u64) -> f32 {
    let mixed = (seed ^ 0x5851_f42d).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40) as f32 / (1 << 24) as f32
}

fn embedding(seed: u64) -> Vec<f32> {
    let topic = seed % 40;
    let number = |i: u64| {
        chance(topic * 100 + i) - 0.5 + (chance(seed * 64 + i) - 0.5) / (1.0 + i as f32 / 3.0)
    };
    (0..DIMENSION as u64).map(number).collect()
}

fn advisor(number: u64) -> AdvisorProfile {
    let mut advisor = AdvisorProfile::new(format!("adv-{number:06}"));
    advisor.embedding = Some(embedding(number));
    advisor.years_experience = Some((number % 17) as u32);
    advisor.overall_rating = f64::from(chance(number * 3)) * 5.0;
    advisor.total_reviews = (number % 1_000) as u32;
    "active".clone_into(&mut advisor.marketplace_status);
    advisor.is_verified = true;
    advisor
}

fn filled(options: EngineOptions) -> Engine {
    let engine = Engine::in_memory_with(options).expect("a new engine");
    for first in (0..ADVISORS).step_by(11_000) {
        let batch = (first..first + 11_000).map(advisor).collect();
        engine.upsert(batch).expect("sound advisors");
    }
    // What a thread of the engine would do a moment later: cells, and their trial.
    engine.maintain().expect("nothing is damaged");
    engine
}

fn schema() -> Schema {
    let mut schema = Schema::default();
    schema.dimension = Some(DIMENSION);
    schema
}

/// One engine for those who only read.
fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| filled(EngineOptions::with_schema(schema())))
}

fn need(seed: u64) -> ClientCriteria {
    ClientCriteria { embedding: Some(embedding(seed)), explain: true, ..ClientCriteria::default() }
}

fn answer(engine: &Engine, criteria: &ClientCriteria) -> MatchAnswer {
    let answer = engine.match_advisors(criteria).expect("sound criteria");
    let path = answer.explain.as_ref().expect("it was asked for").path;
    assert_eq!(answer.exact, path != "approximate-cells", "an answer says what it is");
    answer
}

fn budget(criteria: &ClientCriteria, budget_ms: f64) -> ClientCriteria {
    ClientCriteria { exact_budget_ms: Some(budget_ms), ..criteria.clone() }
}

#[test]
fn the_likely_top_is_nearly_the_true_one_and_scores_are_exact() {
    let (mut found, mut wanted, mut likely_ones) = (0, 0, 0);
    for seed in 0..40 {
        let exact = answer(engine(), &ClientCriteria { exact: true, ..need(seed) });
        assert!(exact.exact);
        let likely = answer(engine(), &ClientCriteria { approximate: true, ..need(seed) });
        likely_ones += usize::from(!likely.exact);
        assert_eq!(likely.considered, exact.considered);
        for one in exact.matches() {
            wanted += 1;
            let same = likely.matches().find(|other| other.advisor_id == one.advisor_id);
            found += usize::from(same.is_some_and(|same| same.score == one.score));
        }
    }
    assert!(found * 100 >= wanted * 95, "{found} of {wanted}");
    // Which path is faster is the machine's to say; where cells never were, nothing was tested here.
    eprintln!("{likely_ones} of 40 by cells");
}

#[test]
fn a_budget_that_holds_gives_the_true_top_and_one_that_does_not_says_why() {
    let generous = answer(engine(), &budget(&need(3), 60_000.0));
    assert!(generous.exact);
    assert!(answer(engine(), &need(3)).exact, "50 ms are enough for so few");
    let strict = answer(engine(), &budget(&need(3), 0.0));
    let why = &strict.explain.as_ref().expect("asked for").why;
    assert!(why.contains("budget of 0 us"), "{why}");
    if !strict.exact {
        assert!(strict.explain.as_ref().expect("asked for").cells > 0);
    }
    let forced = ClientCriteria { exact: true, ..budget(&need(3), 0.0) };
    assert!(answer(engine(), &forced).exact, "exact is exact");
}

#[test]
fn few_candidates_are_always_answered_exactly() {
    let filter = Filter::from_json(r#"{"totalReviews": {"lt": 3}}"#).expect("a sound filter");
    let few = ClientCriteria { filter: Some(filter), approximate: true, ..need(5) };
    let answer = answer(engine(), &few);
    assert!(answer.exact && answer.considered < 300);
    let why = &answer.explain.as_ref().expect("asked for").why;
    assert!(why.contains("so few have no use of cells"), "{why}");
}

#[test]
fn a_budget_that_is_no_time_is_refused() {
    for wrong in [-1.0, f64::NAN, f64::NEG_INFINITY] {
        let refused = engine().match_advisors(&budget(&need(1), wrong));
        assert!(
            matches!(refused, Err(Error::OutOfRange { field, .. }) if field == "exactBudgetMs")
        );
        let options = EngineOptions::with_schema(schema()).with_exact_budget_ms(wrong);
        let refused = Engine::in_memory_with(options);
        assert!(
            matches!(refused, Err(Error::OutOfRange { field, .. }) if field == "exact_budget_ms")
        );
    }
    assert!(engine().match_advisors(&budget(&need(1), f64::INFINITY)).is_ok());
    assert_eq!(
        ClientCriteria::from_json(r#"{"exact_budget_ms": 1.5}"#).expect("either case"),
        ClientCriteria::from_json(r#"{"exactBudgetMs": 1.5}"#).expect("either case"),
    );
}

#[test]
fn changes_are_seen_at_once_and_cells_come_back_from_a_snapshot() {
    let engine = filled(EngineOptions::with_schema(schema()).with_exact_budget_ms(0.0));
    let mut best = advisor(ADVISORS + 1);
    best.embedding = Some(embedding(77));
    best.years_experience = Some(40);
    best.overall_rating = 5.0;
    let id = best.id.clone();
    engine.upsert(vec![best]).expect("a sound advisor");
    assert_eq!(answer(&engine, &need(77)).ids()[0], id);

    let directory = tempfile::tempdir().expect("a folder");
    engine.snapshot(directory.path()).expect("a snapshot");
    let again = EngineOptions::default().with_exact_budget_ms(0.0);
    let opened = Engine::open_with(directory.path(), again).expect("just written");
    let sections = opened.verify().expect("it is sound").sections;
    let kept = |name: &str| sections.iter().any(|section| section.name == name);
    assert!(kept("cells") && kept("vectors"));
    for seed in [77, 78, 1_000] {
        let forced = |engine| answer(engine, &ClientCriteria { exact: true, ..need(seed) });
        assert_eq!(forced(&opened).ids(), forced(&engine).ids());
        let likely = answer(&opened, &need(seed));
        let shared = forced(&engine).ids().iter().filter(|id| likely.ids().contains(id)).count();
        assert!(shared >= 17, "{shared} of 20");
    }
    opened.remove(&[id.as_str()]).expect("it is there");
    assert!(!answer(&opened, &need(77)).ids().contains(&id.as_str()));
}
