//! Any bytes as the three kinds of JSON that a caller sends: each is read or refused, and never panics.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shortlist::{ClientCriteria, Filter, SearchRequest};

fuzz_target!(|bytes: &[u8]| {
    let Ok(json) = std::str::from_utf8(bytes) else { return };
    refusals_are_explained(SearchRequest::from_json(json).err());
    refusals_are_explained(ClientCriteria::from_json(json).err());
    refusals_are_explained(Filter::from_json(json).err());
});

fn refusals_are_explained(error: Option<shortlist::Error>) {
    if let Some(error) = error {
        assert!(
            error.code().starts_with("SL1"),
            "the caller is wrong, yet {}: {error}",
            error.code()
        );
    }
}
