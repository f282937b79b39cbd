//! Eigenvectors of a small symmetric matrix, by Jacobi's rotations.

/// The eigenvectors (as rows) of the symmetric matrix `a` of `n` rows, by falling eigenvalue.
///
/// Some eight sweeps of `n^2 / 2` rotations of `n` entries each; meant for `n` up to a few hundred.
pub fn eigenvectors(mut a: Vec<f64>, n: usize) -> Vec<f64> {
    let mut vectors = vec![0.0; n * n];
    for i in 0..n {
        vectors[i * n + i] = 1.0;
    }
    for _ in 0..12 {
        let (mut off, mut all) = (0.0, 0.0);
        for i in 0..n {
            for j in 0..n {
                let square = a[i * n + j] * a[i * n + j];
                all += square;
                off += if i == j { 0.0 } else { square };
            }
        }
        // The order matters and the last digits do not: a bound holds for any basis.
        if off <= all * 1e-14 {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                rotate(&mut a, &mut vectors, n, p, q);
            }
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| a[j * n + j].total_cmp(&a[i * n + i]).then(i.cmp(&j)));
    order.iter().flat_map(|&i| vectors[i * n..(i + 1) * n].to_vec()).collect()
}

/// Zeroes the entry at `p`, `q`; the matrix stays symmetric, and `vectors` follows as rows.
fn rotate(a: &mut [f64], vectors: &mut [f64], n: usize, p: usize, q: usize) {
    let apq = a[p * n + q];
    if apq == 0.0 {
        return;
    }
    let theta = (a[q * n + q] - a[p * n + p]) / (2.0 * apq);
    let tangent = theta.signum() / (theta.abs() + theta.mul_add(theta, 1.0).sqrt());
    let tangent = if theta == 0.0 { 1.0 } else { tangent };
    let cosine = 1.0 / tangent.mul_add(tangent, 1.0).sqrt();
    let sine = tangent * cosine;
    let turn = |x: f64, y: f64| (cosine * x - sine * y, sine * x + cosine * y);
    for k in 0..n {
        (a[p * n + k], a[q * n + k]) = turn(a[p * n + k], a[q * n + k]);
        (vectors[p * n + k], vectors[q * n + k]) = turn(vectors[p * n + k], vectors[q * n + k]);
    }
    for k in 0..n {
        (a[k * n + p], a[k * n + q]) = turn(a[k * n + p], a[k * n + q]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eigenvectors_diagonalise_and_come_by_falling_eigenvalue() {
        let n = 7;
        let entry =
            |i: usize, j: usize| ((i * j + i + j) as f64).sin() + f64::from(i == j) * i as f64;
        let a: Vec<f64> = (0..n * n).map(|x| entry(x / n, x % n)).collect();
        let vectors = eigenvectors(a.clone(), n);
        let mut last = f64::INFINITY;
        for i in 0..n {
            let v = &vectors[i * n..(i + 1) * n];
            let av: Vec<f64> = (0..n).map(|r| (0..n).map(|c| a[r * n + c] * v[c]).sum()).collect();
            let value: f64 = av.iter().zip(v).map(|(x, y)| x * y).sum();
            assert!(av.iter().zip(v).all(|(x, y)| (x - value * y).abs() < 1e-6));
            assert!(value <= last + 1e-9);
            last = value;
        }
    }
}
