//! A hold as bytes: its name, when it lapses, the advisor.

use super::tag;
use crate::model::hold::{Hold, HoldId};
use crate::model::{Instant, Result};
use crate::store::{ByteReader, ByteWriter};

pub(super) fn put(advisor: &str, hold: HoldId, until: Instant, out: &mut ByteWriter) {
    out.u64(hold.0);
    out.u64(until.micros() as u64);
    out.0.extend_from_slice(advisor.as_bytes());
}

/// A hold from its bytes.
///
/// # Errors
/// [`Error::Malformed`](crate::Error::Malformed).
pub(crate) fn read_hold(bytes: &[u8]) -> Result<Hold> {
    let mut reader = ByteReader::new(bytes);
    let mut take = || {
        let id = HoldId(reader.u64()?);
        let until = Instant::from_micros(reader.u64()? as i64).ok()?;
        let advisor_id = std::str::from_utf8(reader.rest()).ok()?.to_owned();
        Some(Hold { id, advisor_id, until })
    };
    take().ok_or_else(super::malformed)
}

/// The name of a hold that is over.
pub(super) fn read_name(bytes: &[u8]) -> Result<HoldId> {
    bytes.try_into().map(|name| HoldId(u64::from_le_bytes(name))).map_err(|_| super::malformed())
}

/// A hold as a state of the journal: name and bytes.
pub(crate) fn state_of_hold(hold: &Hold) -> (Vec<u8>, Vec<u8>) {
    let mut out = ByteWriter::default();
    put(&hold.advisor_id, hold.id, hold.until, &mut out);
    (state_name(hold.id), out.0)
}

pub(super) fn state_name(hold: HoldId) -> Vec<u8> {
    [&[tag::HOLD][..], &hold.0.to_be_bytes()].concat()
}
