//! Every path gives what brute force gives: the same rows, the same bits.

use std::cmp::Ordering;

use super::super::kernels::Kernels;
use super::super::kernels::tests::Dice;
use super::super::{Ask, CostModel, Found, Path, VectorIndex};
use super::data::{SHAPES, Shape, index, query};

const PATHS: [Path; 4] = [Path::Brute, Path::Codes, Path::Prefix, Path::PrefixParallel];

/// An order that is not that of the rows.
fn rank(a: u32, b: u32) -> Ordering {
    a.reverse_bits().cmp(&b.reverse_bits())
}

/// The twin: the scalar kernel on every candidate, and a full sort.
fn twin(index: &VectorIndex, ask: &Ask) -> Vec<Found> {
    let kernels = Kernels::scalar();
    let pairs = ask.rows.iter().zip(ask.bases);
    let mut all: Vec<Found> = pairs
        .map(|(&row, base)| {
            let dot = index.unit(row).map_or(0.0, |unit| kernels.dot(unit, ask.query.floats()));
            let similarity = f64::from(dot).clamp(-1.0, 1.0);
            Found { row, score: ask.weight * similarity + base, similarity }
        })
        .collect();
    all.sort_by(|a, b| b.score.partial_cmp(&a.score).expect("finite").then(rank(a.row, b.row)));
    all.truncate(ask.k);
    all
}

/// How much of the bases tells rows apart.
fn bases(rows: &[u32], steps: u64, dice: &mut Dice) -> Vec<f64> {
    let base = |_| if steps == 0 { 0.0 } else { (dice.roll() % steps) as f64 / steps as f64 * 0.4 };
    rows.iter().map(base).collect()
}

fn check(index: &VectorIndex, ask: Ask, what: &str) {
    let expected = twin(index, &ask);
    for path in PATHS {
        let answer = index.search(&Ask { path: Some(path), ..ask }, &CostModel::default(), &rank);
        assert_eq!(answer.found, expected, "{what}, {path:?} taken as {:?}", answer.path);
        assert_eq!(answer.counts.considered, ask.rows.len());
        let bits = |found: &[Found]| -> Vec<u64> {
            found.iter().map(|one| (one.score + 0.0).to_bits()).collect()
        };
        assert_eq!(bits(&answer.found), bits(&expected), "{what}, {path:?}");
    }
}

/// Many questions of one index: candidates dense and sparse, bases fine, coarse and none, weights and k
/// from nothing to more than there is.
fn question(shape: Shape, rows: u32, dimension: usize, missing: u32, rounds: u64) {
    let index = index(shape, rows, dimension, missing, 11);
    for round in 0..rounds {
        let mut dice = Dice(round * 1000 + dimension as u64);
        let keep = [1, 1, 3, 40][dice.roll() as usize % 4];
        let chosen: Vec<u32> = (0..rows).filter(|_| dice.roll().is_multiple_of(keep)).collect();
        let bases = bases(&chosen, [0, 4, 1 << 30][dice.roll() as usize % 3], &mut dice);
        let k = [1, 5, 20, 200, usize::MAX][dice.roll() as usize % 5];
        let weight = [0.0, 0.6, 0.6, 1.0, 1e12][dice.roll() as usize % 5];
        let query = query(shape, dimension, &mut dice);
        let ask = Ask { query: &query, rows: &chosen, bases: &bases, weight, k, path: None };
        let what = format!("{shape:?} x {dimension}, round {round}, k {k}, weight {weight}");
        check(&index, ask, &what);
    }
}

#[test]
fn every_shape_of_data_is_searched_exactly() {
    for shape in SHAPES {
        question(shape, 900, 96, 0, 12);
    }
}

#[test]
fn every_dimension_is_searched_exactly() {
    for dimension in [1, 2, 3, 15, 16, 17, 31, 33, 63, 64, 65, 91, 93, 128, 200, 300, 384] {
        question(Shape::Topics, 560, dimension, 9, 4);
    }
}

#[test]
fn rows_without_vectors_have_similarity_zero() {
    for shape in [Shape::Topics, Shape::Equal, Shape::Sphere] {
        question(shape, 1300, 48, 2, 8);
    }
}

#[test]
fn an_index_too_small_for_a_basis_is_searched_exactly() {
    for rows in [0, 1, 2, 17, 100] {
        question(Shape::Topics, rows, 24, 3, 4);
    }
}

#[test]
fn several_chunks_and_batches_are_searched_exactly() {
    question(Shape::Topics, 40_000, 8, 13, 4);
}

#[test]
fn rows_set_and_removed_after_the_basis_was_made_are_searched_exactly() {
    let mut index = index(Shape::Topics, 1000, 64, 5, 3);
    let mut dice = Dice(4);
    for i in 0..400 {
        let row = dice.roll() as u32 % 1200;
        let shape = SHAPES[i % SHAPES.len()];
        let made = super::data::vector(shape, 5, 64, &mut dice);
        if i % 3 == 0 { index.remove(row) } else { index.set(row, Some(&made)).expect("valid") }
    }
    let rows: Vec<u32> = (0..index.len()).collect();
    let bases = bases(&rows, 1 << 30, &mut dice);
    for shape in SHAPES {
        let query = query(shape, 64, &mut dice);
        let ask = Ask { query: &query, rows: &rows, bases: &bases, weight: 0.6, k: 20, path: None };
        check(&index, ask, "after changes");
    }
}

#[test]
fn bounds_spare_most_of_the_work_on_topics() {
    let index = index(Shape::Topics, 4000, 256, 0, 8);
    let rows: Vec<u32> = (0..4000).collect();
    let mut dice = Dice(9);
    let bases = bases(&rows, 1 << 30, &mut dice);
    let query = query(Shape::Topics, 256, &mut dice);
    let path = Some(Path::Prefix);
    let ask = Ask { query: &query, rows: &rows, bases: &bases, weight: 0.6, k: 20, path };
    let counts = index.search(&ask, &CostModel::default(), &rank).counts;
    assert!(counts.dotted < 200 && counts.coded < 2000, "{counts:?}");
}

#[test]
fn nearest_leaves_out_rows_without_vectors() {
    let index = index(Shape::Topics, 700, 32, 2, 8);
    let query = query(Shape::Topics, 32, &mut Dice(1));
    let within = crate::model::Rows::all(700);
    let answer = index.nearest(&query, &within, 700, &CostModel::default(), &rank);
    assert_eq!(answer.found.len(), 350);
    assert!(
        answer.found.iter().all(|found| index.similarity(found.row, &query) == found.similarity)
    );
}

#[test]
fn a_measured_cost_model_orders_its_paths() {
    let index = index(Shape::Topics, 3000, 64, 0, 8);
    let model = CostModel::measure(&index);
    assert!(model.codes_from <= model.prefix_from, "{model:?}");
    assert_eq!(model.path(10, 20), Path::Brute);
}
