//! The messages of `pgoutput`, version 1, as far as they say which rows changed. PostgreSQL's documentation, "Logical
//! Replication Message Formats", is their source.

/// What a message says. The first column that is published is the id.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Message {
    /// A transaction, by the lower half of its number.
    Begin { xid: u32 },
    /// It is committed; what comes after it lies behind `end`. `at` is in microseconds since 2000.
    Commit { end: u64, at: i64 },
    /// Rows of these ids were made, changed or deleted: the new id, and the old one where it is another.
    Ids(Vec<String>),
    /// The table was emptied.
    Truncate,
    /// Columns, types, origins.
    Other,
}

/// Reads one message; none where it is cut short or of another form.
pub(super) fn read(bytes: &[u8]) -> Option<Message> {
    let (kind, mut rest) = bytes.split_first()?;
    Some(match kind {
        b'B' => {
            let (_commit, _at) = (word(&mut rest)?, word(&mut rest)?);
            Message::Begin { xid: u32::from_be_bytes(*rest.first_chunk()?) }
        }
        b'C' => {
            rest = rest.get(1..)?;
            let _commit = word(&mut rest)?;
            Message::Commit { end: word(&mut rest)?, at: word(&mut rest)? as i64 }
        }
        b'I' | b'U' | b'D' => {
            rest = rest.get(4..)?;
            let mut ids = Vec::new();
            while let Some((part, row)) = rest.split_first() {
                if !matches!(part, b'K' | b'O' | b'N') {
                    return None;
                }
                rest = row;
                first(&mut rest, &mut ids)?;
            }
            Message::Ids(ids)
        }
        b'T' => Message::Truncate,
        b'R' | b'Y' | b'O' | b'M' => Message::Other,
        _ => return None,
    })
}

fn word(rest: &mut &[u8]) -> Option<u64> {
    let (head, tail) = rest.split_first_chunk::<8>()?;
    *rest = tail;
    Some(u64::from_be_bytes(*head))
}

/// The text of the first column of a row, where it has one; the others are passed over.
fn first(rest: &mut &[u8], ids: &mut Vec<String>) -> Option<()> {
    let (count, mut tail) = rest.split_first_chunk::<2>()?;
    for column in 0..u16::from_be_bytes(*count) {
        let (kind, after) = tail.split_first()?;
        tail = after;
        if matches!(kind, b'n' | b'u') {
            continue;
        }
        let (length, after) = tail.split_first_chunk::<4>()?;
        let (value, after) = after.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        tail = after;
        if column == 0 {
            ids.push(std::str::from_utf8(value).ok()?.to_owned());
        }
    }
    *rest = tail;
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(part: u8, id: &str) -> Vec<u8> {
        let mut bytes = vec![part, 0, 2, b't', 0, 0, 0, id.len() as u8];
        bytes.extend_from_slice(id.as_bytes());
        bytes.push(b'n');
        bytes
    }

    #[test]
    fn changes_name_both_ids_of_a_row() {
        let mut update = vec![b'U', 0, 0, 0, 1];
        update.extend(row(b'K', "old"));
        update.extend(row(b'N', "new"));
        assert_eq!(read(&update), Some(Message::Ids(vec!["old".to_owned(), "new".to_owned()])));
        for end in 0..update.len() {
            let whole = end == 5 || end == 5 + row(b'K', "old").len();
            assert_eq!(read(&update[..end]).is_some(), whole, "cut at {end}");
        }
    }

    #[test]
    fn a_transaction_has_its_place_and_its_number() {
        let mut begin = vec![b'B'];
        begin.extend_from_slice(&77_u64.to_be_bytes());
        begin.extend_from_slice(&1_u64.to_be_bytes());
        begin.extend_from_slice(&9_u32.to_be_bytes());
        assert_eq!(read(&begin), Some(Message::Begin { xid: 9 }));
        let mut commit = vec![b'C', 0];
        for word in [76_u64, 78, 5] {
            commit.extend_from_slice(&word.to_be_bytes());
        }
        assert_eq!(read(&commit), Some(Message::Commit { end: 78, at: 5 }));
        assert_eq!(read(b"?"), None);
    }
}
