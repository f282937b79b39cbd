//! One source file of the core: its module, the paths it names, and which of it is only for tests.

use std::fs;
use std::path::Path;

use super::tokens::{Token, tokens};

/// A file under `src`, read and cut into tokens.
pub struct Source {
    /// As it is shown in a breach: `core/src/index/mod.rs`.
    pub place: String,
    /// The module's path from the crate's root: `["index", "bitmap"]`; empty for `lib.rs`.
    pub module: Vec<String>,
    pub line_count: u32,
    pub tokens: Vec<Token>,
    test_only: Vec<bool>,
    inline: Vec<Vec<String>>,
}

/// A path that starts at this crate's root, as one place in a file names it.
#[derive(Debug, PartialEq, Eq)]
pub struct CratePath {
    pub segments: Vec<String>,
    pub line: u32,
    pub test_only: bool,
}

/// Every `.rs` file under `src`.
pub fn read_all(src: &Path) -> Vec<Source> {
    let mut files = Vec::new();
    let mut folders = vec![src.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a source folder can be listed") {
            let path = entry.expect("a source folder can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    let below = |path: &Path| path.strip_prefix(src).expect("found under src").to_owned();
    files.iter().map(|path| Source::read(src, &below(path))).collect()
}

impl Source {
    pub fn read(src: &Path, file: &Path) -> Self {
        let text = fs::read_to_string(src.join(file)).expect("a source file is readable UTF-8");
        Self::parse(&file.to_string_lossy().replace('\\', "/"), &text)
    }

    /// The file at `path` below `core/src`, with this text.
    pub fn parse(path: &str, text: &str) -> Self {
        let mut module: Vec<String> =
            path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        if module.last().is_some_and(|name| name == "mod" || name == "lib") {
            module.pop();
        }
        let tokens = tokens(text);
        let (mut test_only, inline) = regions(&tokens);
        if module.iter().any(|name| name == "tests") {
            test_only.fill(true);
        }
        let line_count = text.lines().count() as u32;
        Self { place: format!("core/src/{path}"), module, line_count, tokens, test_only, inline }
    }

    /// Whether the token at `at` is compiled only for tests.
    pub fn is_test_only(&self, at: usize) -> bool {
        self.test_only[at]
    }

    /// Every path from the crate's root, whether written with `crate::` or `super::`, in `use` or elsewhere.
    pub fn crate_paths(&self) -> Vec<CratePath> {
        let mut found = Vec::new();
        for at in 0..self.tokens.len() {
            let continues = at > 0 && self.tokens[at - 1].is("::");
            if continues || !self.followed_by(at, "::") {
                continue;
            }
            let base = match self.tokens[at].text.as_str() {
                "crate" => Some((Vec::new(), at + 2)),
                "super" | "self" => self.resolve_relative(at),
                _ => None,
            };
            if let Some((base, next)) = base {
                let mut leaves = Vec::new();
                self.tree(next, &base, &mut leaves);
                let line = self.tokens[at].line;
                found.extend(leaves.into_iter().map(|(segments, leaf_line)| CratePath {
                    segments,
                    line: leaf_line.unwrap_or(line),
                    test_only: self.test_only[at],
                }));
            }
        }
        found
    }

    fn followed_by(&self, at: usize, text: &str) -> bool {
        self.tokens.get(at + 1).is_some_and(|token| token.is(text))
    }

    /// The module that `super::super::` (or `self::`) at `at` means, and where the path goes on.
    fn resolve_relative(&self, mut at: usize) -> Option<(Vec<String>, usize)> {
        let mut base: Vec<String> = self.module.iter().chain(&self.inline[at]).cloned().collect();
        while self.followed_by(at, "::") {
            match self.tokens[at].text.as_str() {
                "super" => _ = base.pop()?,
                "self" => {}
                _ => break,
            }
            at += 2;
        }
        Some((base, at))
    }

    /// Follows the path or use tree at `at` and collects its leaves; gives back where it ends.
    fn tree(
        &self,
        mut at: usize,
        base: &[String],
        leaves: &mut Vec<(Vec<String>, Option<u32>)>,
    ) -> usize {
        let mut path = base.to_vec();
        let mut line = None;
        while let Some(token) = self.tokens.get(at) {
            line = Some(token.line);
            if token.is("{") {
                at += 1;
                while self.tokens.get(at).is_some_and(|token| !token.is("}")) {
                    at = self.tree(at, &path, leaves);
                    while self.tokens.get(at).is_some_and(|token| !token.is(",") && !token.is("}"))
                    {
                        at += 1; // `as other`
                    }
                    at += usize::from(self.tokens.get(at).is_some_and(|token| token.is(",")));
                }
                return at + 1;
            }
            if !token.is_word() && !token.is("*") {
                break;
            }
            if !token.is("self") {
                path.push(token.text.clone());
            }
            at += 1;
            if !self.tokens.get(at).is_some_and(|token| token.is("::")) {
                break;
            }
            at += 1;
        }
        leaves.push((path, line));
        at
    }
}

/// For each token: whether it lies in an item behind `#[cfg(test)]`, and the inline modules around it.
fn regions(tokens: &[Token]) -> (Vec<bool>, Vec<Vec<String>>) {
    let mut test_only = vec![false; tokens.len()];
    let mut inline = vec![Vec::new(); tokens.len()];
    let mut around: Vec<(String, usize)> = Vec::new(); // inline modules, and the depth outside each
    let mut depth = 0;
    for at in 0..tokens.len() {
        match tokens[at].text.as_str() {
            "{" => {
                let names_module = at >= 2 && tokens[at - 2].is("mod");
                if names_module {
                    around.push((tokens[at - 1].text.clone(), depth));
                }
                depth += 1;
            }
            "}" => {
                depth = usize::saturating_sub(depth, 1);
                around.pop_if(|(_, outside)| *outside == depth);
            }
            "#" if is_cfg_test(&tokens[at..]) => {
                let end = item_end(tokens, at);
                test_only[at..end].fill(true);
            }
            _ => {}
        }
        inline[at] = around.iter().map(|(name, _)| name.clone()).collect();
    }
    (test_only, inline)
}

fn is_cfg_test(tokens: &[Token]) -> bool {
    let expected = ["#", "[", "cfg", "(", "test", ")", "]"];
    tokens.len() >= expected.len()
        && expected.iter().zip(tokens).all(|(text, token)| token.is(text))
}

/// Where the item that begins at `at` ends: after its `;`, or after the brace that closes its body.
fn item_end(tokens: &[Token], at: usize) -> usize {
    let mut depth = 0_i32;
    for (i, token) in tokens.iter().enumerate().skip(at) {
        match token.text.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth -= 1,
            _ => {}
        }
        if depth == 0 && (token.is(";") || token.is("}")) {
            return i + 1;
        }
    }
    tokens.len()
}

#[cfg(test)]
mod tests {
    use super::Source;

    fn paths(path: &str, text: &str) -> Vec<String> {
        Source::parse(path, text)
            .crate_paths()
            .iter()
            .map(|path| path.segments.join("::"))
            .collect()
    }

    #[test]
    fn a_use_tree_gives_each_of_its_leaves() {
        let found = paths(
            "a.rs",
            "use crate::{model::{Rows, error::Error as E, self}, api::*};\nlet x = 1;",
        );
        assert_eq!(found, ["model::Rows", "model::error::Error", "model", "api::*"]);
    }

    #[test]
    fn paths_in_code_and_visibilities_are_found_and_comments_are_not() {
        let text = "/// [crate::doc]\npub(in crate::index) fn f() { crate::model::Rows::none(1); \"crate::no\"; }";
        assert_eq!(paths("a.rs", text), ["index", "model::Rows::none"]);
        assert_eq!(paths("a.rs", "pub(crate) fn f() {}"), Vec::<String>::new());
    }

    #[test]
    fn super_means_the_module_around() {
        assert_eq!(
            paths("index/bitmap/range.rs", "use super::super::text::X;"),
            ["index::text::X"]
        );
        assert_eq!(paths("index/bitmap/mod.rs", "use super::text::X;"), ["index::text::X"]);
        assert_eq!(paths("index/mod.rs", "mod tests { use super::*; }"), ["index::*"]);
    }

    #[test]
    fn what_is_only_for_tests_is_known() {
        let text = "use crate::a::A; #[cfg(test)] use crate::b::B; #[cfg(test)] mod tests { use crate::c::C; } use crate::d::D;";
        let flags: Vec<bool> =
            Source::parse("x.rs", text).crate_paths().iter().map(|path| path.test_only).collect();
        assert_eq!(flags, [false, true, true, false]);
        let whole_file = Source::parse("x/tests.rs", "use crate::a::A;");
        assert!(whole_file.crate_paths()[0].test_only);
    }

    #[test]
    fn a_breach_is_named_by_the_line_of_its_leaf() {
        let source = Source::parse("x.rs", "use crate::{\n    a::A,\n    b::B,\n};");
        let lines: Vec<u32> = source.crate_paths().iter().map(|path| path.line).collect();
        assert_eq!(lines, [2, 3]);
    }
}
