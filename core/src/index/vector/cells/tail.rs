//! The upper tail of the normal distribution.

use std::sync::OnceLock;

/// Steps of one standard deviation, and how many deviations the table reaches either way.
const STEPS: f32 = 32.0;
const REACH: f32 = 8.0;
const PLACES: usize = (2.0 * REACH * STEPS) as usize + 2;

/// How likely a normal variable lies above so many deviations. One look into a table.
#[derive(Clone, Copy)]
pub struct Tail(&'static [f32; PLACES]);

impl Tail {
    /// The table, made once: the density summed from the far end inwards.
    pub fn table() -> Self {
        static TABLE: OnceLock<[f32; PLACES]> = OnceLock::new();
        Self(TABLE.get_or_init(|| {
            const FINE: usize = 8;
            let step = 1.0 / (f64::from(STEPS) * FINE as f64);
            let density = |z: f64| (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
            let mut table = [0.0; PLACES];
            let mut above = 0.0;
            for place in (0..PLACES).rev() {
                let z = place as f64 / f64::from(STEPS) - f64::from(REACH);
                // The midpoint rule over the step above.
                above +=
                    (0..FINE).map(|i| density(z + (i as f64 + 0.5) * step) * step).sum::<f64>();
                table[place] = above as f32;
            }
            table
        }))
    }

    /// The probability above `z` deviations, rounded down to a step: never too small.
    #[inline]
    pub fn above(self, z: f32) -> f32 {
        if z >= REACH {
            return 0.0;
        }
        // Not a number and all below the reach are at the first place.
        self.0[((z + REACH) * STEPS) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_are_those_of_the_tables_in_books() {
        let tail = Tail::table();
        for (z, known) in
            [(-9.0, 1.0), (0.0, 0.5), (1.0, 0.158_655), (2.0, 0.022_750), (4.0, 3.167e-5)]
        {
            let found = tail.above(z);
            assert!((found / known - 1.0).abs() < 2e-3, "{z}: {found}");
        }
        assert_eq!(tail.above(9.0), 0.0);
        assert_eq!(tail.above(f32::INFINITY), 0.0);
        assert_eq!(tail.above(f32::NEG_INFINITY), tail.above(-8.0));
    }
}
