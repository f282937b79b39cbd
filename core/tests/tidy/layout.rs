//! How long files are, what the crate's page holds, and what lies where under which name.

use std::path::Path;
use std::process::Command;

use super::Breach;
use super::source::Source;
use super::tokens::Token;

const MAX_LINES: u32 = 500;

/// What the root shows; settings are dot-files and not counted.
const ROOT: &[&str] = &[
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "benches",
    "bindings-node",
    "bindings-python",
    "cli",
    "core",
    "data",
    "examples",
    "fuzz",
];

/// Names that say nothing of what is inside.
const EMPTY_NAMES: &[&str] =
    &["common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"];

impl Source {
    pub fn breach(&self, line: u32, what: String) -> Breach {
        Breach { place: self.place.clone(), line, what }
    }
}

pub fn too_long(source: &Source) -> Vec<Breach> {
    let what = || {
        format!("{} lines; the limit is {MAX_LINES}: look for the second idea", source.line_count)
    };
    (source.line_count > MAX_LINES)
        .then(|| source.breach(MAX_LINES + 1, what()))
        .into_iter()
        .collect()
}

/// The crate's page declares modules and shows names; all else has a module of its own.
pub fn logic_in_crate_page(page: &Source) -> Vec<Breach> {
    let mut rest = page.tokens.as_slice();
    while !rest.is_empty() {
        rest = skip_attributes(rest);
        let item = skip_visibility(rest);
        let Some(first) = item.first() else { break };
        let end = item.iter().position(|token| token.is(";"));
        let declares = first.is("use") || (first.is("mod") && end == Some(2));
        match end {
            Some(end) if declares => rest = &item[end + 1..],
            _ => {
                return vec![page.breach(
                    first.line,
                    format!("`{}` does not belong on the crate's page", first.text),
                )];
            }
        }
    }
    Vec::new()
}

fn skip_attributes(mut tokens: &[Token]) -> &[Token] {
    while tokens.first().is_some_and(|token| token.is("#")) {
        let mut depth = 0;
        let end = tokens.iter().position(|token| {
            depth += i32::from(token.is("[")) - i32::from(token.is("]"));
            depth == 0 && token.is("]")
        });
        tokens = &tokens[end.map_or(tokens.len(), |end| end + 1)..];
    }
    tokens
}

fn skip_visibility(tokens: &[Token]) -> &[Token] {
    if !tokens.first().is_some_and(|token| token.is("pub")) {
        return tokens;
    }
    if !tokens.get(1).is_some_and(|token| token.is("(")) {
        return &tokens[1..];
    }
    let close = tokens.iter().position(|token| token.is(")"));
    &tokens[close.map_or(tokens.len(), |close| close + 1)..]
}

/// What git tracks in `root`, if git can say so.
pub fn tracked_paths(root: &Path) -> Option<Vec<String>> {
    let output = Command::new("git").arg("-C").arg(root).args(["ls-files", "-z"]).output().ok()?;
    let listing = String::from_utf8(output.stdout).ok()?;
    let paths: Vec<String> = listing.split_terminator('\0').map(str::to_owned).collect();
    (output.status.success() && !paths.is_empty()).then_some(paths)
}

/// Paths whose first part is not one that the root shows.
pub fn misplaced(paths: &[String]) -> Vec<Breach> {
    let root = |path: &str| path.split('/').next().unwrap_or_default().to_owned();
    let mut strange: Vec<String> = paths.iter().map(|path| root(path)).collect();
    strange.retain(|name| !name.starts_with('.') && !ROOT.contains(&name.as_str()));
    strange.dedup();
    let what = format!("the root shows only {}", ROOT.join(", "));
    strange.into_iter().map(|place| Breach { place, line: 1, what: what.clone() }).collect()
}

/// Paths of which a part, without its extension, is an empty name.
pub fn badly_named(paths: &[String]) -> Vec<Breach> {
    let stem = |part: &str| part.split('.').next().unwrap_or_default().to_lowercase();
    let empty = |part: &str| EMPTY_NAMES.contains(&stem(part).as_str());
    let what = "the name does not say what is inside".to_owned();
    let bad = paths.iter().filter(|path| path.split('/').any(empty));
    bad.map(|path| Breach { place: path.clone(), line: 1, what: what.clone() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page_is_refused(text: &str) -> bool {
        !logic_in_crate_page(&Source::parse("lib.rs", text)).is_empty()
    }

    fn named(paths: &[&str]) -> Vec<String> {
        paths.iter().map(|&path| path.to_owned()).collect()
    }

    #[test]
    fn a_file_may_be_as_long_as_the_limit_and_no_longer() {
        assert!(too_long(&Source::parse("a.rs", &"x\n".repeat(500))).is_empty());
        assert_eq!(too_long(&Source::parse("a.rs", &"x\n".repeat(501))).len(), 1);
    }

    #[test]
    fn the_crate_page_declares_and_shows() {
        assert!(!page_is_refused(
            "//! Page.\n#![warn(missing_docs)]\nmod a;\npub(crate) mod b;\n#[cfg(feature = \"x\")]\npub mod c;\n\
             pub use a::{A, B};\n#[doc(inline)] pub use b::*;"
        ));
        assert!(!page_is_refused(""));
    }

    #[test]
    fn the_crate_page_has_no_items_of_its_own() {
        assert!(page_is_refused("mod a;\npub fn f() {}"));
        assert!(page_is_refused("mod a { fn f() {} }"));
        assert!(page_is_refused("pub const X: u8 = 1;"));
        assert!(page_is_refused("pub use a::A;\nimpl A { }"));
    }

    #[test]
    fn the_root_shows_only_what_is_agreed() {
        assert!(misplaced(&named(&["core/src/lib.rs", ".ci/run", "README.md"])).is_empty());
        assert_eq!(misplaced(&named(&["scripts/a.sh", "scripts/b.sh", "core/x.rs"])).len(), 1);
    }

    #[test]
    fn empty_names_are_refused_as_files_and_as_folders() {
        let bad = named(&["core/src/utils.rs", "cli/src/common/mod.rs", "core/src/Manager.rs"]);
        assert_eq!(badly_named(&bad).len(), 3);
        assert!(badly_named(&named(&["core/src/rows.rs", "core/src/commonest.rs"])).is_empty());
    }
}
