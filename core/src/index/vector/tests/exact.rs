//! Every path gives what brute force gives: the same rows, the same bits.

use std::cmp::Ordering;

use super::super::kernels::Kernels;
use super::super::kernels::tests::Dice;
use super::super::{
    Answer, Ask, Candidates, CostModel, Found, Path, UnitQuery, VectorIndex, spread_bases,
};
use super::data::{SHAPES, Shape, index, query};
use crate::model::{Error, Rows};

const PATHS: [Path; 4] = [Path::Brute, Path::Codes, Path::Prefix, Path::PrefixParallel];

/// An order that is not that of the rows.
fn rank(a: u32, b: u32) -> Ordering {
    a.reverse_bits().cmp(&b.reverse_bits())
}

/// A question, with its candidates and their bases in plain lists.
struct Question<'a> {
    query: &'a UnitQuery,
    rows: &'a [u32],
    bases: &'a [f64],
    weight: f64,
    k: usize,
}

impl Question<'_> {
    /// The twin: the scalar kernel on every candidate, and a full sort.
    fn twin(&self, index: &VectorIndex) -> Vec<Found> {
        let kernels = Kernels::scalar();
        let pairs = self.rows.iter().zip(self.bases);
        let mut all: Vec<Found> = pairs
            .map(|(&row, base)| {
                let dot =
                    index.unit(row).map_or(0.0, |unit| kernels.dot(unit, self.query.floats()));
                let similarity = f64::from(dot).clamp(-1.0, 1.0);
                Found { row, score: self.weight * similarity + base, similarity }
            })
            .collect();
        all.sort_by(|a, b| b.score.partial_cmp(&a.score).expect("finite").then(rank(a.row, b.row)));
        all.truncate(self.k);
        all
    }

    fn answer(&self, index: &VectorIndex, rows: Candidates, path: Option<Path>) -> Answer {
        let mut by_row = vec![0.0; index.len() as usize];
        self.rows.iter().zip(self.bases).for_each(|(&row, &base)| by_row[row as usize] = base);
        let given = |rows: &[u32], bases: &mut [f64]| {
            rows.iter().zip(bases).for_each(|(&row, base)| *base = by_row[row as usize]);
        };
        let ask = Ask {
            query: self.query,
            rows,
            bases: &given,
            weight: self.weight,
            k: self.k,
            path,
            check: &|| Ok(()),
        };
        index.search(&ask, &CostModel::default(), &rank).expect("nothing stops it")
    }
}

/// How much of the bases tells rows apart.
fn bases(rows: &[u32], steps: u64, dice: &mut Dice) -> Vec<f64> {
    let base = |_| if steps == 0 { 0.0 } else { (dice.roll() % steps) as f64 / steps as f64 * 0.4 };
    rows.iter().map(base).collect()
}

fn check(index: &VectorIndex, question: &Question, what: &str) {
    let expected = question.twin(index);
    let set = Rows::from_rows(index.len(), question.rows.iter().copied());
    for path in PATHS {
        for rows in [Candidates::List(question.rows), Candidates::Set(&set)] {
            let answer = question.answer(index, rows, Some(path));
            assert_eq!(answer.found, expected, "{what}, {path:?} taken as {:?}", answer.path);
            assert_eq!(answer.counts.considered, question.rows.len());
            let bits = |found: &[Found]| -> Vec<u64> {
                found.iter().map(|one| (one.score + 0.0).to_bits()).collect()
            };
            assert_eq!(bits(&answer.found), bits(&expected), "{what}, {path:?}");
        }
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
        let asked = Question { query: &query, rows: &chosen, bases: &bases, weight, k };
        let what = format!("{shape:?} x {dimension}, round {round}, k {k}, weight {weight}");
        check(&index, &asked, &what);
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
        let asked = Question { query: &query, rows: &rows, bases: &bases, weight: 0.6, k: 20 };
        check(&index, &asked, "after changes");
    }
}

#[test]
fn bounds_spare_most_of_the_work_on_topics() {
    let index = index(Shape::Topics, 4000, 256, 0, 8);
    let rows: Vec<u32> = (0..4000).collect();
    let mut dice = Dice(9);
    let bases = bases(&rows, 1 << 30, &mut dice);
    let query = query(Shape::Topics, 256, &mut dice);
    let asked = Question { query: &query, rows: &rows, bases: &bases, weight: 0.6, k: 20 };
    let counts = asked.answer(&index, Candidates::List(&rows), Some(Path::Prefix)).counts;
    assert!(counts.dotted < 200 && counts.coded < 2000, "{counts:?}");
}

#[test]
fn nearest_leaves_out_rows_without_vectors() {
    let index = index(Shape::Topics, 700, 32, 2, 8);
    let query = query(Shape::Topics, 32, &mut Dice(1));
    let within = Rows::all(700);
    let answer = index
        .nearest(&query, &within, 700, &CostModel::default(), &rank, &|| Ok(()))
        .expect("nothing stops it");
    assert_eq!(answer.found.len(), 350);
    assert!(
        answer.found.iter().all(|found| index.similarity(found.row, &query) == found.similarity)
    );
}

#[test]
fn a_cost_model_says_what_it_expects_and_needs_no_basis() {
    let index = index(Shape::Topics, 3000, 64, 0, 8);
    let model = CostModel::measure(&index, &spread_bases);
    assert_eq!(model.path(10, 20), Path::Brute);
    let why = model.why(500, 20);
    assert!(why.contains("500 candidates") && why.contains("measured here"), "{why}");
    let mut bare = VectorIndex::new(64);
    (0..2000).for_each(|row| {
        bare.push(index.unit(row)).expect("a unit vector is valid");
    });
    let model = CostModel::measure(&bare, &spread_bases);
    assert!(!matches!(model.path(100_000, 20), Path::Prefix | Path::PrefixParallel), "{model:?}");
}

#[test]
fn a_search_ends_where_its_check_fails_on_every_path() {
    let index = index(Shape::Topics, 700, 32, 0, 8);
    let query = query(Shape::Topics, 32, &mut Dice(1));
    let rows: Vec<u32> = (0..700).collect();
    let late = || Err(Error::TimedOut { limit_ms: 1 });
    for path in PATHS {
        let ask = Ask {
            query: &query,
            rows: Candidates::List(&rows),
            bases: &|_, _| {},
            weight: 1.0,
            k: 5,
            path: Some(path),
            check: &late,
        };
        let stopped = index.search(&ask, &CostModel::default(), &rank).expect_err("it is late");
        assert!(matches!(stopped, Error::TimedOut { .. }), "{stopped}");
    }
}
