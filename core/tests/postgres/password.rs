//! Where a password may come from, and that none is ever shown.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use shortlist::Schema;
use shortlist::sync::{Mapping, check};

use super::cluster::PASSWORD;
use super::market::market;

/// Run by the test below, in a process of its own: the environment is a process's.
#[test]
#[ignore = "a process of its own, with an address in its environment"]
fn a_look_at_the_table() {
    let Ok(url) = std::env::var("SHORTLIST_TEST_URL") else { return };
    match check(&url, &Mapping::default(), &Schema::default()) {
        Ok(report) => println!("rows {}", report.rows_tried),
        Err(error) => println!("refused {error} {error:?}"),
    }
}

fn look(url: &str, environment: &[(&str, &str)]) -> String {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["--exact", "password::a_look_at_the_table", "--ignored", "--nocapture"]);
    command.env_remove("PGPASSWORD").env("PGPASSFILE", "/nowhere").env("SHORTLIST_TEST_URL", url);
    let told = command.envs(environment.iter().copied()).output().expect("it runs");
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&told.stdout),
        String::from_utf8_lossy(&told.stderr)
    );
    assert!(!said.contains(PASSWORD), "{said}");
    said
}

#[test]
fn a_password_comes_from_the_url_the_environment_or_its_file() {
    let Some((cluster, _client)) = market(5) else { return };
    let with = cluster.url();
    let without = with.replace(&format!(":{PASSWORD}"), "");
    assert!(look(&with, &[]).contains("rows 5"));
    assert!(look(&without, &[]).contains("refused"));
    assert!(look(&without, &[("PGPASSWORD", PASSWORD)]).contains("rows 5"));
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("passwords");
    std::fs::write(&file, format!("# hosts\n127.0.0.1:*:postgres:syncer:{PASSWORD}\n"))
        .expect("a file");
    let path = file.to_str().expect("a path");
    let mode = |mode| std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode));
    mode(0o600).expect("ours");
    assert!(look(&without, &[("PGPASSFILE", path)]).contains("rows 5"));
    std::fs::rename(&file, folder.path().join(".pgpass")).expect("renamed");
    let home = folder.path().to_str().expect("a path");
    let mut command = Command::new("env");
    command
        .args(["-u", "PGPASSFILE", "-u", "PGPASSWORD"])
        .arg(std::env::current_exe().expect("us"));
    command.args(["--exact", "password::a_look_at_the_table", "--ignored", "--nocapture"]);
    let told = command.env("HOME", home).env("SHORTLIST_TEST_URL", &without).output();
    assert!(String::from_utf8_lossy(&told.expect("it runs").stdout).contains("rows 5"));
    let open = folder.path().join(".pgpass");
    std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o644)).expect("ours");
    let path = open.to_str().expect("a path");
    assert!(look(&without, &[("PGPASSFILE", path)]).contains("refused"), "others may read it");
    let wrong = with.replace(PASSWORD, "another-secret");
    let said = look(&wrong, &[]);
    assert!(said.contains("refused") && !said.contains("another-secret"), "{said}");
}
