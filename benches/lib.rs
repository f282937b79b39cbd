//! Benchmarks: `cargo bench -p shortlist-benches`. Every answer is checked before it is timed.
