//! Who is shown: how evenly pages spread what they show over a catalogue.

use std::collections::HashMap;

/// How the exposure of many pages is spread.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Exposure {
    /// How many could have been shown.
    pub catalogue: u64,
    /// How many were, on one page at least.
    pub shown: u64,
    /// The share of the catalogue that was.
    pub coverage: f64,
    /// The Gini coefficient of all exposures, those of zero included: 0 where all of the catalogue is exposed alike, near
    /// 1 where few have it all.
    pub gini: f64,
}

impl Exposure {
    /// Measures pages of ids, best first. A place exposes as nDCG discounts it: by `1 / log2(1 + rank)` (Singh and
    /// Joachims, 2018).
    pub fn of<'a, P>(pages: impl IntoIterator<Item = P>, catalogue: u64) -> Self
    where
        P: IntoIterator<Item = &'a str>,
    {
        let mut exposure: HashMap<&str, f64> = HashMap::new();
        for page in pages {
            for (at, id) in page.into_iter().enumerate() {
                *exposure.entry(id).or_default() += 1.0 / ((at + 2) as f64).log2();
            }
        }
        let shown = exposure.len() as u64;
        let catalogue = catalogue.max(shown);
        let coverage = if catalogue == 0 { 0.0 } else { shown as f64 / catalogue as f64 };
        let exposures = exposure.into_values().collect();
        Self { catalogue, shown, coverage, gini: gini(exposures, catalogue) }
    }
}

/// The Gini coefficient of the values and as many zeros as make `count` of them.
fn gini(mut values: Vec<f64>, count: u64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let sum: f64 = values.iter().sum();
    if sum == 0.0 {
        return 0.0;
    }
    let n = count as f64;
    let zeros = n - values.len() as f64;
    let weighted = |(at, value): (usize, &f64)| (2.0 * (zeros + at as f64 + 1.0) - n - 1.0) * value;
    values.iter().enumerate().map(weighted).sum::<f64>() / (n * sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_alike_has_no_inequality() {
        let even = Exposure::of([["a"], ["b"], ["c"], ["d"]], 4);
        assert_eq!((even.coverage, even.gini), (1.0, 0.0));
    }

    #[test]
    fn one_that_has_it_all_leaves_nothing_to_the_others() {
        let one = Exposure::of([["a"], ["a"], ["a"]], 100);
        assert_eq!((one.shown, one.coverage), (1, 0.01));
        assert!((one.gini - 0.99).abs() < 1e-12, "{}", one.gini);
    }

    #[test]
    fn the_first_place_exposes_more_than_the_second() {
        let pair = Exposure::of([["a", "b"]], 2);
        let low = 1.0 / 3f64.log2();
        // Of two values the coefficient is half of their difference over their sum.
        assert!((pair.gini - (1.0 - low) / (1.0 + low) / 2.0).abs() < 1e-12, "{}", pair.gini);
    }

    #[test]
    fn pages_of_nothing_expose_nobody() {
        let none = Exposure::of([[""; 0]], 10);
        assert_eq!((none.shown, none.coverage, none.gini), (0, 0.0, 0.0));
        assert_eq!(Exposure::of([[""; 0]], 0), Exposure::default());
    }
}
