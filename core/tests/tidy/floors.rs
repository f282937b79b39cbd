//! Who may import whom.

use super::Breach;
use super::source::{CratePath, Source};

/// Each module of the crate's root with what it may import, the lowest floor first. What is not listed is forbidden.
const FLOORS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("api", &["model"]),
    ("store", &["model", "api"]),
    ("index", &["model", "api", "store"]),
    ("generation", &["model", "api", "store", "index"]),
    ("search", &["model", "api", "store", "index", "generation"]),
    ("matching", &["model", "api", "store", "index", "generation"]),
    ("engine", &["model", "api", "store", "index", "generation", "search", "matching"]),
    // The sources feed the engine through the door that everyone uses.
    ("sync", &["model", "api", "engine"]),
    ("import", &["model", "api", "engine"]),
    (
        "testing",
        &[
            "model",
            "api",
            "store",
            "index",
            "generation",
            "search",
            "matching",
            "engine",
            "sync",
            "import",
        ],
    ),
];

/// Modules of one floor that do not know each other.
const STRANGERS: &[(&str, &[&str])] = &[("index", &["bitmap", "column", "text", "vector"])];

pub fn breaches(source: &Source) -> Vec<Breach> {
    let Some(floor) = source.module.first() else {
        return Vec::new(); // lib.rs shows all of them
    };
    let Some((_, below)) = FLOORS.iter().find(|(name, _)| name == floor) else {
        return vec![source.breach(
            1,
            format!("module `{floor}` has no floor: give it one in core/tests/tidy/floors.rs"),
        )];
    };
    let wrong = |path: &CratePath| {
        wrong(&source.module, below, path).map(|what| source.breach(path.line, what))
    };
    source.crate_paths().iter().filter_map(wrong).collect()
}

/// What is wrong with naming `path` in `module`, if anything.
fn wrong(module: &[String], below: &[&str], path: &CratePath) -> Option<String> {
    let own = module.first()?;
    let target = path.segments.first()?;
    if target == own {
        return strangers(module, &path.segments);
    }
    if below.contains(&target.as_str()) || (target == "testing" && path.test_only) {
        return None;
    }
    if !FLOORS.iter().any(|(name, _)| name == target) {
        return Some(format!("`crate::{target}` is no module: import it from the one it lives in"));
    }
    let allowed = if below.is_empty() { "nothing".to_owned() } else { below.join(", ") };
    Some(format!("`{own}` may not import `{target}`; of this crate it may import {allowed}"))
}

fn strangers(module: &[String], segments: &[String]) -> Option<String> {
    let (floor, names) = STRANGERS.iter().find(|(floor, _)| *floor == module[0])?;
    let (own, other) = (module.get(1)?, segments.get(1)?);
    let apart = own != other && [own, other].iter().all(|name| names.contains(&name.as_str()));
    apart.then(|| format!("`{floor}::{own}` may not know `{floor}::{other}`"))
}

#[cfg(test)]
mod tests {
    use super::{Source, breaches};

    fn refused(path: &str, text: &str) -> bool {
        !breaches(&Source::parse(path, text)).is_empty()
    }

    #[test]
    fn lower_floors_may_be_imported_and_higher_ones_not() {
        assert!(!refused("search/plan.rs", "use crate::{model::Rows, generation::Generation};"));
        assert!(!refused(
            "engine/read.rs",
            "use crate::search::plan; use crate::matching::plan as m;"
        ));
        assert!(refused("model/rows.rs", "use crate::api::Filter;"));
        assert!(refused("store/map.rs", "fn f() { crate::index::text::open() }"));
        assert!(refused("engine/mod.rs", "use crate::sync::Follower;"));
    }

    #[test]
    fn search_and_matching_do_not_know_each_other() {
        assert!(refused("search/run.rs", "use crate::matching::rank;"));
        assert!(refused("matching/run.rs", "use super::super::search::page;"));
    }

    #[test]
    fn sources_know_only_the_door() {
        assert!(!refused(
            "import/csv.rs",
            "use crate::{api::Change, engine::Engine, model::Error};"
        ));
        assert!(refused("sync/load.rs", "use crate::generation::Writer;"));
        assert!(refused("sync/load.rs", "use crate::import::csv;"));
    }

    #[test]
    fn the_four_indexes_do_not_know_each_other() {
        assert!(refused("index/bitmap/filter.rs", "use crate::index::column::Column;"));
        assert!(refused("index/text/mod.rs", "use super::vector::Graph;"));
        assert!(!refused(
            "index/text/query.rs",
            "use crate::index::text::schema; use super::schema::Fields;"
        ));
        assert!(!refused("index/mod.rs", "use self::bitmap::A; use crate::index::text::B;"));
    }

    #[test]
    fn only_tests_know_the_testing_module() {
        assert!(refused("search/run.rs", "use crate::testing::twin;"));
        assert!(!refused("search/run.rs", "#[cfg(test)] mod tests { use crate::testing::twin; }"));
        assert!(!refused("lib.rs", "pub use crate::testing::twin;"));
        assert!(!refused("testing/twin.rs", "use crate::{engine::Engine, import::Reader};"));
    }

    #[test]
    fn the_crate_page_is_no_way_round() {
        assert!(refused("search/run.rs", "use crate::Engine;"));
        assert!(refused("search/run.rs", "use crate::*;"));
    }

    #[test]
    fn a_new_module_needs_a_floor() {
        assert!(refused("attic/mod.rs", ""));
    }

    #[test]
    fn a_breach_names_file_line_and_what_is_allowed() {
        let found = breaches(&Source::parse("api/filter.rs", "\n\nuse crate::engine::Engine;"));
        assert_eq!(
            found[0].to_string(),
            "core/src/api/filter.rs:3: `api` may not import `engine`; of this crate it may import model"
        );
    }
}
