//! Where words begin and end in a text.

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

/// The words of a text as ranges of its bytes, in order.
///
/// A word is a run of letters and digits of any script, with the apostrophes and combining marks
/// inside it. All else separates, but for the signs that names are made of:
/// - `++` and `#` right after one or two letters belong to them: `C++`, `C#`, `F#`;
/// - `&` between one letter and one or two more makes one word of them, with or without spaces
///   around it: `M&A`, `R & D`, `FP&A`. Neighbours in the alphabet are a list, not a name
///   (`Series A & B`);
/// - the dot of `.NET` belongs to it, also in `ASP.NET`.
pub fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let first = from + text.get(from..)?.find(char::is_alphanumeric)?;
        let run = run_at(text, first);
        let start = if is_net(text, &run) { run.start - 1 } else { run.start };
        let end = with_signs(text, run);
        from = end;
        Some(start..end)
    })
}

/// Whether `c` stands between letters without parting them.
pub fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}')
}

/// Whether `c` is a sign that a word can have.
pub fn is_sign(c: char) -> bool {
    matches!(c, '+' | '#' | '&' | '.')
}

/// The run of letters and digits that begins at `first`.
fn run_at(text: &str, first: usize) -> Range<usize> {
    let rest = &text[first..];
    let inside = |c: char| {
        c.is_alphanumeric() || is_apostrophe(c) || (!c.is_ascii() && is_combining_mark(c))
    };
    let end = rest.find(|c| !inside(c)).unwrap_or(rest.len());
    first..first + rest[..end].trim_end_matches(is_apostrophe).len()
}

fn is_net(text: &str, run: &Range<usize>) -> bool {
    text[..run.start].ends_with('.') && text[run.clone()].eq_ignore_ascii_case("net")
}

/// Where a word that begins with `run` ends.
fn with_signs(text: &str, run: Range<usize>) -> usize {
    let (word, rest) = (&text[run.clone()], &text[run.end..]);
    // Nearly every word ends before anything that is looked at here.
    if !rest.starts_with(['+', '#', '&', ' ']) || !is_short(word) {
        return run.end;
    }
    if rest.starts_with("++") {
        return run.end + 2;
    }
    if rest.starts_with('#') && !rest[1..].starts_with(char::is_alphanumeric) {
        return run.end + 1;
    }
    let (mut last, mut end) = (word, run.end);
    while let Some(next) = ampersand(text, last, end) {
        last = &text[next.clone()];
        end = next.end;
    }
    end
}

/// The run that an `&` after `end` joins to the run `last` before it.
fn ampersand(text: &str, last: &str, end: usize) -> Option<Range<usize>> {
    let rest = &text[end..];
    let joined = ["&", " & "].into_iter().find(|sign| rest.starts_with(sign))?;
    let first = end + joined.len();
    if !text[first..].starts_with(char::is_alphanumeric) {
        return None;
    }
    let next = run_at(text, first);
    let word = &text[next.clone()];
    let single = |word: &str| word.chars().nth(1).is_none();
    let names =
        is_short(last) && is_short(word) && (single(last) || single(word)) && !in_a_row(last, word);
    names.then_some(next)
}

/// One or two letters.
fn is_short(word: &str) -> bool {
    word.chars().nth(2).is_none() && word.chars().all(char::is_alphabetic)
}

/// Whether two single letters follow each other in the alphabet.
fn in_a_row(a: &str, b: &str) -> bool {
    match (a.as_bytes(), b.as_bytes()) {
        ([a], [b]) => a.to_ascii_lowercase() + 1 == b.to_ascii_lowercase(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    fn of(text: &str) -> Vec<&str> {
        words(text).map(|range| &text[range]).collect()
    }

    #[test]
    fn signs_of_names_belong_to_them() {
        assert_eq!(
            of("C++, C#/F# and .NET (ASP.NET)"),
            ["C++", "C#", "F#", "and", ".NET", "ASP", ".NET"]
        );
        assert_eq!(of("M&A, R & D; FP&A and SG&A"), ["M&A", "R & D", "FP&A", "and", "SG&A"]);
        assert_eq!(of("AT&T"), ["AT&T"]);
    }

    #[test]
    fn other_signs_separate() {
        assert_eq!(
            of("Johnson&Johnson, AP&AR, Suite#5, A & B, x+y 1&2"),
            ["Johnson", "Johnson", "AP", "AR", "Suite", "5", "A", "B", "x", "y", "1", "2"]
        );
        assert_eq!(of("network.network e-commerce"), ["network", "network", "e", "commerce"]);
    }

    #[test]
    fn apostrophes_and_marks_stay_inside() {
        assert_eq!(
            of("'don't' O\u{2019}Brien's cafe\u{301}"),
            ["don't", "O\u{2019}Brien's", "cafe\u{301}"]
        );
        assert_eq!(of("\u{301} ' -"), [""; 0]);
    }
}
