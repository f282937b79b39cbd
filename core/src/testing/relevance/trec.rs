//! Rankings as files keep them: TREC runs.

use std::collections::HashMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use super::measures::{Judgements, Measures};
use crate::api::limits;
use crate::model::{Error, Result};

/// One ranking as lines of a TREC run: query, `Q0`, document, rank, a score that falls with it, the run's name.
pub fn trec_lines<'a>(
    query: &str,
    ranking: impl IntoIterator<Item = &'a str>,
    name: &str,
) -> String {
    let mut lines = String::new();
    for (at, id) in ranking.into_iter().enumerate() {
        let score = limits::LIMIT as usize - at;
        // Writing to a string does not fail.
        let _ = writeln!(lines, "{query} Q0 {id} {} {score} {name}", at + 1);
    }
    lines
}

/// The ranking of one query, best first. It goes by the scores alone; where these are equal, tools differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranking {
    /// Of equal scores the greater id first: `trec_eval`, and so nDCG and recall of `ir_measures`.
    pub greater_first: Vec<String>,
    /// Of equal scores the lesser id first: MS MARCO's script, and so RR of `ir_measures`.
    pub lesser_first: Vec<String>,
}

impl Ranking {
    fn of(mut scored: Vec<(f64, &str)>) -> Self {
        let ids = |scored: &[(f64, &str)]| scored.iter().map(|(_, id)| (*id).to_owned()).collect();
        scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(a.1)));
        let greater_first = ids(&scored);
        scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
        Self { greater_first, lesser_first: ids(&scored) }
    }

    /// Its measures, as `ir_measures` has them.
    pub fn measures(&self, judged: &Judgements, depth: usize) -> Measures {
        let of = |ids: &[String]| Measures::of(ids.iter().map(String::as_str), judged, depth);
        Measures { mrr_10: of(&self.lesser_first).mrr_10, ..of(&self.greater_first) }
    }
}

/// Reads the rankings of a TREC run, query by query.
///
/// # Errors
/// [`Error::Io`]; [`Error::Malformed`] with the line that has no six columns, or no number as its score.
pub fn read_run(path: &Path) -> Result<HashMap<String, Ranking>> {
    let bytes = fs::read(path).map_err(|error| Error::from_io(&error, "read", path))?;
    parse(&String::from_utf8_lossy(&bytes)).map_err(|(line, reason)| Error::Malformed {
        what: format!("line {line} of {}", path.display()),
        reason,
    })
}

/// The rankings of a text, or the line that is wrong and why.
fn parse(text: &str) -> Result<HashMap<String, Ranking>, (usize, String)> {
    let mut scored: HashMap<&str, Vec<(f64, &str)>> = HashMap::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let &[query, _, document, _, score, _] = words.as_slice() else {
            let reason = "it has {} columns; they are query, Q0, document, rank, score and name";
            return Err((at + 1, reason.replace("{}", &words.len().to_string())));
        };
        let number = score.parse().ok().filter(|score: &f64| score.is_finite());
        let number =
            number.ok_or_else(|| (at + 1, format!("the score is `{score}`; it is a number")))?;
        scored.entry(query).or_default().push((number, document));
    }
    let ranked = |(query, scored): (&str, _)| (query.to_owned(), Ranking::of(scored));
    Ok(scored.into_iter().map(ranked).collect())
}

#[cfg(test)]
mod tests {
    use super::{parse, trec_lines};

    #[test]
    fn what_is_written_is_read() {
        let run = trec_lines("q1", ["b", "a", "c"], "n") + &trec_lines("q2", ["a"], "n");
        let read = parse(&run).expect("it is a run");
        assert_eq!(
            (read["q1"].greater_first.join(" "), read["q2"].lesser_first.join(" ")),
            ("b a c".into(), "a".into())
        );
    }

    #[test]
    fn scores_decide_and_not_the_ranks() {
        let read = parse("q Q0 a 1 0.5 n\nq Q0 b 2 0.9 n\nq Q0 c 3 0.5 n\n").expect("a run");
        assert_eq!(read["q"].greater_first, ["b", "c", "a"]);
        assert_eq!(read["q"].lesser_first, ["b", "a", "c"]);
    }

    #[test]
    fn a_line_that_is_none_of_a_run_is_named() {
        assert_eq!(parse("q Q0 a 1 0.5 n\nq Q0 a 1").err().map(|(line, _)| line), Some(2));
        assert!(parse("q Q0 a 1 NaN n").is_err_and(|(_, reason)| reason.contains("`NaN`")));
    }
}
