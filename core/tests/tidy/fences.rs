//! Where third-party names and `unsafe` may stand.

use super::Breach;
use super::source::Source;

/// A crate and the only places that name it: a module, or a file below `core/src`.
const CRATES: &[(&str, &[&str])] = &[
    ("arc_swap", &["engine"]),
    ("fjall", &["store/journal"]),
    ("hnsw_rs", &["index/vector"]),
    ("memmap2", &["index/vector/kernels", "store"]),
    ("quick_cache", &["engine/cache"]),
    ("metrics", &["engine/metrics"]),
    ("postgres", &["sync"]),
    ("roaring", &["index/bitmap"]),
    ("serde_json", &["api", "import", "store", "sync", "testing"]),
    ("rustls", &["sync"]),
    ("simsimd", &["index/vector"]),
    ("tantivy", &["index/text"]),
    ("tracing", &["engine/metrics"]),
    ("tokio_postgres", &["sync"]),
    ("usearch", &["index/vector"]),
];

const UNSAFE: &[&str] = &["index/vector/kernels", "store/map"];

pub fn breaches(source: &Source) -> Vec<Breach> {
    let here = source.module.join("/");
    let mut found = Vec::new();
    for (at, token) in source.tokens.iter().enumerate() {
        if token.is("unsafe") && !inside(&here, UNSAFE) {
            let what = format!("`unsafe` stands only in {}", UNSAFE.join(" and "));
            found.push(source.breach(token.line, what));
        }
        let fence = CRATES.iter().find(|(name, _)| token.is(name));
        if let Some((name, places)) = fence
            && names_crate(source, at)
            && !source.is_test_only(at)
            && !inside(&here, places)
        {
            found.push(
                source
                    .breach(token.line, format!("`{name}` is named only in {}", places.join(", "))),
            );
        }
    }
    found
}

fn inside(here: &str, places: &[&str]) -> bool {
    places.iter().any(|place| here == *place || here.starts_with(&format!("{place}/")))
}

/// Whether the word at `at` begins a path or is imported; a field or variable of the same name is none of this.
fn names_crate(source: &Source, at: usize) -> bool {
    let text =
        |i: Option<usize>| i.and_then(|i| source.tokens.get(i)).map(|token| token.text.as_str());
    let before = text(at.checked_sub(1));
    let inner_segment =
        before == Some("::") && at.checked_sub(2).is_some_and(|i| source.tokens[i].is_word());
    let starts_path = text(Some(at + 1)) == Some("::") && !inner_segment && before != Some(".");
    starts_path || before == Some("use") || before == Some("crate")
}

#[cfg(test)]
mod tests {
    use super::{Source, breaches};

    fn refused(path: &str, text: &str) -> bool {
        !breaches(&Source::parse(path, text)).is_empty()
    }

    #[test]
    fn a_crate_is_named_only_behind_its_fence() {
        assert!(!refused("index/text/schema.rs", "use tantivy::schema::Schema;"));
        assert!(!refused("index/text.rs", "use tantivy::schema::Schema;"));
        assert!(refused("index/textual.rs", "use tantivy::schema::Schema;"));
        assert!(refused("search/run.rs", "use tantivy::Index;"));
        assert!(refused("search/run.rs", "use tantivy;"));
        assert!(refused("search/run.rs", "fn f(x: ::tantivy::Index) {}"));
        assert!(refused("model/rows.rs", "fn f() { let x = roaring::RoaringBitmap::new(); }"));
        assert!(refused("generation/mod.rs", "pub fn f(value: &serde_json::Value) {}"));
    }

    #[test]
    fn a_word_that_only_looks_like_a_crate_is_let_be() {
        assert!(!refused(
            "search/run.rs",
            "let roaring = self.roaring.len(); // tantivy::Index\n\"tantivy::Index\""
        ));
        assert!(!refused("search/run.rs", "use crate::index::text::tantivy::Thing;"));
    }

    #[test]
    fn tests_may_build_their_input_with_any_crate() {
        assert!(!refused("search/run.rs", "#[cfg(test)] mod tests { use serde_json::json; }"));
    }

    #[test]
    fn unsafe_has_its_two_addresses() {
        assert!(!refused("index/vector/kernels/avx2.rs", "unsafe fn f() {}"));
        assert!(!refused("store/map.rs", "fn f() { unsafe { g() } }"));
        assert!(refused("index/vector/graph.rs", "fn f() { unsafe { g() } }"));
        assert!(refused("store/mod.rs", "#[cfg(test)] mod tests { fn f() { unsafe { g() } } }"));
        assert!(!refused("store/mod.rs", "#![deny(unsafe_code)] // no unsafe here"));
    }
}
