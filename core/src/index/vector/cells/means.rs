//! Lloyd's algorithm: centres that the points around them agree on.

use rayon::prelude::*;

use super::super::kernels::{Kernels, SCAN_DIMS};
use super::point::Point;

/// Rounds of moving each centre to the mean of its points: few, for cells need be good, not best.
const ROUNDS: usize = 6;

/// At most `count` centres of the points, from an even choice of them to begin with. A centre that loses all
/// of its points stays where it is. Deterministic, whatever the number of threads.
/// Cost: [`ROUNDS`] dot products for each point and centre, in parallel.
pub fn means(points: &[Point], count: usize) -> Vec<Point> {
    let kernels = Kernels::best();
    let count = count.min(points.len());
    let mut centres: Vec<Point> =
        (0..count).map(|i| Point::centre(points[i * points.len() / count].coordinates())).collect();
    for _ in 0..ROUNDS {
        let nearest: Vec<usize> =
            points.par_iter().map(|point| point.nearest(kernels, &centres)).collect();
        let mut sums = vec![([0.0f64; SCAN_DIMS], 0usize); count];
        for (point, &at) in points.iter().zip(&nearest) {
            let (sum, members) = &mut sums[at];
            *members += 1;
            sum.iter_mut().zip(point.coordinates()).for_each(|(sum, &x)| *sum += f64::from(x));
        }
        for (centre, (sum, members)) in centres.iter_mut().zip(&sums) {
            if *members > 0 {
                *centre = Point::centre(&sum.map(|x| (x / *members as f64) as f32));
            }
        }
    }
    centres
}
