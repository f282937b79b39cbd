//! Vectors to search: one name for each way in which data can be awkward.

use super::super::kernels::tests::Dice;
use super::super::{UnitQuery, VectorIndex};

/// How the vectors of a case lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// Around a few centres, with a falling spectrum: what embeddings look like.
    Topics,
    /// All the same vector.
    Equal,
    /// All the same vector but one.
    Outlier,
    /// Uniform on the sphere: no subspace holds more than another.
    Sphere,
    /// Around a few centres, closer than the codes can tell.
    Tiny,
    /// Many copies of few vectors.
    Duplicates,
    /// Only a few coordinates are ever set: the subspace holds everything.
    Sparse,
    /// Hugely different lengths.
    Lengths,
}

pub const SHAPES: [Shape; 8] = [
    Shape::Topics,
    Shape::Equal,
    Shape::Outlier,
    Shape::Sphere,
    Shape::Tiny,
    Shape::Duplicates,
    Shape::Sparse,
    Shape::Lengths,
];

/// One vector of a shape.
pub fn vector(shape: Shape, row: u64, dimension: usize, dice: &mut Dice) -> Vec<f32> {
    let centre = |which: u64| -> Vec<f32> {
        let mut dice = Dice(which + 77);
        (0..dimension).map(|_| dice.float()).collect()
    };
    let around = |which: u64, spread: f32, dice: &mut Dice| -> Vec<f32> {
        let near = centre(which).into_iter().enumerate();
        near.map(|(i, x)| x + spread * dice.float() / (1.0 + i as f32 / 8.0).sqrt()).collect()
    };
    let mut made = match shape {
        Shape::Topics => around(dice.roll() % 12, 1.0, dice),
        Shape::Outlier if row == 5 => centre(1),
        Shape::Equal | Shape::Outlier => centre(0),
        Shape::Sphere => (0..dimension).map(|_| (0..6).map(|_| dice.float()).sum()).collect(),
        Shape::Tiny => around(dice.roll() % 3, 1e-5, dice),
        Shape::Duplicates => centre(dice.roll() % 9),
        Shape::Sparse => {
            let mut sparse = vec![0.0; dimension];
            for _ in 0..3 {
                sparse[dice.roll() as usize % dimension.min(7)] = dice.float();
            }
            sparse
        }
        Shape::Lengths => {
            let length = [1e-30, 1e-3, 1.0, 1e30][dice.roll() as usize % 4];
            around(dice.roll() % 5, 0.5, dice).into_iter().map(|x| x * length).collect()
        }
    };
    if made.iter().all(|&x| x == 0.0) {
        made[0] = 1.0;
    }
    made
}

/// An index of `rows` vectors of a shape, of which one in `missing` is left out (0: none), with its codes.
pub fn index(shape: Shape, rows: u32, dimension: usize, missing: u32, seed: u64) -> VectorIndex {
    let mut dice = Dice(seed);
    let mut index = VectorIndex::new(dimension);
    for row in 0..rows {
        let made = vector(shape, u64::from(row), dimension, &mut dice);
        let kept = missing == 0 || row % missing != 0;
        index.push(kept.then_some(made.as_slice())).expect("a valid vector");
    }
    index.rebuild_codes();
    index
}

/// A query of the same shape.
pub fn query(shape: Shape, dimension: usize, dice: &mut Dice) -> UnitQuery {
    let made = vector(shape, dice.roll() % 9, dimension, dice);
    UnitQuery::new(&made, dimension, "embedding").expect("a valid vector")
}
