use std::io::Read;
use std::process::Stdio;

use crate::ground::{Ground, Ran};

#[test]
fn a_reader_that_goes_away_ends_the_command_quietly() {
    let ground = Ground::shared();
    for arguments in [
        &["search", "--index", "idx", "--all", "--limit", "300"][..],
        &["generate", "--advisors", "5000", "--out", "-"],
        &["completions", "bash"],
    ] {
        let mut child = ground
            .command()
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let mut first = [0; 1];
        let mut out = child.stdout.take().expect("a pipe");
        out.read_exact(&mut first).expect("something to read");
        drop(out);
        let ran = Ran::from(child.wait_with_output().expect("an end"));
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_leaves_nothing_behind() {
    use std::fs::{self, OpenOptions};

    let ground = Ground::new();
    ground.generate();
    let full = OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
    let output = ground
        .command()
        .args(["search", "--index", "idx", "--all", "--limit", "300"])
        .current_dir(Ground::shared().path("."))
        .stdout(full)
        .output()
        .expect("the binary runs");
    Ran::from(output).refused("SL2005");
    ground.run("generate --advisors 500 --out /dev/full").refused("SL2005");

    // Where the snapshot would be written there is no room: its name leads to /dev/full.
    fs::create_dir(ground.path("idx")).expect("a directory");
    for generation in 0..64 {
        let part = ground.path("idx").join(format!("snapshot-{generation:020}.part"));
        std::os::unix::fs::symlink("/dev/full", part).expect("a link");
    }
    ground.run("build --input a.jsonl --index idx").refused("SL2005");
    let snapshots = fs::read_dir(ground.path("idx")).expect("a directory");
    let whole = snapshots.filter(|entry| {
        entry.as_ref().is_ok_and(|entry| entry.path().extension().is_some_and(|e| e == "slx"))
    });
    assert_eq!(whole.count(), 0);
}
