//! The keys of the journal's table, and values under their checksums.

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// Where the keys of one kind begin; those of the next kind begin where they end.
pub(super) const COMMITS: &[u8] = b"c";
pub(super) const COMMITS_END: &[u8] = b"d";
pub(super) const STATES: &[u8] = b"m";
pub(super) const STATES_END: &[u8] = b"n";
pub(super) const PROFILES: &[u8] = b"p";
pub(super) const PROFILES_END: &[u8] = b"q";
/// What the journal says of itself.
pub(super) const HEAD: &[u8] = b"h";

const SUM: usize = 8;

/// The key of a part of a commit.
pub(super) fn commit(generation: u64, part: u32) -> Vec<u8> {
    [COMMITS, &generation.to_be_bytes(), &part.to_be_bytes()].concat()
}

/// Generation and part of a commit's key.
pub(super) fn of_commit(key: &[u8]) -> Option<(u64, u32)> {
    let (generation, part) = key.strip_prefix(COMMITS)?.split_at_checked(8)?;
    Some((
        u64::from_be_bytes(generation.try_into().ok()?),
        u32::from_be_bytes(part.try_into().ok()?),
    ))
}

pub(super) fn profile(id: &str) -> Vec<u8> {
    [PROFILES, id.as_bytes()].concat()
}

/// A state is named by its tag, and where there are several of it by what follows.
pub(super) fn state(name: &[u8]) -> Vec<u8> {
    [STATES, name].concat()
}

/// A value under the checksum of itself and its key: one that strays to another key does not hold there.
pub(super) fn seal(key: &[u8], value: &[u8]) -> Vec<u8> {
    let mut sealed = Vec::with_capacity(SUM + value.len());
    sealed.extend_from_slice(&sum(key, value));
    sealed.extend_from_slice(value);
    sealed
}

/// The value, if its checksum holds.
pub(super) fn unseal<'a>(key: &[u8], sealed: &'a [u8]) -> Option<&'a [u8]> {
    let (found, value) = sealed.split_at_checked(SUM)?;
    (found == sum(key, value)).then_some(value)
}

fn sum(key: &[u8], value: &[u8]) -> [u8; SUM] {
    xxh3_64_with_seed(value, xxh3_64(key)).to_le_bytes()
}
