//! What is stored comes back, and readers never see a writer.

use super::super::VectorIndex;
use super::super::kernels::tests::Dice;
use super::data::{Shape, index, vector};
use crate::model::Error;

#[test]
fn a_clone_never_sees_what_is_written_after_it() {
    let mut writer = index(Shape::Topics, 600, 40, 4, 1);
    let reader = writer.clone();
    let before: Vec<Option<Vec<f32>>> = (0..600).map(|row| reader.original(row)).collect();
    let mut dice = Dice(2);
    for row in 0..700 {
        writer.set(row, Some(&vector(Shape::Sphere, 0, 40, &mut dice))).expect("valid");
    }
    writer.rebuild_codes();
    assert_eq!((reader.len(), writer.len()), (600, 700));
    let after: Vec<Option<Vec<f32>>> = (0..600).map(|row| reader.original(row)).collect();
    assert_eq!(before, after);
}

#[test]
fn chunks_in_large_pages_are_copied_by_writers_and_kept_by_readers() {
    // Chunks of 32 rows: all but the first lie in large pages.
    let mut writer = VectorIndex::new(1_536);
    let mut dice = Dice(6);
    let mut next = || vector(Shape::Sphere, 0, 1_536, &mut dice);
    let sent: Vec<Vec<f32>> = (0..130).map(|_| next()).collect();
    for vector in &sent {
        writer.push(Some(vector)).expect("valid");
    }
    let reader = writer.clone();
    let before: Vec<_> = (0..130).map(|row| reader.original(row)).collect();
    for row in (0..200).step_by(3) {
        writer.set(row, Some(&next())).expect("valid");
    }
    writer.remove(40);
    for row in 0..130 {
        assert_eq!(reader.original(row), before[row as usize]);
        let is_same = writer.original(row) == before[row as usize];
        assert_eq!(is_same, row % 3 != 0 && row != 40, "{row}");
    }
    drop(writer);
    assert_eq!(reader.original(129), before[129]);
}

#[test]
fn a_vector_comes_back_up_to_rounding_whatever_its_length() {
    let mut dice = Dice(3);
    for length in [1e-37, 1e-20, 1.0, 1e20, 1e37] {
        let sent: Vec<f32> = (0..50).map(|_| dice.float() * length).collect();
        let mut index = VectorIndex::new(50);
        let row = index.push(Some(&sent)).expect("valid");
        let back = index.original(row).expect("just set");
        let near = |(a, b): (&f32, &f32)| (a - b).abs() <= a.abs() * 2.0 * f32::EPSILON + 1e-44;
        assert!(sent.iter().zip(&back).all(near));
        let unit = index.unit(row).expect("just set");
        let norm: f64 = unit.iter().map(|&x| f64::from(x).powi(2)).sum();
        assert!((norm - 1.0).abs() < 1e-6);
        assert!(unit.as_ptr().addr().is_multiple_of(64));
    }
}

#[test]
fn a_vector_that_cannot_be_compared_is_refused_and_changes_nothing() {
    let mut index = VectorIndex::new(3);
    for wrong in [[0.0, -0.0, 0.0], [1.0, f32::NAN, 0.0], [f32::INFINITY, 0.0, 1.0]] {
        let refused = index.push(Some(&wrong)).expect_err("not comparable");
        assert!(matches!(refused, Error::InvalidEmbedding { .. }), "{refused}");
    }
    let refused = index.push(Some(&[1.0, 2.0])).expect_err("too short");
    assert!(matches!(refused, Error::WrongDimension { found: 2, expected: 3, .. }));
    assert_eq!(index.len(), 0);
}

#[test]
fn a_removed_row_stays_a_row_without_a_vector() {
    let mut index = index(Shape::Topics, 600, 20, 0, 1);
    index.remove(7);
    index.remove(5_000);
    index.set(610, None).expect("no vector is valid");
    assert_eq!((index.len(), index.present().count()), (611, 599));
    assert_eq!((index.unit(7), index.original(610)), (None, None));
}

#[test]
fn a_basis_is_due_when_there_are_vectors_enough_or_they_left_it() {
    let mut index = VectorIndex::new(96);
    let mut dice = Dice(5);
    for i in 0..600 {
        assert_eq!(index.basis_is_stale(), i >= 512);
        index.push(Some(&vector(Shape::Tiny, 0, 96, &mut dice))).expect("valid");
    }
    index.rebuild_codes();
    assert!(!index.basis_is_stale());
    let mut far = index.clone();
    for _ in 0..520 {
        let mut other = vector(Shape::Sphere, 0, 96, &mut dice);
        other.iter_mut().take(4).for_each(|x| *x = 0.0);
        far.push(Some(&other)).expect("valid");
        index.push(Some(&vector(Shape::Tiny, 0, 96, &mut dice))).expect("valid");
    }
    assert!(!index.basis_is_stale());
    assert!(index.has_basis());
}
