use super::{bad, file, good, inferring, read};
use crate::import::{LINE_BYTES, Records};
use crate::model::{AttributeKind, AttributeValue, GeoPoint, Schema};

fn refusal(header: &str) -> (&'static str, String) {
    let (_directory, path) = file("p.csv", header.as_bytes());
    let error = Records::open(&path, Schema::default()).err().expect("a header that is refused");
    (error.code(), error.to_string())
}

#[test]
fn columns_are_read_in_either_case_with_lists_attributes_and_missing_cells() {
    let text = "\u{feff}id,hourly_rate,industries,services,isVerified,createdAt,attributes.languages,attributes.remote,embedding,details\r\n\
        a,120.5,Health Care; Retail,\"[\"\"Audit; tax\"\"]\",true,2024-03-10T12:00:00Z,en;de,false,1;0.5,\"{\"\"x\"\": 1}\"\r\n\
        \"b\n2\",,,,f,,,,,\r\n";
    let (_directory, path) = file("p.csv", text.as_bytes());
    let mut records = Records::open(&path, inferring()).expect("a file");
    let items: Vec<_> = records.by_ref().collect();
    assert_eq!(good(&items), [(2, "a"), (3, "b\n2")]);
    let (_, a) = items[0].as_ref().expect("a good row");
    assert_eq!(a.hourly_rate, Some(120.5));
    assert_eq!(a.industries, ["Health Care", "Retail"]);
    assert_eq!(a.services, ["Audit; tax"]);
    assert!(a.is_verified);
    assert_eq!(a.embedding.as_deref(), Some(&[1.0, 0.5][..]));
    assert_eq!(a.details.as_deref(), Some("{\"x\":1}"));
    let languages = AttributeValue::Keywords(vec!["en".to_owned(), "de".to_owned()]);
    assert_eq!(a.attributes.get("languages"), Some(&languages));
    assert_eq!(records.schema().attribute("remote").map(|a| a.kind), Some(AttributeKind::Bool));
    let (_, b) = items[1].as_ref().expect("a row of missing values");
    assert_eq!((b.hourly_rate, b.industries.len(), b.max_clients), (None, 0, 15));
}

#[test]
fn a_bad_cell_and_a_row_of_another_width_are_rejected_and_the_rest_is_read() {
    let text = b"id,hourlyRate,isVerified,bio\na,cheap,,\nb,1\nc,NaN,,\nd,1,maybe,\ne,1,,\xff\nf,1,yes,x\n";
    let (_directory, path) = file("p.csv", text);
    let records = read(&path);
    assert_eq!(good(&records), [(7, "f")]);
    assert_eq!(
        bad(&records),
        [(2, "SL1002"), (3, "SL1008"), (4, "SL1002"), (5, "SL1002"), (6, "SL1008")]
    );
    let rejected = records[0].as_ref().expect_err("a rate in words");
    assert_eq!(rejected.raw.as_deref(), Some("a,cheap,,"));
    assert_eq!(rejected.error.field(), Some("hourlyRate"));
}

#[test]
fn a_header_that_is_not_understood_is_refused_before_any_row() {
    let (code, message) = refusal("id,hourlyRat\n");
    assert_eq!(code, "SL1001");
    assert!(message.contains("did you mean `hourlyRate`?"), "{message}");
    assert_eq!(refusal("headline\n").0, "SL1004");
    assert_eq!(refusal("id,user_id,userId\n").0, "SL1008");
    assert_eq!(refusal("id,attributes.x\n").0, "SL1001");
    assert_eq!(refusal("").0, "SL1004");
}

#[test]
fn a_quote_left_open_ends_the_reading_instead_of_taking_the_memory() {
    let mut text = b"id,bio\na,x\nb,\"".to_vec();
    text.resize(text.len() + 3 * LINE_BYTES, b'y');
    let (_directory, path) = file("p.csv", &text);
    let records = read(&path);
    assert_eq!(good(&records), [(2, "a")]);
    let last = records[1].as_ref().expect_err("a row without end");
    assert!(last.fatal);
    assert_eq!((last.line, last.error.code()), (3, "SL1009"));
}

#[test]
fn lines_are_those_of_the_file_whatever_ends_them() {
    let rows = "id,bio\na,\n\n\n\"b\",\"two\nlines\"\nc,\"\"\n\nd,x";
    for text in [rows.to_owned(), rows.replace('\n', "\r\n"), format!("\u{feff}{rows}\n")] {
        let (_directory, path) = file("p.csv", text.as_bytes());
        assert_eq!(good(&read(&path)), [(2, "a"), (5, "b"), (7, "c"), (9, "d")], "{text:?}");
    }
}

#[test]
fn points_are_two_numbers_or_json_declared_or_not() {
    let text = "id,attributes.office,attributes.home\na,\"52.52, 13.405\",\"{\"\"lat\"\": -1, \"\"lon\"\": 2}\"\n\
        b,52.52;13.405,\nc,\"{\"\"lon\"\": 13.405, \"\"lat\"\": 52.52}\",\nd,52.52,\ne,\"91,0\",\nf,north;south,\n";
    let (_directory, path) = file("p.csv", text.as_bytes());
    let mut schema = inferring();
    schema.declare("office", AttributeKind::Geo).expect("a name");
    let mut records = Records::open(&path, schema).expect("a file");
    let items: Vec<_> = records.by_ref().collect();
    assert_eq!(good(&items), [(2, "a"), (3, "b"), (4, "c")]);
    assert_eq!(bad(&items), [(5, "SL1002"), (6, "SL1003"), (7, "SL1002")]);
    let point = |lat, lon| GeoPoint::new(lat, lon).map(AttributeValue::Geo).ok();
    for item in &items[..3] {
        let (_, profile) = item.as_ref().expect("a good row");
        assert_eq!(profile.attributes.get("office").cloned(), point(52.52, 13.405));
    }
    let (_, a) = items[0].as_ref().expect("a good row");
    assert_eq!(a.attributes.get("home").cloned(), point(-1.0, 2.0));
}

#[test]
fn free_time_is_json_declared_or_not() {
    let text = "id,attributes.calendar,attributes.hours\na,\"{\"\"weekly\"\": [{\"\"day\"\": \"\"mon\"\", \"\"from\"\": \"\"09:00\"\", \"\"to\"\": \"\"10:00\"\"}]}\",\
        \"{\"\"busy\"\": [{\"\"date\"\": \"\"2026-12-24\"\"}]}\"\nb,mondays,\nc,\"{\"\"weekly\"\": [{\"\"day\"\": \"\"someday\"\", \"\"from\"\": \"\"09:00\"\", \"\"to\"\": \"\"10:00\"\"}]}\",\n";
    let (_directory, path) = file("p.csv", text.as_bytes());
    let mut schema = inferring();
    schema.declare("calendar", AttributeKind::Availability).expect("a name");
    let items: Vec<_> = Records::open(&path, schema).expect("a file").collect();
    assert_eq!(good(&items), [(2, "a")]);
    assert_eq!(bad(&items), [(3, "SL1008"), (4, "SL1003")]);
    let (_, a) = items[0].as_ref().expect("a good row");
    let times = |name: &str| match a.attributes.get(name) {
        Some(AttributeValue::Availability(times)) => times.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(times("calendar").week()[0].runs().collect::<Vec<_>>(), [(540, 600)]);
    assert_eq!(times("hours").busy().len(), 1);
}
