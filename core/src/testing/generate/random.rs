//! Chance that is the same on every machine and in every release: integers, and arithmetic that
//! IEEE 754 fixes to the last bit. No logarithm, no sine, no library.

/// A stream of random numbers: `SplitMix64` (Steele, Lea and Flood, 2014).
pub struct Random(u64);

const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

fn mixed(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

impl Random {
    /// The stream of a seed, of a purpose and of a row: each is a stream of its own.
    pub fn of(seed: u64, purpose: u64, row: u64) -> Self {
        let keyed = mixed(seed.wrapping_add(STEP)) ^ mixed(purpose.wrapping_mul(STEP));
        Self(mixed(keyed.wrapping_add(mixed(row.wrapping_add(STEP)))))
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mixed(self.0)
    }

    /// Evenly from 0 to 1, 1 excluded.
    pub fn share(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / 9_007_199_254_740_992.0
    }

    /// Evenly from `0..bound`; 0 where that is empty.
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.bits()) * bound as u128) >> 64) as usize
    }

    /// Whether something of that probability happens.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.share() < probability
    }

    /// Near normal, with mean 0 and deviation 1, within 3.5: the sum of four even numbers.
    pub(super) fn normal(&mut self) -> f64 {
        let bits = self.bits();
        let sum: u64 = (0..4).map(|part| (bits >> (16 * part)) & 0xFFFF).sum();
        // Four even numbers of 0 to 65535 have mean 131070 and deviation 65536 / sqrt(3).
        (sum as f64 - 131_070.0) / 37_837.2
    }

    /// One of a list, which is not empty.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// One place of a list of that length whose frequencies fall off as Zipf's do.
    pub(super) fn zipf(&mut self, len: usize) -> usize {
        let weight = |place: usize| 1.0 / (place as f64 + 1.5);
        let whole: f64 = (0..len).map(weight).sum();
        let mut left = self.share() * whole;
        for place in 0..len {
            left -= weight(place);
            if left < 0.0 {
                return place;
            }
        }
        0
    }

    /// One of a list, the first ones most often.
    pub(super) fn often<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.zipf(list.len())]
    }

    /// So many distinct places of a list of that length, the first ones most often.
    pub(super) fn distinct(&mut self, count: usize, len: usize) -> Vec<usize> {
        let mut places = Vec::with_capacity(count);
        while places.len() < count.min(len) {
            let place = self.zipf(len);
            if !places.contains(&place) {
                places.push(place);
            }
        }
        places
    }
}

/// e to the power of `x`, for small `x`, by squaring: the same bits everywhere.
pub(super) fn exponential(x: f64) -> f64 {
    let mut power = 1.0 + x / 4_096.0;
    for _ in 0..12 {
        power *= power;
    }
    power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_of_a_seed_is_fixed_for_good() {
        let mut random = Random::of(42, 1, 0);
        assert_eq!([random.bits(), random.bits()], FIRST);
    }

    const FIRST: [u64; 2] = [9_255_117_659_542_111_610, 935_275_853_971_556_221];

    #[test]
    fn the_first_places_come_most_often() {
        let mut random = Random::of(1, 2, 3);
        let mut counts = [0; 30];
        (0..10_000).for_each(|_| counts[random.zipf(30)] += 1);
        assert!(counts[0] > 3 * counts[5] && counts[29] > 0, "{counts:?}");
    }

    #[test]
    fn normal_numbers_have_their_mean_and_deviation() {
        let mut random = Random::of(1, 2, 3);
        let numbers: Vec<f64> = (0..100_000).map(|_| random.normal()).collect();
        let mean = numbers.iter().sum::<f64>() / 1e5;
        let variance = numbers.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 1e5;
        assert!(mean.abs() < 0.01 && (variance - 1.0).abs() < 0.02, "{mean} {variance}");
    }
}
