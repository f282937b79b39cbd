//! Bytes give back the same index, and wrong bytes give an error.

use super::super::kernels::tests::Dice;
use super::super::{Answer, Ask, Candidates, CostModel, Path, VectorIndex};
use super::data::{Shape, index, query, vector};

fn answer(index: &VectorIndex) -> Answer {
    let query = query(Shape::Topics, index.dimension(), &mut Dice(1));
    let rows: Vec<u32> = (0..index.len()).collect();
    let ask = Ask {
        query: &query,
        rows: Candidates::List(&rows),
        bases: &|_, bases| bases.fill(0.1),
        weight: 0.6,
        k: 9,
        path: Some(Path::Prefix),
        check: &|| Ok(()),
    };
    index.search(&ask, &CostModel::default(), &|a, b| a.cmp(&b)).expect("nothing stops it")
}

#[test]
fn bytes_give_back_the_same_index() {
    for (rows, dimension) in [(0, 5), (1, 1), (100, 33), (4500, 70)] {
        let made = index(Shape::Topics, rows, dimension, 3, 1);
        let bytes = made.to_bytes();
        let mut back = VectorIndex::from_bytes(&bytes).expect("just written");
        assert_eq!(back.to_bytes(), bytes);
        assert_eq!(answer(&back), answer(&made));
        assert_eq!(back.basis_is_stale(), made.basis_is_stale());
        let row = back.push(Some(&vector(Shape::Sphere, 0, dimension, &mut Dice(2))));
        assert_eq!(row.expect("valid"), rows);
        assert_eq!(answer(&back).counts.considered as u32, rows + 1);
    }
}

#[test]
fn wrong_bytes_are_refused_or_searched_but_never_panic() {
    let bytes = index(Shape::Topics, 530, 20, 3, 1).to_bytes();
    assert!(
        (0..bytes.len()).step_by(37).all(|len| VectorIndex::from_bytes(&bytes[..len]).is_err())
    );
    let mut dice = Dice(8);
    for round in 0..400 {
        let mut wrong = bytes.clone();
        // Every second round keeps to the header, where lengths are.
        let reach = if round % 2 == 0 { 48 } else { wrong.len() as u64 };
        for _ in 0..4 {
            wrong[(dice.roll() % reach) as usize] = dice.roll() as u8;
        }
        if let Ok(mut index) = VectorIndex::from_bytes(&wrong) {
            let _ = answer(&index);
            if round % 10 == 0 {
                index.rebuild_codes();
            }
        }
    }
}
