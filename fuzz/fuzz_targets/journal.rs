//! Any bytes as a commit of the journal, or as the log of its store: read or refused, and what is read is written again
//! as the same changes. The first byte says which.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shortlist::testing::internals::journal;

fuzz_target!(|bytes: &[u8]| {
    let Some((kind, rest)) = bytes.split_first() else { return };
    if kind % 2 == 0 {
        if let Ok(changes) = journal::commit(rest) {
            let again = journal::commit(&changes.bytes).expect("what was read can be read again");
            assert_eq!(again.said, changes.said);
        }
    } else {
        assert!(journal::log(rest) <= rest.len());
    }
});
