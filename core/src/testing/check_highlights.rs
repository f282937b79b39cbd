//! Whether the highlights of a hit show what the twin found, and nothing else.

use std::ops::Range;

use super::twin::Marked;
use crate::api::highlight::{Highlight, HighlightedField};

/// Compares the fragments of one hit with the twin's found places: every value is shown, whole where it is
/// short enough, else in fragments that are stretches of it; marks stand where something is found.
pub(super) fn compare_highlights(
    twin: &[Marked],
    how: &Highlight,
    shown: &[HighlightedField],
) -> Result<(), String> {
    let mut rest = twin.iter().peekable();
    for field in shown {
        let mut fragments = field.fragments.iter().peekable();
        while let Some(marked) = rest.next_if(|marked| marked.field == field.field) {
            let most = how.fragment_length as usize;
            let short = marked.value.chars().count() <= most;
            let mut end = 0;
            let mut count = 0;
            while count < how.fragments
                && let Some(window) =
                    fragments.peek().and_then(|html| place(html, marked, how, end))
            {
                if window.start < end {
                    break;
                }
                if short && window != (0..marked.value.len()) {
                    return Err(format!("{:?} is not shown whole", marked.value));
                }
                if marked.value[window.clone()].chars().count() > most {
                    return Err(format!("a fragment of {:?} is too long", marked.value));
                }
                end = window.end;
                count += 1;
                fragments.next();
            }
            if count == 0 {
                return Err(format!("{field:?} does not show {marked:?}"));
            }
        }
        if let Some(html) = fragments.next() {
            return Err(format!("{html:?} of {} shows what the twin does not find", field.field));
        }
    }
    match rest.next() {
        Some(marked) => Err(format!("{marked:?} is not shown in {shown:?}")),
        None => Ok(()),
    }
}

/// Where in the value, from `from` on, a stretch is that this fragment shows.
fn place(html: &str, marked: &Marked, how: &Highlight, from: usize) -> Option<Range<usize>> {
    let bounds: Vec<usize> =
        marked.value.char_indices().map(|(at, _)| at).chain([marked.value.len()]).collect();
    let mut windows = bounds.iter().filter(|start| **start >= from).flat_map(|&start| {
        bounds.iter().filter(move |end| **end > start).map(move |&end| start..end)
    });
    windows.find(|window| {
        marked.found.iter().any(|found| found.start < window.end && window.start < found.end)
            && written(marked, how, window) == html
    })
}

/// A stretch of the value as it should be written.
fn written(marked: &Marked, how: &Highlight, window: &Range<usize>) -> String {
    let mut html = String::new();
    if window.start > 0 {
        html.push('…');
    }
    let inside = |at: usize| marked.found.iter().any(|found| found.contains(&at));
    for (at, letter) in marked.value.char_indices().filter(|(at, _)| window.contains(at)) {
        let before = at > window.start && inside(at - 1);
        if inside(at) && (at == window.start || !before) {
            html += &how.before;
        }
        if !inside(at) && before {
            html += &how.after;
        }
        match letter {
            '&' => html += "&amp;",
            '<' => html += "&lt;",
            '>' => html += "&gt;",
            '"' => html += "&quot;",
            '\'' => html += "&#39;",
            letter => html.push(letter),
        }
    }
    if inside(window.end - 1) {
        html += &how.after;
    }
    if window.end < marked.value.len() {
        html.push('…');
    }
    html
}
