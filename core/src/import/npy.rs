//! The header of a `.npy` file: NumPy enhancement proposal 1, versions 1 and 2.

use std::io::{ErrorKind, Read};
use std::path::Path;

use super::embeddings::refused;
use crate::model::{Error, Result};

const MAGIC: &[u8; 6] = b"\x93NUMPY";
/// A header of a plain array is under 200 bytes; this is what a large structured one could need.
const HEADER_BYTES: usize = 64 * 1_024;

#[derive(Debug, PartialEq)]
pub(super) struct Header {
    pub(super) rows: u64,
    pub(super) dimension: usize,
    /// Where the numbers begin.
    pub(super) bytes: u64,
}

/// The header at the start of a file, or none where the file does not begin as `.npy` does.
pub(super) fn read_header(file: &mut impl Read, path: &Path) -> Result<Option<Header>> {
    let cut = || refused(path, "its .npy header is cut short".to_owned());
    let mut magic = [0; 6];
    if !fill(file, &mut magic, path)? || magic != *MAGIC {
        return Ok(None);
    }
    let mut version = [0; 2];
    if !fill(file, &mut version, path)? {
        return Err(cut());
    }
    let width = match version[0] {
        1 => 2,
        2 => 4,
        other => {
            return Err(refused(path, format!("it is .npy version {other}; 1 and 2 are read")));
        }
    };
    let mut length = [0; 4];
    if !fill(file, &mut length[..width], path)? {
        return Err(cut());
    }
    let length = u32::from_le_bytes(length) as usize;
    if length > HEADER_BYTES {
        return Err(refused(path, format!("its .npy header says it is {length} bytes long")));
    }
    let mut text = vec![0; length];
    if !fill(file, &mut text, path)? {
        return Err(cut());
    }
    let text = String::from_utf8_lossy(&text);
    let (rows, dimension) = shape(&text).map_err(|reason| refused(path, reason))?;
    Ok(Some(Header { rows, dimension, bytes: (MAGIC.len() + 2 + width + length) as u64 }))
}

/// The two sizes of a C-order f4 matrix, as the header's Python dictionary says them.
fn shape(header: &str) -> std::result::Result<(u64, usize), String> {
    let after = |key: &str| {
        let quoted = [format!("'{key}'"), format!("\"{key}\"")];
        let found = quoted.iter().find_map(|key| header.split_once(key.as_str()));
        found
            .and_then(|(_, rest)| rest.trim_start().strip_prefix(':'))
            .map(str::trim_start)
            .ok_or_else(|| format!("its .npy header has no `{key}`"))
    };
    let kind = after("descr")?;
    if !["'<f4'", "\"<f4\""].iter().any(|f4| kind.starts_with(f4)) {
        let kind = kind.split(',').next().unwrap_or(kind);
        return Err(format!("its numbers are {kind}; they must be '<f4' (little-endian f32)"));
    }
    if !after("fortran_order")?.starts_with("False") {
        return Err("it is in Fortran order; save it in C order (row-major)".to_owned());
    }
    let sizes = after("shape")?
        .strip_prefix('(')
        .and_then(|rest| rest.split_once(')'))
        .map(|(sizes, _)| sizes.trim_end().trim_end_matches(','))
        .ok_or("its .npy header has no `shape`")?;
    let numbers: Option<Vec<u64>> = sizes.split(',').map(|size| size.trim().parse().ok()).collect();
    match numbers.as_deref() {
        Some([rows, dimension]) => Ok((*rows, usize::try_from(*dimension).unwrap_or(usize::MAX))),
        _ => Err(format!("its shape is ({sizes}); it must be (rows, dimensions)")),
    }
}

/// Fills the buffer; false where the file ends before.
fn fill(file: &mut impl Read, buffer: &mut [u8], path: &Path) -> Result<bool> {
    match file.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(Error::from_io(&error, "read", path)),
    }
}
