//! Requests as a log keeps them: without their vectors, and on demand without what people wrote.

use serde_json::{Value, json};

/// What clients wrote, or what names them.
const PRIVATE: [&str; 8] =
    ["text", "filter", "excludeIds", "rules", "cursor", "before", "facetQuery", "attributes"];

/// A request's wire form with each embedding told by its length; redacted, also every text, filter value, id and cursor.
pub(crate) fn logged(request: &str, redact: bool) -> String {
    let Ok(mut value) = serde_json::from_str(request) else { return String::new() };
    walk(&mut value, redact);
    value.to_string()
}

fn walk(value: &mut Value, redact: bool) {
    match value {
        Value::Object(parts) => {
            for (name, part) in parts {
                if name == "embedding" {
                    let dimensions = part.as_array().map_or(0, Vec::len);
                    *part = json!({"dimensions": dimensions});
                } else if redact && PRIVATE.contains(&name.as_str()) {
                    hide(part);
                } else {
                    walk(part, redact);
                }
            }
        }
        Value::Array(parts) => parts.iter_mut().for_each(|part| walk(part, redact)),
        _ => {}
    }
}

/// Keeps the shape, and of each text its length.
fn hide(value: &mut Value) {
    match value {
        Value::String(text) => *value = json!(format!("({} bytes)", text.len())),
        Value::Number(_) => *value = json!("(a number)"),
        Value::Array(parts) => parts.iter_mut().for_each(hide),
        Value::Object(parts) => parts.values_mut().for_each(hide),
        Value::Bool(_) | Value::Null => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: &str = r#"{"text":"divorce","filter":{"services":{"anyOf":["Tax"]},"hourlyRate":{"lt":90}},"embedding":[0.5,1.0],"limit":20}"#;

    #[test]
    fn embeddings_are_told_by_their_length() {
        let kept = logged(REQUEST, false);
        assert!(
            kept.contains(r#""embedding":{"dimensions":2}"#) && kept.contains("divorce"),
            "{kept}"
        );
    }

    #[test]
    fn what_is_redacted_keeps_its_shape_alone() {
        let kept = logged(REQUEST, true);
        let right = r#"{"text":"(7 bytes)","filter":{"services":{"anyOf":["(3 bytes)"]},"hourlyRate":{"lt":"(a number)"}},"embedding":{"dimensions":2},"limit":20}"#;
        assert_eq!(kept, right);
    }

    #[test]
    fn what_is_no_request_is_not_kept() {
        assert_eq!(logged("{", false), "");
    }
}
