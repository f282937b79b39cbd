//! Every instruction set of this machine against the twin, to the bit.

use super::*;

/// A small generator: the tests' own, so that cases are the same on every machine.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// In -1 to 1.
    pub fn float(&mut self) -> f32 {
        (self.roll() >> 40) as f32 / (1 << 23) as f32 - 1.0
    }
}

fn others() -> Vec<Kernels> {
    [Isa::Avx512, Isa::Avx2, Isa::Neon].into_iter().filter_map(Kernels::of).collect()
}

/// Equal bits, where any NaN is as good as another.
fn same(a: f32, b: f32) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

#[test]
fn f32_dots_have_the_same_bits_at_every_length_and_alignment() {
    let mut dice = Dice(1);
    let a: Vec<f32> = (0..2200).map(|_| dice.float()).collect();
    let b: Vec<f32> = (0..2200).map(|_| dice.float()).collect();
    for kernels in others() {
        for len in (0..=2100).filter(|len| *len < 400 || len % 7 == 0) {
            let (x, y) = (len % 17, len % 5);
            let (a, b) = (&a[x..x + len], &b[y..y + len]);
            let (fast, twin) = (kernels.dot(a, b), Kernels::scalar().dot(a, b));
            assert!(same(fast, twin), "{:?} at {len}: {fast} is not {twin}", kernels.isa());
        }
    }
}

#[test]
fn four_dots_at_once_are_those_of_one_by_one() {
    let mut dice = Dice(9);
    let numbers: Vec<f32> = (0..9000).map(|_| dice.float()).collect();
    for kernels in others().into_iter().chain([Kernels::scalar()]) {
        for len in (0..=2100).filter(|len| *len < 200 || len % 13 == 0) {
            let row = |at: usize| &numbers[at * 2011 % 6000 + len % 3..][..len];
            let (rows, b) = ([0, 1, 2, 3].map(row), row(4));
            let alone = rows.map(|row| kernels.dot(row, b).to_bits());
            assert_eq!(kernels.dots(rows, b).map(f32::to_bits), alone, "{:?}", kernels.isa());
        }
    }
}

#[test]
fn f32_dots_have_the_same_bits_on_extreme_numbers() {
    let numbers =
        [0.0, -0.0, 1e-45, -1e-40, f32::MIN_POSITIVE, 1.0, -1.0, 3e38, -3e38, f32::MAX, 1e19];
    let mut dice = Dice(2);
    for len in 0..300 {
        let mut pick = || numbers[dice.roll() as usize % numbers.len()];
        let a: Vec<f32> = (0..len).map(|_| pick()).collect();
        let b: Vec<f32> = (0..len).map(|_| pick()).collect();
        for kernels in others() {
            let (fast, twin) = (kernels.dot(&a, &b), Kernels::scalar().dot(&a, &b));
            assert!(same(fast, twin), "{:?} at {len}: {fast} is not {twin}", kernels.isa());
        }
    }
}

#[test]
fn padding_with_zeros_changes_no_bit() {
    let mut dice = Dice(3);
    for len in 1..200_usize {
        let mut vector = || -> Vec<f32> { (0..len).map(|_| dice.float()).collect() };
        let (mut a, mut b) = (vector(), vector());
        let short = Kernels::best().dot(&a, &b);
        a.resize(len.next_multiple_of(16), 0.0);
        b.resize(len.next_multiple_of(16), 0.0);
        assert!(same(short, Kernels::best().dot(&a, &b)), "at {len}");
    }
}

#[test]
fn the_stated_error_holds_against_f64() {
    let mut dice = Dice(4);
    for len in [1, 63, 64, 65, 384, 1536, 3000] {
        for _ in 0..50 {
            let mut vector = || -> Vec<f32> { (0..len).map(|_| dice.float()).collect() };
            let (a, b) = (vector(), vector());
            let pairs = || a.iter().zip(&b).map(|(&x, &y)| f64::from(x) * f64::from(y));
            let norm = |v: &[f32]| v.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt();
            let off = (f64::from(Kernels::best().dot(&a, &b)) - pairs().sum::<f64>()).abs();
            assert!(off <= dot_error(len) * norm(&a) * norm(&b), "{off} at {len}");
        }
    }
}

fn line(dice: &mut Dice) -> Line {
    let extreme = dice.roll().is_multiple_of(4);
    Line(std::array::from_fn(|_| if extreme { i8::MIN } else { dice.roll() as i8 }))
}

fn query(dice: &mut Dice, len: usize) -> Digits {
    let most = Digits::MAX as i32;
    let extreme = dice.roll().is_multiple_of(4);
    let number =
        |_| if extreme { most } else { (dice.roll() % (2 * most as u64 + 1)) as i32 - most };
    Digits::new((0..len).map(number).collect::<Vec<_>>().into_iter())
}

#[test]
fn digits_are_the_number_and_stay_small() {
    for number in -Digits::MAX as i32..=Digits::MAX as i32 {
        let digits = Digits::new([number].into_iter());
        let (hi, lo) = (digits.hi[0].0[0], digits.lo[0].0[0]);
        assert_eq!(128 * i32::from(hi) + i32::from(lo), number);
        assert!((-127..=127).contains(&hi) && (-64..=64).contains(&lo));
    }
}

#[test]
fn int8_dots_are_exact_at_every_length() {
    let mut dice = Dice(5);
    for lines in (0..40).chain([1024]) {
        let row: Vec<Line> = (0..lines).map(|_| line(&mut dice)).collect();
        let query = query(&mut dice, lines * 64);
        let twin = Kernels::scalar().digits(&row, &query);
        for kernels in others() {
            assert_eq!(kernels.digits(&row, &query), twin, "{:?} at {lines}", kernels.isa());
        }
    }
}

#[test]
fn scans_have_the_same_bits_on_every_instruction_set() {
    let mut dice = Dice(6);
    for blocks in 0..20 {
        let codes: Vec<Line> = (0..blocks * SCAN_LINES).map(|_| line(&mut dice)).collect();
        let mut sixteen = || std::array::from_fn(|_| dice.roll() as u16);
        let slacks: Vec<Slack> =
            (0..blocks).map(|_| Slack { residual: sixteen(), rounding: sixteen() }).collect();
        let bases: Vec<f64> = (0..blocks * 16).map(|_| f64::from(dice.float())).collect();
        let scan = Scan {
            digits: query(&mut dice, 64),
            scale: 1e-7,
            residual: 1e-5,
            rounding: 3e-6,
            slack: 1e-6,
            weight: 0.6,
        };
        let run = |kernels: Kernels| {
            let (mut estimates, mut bounds) = (vec![0.0; blocks * 16], vec![0.0; blocks * 16]);
            kernels.scan(&scan, &codes, &slacks, &bases, &mut estimates, &mut bounds);
            (estimates, bounds)
        };
        for kernels in others() {
            assert_eq!(run(kernels), run(Kernels::scalar()), "{:?} at {blocks}", kernels.isa());
        }
    }
}

#[test]
fn sieves_let_the_same_rows_pass_on_every_instruction_set() {
    let mut dice = Dice(8);
    for blocks in 0..20 {
        let codes: Vec<Line> = (0..blocks * SIEVE_LINES).map(|_| line(&mut dice)).collect();
        let extreme = dice.roll().is_multiple_of(4);
        let sieve =
            Sieve::new(std::array::from_fn(|_| if extreme { -128 } else { dice.roll() as i8 }));
        for least in [i32::MIN, -200_000, -1, 0, 1, 30_000, 520_193, i32::MAX] {
            let run = |kernels: Kernels| {
                let mut passed = vec![0; blocks];
                kernels.sift(&sieve, &codes, least, &mut passed);
                passed
            };
            for kernels in others() {
                assert_eq!(run(kernels), run(Kernels::scalar()), "{:?} at {least}", kernels.isa());
            }
        }
    }
}
