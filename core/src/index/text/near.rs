//! The strings of a sorted table that lie near a word, found without looking at most of them.

use std::ops::Range;

use super::strings::StringTable;
use crate::api::deadline::{Deadline, Pulse};
use crate::model::Result;

/// What is looked for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'w> {
    /// The word as typed.
    pub letters: &'w [char],
    /// Within how many edits : insert, delete, substitute, or transpose two neighbours, each place edited once.
    pub edits: u8,
    /// Whether the beginning of a string may be what is near.
    pub beginning: bool,
}

/// Gives the numbers of the strings in `range` that are near, ascending, each with its edits; with
/// `beginning`, the fewest of all its beginnings.
///
/// Strings that begin alike share the work on what they begin with, and a beginning from which
/// nothing near can follow is passed over with all strings that have it. Cost: the beginnings that
/// are near, times the letters.
pub fn near(
    table: &StringTable,
    range: Range<usize>,
    wanted: Wanted<'_>,
    deadline: &Deadline,
    mut visit: impl FnMut(usize, u8),
) -> Result<()> {
    let mut walk = Walk::new(wanted);
    let mut pulse = Pulse::of(deadline);
    let mut at = range.start;
    while at < range.end {
        pulse.step()?;
        let string = table.get(at);
        match walk.step(string) {
            Step::Near(edits) => {
                visit(at, edits);
                at += 1;
            }
            Step::Far => at += 1,
            Step::Hopeless(bytes) => at = table.past(&string[..bytes], at + 1..range.end),
        }
    }
    Ok(())
}

enum Step {
    Near(u8),
    Far,
    /// No string that begins with so many bytes of this one is near.
    Hopeless(usize),
}

/// The edits between every beginning of the current string and every beginning of the word.
struct Walk<'w> {
    wanted: Wanted<'w>,
    /// The letters of the current string that were looked at.
    path: Vec<char>,
    /// For each number of letters of the string, the edits to each beginning of the word.
    rows: Vec<u8>,
    /// For each number of letters of the string, the fewest edits of its beginnings to the word.
    fewest: Vec<u8>,
}

impl<'w> Walk<'w> {
    fn new(wanted: Wanted<'w>) -> Self {
        let rows: Vec<u8> = (0..=wanted.letters.len()).map(|edits| edits as u8).collect();
        let fewest = vec![wanted.letters.len() as u8];
        Self { wanted, path: Vec::new(), rows, fewest }
    }

    fn width(&self) -> usize {
        self.wanted.letters.len() + 1
    }

    fn row(&self, letters: usize) -> &[u8] {
        &self.rows[letters * self.width()..][..self.width()]
    }

    fn step(&mut self, string: &str) -> Step {
        let shared = self.path.iter().zip(string.chars()).take_while(|(a, b)| **a == *b).count();
        self.path.truncate(shared);
        self.rows.truncate((shared + 1) * self.width());
        self.fewest.truncate(shared + 1);
        let max = self.wanted.edits;
        let longest = self.wanted.letters.len() + usize::from(max);
        let mut letters = string.char_indices().skip(shared);
        let whole = loop {
            let depth = self.path.len();
            let found = self.wanted.beginning && self.fewest[depth] <= max;
            if depth > 0 && !found && self.is_hopeless(depth) {
                return Step::Hopeless(self.path.iter().map(|letter| letter.len_utf8()).sum());
            }
            // Longer beginnings have too many letters.
            if depth > longest {
                break false;
            }
            match letters.next() {
                Some((_, letter)) => self.push(letter),
                None => break true,
            }
        };
        let depth = self.path.len();
        let edits = match (self.wanted.beginning, whole) {
            (true, _) => self.fewest[depth],
            (false, true) => self.row(depth)[self.width() - 1],
            (false, false) => return Step::Far,
        };
        if edits <= max { Step::Near(edits) } else { Step::Far }
    }

    /// Whether every way on has too many edits. A transposition can still come from the row before,
    /// at one more.
    fn is_hopeless(&self, depth: usize) -> bool {
        let max = self.wanted.edits;
        self.row(depth).iter().all(|&edits| edits > max)
            && self.row(depth - 1).iter().all(|&edits| edits >= max)
    }

    fn push(&mut self, letter: char) {
        let (width, depth) = (self.width(), self.path.len());
        let word = self.wanted.letters;
        let start = self.rows.len();
        self.rows.push(depth as u8 + 1);
        let previous = start - width;
        for j in 0..word.len() {
            let mut best = (self.rows[previous + j] + u8::from(letter != word[j]))
                .min(self.rows[previous + j + 1] + 1)
                .min(self.rows[start + j] + 1);
            if depth > 0 && j > 0 && letter == word[j - 1] && self.path[depth - 1] == word[j] {
                best = best.min(self.rows[previous - width + j - 1] + 1);
            }
            self.rows.push(best);
        }
        self.path.push(letter);
        self.fewest.push(self.fewest[depth].min(self.rows[start + word.len()]));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::index::text::edits::edits_within;

    fn letters(word: &str) -> Vec<char> {
        word.chars().collect()
    }

    proptest! {
        #[test]
        fn the_walk_finds_what_a_look_at_every_string_finds(
            strings in prop::collection::btree_set("[abé]{0,6}", 0..40),
            word in "[abé]{0,6}",
            edits in 0u8..3,
            beginning: bool,
        ) {
            let mut table = StringTable::default();
            strings.iter().for_each(|string| table.push(string));
            let word = letters(&word);
            let mut found = Vec::new();
            let wanted = Wanted { letters: &word, edits, beginning };
            near(&table, 0..table.len(), wanted, &Deadline::NEVER, |at, edits| found.push((at, edits))).unwrap();
            let fewest = |string: &str| {
                let string = letters(string);
                let from = if beginning { 0 } else { string.len() };
                (from..=string.len()).filter_map(|end| edits_within(&word, &string[..end], edits)).min()
            };
            let expected: Vec<(usize, u8)> =
                strings.iter().enumerate().filter_map(|(at, string)| Some((at, fewest(string)?))).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
