//! The binary form of `COPY ... TO STDOUT`: a header, then each row as the lengths and bytes of its fields.
//! PostgreSQL's documentation of COPY, "Binary Format", is its source.

use std::io::{self, ErrorKind, Read};

use postgres::{CopyOutReader, Transaction};

use crate::sync::failure::{Outcome, at, broken};

const SIGNATURE: &[u8; 11] = b"PGCOPY\n\xff\r\n\0";
/// What one row may take: the server itself allows a field of 1 GB, and no profile is that large.
const ROW_BYTES: usize = 64 << 20;

/// The rows of a SELECT, one after the other.
pub(in crate::sync) struct Rows<'a> {
    reader: CopyReader<CopyOutReader<'a>>,
    operation: &'static str,
}

impl<'a> Rows<'a> {
    /// Begins to read; what goes wrong is said to have gone wrong with `operation`.
    pub(in crate::sync) fn of(
        select: &str,
        transaction: &'a mut Transaction<'_>,
        operation: &'static str,
    ) -> Outcome<Self> {
        let copy = format!("COPY ({select}) TO STDOUT (FORMAT binary)");
        let stream = transaction.copy_out(copy.as_str()).map_err(at(operation))?;
        let reader = CopyReader::new(stream).map_err(|error| broken(operation, &error))?;
        Ok(Self { reader, operation })
    }

    /// Moves to the next row; false at the end.
    pub(in crate::sync) fn advance(&mut self) -> Outcome<bool> {
        self.reader.advance().map_err(|error| broken(self.operation, &error))
    }

    /// The bytes of each field of this row; none for NULL.
    pub(in crate::sync) fn fields(&self) -> impl ExactSizeIterator<Item = Option<&[u8]>> {
        self.reader.fields()
    }
}

/// Reads one row after the other into the same buffer.
struct CopyReader<R> {
    stream: R,
    bytes: Vec<u8>,
    fields: Vec<Option<(usize, usize)>>,
}

impl<R: Read> CopyReader<R> {
    /// Reads the header.
    fn new(mut stream: R) -> io::Result<Self> {
        let mut header = [0; 19];
        stream.read_exact(&mut header)?;
        let (signature, rest) = header.split_at(SIGNATURE.len());
        if signature != SIGNATURE {
            return Err(wrong("the stream does not begin as binary COPY does"));
        }
        let extension = u32::from_be_bytes([rest[4], rest[5], rest[6], rest[7]]);
        io::copy(&mut stream.by_ref().take(u64::from(extension)), &mut io::sink())?;
        Ok(Self { stream, bytes: Vec::new(), fields: Vec::new() })
    }

    /// Moves to the next row; false at the end.
    fn advance(&mut self) -> io::Result<bool> {
        self.bytes.clear();
        self.fields.clear();
        let mut count = [0; 2];
        self.stream.read_exact(&mut count)?;
        let count = i16::from_be_bytes(count);
        if count < 0 {
            return Ok(false);
        }
        for _ in 0..count {
            let mut length = [0; 4];
            self.stream.read_exact(&mut length)?;
            let Ok(length) = usize::try_from(i32::from_be_bytes(length)) else {
                self.fields.push(None);
                continue;
            };
            let start = self.bytes.len();
            if start + length > ROW_BYTES {
                return Err(wrong("a row is larger than 64 MiB"));
            }
            self.bytes.resize(start + length, 0);
            self.stream.read_exact(&mut self.bytes[start..])?;
            self.fields.push(Some((start, start + length)));
        }
        Ok(true)
    }

    /// The bytes of each field of this row; none for NULL.
    fn fields(&self) -> impl ExactSizeIterator<Item = Option<&[u8]>> {
        self.fields.iter().map(|field| field.map(|(start, end)| &self.bytes[start..end]))
    }
}

fn wrong(what: &'static str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(rows: &[&[Option<&[u8]>]]) -> Vec<u8> {
        let mut bytes = SIGNATURE.to_vec();
        bytes.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 2, 9, 9]);
        for row in rows {
            bytes.extend_from_slice(&(row.len() as i16).to_be_bytes());
            for field in *row {
                let length = field.map_or(-1, |field| field.len() as i32);
                bytes.extend_from_slice(&length.to_be_bytes());
                bytes.extend_from_slice(field.unwrap_or_default());
            }
        }
        bytes.extend_from_slice(&(-1_i16).to_be_bytes());
        bytes
    }

    #[test]
    fn rows_come_back_field_by_field() {
        let bytes = stream(&[&[Some(b"a"), None], &[Some(b""), Some(b"bcd")]]);
        let mut reader = CopyReader::new(bytes.as_slice()).expect("a header");
        assert!(reader.advance().expect("a row"));
        assert_eq!(reader.fields().collect::<Vec<_>>(), [Some(b"a".as_slice()), None]);
        assert!(reader.advance().expect("a row"));
        assert_eq!(reader.fields().collect::<Vec<_>>(), [Some(b"".as_slice()), Some(b"bcd")]);
        assert!(!reader.advance().expect("the end"));
    }

    #[test]
    fn a_stream_cut_anywhere_is_an_error() {
        let bytes = stream(&[&[Some(b"abc"), None]]);
        for end in 0..bytes.len() {
            let Ok(mut reader) = CopyReader::new(&bytes[..end]) else { continue };
            let read = reader.advance().and_then(|_| reader.advance());
            assert!(read.is_err(), "cut at {end}");
        }
    }

    #[test]
    fn a_length_that_lies_allocates_nothing() {
        let mut bytes = stream(&[]);
        bytes.truncate(bytes.len() - 2);
        bytes.extend_from_slice(&[0, 1, 0x7f, 0xff, 0xff, 0xff]);
        let mut reader = CopyReader::new(bytes.as_slice()).expect("a header");
        assert_eq!(reader.advance().expect_err("too long").kind(), ErrorKind::InvalidData);
    }
}
