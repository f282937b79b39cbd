//! Reports as a browser shows them. Where no Chromium, Node or `playwright-core` is at hand, the test says so and passes.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::ground::Ground;

/// The pages that the command line writes, each into its file.
fn pages(ground: &Ground) -> Vec<&'static str> {
    let bench =
        "bench match --index idx --requests a.match.jsonl --embeddings a.match.f32 --seconds 0.3";
    let first = ground.run(&format!("{bench} --format json")).done();
    ground.write("before.json", first);
    ground.run(&format!("{bench} --html bench.html --baseline before.json")).done();
    let eval = "eval match --index idx --requests a.match.jsonl --embeddings a.match.f32";
    let configs = [
        "--config",
        "{}",
        "--config",
        r#"{"limit":3,"weights":{"rating":1}}"#,
        "--html",
        "eval.html",
    ];
    let arguments: Vec<&str> = eval.split(' ').chain(configs).collect();
    ground.run_with(&arguments).done();
    let load =
        "load peak --advisors 300 --dim 16 --seconds 3 --rate 100 --distinct 50 --max-p95-ms 60000";
    ground.run(&format!("{load} --max-p99-ms 60000 --max-growth 1000 --html load.html")).done();
    vec!["bench.html", "eval.html", "load.html"]
}

#[test]
fn a_report_is_one_file_that_names_what_was_measured() {
    let ground = Ground::with_index();
    for name in ["a.match.jsonl", "a.match.f32"] {
        std::fs::copy(Ground::shared().path(name), ground.path(name)).expect("a copy");
    }
    let pages = pages(&ground);
    let bench = ground.read(pages[0]);
    for part in [
        "Latency by percentile",
        "Throughput",
        "Memory by part",
        "Beside the baseline",
        "The slowest",
    ] {
        assert!(bench.contains(part), "{part}");
    }
    if let Err(missing) = shown_in_a_browser(&ground, &pages) {
        eprintln!("skipped: no report was looked at in a browser: {missing}");
    }
}

/// Loads each page, light and dark, wide, on a phone and as printed; any error of its console fails the test.
fn shown_in_a_browser(ground: &Ground, pages: &[&str]) -> Result<(), String> {
    let chromium = chromium().ok_or("Chromium is missing")?;
    let driver = driver().ok_or(
        "playwright-core is missing: `npm install playwright-core`, SHORTLIST_PLAYWRIGHT names it",
    )?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shortlist/look.js");
    let shots =
        std::env::var_os("SHORTLIST_SHOTS").map_or_else(|| ground.path("shots"), PathBuf::from);
    let mut command = Command::new("node");
    command.arg(script).args([driver.as_os_str(), chromium.as_os_str(), shots.as_os_str()]);
    command.args(pages.iter().map(|page| ground.path(page)));
    let output = command.output().map_err(|error| format!("Node is missing: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    Ok(())
}

/// The browser's program, as the path of programs has it.
fn chromium() -> Option<PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let path = std::env::var_os("PATH")?;
    let mut places =
        std::env::split_paths(&path).flat_map(|folder| names.map(|name| folder.join(name)));
    places.find(|program| program.is_file())
}

/// Where `playwright-core` lies: as the environment says, or where `npm root -g` says.
fn driver() -> Option<PathBuf> {
    let named = std::env::var_os("SHORTLIST_PLAYWRIGHT").map(PathBuf::from);
    let global = || {
        let output = Command::new("npm").args(["root", "-g"]).output().ok()?;
        let root = String::from_utf8(output.stdout).ok()?;
        Some(Path::new(root.trim()).join("playwright-core"))
    };
    named.or_else(global).filter(|path| path.join("package.json").is_file())
}
