//! No bound is ever below the similarity that the f32 kernel gives.

use super::super::codes::CodeQuery;
use super::super::kernels::tests::Dice;
use super::super::kernels::{Kernels, SCAN_DIMS};
use super::super::prefix::PrefixQuery;
use super::super::subspace::{Basis, MOST_DIMS};
use super::data::{SHAPES, Shape, index, query};

#[test]
fn no_bound_is_below_the_similarity() {
    let kernels = Kernels::best();
    for shape in SHAPES {
        let index = index(shape, 640, 160, 7, 5);
        let prefixes = index.prefixes.as_ref().expect("enough vectors");
        for seed in 0..6 {
            // Queries of every shape: those unlike the data lie outside of its subspace.
            let asked = query(SHAPES[seed as usize], 160, &mut Dice(seed));
            let codes = CodeQuery::new(&asked);
            let prefix = PrefixQuery::new(&asked, &codes, &prefixes.basis, 1.0);
            for block in 0..640 / 16 {
                let (mut scanned, mut bounds) = ([0.0; 16], [0.0; 16]);
                let (lines, slacks) = (prefixes.blocks.row(block), prefixes.slacks.row(block));
                kernels.scan(&prefix.scan, lines, slacks, &[0.0; 16], &mut scanned, &mut bounds);
                for lane in 0..16 {
                    let row = block * 16 + lane;
                    let similarity = index.similarity(row as u32, &asked);
                    let rest = &prefixes.rests.row(row)[0];
                    let (_, second) = prefix.rest().bound(kernels, rest, scanned[lane]);
                    let measure = &index.measures.row(row)[0];
                    let coded = codes.look(kernels, index.codes.row(row), measure);
                    assert!(coded.low <= similarity, "{shape:?}, row {row}: {coded:?}");
                    let all = [f64::from(bounds[lane]), second, coded.high];
                    assert!(
                        all.iter().all(|&bound| bound >= similarity),
                        "{shape:?}, row {row}: {all:?} against {similarity}"
                    );
                }
            }
        }
    }
}

#[test]
fn bounds_are_tight_where_the_subspace_holds_the_data() {
    let index = index(Shape::Sparse, 600, 100, 0, 5);
    let prefixes = index.prefixes.as_ref().expect("enough vectors");
    let asked = query(Shape::Sparse, 100, &mut Dice(3));
    let codes = CodeQuery::new(&asked);
    let prefix = PrefixQuery::new(&asked, &codes, &prefixes.basis, 1.0);
    let (mut scanned, mut bounds) = ([0.0; 16], [0.0; 16]);
    let (lines, slacks) = (prefixes.blocks.row(0), prefixes.slacks.row(0));
    Kernels::best().scan(&prefix.scan, lines, slacks, &[0.0; 16], &mut scanned, &mut bounds);
    for (row, &bound) in (0..).zip(&bounds) {
        let loose = f64::from(bound) - index.similarity(row, &asked);
        assert!(loose < 0.05, "{loose}");
    }
}

#[test]
fn a_basis_is_the_same_every_time_and_finds_the_leading_directions() {
    let made = index(Shape::Topics, 700, 200, 0, 5);
    let again = index(Shape::Topics, 700, 200, 0, 5);
    let basis = |of: &super::super::VectorIndex| -> Basis {
        of.prefixes.as_ref().map(|p| (*p.basis).clone()).expect("enough vectors")
    };
    let (made, again) = (basis(&made), basis(&again));
    assert_eq!(made.lanes(), again.lanes());
    assert_eq!(made.dims(), MOST_DIMS);
    assert!(made.skew < 0.05 && made.capture > 0.7, "{} {}", made.skew, made.capture);
    assert!(made.steps[0] > made.steps[SCAN_DIMS]);
}
