use super::file;
use crate::import::Embeddings;
use crate::model::Error;

fn bytes(numbers: &[f32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

fn npy(version: u8, header: &str, numbers: &[f32]) -> Vec<u8> {
    let mut file = b"\x93NUMPY".to_vec();
    file.extend([version, 0]);
    let length = header.len() as u32;
    let width = if version == 1 { 2 } else { 4 };
    file.extend(&length.to_le_bytes()[..width]);
    file.extend(header.as_bytes());
    file.extend(bytes(numbers));
    file
}

fn refused(content: &[u8], dimension: Option<usize>) -> Error {
    let (_directory, path) = file("e.npy", content);
    Embeddings::open(path, dimension).expect_err("a file that is refused")
}

const HEADER: &str = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }  \n";

#[test]
fn rows_come_in_order_from_raw_floats_and_from_npy() {
    let numbers = [1.0, 2.0, 3.0, 4.0, 5.0, 6.5];
    let expected = [vec![1.0, 2.0, 3.0], vec![4.0, 5.0, 6.5]];
    for (content, dimension) in [
        (bytes(&numbers), Some(3)),
        (npy(1, HEADER, &numbers), None),
        (npy(2, HEADER, &numbers), Some(3)),
    ] {
        let (_directory, path) = file("e.f32", &content);
        let mut embeddings = Embeddings::open(path, dimension).expect("a good file");
        assert_eq!((embeddings.rows(), embeddings.dimension()), (2, 3));
        let rows: Vec<_> = embeddings.by_ref().collect::<Result<_, _>>().expect("good rows");
        assert_eq!(rows, expected);
    }
}

#[test]
fn a_row_that_cannot_be_compared_is_named_and_the_next_is_read() {
    let (_directory, path) = file("e.f32", &bytes(&[1.0, f32::NAN, 0.0, 0.0, 1.0, 2.0]));
    let rows: Vec<_> = Embeddings::open(path, Some(2)).expect("a good size").collect();
    let named = |at: usize| rows[at].as_ref().err().and_then(Error::field);
    assert_eq!(named(0), Some("embedding row 1"));
    assert_eq!(named(1), Some("embedding row 2"));
    assert_eq!(rows[2], Ok(vec![1.0, 2.0]));
}

#[test]
fn a_file_with_more_or_fewer_rows_than_records_says_both_numbers() {
    let (_directory, path) = file("e.f32", &bytes(&[1.0; 8]));
    let embeddings = Embeddings::open(path, Some(2)).expect("a good file");
    assert_eq!(embeddings.check_count(4), Ok(()));
    for records in [3, 5] {
        let error = embeddings.check_count(records).expect_err("another number of rows");
        assert_eq!(error.code(), "SL1014");
        assert!(error.to_string().contains(&format!("4 rows for {records} records")), "{error}");
    }
}

#[test]
fn a_size_a_dimension_or_a_header_that_does_not_fit_is_refused() {
    let (_directory, path) = file("e.f32", &bytes(&[1.0; 7]));
    let code = |dimension| Embeddings::open(&path, dimension).map(|_| ()).map_err(|e| e.code());
    assert_eq!(code(Some(2)), Err("SL1014"));
    assert_eq!(code(None), Err("SL1004"));
    assert_eq!(code(Some(0)), Err("SL1003"));
    assert_eq!(code(Some(usize::MAX)), Err("SL1003"));

    let six = [1.0; 6];
    assert_eq!(refused(&npy(1, HEADER, &six), Some(4)).code(), "SL1006");
    assert_eq!(refused(&npy(1, HEADER, &six[..5]), None).code(), "SL1014");
    assert_eq!(refused(&npy(3, HEADER, &six), None).code(), "SL1014");
    assert_eq!(refused(&npy(1, &HEADER.replace("<f4", "<f8"), &six), None).code(), "SL1014");
    assert_eq!(refused(&npy(1, &HEADER.replace("False", "True"), &six), None).code(), "SL1014");
    assert_eq!(refused(&npy(1, &HEADER.replace("(2, 3)", "(6,)"), &six), None).code(), "SL1014");
    let huge = HEADER.replace("(2, 3)", "(99999999999999999999, 3)");
    assert_eq!(refused(&npy(1, &huge, &six), None).code(), "SL1014");
    assert_eq!(refused(b"\x93NUMPY\x02\x00\xff\xff\xff\xff", None).code(), "SL1014");
    assert_eq!(refused(b"\x93NUMPY", None).code(), "SL1014");
    assert_eq!(refused(b"plain", Some(1)).code(), "SL1014");
}
