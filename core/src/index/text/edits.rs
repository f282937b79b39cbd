//! How many edits lie between two words.

/// The optimal string alignment distance of `a` and `b` (insert, delete, substitute, or transpose
/// two neighbours, each place edited once), if it is at most `max`.
///
/// Cost: the product of the lengths, cut off as soon as `max` is passed.
pub fn edits_within(a: &[char], b: &[char], max: u8) -> Option<u8> {
    if a.len().abs_diff(b.len()) > usize::from(max) || b.len() >= ROW {
        return None;
    }
    let mut before = [0u8; ROW];
    let mut previous: [u8; ROW] = std::array::from_fn(|j| j as u8);
    for (i, &x) in a.iter().enumerate() {
        let mut current = [0u8; ROW];
        current[0] = i as u8 + 1;
        let mut least = current[0];
        for (j, &y) in b.iter().enumerate() {
            let mut best =
                (previous[j] + u8::from(x != y)).min(previous[j + 1] + 1).min(current[j] + 1);
            if i > 0 && j > 0 && x == b[j - 1] && a[i - 1] == y {
                best = best.min(before[j - 1] + 1);
            }
            current[j + 1] = best;
            least = least.min(best);
        }
        // A transposition can still come from the row before this one, at one more edit.
        if least > max && previous[..=b.len()].iter().all(|&edits| edits >= max) {
            return None;
        }
        (before, previous) = (previous, current);
    }
    Some(previous[b.len()]).filter(|&edits| edits <= max)
}

/// One more than the longest word in characters.
const ROW: usize = super::analyze::MAX_WORD_BYTES + 1;
