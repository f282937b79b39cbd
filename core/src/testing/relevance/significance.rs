//! Whether two rankings differ by more than chance would have it.

use crate::testing::generate::Random;

/// One measure of two systems, query by query.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paired {
    /// The mean of the other minus the mean of the base.
    pub difference: f64,
    /// How probable so large a difference is, in either direction, where the two do not differ.
    pub p: f64,
    /// On how many queries the other is better.
    pub better: usize,
    /// On how many it is worse.
    pub worse: usize,
    /// On how many both measure the same.
    pub same: usize,
}

impl Paired {
    /// Fisher's paired randomisation test, two-sided (Smucker, Allan and Carterette, 2007): where the systems do not
    /// differ, each query's difference could as well have the other sign. So many random signs are drawn from the
    /// seed; p is the share of them that give at least the observed difference, the observed one counted too.
    ///
    /// Cost: `rounds` times the queries that differ.
    pub fn test(base: &[f64], other: &[f64], rounds: u32, seed: u64) -> Self {
        let all: Vec<f64> = base.iter().zip(other).map(|(base, other)| other - base).collect();
        let differences: Vec<f64> = all.iter().copied().filter(|d| *d != 0.0).collect();
        // A sum of nothing is a negative zero.
        let observed: f64 = differences.iter().sum::<f64>() + 0.0;
        let better = differences.iter().filter(|difference| **difference > 0.0).count();
        // Sums of the same numbers in another order of signs may differ in their last bits.
        let least = observed.abs() * (1.0 - 1e-12);
        let mut random = Random::of(seed, 0, 0);
        let as_large = (0..rounds).filter(|_| flipped(&differences, &mut random).abs() >= least);
        let p = (as_large.count() as f64 + 1.0) / (f64::from(rounds) + 1.0);
        Self {
            difference: observed / all.len().max(1) as f64,
            p,
            better,
            worse: differences.len() - better,
            same: all.len() - differences.len(),
        }
    }
}

/// The sum with a random sign each.
fn flipped(differences: &[f64], random: &mut Random) -> f64 {
    let sum = |chunk: &[f64]| {
        let signs = random.bits();
        let signed =
            |(at, value): (usize, &f64)| if signs >> at & 1 == 0 { *value } else { -value };
        chunk.iter().enumerate().map(signed).sum::<f64>()
    };
    differences.chunks(64).map(sum).sum()
}

/// Corrects the p of several comparisons for their number (Holm, 1979), in their order.
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let mut corrected = vec![0.0; p.len()];
    let mut least: f64 = 0.0;
    for (rank, &at) in order.iter().enumerate() {
        least = least.max(p[at] * (p.len() - rank) as f64).min(1.0);
        corrected[at] = least;
    }
    corrected
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_that_are_the_same_do_not_differ() {
        let each = [0.3, 0.5, 0.0];
        let paired = Paired::test(&each, &each, 1_000, 1);
        assert_eq!((paired.difference, paired.p, paired.same), (0.0, 1.0, 3));
    }

    #[test]
    fn p_is_the_share_of_sign_flips_that_differ_as_much() {
        // All ten are better by as much: of 1,024 ways to set the signs, two differ so.
        let paired = Paired::test(&[0.0; 10], &[0.1; 10], 200_000, 7);
        assert!((paired.p - 2.0 / 1_024.0).abs() < 5e-4, "{}", paired.p);
        assert_eq!((paired.better, paired.worse), (10, 0));
        assert!((paired.difference - 0.1).abs() < 1e-12);
        // A sum of 1 + 1 - 1 over three: six of eight ways have at least one of difference left, two have three.
        let mixed = Paired::test(&[0.0, 0.0, 1.0], &[1.0, 1.0, 0.0], 1_000, 7);
        assert_eq!((mixed.p, mixed.better, mixed.worse), (1.0, 2, 1));
    }

    #[test]
    fn the_same_seed_gives_the_same_p() {
        let (base, other) = ([0.1, 0.4, 0.2, 0.9], [0.2, 0.3, 0.6, 0.8]);
        let test = |seed| Paired::test(&base, &other, 999, seed);
        assert_eq!(test(3), test(3));
    }

    #[test]
    fn several_comparisons_ask_more_of_each() {
        assert_eq!(holm(&[0.01, 0.04, 0.03]), [0.03, 0.06, 0.06]);
        assert_eq!(holm(&[0.9, 0.6]), [1.0, 1.0]);
        assert!(holm(&[]).is_empty());
    }
}
