//! A set of rows as dense 64-bit words: the currency between the indexes.

/// How many words a block has.
pub const BLOCK_WORDS: usize = 16;
/// The words of 1,024 neighbouring rows: what a filter works on at a time, and what one chunk of a column covers.
pub type Block = [u64; BLOCK_WORDS];

/// A set of rows in `0..len`, one bit a row.
///
/// Bits at and beyond `len` are always zero, so counting needs no mask. Union, intersection and
/// difference cost one pass over `len / 64` words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    words: Vec<u64>,
    len: u32,
}

impl Rows {
    /// The empty set over `len` rows.
    pub fn none(len: u32) -> Self {
        Self { words: vec![0; word_count(len)], len }
    }

    /// All rows of `0..len`.
    #[cfg(any(test, feature = "testing"))]
    pub fn all(len: u32) -> Self {
        let mut rows = Self { words: vec![u64::MAX; word_count(len)], len };
        rows.trim();
        rows
    }

    /// A set made of ready words; what lies at or beyond `len` is cleared.
    pub fn from_words(mut words: Vec<u64>, len: u32) -> Self {
        words.resize(word_count(len), 0);
        let mut rows = Self { words, len };
        rows.trim();
        rows
    }

    /// The set of the given rows; those at or beyond `len` are left out.
    pub fn from_rows(len: u32, rows: impl IntoIterator<Item = u32>) -> Self {
        let mut set = Self::none(len);
        for row in rows {
            if row < len {
                set.insert(row);
            }
        }
        set
    }

    fn trim(&mut self) {
        let used = self.len % 64;
        if used != 0
            && let Some(last) = self.words.last_mut()
        {
            *last &= (1 << used) - 1;
        }
    }

    /// How many rows the set ranges over: its universe, not its members.
    pub fn universe(&self) -> u32 {
        self.len
    }

    /// The words, lowest row first.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// The words to write to; the caller keeps bits at and beyond the universe at zero.
    pub fn words_mut(&mut self) -> &mut [u64] {
        &mut self.words
    }

    /// The words of rows `at * 1,024` on; beyond the universe they are zero.
    #[inline]
    pub fn block(&self, at: usize) -> Block {
        let words = self.words.get(at * BLOCK_WORDS..).unwrap_or_default();
        words.first_chunk().copied().unwrap_or_else(|| {
            let mut block = [0; BLOCK_WORDS];
            block[..words.len()].copy_from_slice(words);
            block
        })
    }

    /// Whether `row` is in the set; rows beyond the universe never are.
    pub fn contains(&self, row: u32) -> bool {
        self.words.get(row as usize / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    /// Adds `row`, which must lie in the universe.
    pub fn insert(&mut self, row: u32) {
        self.words[row as usize / 64] |= 1 << (row % 64);
    }

    /// Takes `row` out; a row beyond the universe is no change.
    pub fn remove(&mut self, row: u32) {
        if let Some(word) = self.words.get_mut(row as usize / 64) {
            *word &= !(1 << (row % 64));
        }
    }

    /// Adds or removes `row`, which must lie in the universe.
    pub fn set(&mut self, row: u32, member: bool) {
        if member { self.insert(row) } else { self.remove(row) }
    }

    /// Widens (or narrows) the universe; new rows are not members.
    pub fn resize(&mut self, len: u32) {
        self.words.resize(word_count(len), 0);
        self.len = len;
        self.trim();
    }

    /// The number of members. One popcount a word.
    pub fn count(&self) -> u32 {
        self.words.iter().map(|word| word.count_ones()).sum()
    }

    /// Whether the set has no member.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|&word| word == 0)
    }

    /// Keeps what is also in `other`; rows beyond its universe go.
    pub fn intersect(&mut self, other: &Rows) {
        for (i, word) in self.words.iter_mut().enumerate() {
            *word &= other.words.get(i).copied().unwrap_or(0);
        }
    }

    /// Adds what is in `other` and in this universe.
    pub fn union(&mut self, other: &Rows) {
        for (word, &more) in self.words.iter_mut().zip(&other.words) {
            *word |= more;
        }
        self.trim();
    }

    /// Takes out what is in `other`.
    pub fn subtract(&mut self, other: &Rows) {
        for (word, &less) in self.words.iter_mut().zip(&other.words) {
            *word &= !less;
        }
    }

    /// The number of rows in both. One popcount a word; nothing is written.
    pub fn intersection_count(&self, other: &Rows) -> u32 {
        self.words.iter().zip(&other.words).map(|(a, b)| (a & b).count_ones()).sum()
    }

    /// The members, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.words
            .iter()
            .enumerate()
            .flat_map(|(i, &word)| Bits(word).map(move |bit| i as u32 * 64 + bit))
    }
}

/// The positions of the set bits of one word, ascending.
#[derive(Clone, Debug)]
pub struct Bits(pub u64);

impl Iterator for Bits {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        if self.0 == 0 {
            return None;
        }
        let bit = self.0.trailing_zeros();
        self.0 &= self.0 - 1;
        Some(bit)
    }
}

fn word_count(len: u32) -> usize {
    (len as usize).div_ceil(64)
}
