//! Points of the leading subspace: what cells are made of.

use super::super::kernels::{Kernels, Lane, Line, SCAN_DIMS, floats, floats_mut};

/// Lanes of a point.
const LANES: usize = 4;

/// Where a centre keeps half of its square norm, negated; a row has a 1 there, so that one dot product orders
/// centres by distance.
const HALF_NORM: usize = SCAN_DIMS;

/// The leading coordinates of a row, of a query or of a centre.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point([Lane; LANES]);

const _: () = assert!(HALF_NORM < LANES * 16);

impl Point {
    /// The point of a row, from the line of its codes and what each step is worth.
    pub fn of_row(head: &Line, steps: &[f32]) -> Self {
        let mut point = Self::default();
        let out = floats_mut(&mut point.0);
        for ((out, &code), step) in out.iter_mut().zip(&head.0[..SCAN_DIMS]).zip(steps) {
            *out = f32::from(code) * step;
        }
        out[HALF_NORM] = 1.0;
        point
    }

    /// The point of a query's coordinates; those beyond the first pass are left out.
    pub fn of_query(along: &[f32]) -> Self {
        let mut point = Self::default();
        let out = &mut floats_mut(&mut point.0)[..SCAN_DIMS];
        out.iter_mut().zip(along).for_each(|(out, &x)| *out = x);
        point
    }

    /// The centre of these coordinates.
    pub fn centre(coordinates: &[f32]) -> Self {
        let mut point = Self::of_query(coordinates);
        let square: f32 = point.coordinates().iter().map(|x| x * x).sum();
        floats_mut(&mut point.0)[HALF_NORM] = -square / 2.0;
        point
    }

    /// Its coordinates along the directions of the first pass.
    pub fn coordinates(&self) -> &[f32] {
        &floats(&self.0)[..SCAN_DIMS]
    }

    /// Of a row with a centre: the larger, the nearer. Of a query with a centre: the dot product.
    #[inline]
    pub fn with(&self, kernels: &Kernels, centre: &Point) -> f32 {
        kernels.dot(floats(&self.0), floats(&centre.0))
    }

    /// The place of the nearest of some centres; the first of equal ones. 0 where there is none.
    pub fn nearest(&self, kernels: &Kernels, centres: &[Point]) -> usize {
        let mut best = (0, f32::NEG_INFINITY);
        for (at, centre) in centres.iter().enumerate() {
            let near = self.with(kernels, centre);
            if near > best.1 {
                best = (at, near);
            }
        }
        best.0
    }
}
