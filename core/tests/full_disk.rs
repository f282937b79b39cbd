//! A disk of some megabytes that fills up: refused in words, what was acknowledged is served and kept, and the writer
//! goes on once there is room. Where no disk can be mounted, the test says so and looks at nothing.

#![cfg(target_os = "linux")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use shortlist::{AdvisorProfile, Durability, Engine, EngineOptions, Error, Result};

const DISK: &str = "size=40m";
const BALLAST: usize = 12 << 20;
const DETAILS: usize = 100_000;

/// A small disk, there as long as this is.
struct Disk(PathBuf);

impl Disk {
    fn mount(at: &Path) -> Option<Self> {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", DISK, "tmpfs"]).arg(at);
        let done = mount.stdout(Stdio::null()).stderr(Stdio::null()).status();
        done.is_ok_and(|status| status.success()).then(|| Self(at.to_owned()))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

/// Text that nothing makes smaller.
fn noise(mut state: u64) -> String {
    let mut text = String::with_capacity(DETAILS + 2);
    text.push('"');
    while text.len() <= DETAILS {
        // splitmix64
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = state;
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        text.extend(format!("{:016x}", x ^ (x >> 31)).chars());
    }
    text.push('"');
    text
}

fn batch(number: u32) -> Vec<AdvisorProfile> {
    ["a", "b"]
        .map(|part| {
            let mut advisor = AdvisorProfile::new(format!("{part}-{number}"));
            advisor.details = Some(noise(u64::from(number)));
            advisor
        })
        .to_vec()
}

fn open(directory: &Path) -> Result<Engine> {
    let options = EngineOptions::default().with_create().with_durability(Durability::Synced);
    Engine::open_with(directory, options.with_snapshots(None, None))
}

/// Exactly the batches up to this one are there, each of them whole.
fn check(engine: &Engine, last: u32) -> Result<()> {
    for number in 0..last + 2 {
        for right in batch(number) {
            let found = engine.get(&right.id)?.and_then(|found| found.details);
            let right = right.details.filter(|_| number <= last);
            assert!(found == right, "batch {number} where {last} were acknowledged");
        }
    }
    assert_eq!(engine.stats().profiles, u64::from(last + 1) * 2);
    Ok(())
}

/// Writes until the disk is full, and stays so however often it is tried: opening its journal again may make some room.
/// Gives the last batch that was acknowledged, and why the next was not.
fn fill(engine: &Engine, last: u32) -> Result<(u32, Error)> {
    let (mut last, mut refused) = (last, 0);
    loop {
        match engine.upsert(batch(last + 1)) {
            Ok(_) => (last, refused) = (last + 1, 0),
            Err(error) => {
                check(engine, last)?;
                refused += 1;
                if refused == 3 {
                    return Ok((last, error));
                }
            }
        }
        assert!(last < 10_000, "a disk without an end");
    }
}

#[test]
fn a_full_disk_is_refused_in_words_and_nothing_acknowledged_is_lost() -> Result<()> {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(disk) = Disk::mount(folder.path()) else {
        eprintln!("no disk can be mounted here: nothing was looked at");
        return Ok(());
    };
    let (index, ballast) = (disk.0.join("index"), disk.0.join("ballast"));
    fs::write(&ballast, vec![1; BALLAST]).expect("room");
    let engine = open(&index)?;
    engine.upsert(batch(0))?;
    let (last, error) = fill(&engine, 0)?;
    assert!(matches!(error, Error::DiskFull { .. }), "{error}");
    assert!(error.to_string().contains("make room and try again"), "{error}");
    // No room for a snapshot either; what there was is served.
    assert!(engine.snapshot(&index).is_err());
    check(&engine, last)?;

    fs::remove_file(&ballast).expect("it is there");
    engine.upsert(batch(last + 1))?;
    check(&engine, last + 1)?;
    drop(engine);
    let engine = open(&index)?;
    check(&engine, last + 1)?;

    // Full once more, and the process ends there.
    let (last, _) = fill(&engine, last + 1)?;
    drop(engine);
    let engine = open(&index)?;
    check(&engine, last)?;
    drop(engine);
    Ok(())
}
