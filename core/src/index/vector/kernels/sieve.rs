//! The coarse pass over cells: which of sixteen rows at once are worth a second look.

/// How many leading dimensions of the subspace it looks at.
pub const SIEVE_DIMS: usize = 32;

/// Cache lines that one block of sixteen rows takes: a line holds four dimensions of each.
pub const SIEVE_LINES: usize = SIEVE_DIMS / 4;

/// One query of int8 against such blocks.
#[derive(Clone, Debug)]
pub struct Sieve {
    /// The four digits that meet each line.
    pub(super) groups: [[i8; 4]; SIEVE_LINES],
    pub(super) sum: i32,
}

impl Sieve {
    /// The largest digit.
    pub const MAX: f32 = 127.0;

    /// The query of these digits, each within [`Sieve::MAX`] of zero.
    pub fn new(digits: [i8; SIEVE_DIMS]) -> Self {
        let digits = digits.map(|digit| digit.max(-127));
        let group = |at: usize| std::array::from_fn(|i| digits[at * 4 + i]);
        Self {
            groups: std::array::from_fn(group),
            sum: digits.iter().map(|&digit| i32::from(digit)).sum(),
        }
    }

    /// No dot product leaves these bounds, and a comparison with them overflows nowhere.
    pub(super) fn within_reach(least: i32) -> i32 {
        const REACH: i32 = 1 << 24;
        least.clamp(-REACH, REACH)
    }
}
