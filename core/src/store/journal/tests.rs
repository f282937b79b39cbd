//! Logs of the real store as the death of a machine may leave them.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Facts, Head, Journal, LsmTables};
use crate::model::{Error, Result};

const BYTES: usize = 300;

fn log(directory: &Path) -> PathBuf {
    directory.join("journal/0.jnl")
}

/// How far something is written.
fn end(directory: &Path) -> usize {
    let bytes = fs::read(log(directory)).expect("a log");
    bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)
}

fn open(directory: &Path) -> Result<Option<Journal>> {
    Journal::open(Arc::new(LsmTables), &directory.join("journal"))
}

fn commit(journal: &Journal, generation: u64, lasting: bool) -> Result<()> {
    journal.commit(generation, &[generation as u8; BYTES], lasting)
}

/// A journal of these commits, and where each ends in its log.
fn written(directory: &Path, lasting: &[bool]) -> Result<Vec<usize>> {
    let path = directory.join("journal");
    let journal = Journal::create(Arc::new(LsmTables), &path, &Head::of_new([7; 32]), &[])?;
    let mut ends = vec![end(directory)];
    for (generation, lasting) in (1..).zip(lasting) {
        commit(&journal, generation, *lasting)?;
        ends.push(end(directory));
    }
    Ok(ends)
}

fn zero(directory: &Path, from: usize, to: usize) {
    let log = OpenOptions::new().write(true).open(log(directory)).expect("a log");
    log.write_all_at(&vec![0; to - from], from as u64).expect("room");
}

/// Opens it, sees that the commits are those up to the last, writes the next, and opens it again.
fn goes_on(directory: &Path) -> Result<(Facts, Option<String>)> {
    let journal = open(directory)?.expect("a journal");
    let (facts, warning) = (journal.facts(), journal.warning());
    commit(&journal, facts.last + 1, true)?;
    drop(journal);
    let journal = open(directory)?.expect("a journal");
    let mut commits = Vec::new();
    journal.commits_after(0, &mut |generation, commit| {
        assert_eq!(commit, [generation as u8; BYTES]);
        commits.push(generation);
        Ok(true)
    })?;
    assert_eq!(commits, (1..=facts.last + 1).collect::<Vec<_>>());
    Ok((facts, warning))
}

fn directory() -> tempfile::TempDir {
    let fast = Path::new("/dev/shm");
    let made = if fast.is_dir() { tempfile::tempdir_in(fast) } else { tempfile::tempdir() };
    made.expect("a directory")
}

#[test]
fn a_batch_that_is_torn_anywhere_is_not_there_and_the_ones_before_it_are() -> Result<()> {
    let kept = directory();
    let ends = written(kept.path(), &[true, true, false])?;
    let whole = fs::read(log(kept.path())).expect("a log");
    for from in (ends[2]..ends[3]).step_by(13) {
        zero(kept.path(), from, ends[3].min(from + 64));
        let (facts, warning) = goes_on(kept.path())?;
        assert_eq!(facts.last, 2, "zeros from byte {from}");
        let says = |warning: &String| warning.contains(&format!("after byte {}", ends[2]));
        assert!(warning.is_none_or(|warning| says(&warning)));
        fs::write(log(kept.path()), &whole).expect("room");
    }
    Ok(())
}

#[test]
fn a_log_that_ends_anywhere_has_the_batches_that_are_whole() -> Result<()> {
    let kept = directory();
    let ends = written(kept.path(), &[true, false, false])?;
    let whole = fs::read(log(kept.path())).expect("a log");
    for end in (ends[1]..=ends[3]).step_by(17) {
        fs::write(log(kept.path()), &whole[..end]).expect("room");
        let (facts, _) = goes_on(kept.path())?;
        assert_eq!(facts.last, ends[1..].iter().filter(|whole| **whole <= end).count() as u64);
        fs::write(log(kept.path()), &whole).expect("room");
    }
    Ok(())
}

#[test]
fn what_follows_a_tear_and_was_never_lasting_goes_with_it() -> Result<()> {
    let kept = directory();
    let ends = written(kept.path(), &[true, false, false])?;
    zero(kept.path(), ends[1] + 40, ends[1] + 80);
    let (facts, warning) = goes_on(kept.path())?;
    assert_eq!(facts.last, 1);
    assert!(warning.is_some());
    Ok(())
}

#[test]
fn a_batch_that_was_lasting_and_does_not_hold_is_damage() -> Result<()> {
    let kept = directory();
    let ends = written(kept.path(), &[true, true, false])?;
    for from in [ends[1], ends[1] + 60] {
        let whole = fs::read(log(kept.path())).expect("a log");
        zero(kept.path(), from, from + 8);
        let opened = open(kept.path()).map(|journal| journal.map(|found| found.facts()));
        assert!(matches!(opened, Err(Error::Damaged { .. })), "{opened:?}");
        fs::write(log(kept.path()), &whole).expect("room");
    }
    Ok(())
}
