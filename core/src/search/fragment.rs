//! Pieces of a text around what was found in it, as HTML.

use std::ops::Range;

use crate::api::highlight::Highlight;

/// The fragments of `text` that show the most of `found`, in the order of the text: `found` are
/// ascending ranges of its bytes, not empty.
///
/// A text that is no longer than a fragment is one fragment. Otherwise each fragment is where the
/// most of what is not shown yet lies close together, the first of equals, with the text around it
/// up to whole words.
pub(super) fn fragments(text: &str, found: &[Range<usize>], how: &Highlight) -> Vec<String> {
    let most = how.fragment_length as usize;
    if text.chars().nth(most).is_none() {
        return vec![html(text, 0..text.len(), found, how)];
    }
    // Bytes of each character: lengths are counted in characters.
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let place = |byte: usize| starts.partition_point(|&start| start < byte);
    let spans: Vec<Range<usize>> =
        found.iter().map(|range| place(range.start)..place(range.end)).collect();
    let mut windows: Vec<Range<usize>> = Vec::new();
    for _ in 0..how.fragments {
        let Some(core) = densest(&spans, &windows, most) else { break };
        let free = free_around(&core, &windows, starts.len() - 1);
        windows.push(widened(text, &starts, core, free, most));
    }
    windows.sort_unstable_by_key(|window| window.start);
    windows
        .into_iter()
        .map(|window| html(text, starts[window.start]..starts[window.end], found, how))
        .collect()
}

/// From where to where the most spans lie within `most` characters, clear of `windows`.
fn densest(spans: &[Range<usize>], windows: &[Range<usize>], most: usize) -> Option<Range<usize>> {
    let clear = |core: &Range<usize>| {
        windows.iter().all(|window| core.end <= window.start || window.end <= core.start)
    };
    let mut best: Option<(usize, Range<usize>)> = None;
    for (i, first) in spans.iter().enumerate() {
        // A span longer than a fragment is cut.
        let mut core = first.start..first.end.min(first.start + most);
        if !clear(&core) {
            continue;
        }
        let mut count = 1;
        for span in &spans[i + 1..] {
            let wider = first.start..span.end;
            if wider.len() > most || !clear(&wider) {
                break;
            }
            core = wider;
            count += 1;
        }
        if best.as_ref().is_none_or(|(most, _)| count > *most) {
            best = Some((count, core));
        }
    }
    best.map(|(_, core)| core)
}

/// The characters around `core` that no window has.
fn free_around(core: &Range<usize>, windows: &[Range<usize>], end: usize) -> Range<usize> {
    let before = windows.iter().map(|window| window.end).filter(|end| *end <= core.start).max();
    let after = windows.iter().map(|window| window.start).filter(|start| *start >= core.end).min();
    before.unwrap_or(0)..after.unwrap_or(end)
}

/// `core` with text around it, `most` characters in all, within `free`, not cutting words.
fn widened(
    text: &str,
    starts: &[usize],
    core: Range<usize>,
    free: Range<usize>,
    most: usize,
) -> Range<usize> {
    let spare = most - core.len();
    let mut start = core.start.saturating_sub(spare / 2).max(free.start);
    let mut end = (start + most).min(free.end);
    start = start.min(end.saturating_sub(most).max(free.start));
    let is_space = |at: usize| text[starts[at]..].chars().next().is_some_and(char::is_whitespace);
    if start > 0 {
        let after_space = (start..core.start).find(|&at| is_space(at)).map(|at| at + 1);
        start = after_space.unwrap_or(if start == free.start { start } else { core.start });
    }
    if end + 1 < starts.len() {
        let space = (core.end..=end).rev().find(|&at| is_space(at));
        end = space.unwrap_or(core.end);
    }
    while start < core.start && is_space(start) {
        start += 1;
    }
    while end > core.end && is_space(end - 1) {
        end -= 1;
    }
    start..end
}

/// The bytes `window` of a text, escaped and marked; `…` where text was cut off.
fn html(text: &str, window: Range<usize>, found: &[Range<usize>], how: &Highlight) -> String {
    let mut out = String::with_capacity(window.len() + 32);
    if window.start > 0 {
        out.push('…');
    }
    let mut from = window.start;
    for range in found {
        let (start, end) = (range.start.max(window.start), range.end.min(window.end));
        if start >= end {
            continue;
        }
        escape(&text[from..start], &mut out);
        out.push_str(&how.before);
        escape(&text[start..end], &mut out);
        out.push_str(&how.after);
        from = end;
    }
    escape(&text[from..window.end], &mut out);
    if window.end < text.len() {
        out.push('…');
    }
    out
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, words: &[&str], length: u32, count: u32) -> Vec<String> {
        let mut found: Vec<Range<usize>> = words
            .iter()
            .flat_map(|word| text.match_indices(word).map(|(at, word)| at..at + word.len()))
            .collect();
        found.sort_by_key(|range| range.start);
        let how = Highlight {
            fragment_length: length,
            fragments: count,
            before: "[".to_owned(),
            after: "]".to_owned(),
            fields: None,
        };
        fragments(text, &found, &how)
    }

    #[test]
    fn a_short_text_is_shown_whole_and_escaped() {
        assert_eq!(
            of("R&D <tax> for \"you\"", &["tax"], 100, 1),
            ["R&amp;D &lt;[tax]&gt; for &quot;you&quot;"]
        );
    }

    #[test]
    fn a_fragment_stands_where_most_is_found_and_cuts_no_word() {
        let text = "Tax work long ago. Since then twenty years of audit and of payroll in the field of retail.";
        assert_eq!(
            of(text, &["Tax", "audit", "payroll"], 40, 1),
            ["…years of [audit] and of [payroll] in the…"]
        );
        assert_eq!(
            of(text, &["Tax", "audit", "payroll"], 40, 2),
            [
                "[Tax] work long ago. Since then twenty…",
                "…years of [audit] and of [payroll] in the…"
            ]
        );
    }

    #[test]
    fn characters_count_and_not_bytes() {
        let text = "übermäßig ".repeat(10) + "Prüfung";
        assert_eq!(of(&text, &["Prüfung"], 20, 1), ["…übermäßig [Prüfung]"]);
    }

    #[test]
    fn what_is_longer_than_a_fragment_is_cut() {
        let text = "x".repeat(100);
        assert_eq!(of(&text, &[&text], 20, 3), [format!("[{}]…", "x".repeat(20))]);
    }
}
