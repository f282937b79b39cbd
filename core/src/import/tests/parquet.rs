use std::sync::Arc;

use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use super::{bad, file, good, inferring, read};
use crate::import::Records;
use crate::model::{AttributeKind, AttributeValue, GeoPoint, Instant};

const MESSAGE: &str = "message advisors {
    required byte_array id (UTF8);
    optional double hourly_rate;
    required group industries (LIST) { repeated group list { required byte_array element (UTF8); } }
    required int64 createdAt (TIMESTAMP(NANOS,true));
    optional byte_array attributes.city (UTF8);
    optional byte_array details (UTF8);
}";

fn text(values: &[&str]) -> Vec<ByteArray> {
    values.iter().map(|value| ByteArray::from(*value)).collect()
}

/// Three advisors; the second has missing values, the third a rate below 0.
fn advisors(compression: Compression) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(MESSAGE).expect("a schema"));
    let properties = Arc::new(WriterProperties::builder().set_compression(compression).build());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, properties).expect("a writer");
    let mut group = writer.next_row_group().expect("a row group");
    macro_rules! column {
        ($kind:ty, $values:expr, $definition:expr, $repetition:expr) => {{
            let mut column = group.next_column().expect("a column").expect("a column");
            let typed = column.typed::<$kind>();
            typed.write_batch($values, $definition, $repetition).expect("values");
            column.close().expect("a column");
        }};
    }
    column!(ByteArrayType, &text(&["a", "b", "c"]), None, None);
    column!(DoubleType, &[120.5, -1.0], Some(&[1, 0, 1]), None);
    let industries = text(&["Retail", "Health", "Retail"]);
    column!(ByteArrayType, &industries, Some(&[1, 1, 0, 1]), Some(&[0, 1, 0, 0]));
    column!(Int64Type, &[1_000_000_000, 2_000_000_000, 3_000_000_000], None, None);
    column!(ByteArrayType, &text(&["Basel"]), Some(&[1, 0, 0]), None);
    column!(ByteArrayType, &text(&["{\"x\":[1]}"]), Some(&[1, 0, 0]), None);
    group.close().expect("a row group");
    writer.into_inner().expect("a file")
}

#[test]
fn rows_are_profiles_whatever_the_compression() {
    let zstd = Compression::ZSTD(ZstdLevel::default());
    let gzip = Compression::GZIP(parquet::basic::GzipLevel::default());
    for compression in [Compression::UNCOMPRESSED, Compression::SNAPPY, gzip, zstd] {
        let (_directory, path) = file("p.parquet", &advisors(compression));
        let mut records = Records::open(&path, inferring()).expect("a file");
        let items: Vec<_> = records.by_ref().collect();
        assert_eq!(good(&items), [(1, "a"), (2, "b")]);
        assert_eq!(bad(&items), [(3, "SL1003")]);
        let (_, a) = items[0].as_ref().expect("a good row");
        assert_eq!(a.hourly_rate, Some(120.5));
        assert_eq!(a.industries, ["Retail", "Health"]);
        assert_eq!(a.created_at.map(Instant::micros), Some(1_000_000));
        assert_eq!(a.details.as_deref(), Some("{\"x\":[1]}"));
        let basel = AttributeValue::Keywords(vec!["Basel".to_owned()]);
        assert_eq!(a.attributes.get("city"), Some(&basel));
        assert_eq!(records.fraction(), Some(1.0));
    }
}

#[test]
fn a_damaged_file_is_an_error_and_never_a_panic() {
    let whole = advisors(Compression::SNAPPY);
    let (_directory, path) = file("cut.parquet", &whole[..whole.len() / 2]);
    let refused = Records::open(&path, inferring()).map(|_| ()).map_err(|error| error.code());
    assert_eq!(refused, Err("SL1008"));
    for at in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x55;
        let (_directory, path) = file("flipped.parquet", &flipped);
        // A flip may go unseen, in a value say; it must only never panic or hang.
        if Records::open(&path, inferring()).is_ok() {
            assert!(read(&path).len() < 1_000);
        }
    }
}

#[test]
fn points_are_groups_or_json_text() {
    const MESSAGE: &str = "message advisors {
        required byte_array id (UTF8);
        required byte_array attributes.office (UTF8);
        required group attributes { required group home { required double lat; required double lon; } }
    }";
    let message = Arc::new(parse_message_type(MESSAGE).expect("a schema"));
    let mut writer =
        SerializedFileWriter::new(Vec::new(), message, Arc::default()).expect("a writer");
    let mut group = writer.next_row_group().expect("a row group");
    for texts in [text(&["a", "b"]), text(&[r#"{"lat": 52.52, "lon": 13.405}"#, r#"{"lat": 1}"#])] {
        let mut column = group.next_column().expect("a column").expect("a column");
        column.typed::<ByteArrayType>().write_batch(&texts, None, None).expect("values");
        column.close().expect("a column");
    }
    for degrees in [[-33.9, 0.0], [151.2, 0.0]] {
        let mut column = group.next_column().expect("a column").expect("a column");
        column.typed::<DoubleType>().write_batch(&degrees, None, None).expect("values");
        column.close().expect("a column");
    }
    group.close().expect("a row group");
    let (_directory, path) = file("p.parquet", &writer.into_inner().expect("a file"));
    let mut schema = inferring();
    schema.declare("office", AttributeKind::Geo).expect("a name");
    let items: Vec<_> = Records::open(&path, schema).expect("a file").collect();
    assert_eq!((good(&items), bad(&items)), (vec![(1, "a")], vec![(2, "SL1004")]));
    let (_, a) = items[0].as_ref().expect("a good row");
    for (name, lat, lon) in [("office", 52.52, 13.405), ("home", -33.9, 151.2)] {
        let point = GeoPoint::new(lat, lon).map(AttributeValue::Geo).ok();
        assert_eq!(a.attributes.get(name).cloned(), point);
    }
}
