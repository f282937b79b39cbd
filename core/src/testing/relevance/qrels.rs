//! Judgements as files keep them: which document answers which query, and how well.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use super::measures::Judgements;
use crate::model::{Error, Result};

/// Reads judgements, query by query. Two forms are known, both with one judgement a line: TREC's (query, iteration,
/// document, gain, between blanks) and that of BEIR (a header, then query, document, gain, between tabs). A gain below
/// zero means not relevant.
///
/// # Errors
/// [`Error::Io`]; [`Error::Malformed`] with the line that is none of the two, or judges a document once more.
pub fn read_qrels(path: &Path) -> Result<HashMap<String, Judgements>> {
    let bytes = fs::read(path).map_err(|error| Error::from_io(&error, "read", path))?;
    parse(&String::from_utf8_lossy(&bytes)).map_err(|(line, reason)| Error::Malformed {
        what: format!("line {line} of {}", path.display()),
        reason,
    })
}

/// The judgements of a text, or the line that is wrong and why.
fn parse(text: &str) -> Result<HashMap<String, Judgements>, (usize, String)> {
    let mut judged: HashMap<String, Judgements> = HashMap::new();
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).peekable();
    let header = lines.next_if(|(_, line)| line.split_whitespace().next() == Some("query-id"));
    let columns = if header.is_some() { 3 } else { 4 };
    for (at, line) in lines {
        let words: Vec<&str> = line.split_whitespace().collect();
        let wrong = |reason: String| (at + 1, reason);
        if words.len() != columns {
            let expected =
                if columns == 4 { "query, iteration, document" } else { "query, document" };
            let found = words.len();
            return Err(wrong(format!("it has {found} columns; they are {expected} and gain")));
        }
        let (query, document, gain) = (words[0], words[columns - 2], words[columns - 1]);
        let whole: i64 = gain
            .parse()
            .map_err(|_| wrong(format!("the gain is `{gain}`; it is a whole number")))?;
        let gain = whole.clamp(0, u32::MAX.into()) as u32;
        let of_query = judged.entry(query.to_owned()).or_default();
        if of_query.insert(document.to_owned(), gain).is_some() {
            return Err(wrong(format!("`{document}` is judged for `{query}` a second time")));
        }
    }
    Ok(judged)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn both_forms_say_the_same() {
        let trec = parse("q1 0 a 3\nq1\t0\tb\t-1\n\nq2 Q0 a 1\n");
        let beir = parse("query-id\tcorpus-id\tscore\nq1\ta\t3\nq1\tb\t0\nq2\ta\t1\n");
        assert_eq!(trec, beir);
        assert_eq!(trec.map(|judged| (judged["q1"]["a"], judged["q1"]["b"])), Ok((3, 0)));
    }

    #[test]
    fn a_line_that_is_no_judgement_is_named() {
        let reason = |text| parse(text).err().unwrap_or_default();
        assert_eq!(reason("q 0 a 1\nq 0 b").0, 2);
        assert!(reason("q 0 a one").1.contains("`one`"));
        assert!(reason("q 0 a 1\nq 0 a 1").1.contains("second time"));
        assert!(reason("query-id\tcorpus-id\tscore\nq 0 a 1").1.contains("4 columns"));
    }
}
