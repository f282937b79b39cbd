//! What goes into the journal comes back, to the last bit.

use std::sync::Arc;

use super::{changes, write_change, write_schema};
use crate::api::alter::{NewAttribute, SchemaChange};
use crate::api::patch::ProfilePatch;
use crate::generation::Change;
use crate::model::{
    AdvisorProfile, AttributeKind, AttributeValue, Availability, DaySlots, HoldId, Instant, Result,
    Schema, SynonymRule,
};
use crate::store::ByteWriter;

fn calendar() -> Availability {
    let mut times = Availability::new(-330).expect("an offset");
    times.week_mut()[6] = DaySlots::from_bits(1 << 95 | 1);
    times.add_date(-1, DaySlots::from_bits(0b110));
    times.add_busy(20_788, DaySlots::WHOLE);
    times
}

fn ada() -> AdvisorProfile {
    let mut ada = AdvisorProfile::new("ada");
    ada.bio = Some("Books, \u{1f4da} and audits".to_owned());
    ada.industries = vec!["Healthcare".to_owned(), String::new()];
    ada.hourly_rate = Some(31.245_270_191_439_438);
    ada.years_experience = Some(0);
    ada.created_at = Instant::from_micros(-5).ok();
    ada.embedding = Some(vec![f32::MIN_POSITIVE, -0.0, 0.1]);
    ada.details = Some("{\"a\": null}".to_owned());
    for (name, value) in [
        ("languages", AttributeValue::Keywords(vec!["de".to_owned()])),
        ("score", AttributeValue::Number(0.1 + 0.2)),
        ("remote", AttributeValue::Bool(false)),
        ("since", AttributeValue::Date(Instant::from_f64(7.0))),
        ("notes", AttributeValue::Text("words".to_owned())),
        ("calendar", AttributeValue::Availability(Arc::new(calendar()))),
    ] {
        ada.attributes.insert(name.to_owned(), value);
    }
    ada
}

fn batch() -> Vec<Change> {
    let mut patch = ProfilePatch {
        headline: Some(None),
        hourly_rate: Some(Some(0.1)),
        current_clients: Some(3),
        embedding: Some(None),
        services: Some(Vec::new()),
        ..ProfilePatch::default()
    };
    patch.attributes.insert("remote".to_owned(), None);
    patch.attributes.insert("score".to_owned(), Some(AttributeValue::Number(-1.0)));
    let mut attributes = Schema::default();
    attributes.declare("since", AttributeKind::Date).expect("a name");
    vec![
        Change::Upsert(Box::new(ada())),
        Change::Patch("ada".to_owned(), Box::new(patch)),
        Change::Remove("bob".to_owned()),
        Change::Declare(Box::new(attributes)),
        Change::Alter(Box::new(SchemaChange {
            add: vec![NewAttribute {
                name: "since".to_owned(),
                kind: AttributeKind::Date,
                from: Some("license.since".to_owned()),
            }],
            remove: vec!["rank".to_owned()],
        })),
        Change::Finish("since".to_owned()),
        Change::Synonyms(vec![SynonymRule::Equal(vec!["cfo".to_owned(), "chief".to_owned()])]),
        Change::Source("postgres".to_owned(), vec![0, 255, 7]),
        Change::Rules("spring".to_owned(), None),
        Change::Reserve {
            advisor: "ada".to_owned(),
            hold: HoldId(1 << 47),
            until: Instant::from_f64(9e12),
        },
        Change::EndHold { hold: HoldId(1 << 47), confirmed: true },
        Change::EndHold { hold: HoldId(0), confirmed: false },
    ]
}

fn bytes_of(batch: &[Change]) -> Vec<u8> {
    let mut out = ByteWriter::default();
    batch.iter().for_each(|change| write_change(change, &mut out));
    out.0
}

#[test]
fn changes_come_back_as_they_went() -> Result<()> {
    let mut out = ByteWriter(bytes_of(&batch()));
    write_schema(&Schema::default(), &mut out);
    let read = changes(&out.0).collect::<Result<Vec<_>>>()?;
    assert_eq!(format!("{read:?}"), format!("{:?}", batch()));
    Ok(())
}

#[test]
fn bytes_that_are_cut_are_refused_and_those_that_are_changed_never_panic() {
    let whole = batch();
    for change in &whole {
        let bytes = bytes_of(std::slice::from_ref(change));
        for at in 1..bytes.len() {
            let cut = changes(&bytes[..at]).collect::<Result<Vec<_>>>();
            assert!(cut.is_err(), "cut at {at}");
            for bit in 0..8 {
                let mut damaged = bytes.clone();
                damaged[at] ^= 1 << bit;
                // Whatever it says, it says it without a panic.
                let _ = changes(&damaged).collect::<Result<Vec<_>>>();
            }
        }
    }
}
