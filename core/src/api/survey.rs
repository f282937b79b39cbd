//! A look over a JSON text before it is read: one that holds more values than a request can use is refused without
//! making anything of them.

use super::json::too_large;
use crate::model::Result;

/// Refuses a text of which one request holds more than `most` values.
///
/// Cost: nothing for a text too short for so many, else one pass over its bytes, no memory.
///
/// # Errors
/// [`Error::TooLarge`](crate::Error::TooLarge).
pub(super) fn values(what: &'static str, text: &str, most: usize) -> Result<()> {
    // Each value but the first needs itself and a comma.
    if text.len() / 2 < most {
        return Ok(());
    }
    let (mut depth, mut found, mut is_list) = (0_usize, 1_usize, false);
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => skip_string(&mut bytes),
            b'[' | b'{' => {
                is_list |= depth == 0 && byte == b'[';
                depth += 1;
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            // The next request of a list.
            b',' if depth == 1 && is_list => found = 1,
            b',' => {
                found += 1;
                if found > most {
                    return Err(too_large(what, found, most, "values or more"));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn skip_string(bytes: &mut std::str::Bytes<'_>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => drop(bytes.next()),
            b'"' => return,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_a_request_and_not_within_strings() {
        let ok = |text: &str| values("request", text, 4).is_ok();
        assert!(ok(r#"{"a": [1, 2, 3], "b": 4}"#));
        assert!(!ok(r#"{"a": [1, 2, 3, 4], "b": 5}"#));
        assert!(ok(r#"{"a": ",,,,,,\",,,", "b": 4}"#));
        assert!(ok(r#"[{"a": [1, 2]}, {"a": [1, 2]}, {"a": [1, 2]}, 1, 1, 1]"#));
        assert!(!ok(r#"[{"a": [1, 2]}, {"a": [1, 2, 3, 4, 5]}]"#));
        assert!(ok("]]]]]]]]]]]]") && ok(r#""\"#) && ok(r#"{"a":"\"#));
    }
}
