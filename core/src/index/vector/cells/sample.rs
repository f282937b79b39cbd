//! An even choice out of a set of rows.

use crate::model::Rows;

/// At most `most` of the `count` rows of a set, evenly by their rank within it, ascending.
/// Cost: one popcount a word, and a few bits for each row that is chosen.
pub fn even(within: &Rows, count: usize, most: usize) -> Vec<u32> {
    let wanted = most.min(count);
    let mut chosen = Vec::with_capacity(wanted);
    let mut before = 0;
    for (at, &word) in within.words().iter().enumerate() {
        let here = word.count_ones() as usize;
        while chosen.len() < wanted && chosen.len() * count / wanted < before + here {
            let rank = chosen.len() * count / wanted - before;
            chosen.push(at as u32 * 64 + bit(word, rank));
        }
        if chosen.len() == wanted {
            break;
        }
        before += here;
    }
    chosen
}

/// The position of the set bit of that rank, which the word has.
fn bit(mut word: u64, rank: usize) -> u32 {
    for _ in 0..rank {
        word &= word - 1;
    }
    word.trailing_zeros()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_even_by_rank_and_all_where_few_are_there() {
        let rows = Rows::from_rows(10_000, (0..10_000).filter(|row| row % 3 == 1));
        let all: Vec<u32> = rows.iter().collect();
        for most in [1, 7, 100, 3_333, 9_999] {
            let chosen = even(&rows, all.len(), most);
            let wanted = most.min(all.len());
            let expected: Vec<u32> = (0..wanted).map(|i| all[i * all.len() / wanted]).collect();
            assert_eq!(chosen, expected);
        }
        assert!(even(&rows, 0, 10).is_empty());
    }
}
