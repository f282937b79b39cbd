//! `shortlist sync` and `shortlist pg` against a real server: a signal, a difference, and what is never shown.

#[path = "../../core/tests/postgres/cluster.rs"]
#[expect(dead_code, reason = "the core's tests use the rest of it")]
mod cluster;
#[path = "../../core/tests/postgres/market.rs"]
#[expect(dead_code, reason = "the core's tests use the rest of it")]
mod market;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use cluster::PASSWORD;

fn shortlist(arguments: &[&str], url: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shortlist"));
    command.args(["--format", "json"]).args(arguments).args(["--url", url]).stdin(Stdio::null());
    command
}

/// What it printed, with its exit code; neither output has the password.
fn ran(output: &Output) -> (Option<i32>, Value) {
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(!said.contains(PASSWORD), "{said}");
    let told = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (output.status.code(), told)
}

fn run(arguments: &[&str], url: &str) -> (Option<i32>, Value) {
    ran(&shortlist(arguments, url).output().expect("the binary runs"))
}

/// A sync that has said that it is live.
fn live(index: &Path, url: &str, source: &str) -> Child {
    let index = index.to_str().expect("UTF-8");
    let mut child = shortlist(&["sync", "--source", source, "--index", index], url)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut said = BufReader::new(child.stderr.take().expect("it is piped"));
    let mut line = String::new();
    while !line.starts_with("live") {
        line.clear();
        assert!(said.read_line(&mut line).expect("a line") > 0, "it ended");
        assert!(!line.contains(PASSWORD), "{line}");
    }
    child
}

#[test]
fn a_signal_ends_a_sync_with_all_that_was_read_kept() {
    let Some((cluster, mut client)) = market::market(300) else { return };
    let url = cluster.url();
    for source in ["outbox", "replication"] {
        assert_eq!(run(&["pg", "install", "--source", source, "--apply"], &url).0, Some(0));
    }
    let (code, report) = run(&["pg", "check"], &url);
    assert_eq!((code, &report["outbox"]), (Some(0), &Value::Bool(true)), "{report}");
    assert_eq!(report["replicationLacks"], serde_json::json!([]), "{report}");
    let folder = tempfile::tempdir().expect("a folder");
    let mut rows = 300;
    for (source, signal) in [("outbox", "-TERM"), ("poll", "-INT"), ("replication", "-TERM")] {
        let index = folder.path().join(source);
        let child = live(&index, &url, source);
        market::insert(&mut client, rows + 1, rows + 50);
        rows += 50;
        std::thread::sleep(std::time::Duration::from_secs(2));
        let sent = Command::new("kill").args([signal, &child.id().to_string()]).status();
        assert!(sent.expect("kill runs").success());
        let (code, status) = ran(&child.wait_with_output().expect("it ends"));
        assert_eq!((code, &status["state"]), (Some(0), &Value::from("stopped")), "{status}");
        // Polling reads the newest rows again.
        let once = source != "poll";
        assert!(!once || status["upserted"] == rows, "{status}");
        let at = index.to_str().expect("UTF-8");
        let (code, summary) = run(&["pg", "verify", "--index", at], &url);
        assert_eq!((code, &summary["profiles"]), (Some(0), &Value::from(rows)), "{summary}");
        // It goes on from there.
        let (code, status) = run(&["sync", "--once", "--source", source, "--index", at], &url);
        assert!(code == Some(0) && (!once || status["upserted"] == 0), "{status}");
    }
    client
        .batch_execute("UPDATE advisor_profiles SET headline = 'unseen' WHERE id = 'adv-7'")
        .expect("a change");
    let at = folder.path().join("replication");
    let at = at.to_str().expect("UTF-8");
    let (code, summary) = run(&["pg", "verify", "--index", at], &url);
    assert_eq!(code, Some(1), "{summary}");
    assert_eq!(summary["differences"][0]["id"], "adv-7", "{summary}");
    let (code, summary) = run(&["pg", "verify", "--repair", "--index", at], &url);
    assert_eq!((code, &summary["repaired"]), (Some(0), &Value::from(1)), "{summary}");
    assert_eq!(run(&["pg", "verify", "--index", at], &url).0, Some(0));
    assert_eq!(run(&["pg", "uninstall", "--apply"], &url).0, Some(0));
    let (_, report) = run(&["pg", "check"], &url);
    assert_eq!(report["outbox"], false, "{report}");
    assert_eq!(report["replicationLacks"].as_array().map(Vec::len), Some(1), "{report}");
    let left = client.query("SELECT slot_name FROM pg_replication_slots", &[]).expect("slots");
    assert!(left.is_empty(), "{left:?}");
    let at = folder.path().join("outbox");
    let at = at.to_str().expect("UTF-8");
    let ended = shortlist(&["sync", "--once", "--index", at], &url).output().expect("it runs");
    // Behind what it said of its states.
    let said = String::from_utf8_lossy(&ended.stderr);
    let told = said.lines().last().and_then(|line| serde_json::from_str(line).ok());
    let told: Value = told.unwrap_or_default();
    assert_eq!(
        (ran(&ended).0, &told["error"]["code"]),
        (Some(1), &Value::from("failed")),
        "{told}"
    );
}
