//! The search by cells: what it finds is the exact top but for little, or it gives up and says so.

use super::super::kernels::tests::Dice;
use super::super::{Ask, Candidates, CostModel, Path, Probe, RowBases, UnitQuery, VectorIndex};
use super::data::{SHAPES, Shape, index, query, vector};
use crate::model::{Result, Rows};

struct Spread;

fn base(row: u32) -> f64 {
    f64::from(row.wrapping_mul(0x9e37_79b1) >> 22) / 2560.0
}

impl RowBases for Spread {
    fn add(&self, rows: &[u32], bases: &mut [f64]) -> Result<()> {
        bases.iter_mut().zip(rows).for_each(|(sum, &row)| *sum += base(row));
        Ok(())
    }

    fn most(&self) -> f64 {
        0.4
    }
}

const K: usize = 20;

/// The likely top, and how many of the exact one are in it; `None` where the search gives up.
fn both(index: &VectorIndex, query: &UnitQuery, within: &Rows) -> Option<(Vec<u32>, usize, usize)> {
    let ask = Ask {
        query,
        rows: Candidates::Set(within),
        bases: &|rows, sums| sums.iter_mut().zip(rows).for_each(|(sum, &row)| *sum += base(row)),
        weight: 0.6,
        k: K,
        path: Some(Path::Brute),
        check: &|| Ok(()),
    };
    let rank = |a: u32, b: u32| a.cmp(&b);
    let exact = index.search(&ask, &CostModel::default(), &rank).expect("never refused").found;
    let probe = Probe {
        query,
        within,
        candidates: within.count() as usize,
        bases: &Spread,
        weight: 0.6,
        k: K,
        most_looks: 4 * within.count() as usize,
    };
    let found = index.probe(&probe, &rank).expect("these bases never fail")?.rows;
    assert!(found.is_sorted_by(|a, b| a.score >= b.score));
    // What is found has its exact score.
    for row in &found {
        assert!(within.contains(row.row));
        assert_eq!(row.score, 0.6 * index.similarity(row.row, query) + base(row.row));
    }
    let rows: Vec<u32> = found.iter().map(|row| row.row).collect();
    let hits = exact.iter().filter(|row| found.iter().any(|one| one.score == row.score));
    Some((rows, hits.count(), exact.len()))
}

#[test]
fn of_any_data_under_any_filter_little_is_missing() {
    for shape in SHAPES {
        let mut dice = Dice(11);
        let mut index = index(shape, 6_000, 48, 37, 5);
        index.rebuild_cells();
        let (mut hits, mut wanted) = (0, 0);
        for share in [1, 3, 10, 100, 1_000] {
            let within = Rows::from_rows(6_000, (0..6_000).filter(|row| row * 7 % share == 0));
            for _ in 0..6 {
                let query = query(shape, 48, &mut dice);
                if let Some((_, hit, all)) = both(&index, &query, &within) {
                    (hits, wanted) = (hits + hit, wanted + all);
                }
            }
        }
        assert!(hits as f64 >= 0.97 * wanted as f64, "{shape:?}: {hits} of {wanted}");
    }
}

#[test]
fn a_row_is_found_from_the_moment_it_is_set_and_not_after_it_is_removed() {
    let mut dice = Dice(12);
    let mut index = index(Shape::Topics, 6_000, 48, 0, 6);
    index.rebuild_cells();
    for round in 0..3_000u32 {
        let made = vector(Shape::Topics, u64::from(round), 48, &mut dice);
        // New rows and old ones in turn; more of them than may wait for a cell.
        let row = if round % 2 == 0 { index.len() } else { round };
        index.set(row, Some(&made)).expect("a valid vector");
        if round % 300 == 0 {
            let query = index.query_of(row).expect("it was set");
            let all = Rows::all(index.len());
            if let Some((rows, ..)) = both(&index, &query, &all) {
                let beaten = 0.6 + base(row);
                let better = (0..index.len())
                    .filter(|&one| 0.6 * index.similarity(one, &query) + base(one) > beaten);
                assert!(rows.contains(&row) || better.count() >= K, "row {row}");
            }
        }
        if round % 5 == 0 {
            index.remove(row);
        }
    }
    let live = index.present().clone();
    let (mut hits, mut wanted) = (0, 0);
    for _ in 0..20 {
        if let Some((_, hit, all)) = both(&index, &query(Shape::Topics, 48, &mut dice), &live) {
            (hits, wanted) = (hits + hit, wanted + all);
        }
    }
    assert!(wanted > 0 && hits as f64 >= 0.97 * wanted as f64, "{hits} of {wanted}");
}

#[test]
fn the_same_rows_give_the_same_cells_on_any_number_of_threads() {
    let answers = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| {
            let mut index = index(Shape::Topics, 6_000, 48, 0, 7);
            index.rebuild_cells();
            let mut dice = Dice(13);
            let all = Rows::all(6_000);
            (0..10)
                .map(|_| both(&index, &query(Shape::Topics, 48, &mut dice), &all))
                .collect::<Vec<_>>()
        })
    };
    assert_eq!(answers(1), answers(3));
}

#[test]
fn bytes_give_back_the_same_cells_and_wrong_ones_are_refused_or_searched() {
    let mut dice = Dice(14);
    let mut index = index(Shape::Topics, 6_000, 48, 9, 7);
    assert_eq!(index.cells_to_bytes(), None);
    index.rebuild_cells();
    // Some wait for a cell, some are gone.
    (0..50).for_each(|row| {
        index.set(row * 100, Some(&vector(Shape::Topics, 1, 48, &mut dice))).expect("valid");
        index.remove(row * 90 + 7);
    });
    let bytes = index.cells_to_bytes().expect("there are cells");
    let mut back = VectorIndex::from_bytes(&index.to_bytes()).expect("just written");
    back.set_cells_from_bytes(&bytes).expect("just written");
    assert_eq!(back.cells_to_bytes(), Some(bytes.clone()));
    let all = Rows::all(6_000);
    for _ in 0..10 {
        let query = query(Shape::Topics, 48, &mut dice);
        assert_eq!(both(&back, &query, &all), both(&index, &query, &all));
    }
    for len in (0..bytes.len()).step_by(41) {
        assert!(back.set_cells_from_bytes(&bytes[..len]).is_err());
    }
    for round in 0..300 {
        let mut wrong = bytes.clone();
        let reach = if round % 2 == 0 { 64 } else { wrong.len() as u64 };
        for _ in 0..4 {
            wrong[(dice.roll() % reach) as usize] = dice.roll() as u8;
        }
        if back.set_cells_from_bytes(&wrong).is_ok() {
            let _ = both(&back, &query(Shape::Topics, 48, &mut dice), &all);
        }
        assert!(wrong == bytes || back.has_cells() == back.cells_to_bytes().is_some());
    }
    // Of other vectors they are no cells.
    back.remove(1_234);
    assert!(back.set_cells_from_bytes(&bytes).is_err());
}

#[test]
fn cells_are_due_when_there_are_vectors_enough_and_again_when_a_fifth_is_gone() {
    let mut index = index(Shape::Topics, 3_000, 20, 0, 8);
    assert!(!index.cells_are_due(3_001) && index.cells_are_due(3_000));
    index.rebuild_cells();
    (0..600).for_each(|row| index.remove(row));
    assert!(!index.cells_are_due(1));
    index.remove(600);
    assert!(index.cells_are_due(1));
    index.rebuild_cells();
    assert!(!index.cells_are_due(1));
}
