//! Holds the walls of the house: who may import whom, where each third-party name may stand, where `unsafe` lives,
//! how long a file is, what things are called. `core/ARCHITECTURE.md` says why; this fails when it is no longer so.

mod fences;
mod floors;
mod layout;
mod source;
mod tokens;

use std::fmt;
use std::path::{Path, PathBuf};

use source::Source;

/// One broken wall: where, and what would be right.
#[derive(Debug, PartialEq, Eq)]
struct Breach {
    place: String,
    line: u32,
    what: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.place, self.line, self.what)
    }
}

#[test]
fn every_module_imports_only_from_the_floors_below_its_own() {
    hold(floors::breaches);
}

#[test]
fn third_party_names_and_unsafe_stay_inside_their_fences() {
    hold(fences::breaches);
}

#[test]
fn no_file_holds_more_than_one_idea() {
    hold(layout::too_long);
}

#[test]
fn the_crate_page_has_no_logic() {
    let page = Source::read(&core_src(), Path::new("lib.rs"));
    assert_none(&layout::logic_in_crate_page(&page));
}

#[test]
fn the_repository_has_the_agreed_root_and_no_empty_names() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let Some(paths) = layout::tracked_paths(&root) else {
        eprintln!("skipped: this is no git checkout, or git is absent");
        return;
    };
    assert_none(&layout::misplaced(&paths));
    assert_none(&layout::badly_named(&paths));
}

/// Runs a check over every source file of the core.
fn hold(check: fn(&Source) -> Vec<Breach>) {
    let src = core_src();
    let sources = source::read_all(&src);
    assert!(!sources.is_empty(), "no source files under {}", src.display());
    assert_none(&sources.iter().flat_map(check).collect::<Vec<_>>());
}

fn assert_none(breaches: &[Breach]) {
    let lines: Vec<String> = breaches.iter().map(Breach::to_string).collect();
    assert!(lines.is_empty(), "\n{}\n", lines.join("\n"));
}

fn core_src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}
