//! How many rows two sets share: their words joined, and the bits of the join counted.
//!
//! Plain Rust throughout; what differs is the instruction set that the compiler may use for it. A count is a whole
//! number, so every set of instructions gives the same.

use std::sync::OnceLock;

type OverlapFn = unsafe fn(&[u64], &[u64]) -> u64;

/// The bits that both have set; words that only one has count for nothing. One pass over the shorter of the two.
#[inline]
pub fn overlap(a: &[u64], b: &[u64]) -> u32 {
    static BEST: OnceLock<OverlapFn> = OnceLock::new();
    let best = *BEST.get_or_init(best);
    // SAFETY: `best` gave a function whose instructions this processor has; it asks nothing of its arguments.
    let bits = unsafe { best(a, b) };
    bits as u32
}

fn best() -> OverlapFn {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512vpopcntdq")
        {
            return avx512;
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("popcnt") {
            return avx2;
        }
    }
    plainly
}

/// # Safety
/// The processor must have AVX-512 F, VL and VPOPCNTDQ.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vl,avx512vpopcntdq")]
unsafe fn avx512(a: &[u64], b: &[u64]) -> u64 {
    count(a, b)
}

/// # Safety
/// The processor must have AVX2 and POPCNT.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,popcnt")]
unsafe fn avx2(a: &[u64], b: &[u64]) -> u64 {
    count(a, b)
}

fn plainly(a: &[u64], b: &[u64]) -> u64 {
    count(a, b)
}

/// Thirty-two words a step in as many sums, which the compiler keeps in registers.
#[inline(always)]
fn count(a: &[u64], b: &[u64]) -> u64 {
    let len = a.len().min(b.len());
    let (a, a_rest) = a[..len].as_chunks::<32>();
    let (b, b_rest) = b[..len].as_chunks::<32>();
    let mut sums = [0_u64; 32];
    for (a, b) in a.iter().zip(b) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += u64::from((a & b).count_ones());
        }
    }
    let rest = a_rest.iter().zip(b_rest).map(|(a, b)| u64::from((a & b).count_ones()));
    sums.iter().sum::<u64>() + rest.sum::<u64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_instruction_set_counts_what_counting_bit_by_bit_does() {
        let words = |seed: u64, len: usize| -> Vec<u64> {
            let mix = |i: u64| (i + seed).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
            (0..len as u64).map(mix).collect()
        };
        for (left, right) in [(0, 0), (1, 1), (7, 9), (32, 32), (33, 31), (235, 235), (1_000, 64)] {
            let (a, b) = (words(1, left), words(77, right));
            let bits = a.iter().zip(&b).map(|(a, b)| {
                (0..64).filter(|bit| a >> bit & 1 == 1 && b >> bit & 1 == 1).count() as u64
            });
            let expected: u64 = bits.sum();
            assert_eq!(u64::from(overlap(&a, &b)), expected);
            assert_eq!(plainly(&a, &b), expected);
            #[cfg(target_arch = "x86_64")]
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("popcnt") {
                // SAFETY: detected.
                assert_eq!(unsafe { avx2(&a, &b) }, expected);
            }
        }
    }
}
