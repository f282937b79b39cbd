//! A sorted list of distinct strings in one allocation.

use std::cmp::Ordering;
use std::ops::Range;

/// Distinct strings, ascending by bytes; found by bisection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StringTable {
    text: String,
    ends: Vec<u32>,
}

impl StringTable {
    /// What it takes in memory, about.
    pub fn memory_bytes(&self) -> usize {
        self.text.len() + self.ends.len() * 4
    }

    /// Adds `key`, which must be greater than the last one.
    pub fn push(&mut self, key: &str) {
        debug_assert!(self.is_empty() || self.get(self.len() - 1) < key, "keys ascend");
        self.text.push_str(key);
        self.ends.push(self.text.len() as u32);
    }

    /// The table that these parts describe, or none if they describe no table.
    pub fn from_parts(text: String, ends: Vec<u32>) -> Option<Self> {
        let mut start = 0;
        for &end in &ends {
            if end < start || !text.is_char_boundary(end as usize) {
                return None;
            }
            start = end;
        }
        if start as usize != text.len() {
            return None;
        }
        let table = Self { text, ends };
        (1..table.len()).all(|i| table.get(i - 1) < table.get(i)).then_some(table)
    }

    /// The strings' text, end to end, and where each ends in it.
    pub fn parts(&self) -> (&str, &[u32]) {
        (&self.text, &self.ends)
    }

    /// The number of strings.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// String number `index`.
    pub fn get(&self, index: usize) -> &str {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.text[start as usize..self.ends[index] as usize]
    }

    /// The number of `key`, if it is here.
    pub fn find(&self, key: &str) -> Option<usize> {
        let index = self.first_not(|candidate| candidate < key);
        (index < self.len() && self.get(index) == key).then_some(index)
    }

    /// The numbers of the strings that begin with `prefix`.
    pub fn with_prefix(&self, prefix: &str) -> Range<usize> {
        let start = self.first_not(|candidate| candidate < prefix);
        let end = self.first_not(|candidate| candidate < prefix || candidate.starts_with(prefix));
        start..end
    }

    /// The first number in `range` of a string that does not begin with `prefix`, which all before
    /// it do; `range.end` if all do. Strings nearby are found sooner.
    pub fn past(&self, prefix: &str, range: Range<usize>) -> usize {
        let (mut low, mut step) = (range.start, 1);
        while low + step < range.end && self.get(low + step - 1).starts_with(prefix) {
            low += step;
            step *= 2;
        }
        let high = (low + step).min(range.end);
        self.first_not_within(low..high, |candidate| candidate.starts_with(prefix))
    }

    fn first_not(&self, before: impl Fn(&str) -> bool) -> usize {
        self.first_not_within(0..self.len(), before)
    }

    fn first_not_within(&self, range: Range<usize>, before: impl Fn(&str) -> bool) -> usize {
        let (mut low, mut high) = (range.start, range.end);
        while low < high {
            let middle = low.midpoint(high);
            if before(self.get(middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

/// Walks two tables as one, ascending: which of them has the next string, and its number there.
pub fn merge_walk(
    left: &StringTable,
    right: &StringTable,
    mut visit: impl FnMut(&str, Option<usize>, Option<usize>),
) {
    let (mut i, mut j) = (0, 0);
    while i < left.len() || j < right.len() {
        let order = match (i < left.len(), j < right.len()) {
            (true, true) => left.get(i).cmp(right.get(j)),
            (true, false) => Ordering::Less,
            _ => Ordering::Greater,
        };
        match order {
            Ordering::Less => visit(left.get(i), Some(i), None),
            Ordering::Greater => visit(right.get(j), None, Some(j)),
            Ordering::Equal => visit(left.get(i), Some(i), Some(j)),
        }
        i += usize::from(order.is_le());
        j += usize::from(order.is_ge());
    }
}
