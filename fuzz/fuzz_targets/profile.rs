//! Any bytes as a profile: it is read or refused, and never panics.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shortlist::{AdvisorProfile, Schema};

fuzz_target!(|bytes: &[u8]| {
    let Ok(json) = std::str::from_utf8(bytes) else { return };
    if let Err(error) = AdvisorProfile::from_json(json, &Schema::default()) {
        assert!(
            error.code().starts_with("SL1"),
            "the caller is wrong, yet {}: {error}",
            error.code()
        );
    }
});
