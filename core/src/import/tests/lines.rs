use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{bad, file, good, inferring, read};
use crate::import::{LINE_BYTES, Records};
use crate::model::{Error, Schema};

#[test]
fn a_mark_crlf_blank_lines_and_a_missing_last_newline_are_tolerated() {
    let text = b"\xef\xbb\xbf{\"id\":\"a\"}\r\n\r\n  \n{\"id\":\"b\"}\n{\"id\":\"c\"}";
    let (_directory, path) = file("p.jsonl", text);
    assert_eq!(good(&read(&path)), [(1, "a"), (4, "b"), (5, "c")]);
}

#[test]
fn a_bad_line_is_rejected_with_its_number_and_the_rest_is_read() {
    let text =
        b"{\"id\":\"a\"}\n{\"id\":\"b\",\"hourlyRate\":\"high\"}\n\xff\xfe\n{\"id\":\"c\"}\n";
    let (_directory, path) = file("p.jsonl", text);
    let records = read(&path);
    assert_eq!(good(&records), [(1, "a"), (4, "c")]);
    assert_eq!(bad(&records), [(2, "SL1002"), (3, "SL1008")]);
    let rejected = records[1].as_ref().expect_err("a rate in words");
    assert_eq!(rejected.raw.as_deref(), Some("{\"id\":\"b\",\"hourlyRate\":\"high\"}"));
    assert_eq!(rejected.to_string(), "line 2: `hourlyRate` is \"high\"; it takes a number");
}

#[test]
fn a_line_over_the_limit_is_rejected_shortened_and_the_next_is_read() {
    let mut text = vec![b'x'; 3 * LINE_BYTES];
    text.extend(b"\n{\"id\":\"b\"}\n");
    let (_directory, path) = file("p.jsonl", &text);
    let records = read(&path);
    assert_eq!(good(&records), [(2, "b")]);
    let rejected = records[0].as_ref().expect_err("a long line");
    assert!(
        matches!(rejected.error, Error::TooLarge { found, .. } if found as usize == 3 * LINE_BYTES + 1)
    );
    assert!(rejected.raw.as_ref().is_some_and(|raw| raw.len() <= 200));
}

#[test]
fn a_gzip_of_several_members_reads_as_one_file() {
    let mut bytes = Vec::new();
    for text in ["{\"id\":\"a\"}\n", "{\"id\":\"b\"}\n"] {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).expect("a member");
        bytes.extend(encoder.finish().expect("a member"));
    }
    let (_directory, path) = file("p.jsonl.gz", &bytes);
    assert_eq!(good(&read(&path)), [(1, "a"), (2, "b")]);

    let (_directory, path) = file("cut.jsonl.gz", &bytes[..bytes.len() - 9]);
    let records = read(&path);
    let last = records.last().and_then(|record| record.as_ref().err()).expect("an end too early");
    assert!(last.fatal);
    assert_eq!(last.error.code(), "SL2004");
}

#[test]
fn attributes_are_learnt_where_the_schema_infers_and_refused_where_not() {
    let text = b"{\"id\":\"a\",\"attributes\":{\"remote\":true}}\n{\"id\":\"b\",\"attributes\":{\"remote\":3}}\n";
    let (_directory, path) = file("p.jsonl", text);
    let mut records = Records::open(&path, inferring()).expect("a file");
    let items: Vec<_> = records.by_ref().collect();
    assert_eq!(good(&items), [(1, "a")]);
    assert_eq!(bad(&items), [(2, "SL1002")]);
    assert_eq!(records.schema().attributes().len(), 1);
    assert_eq!(records.fraction(), Some(1.0));
    let strict = Records::open(&path, Schema::default()).expect("a file");
    assert_eq!(bad(&strict.collect::<Vec<_>>()), [(1, "SL1001"), (2, "SL1001")]);
}

#[test]
fn a_directory_a_missing_file_and_another_kind_of_file_are_refused() {
    let (directory, path) = file("p.txt", b"");
    let code = |path| Records::open(path, inferring()).map(|_| ()).map_err(|error| error.code());
    assert_eq!(code(path), Err("SL1003"));
    assert_eq!(code(directory.path().join("none.jsonl")), Err("SL2004"));
    std::fs::create_dir(directory.path().join("d.jsonl")).expect("a directory");
    assert_eq!(code(directory.path().join("d.jsonl")), Err("SL2004"));
}
