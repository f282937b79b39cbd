//! Requests as bytes: equal for those who say the same, different for others.

use super::filter::{Filter, Operand, Test};
use crate::model::GeoPoint;

/// Writes values so that no two requests write the same bytes: lengths go before lists.
#[derive(Default)]
pub(crate) struct Canonical(pub(crate) Vec<u8>);

impl Canonical {
    pub(crate) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub(crate) fn len(&mut self, len: usize) {
        self.0.extend_from_slice(&(len as u64).to_le_bytes());
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.len(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }

    pub(crate) fn texts(&mut self, texts: &[String]) {
        self.len(texts.len());
        texts.iter().for_each(|text| self.text(text));
    }

    /// Values of which the order means nothing.
    pub(crate) fn set(&mut self, texts: &[String]) {
        let mut sorted: Vec<&str> = texts.iter().map(String::as_str).collect();
        sorted.sort_unstable();
        self.len(sorted.len());
        sorted.into_iter().for_each(|text| self.text(text));
    }

    pub(crate) fn vector(&mut self, vector: Option<&[f32]>) {
        let vector = vector.unwrap_or_default();
        self.len(vector.len());
        self.0.reserve(vector.len() * 4);
        vector.iter().for_each(|value| self.0.extend_from_slice(&value.to_bits().to_le_bytes()));
    }

    pub(crate) fn number(&mut self, number: f64) {
        self.0.extend_from_slice(&number.to_bits().to_le_bytes());
    }

    pub(crate) fn point(&mut self, point: GeoPoint) {
        self.number(point.lat());
        self.number(point.lon());
    }

    pub(crate) fn number_or_none(&mut self, number: Option<f64>) {
        self.byte(u8::from(number.is_some()));
        self.number(number.unwrap_or(0.0));
    }
}

/// A filter; the order of what is joined by `and` or `or`, and of values, means nothing.
pub(crate) fn write_filter(filter: &Filter, to: &mut Canonical) {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => {
            to.byte(if matches!(filter, Filter::And(_)) { 1 } else { 2 });
            to.len(parts.len());
            let written = |part: &Filter| {
                let mut own = Canonical::default();
                write_filter(part, &mut own);
                own.0
            };
            let mut parts: Vec<Vec<u8>> = parts.iter().map(written).collect();
            parts.sort_unstable();
            parts.iter().for_each(|part| to.0.extend_from_slice(part));
        }
        Filter::Not(part) => {
            to.byte(3);
            write_filter(part, to);
        }
        Filter::Field { field, tests } => {
            to.byte(4);
            to.text(field);
            to.len(tests.len());
            let written = |test: &Test| {
                let mut own = Canonical::default();
                write_test(test, &mut own);
                own.0
            };
            let mut tests: Vec<Vec<u8>> = tests.iter().map(written).collect();
            tests.sort_unstable();
            tests.iter().for_each(|test| to.0.extend_from_slice(test));
        }
    }
}

fn write_test(test: &Test, to: &mut Canonical) {
    match test {
        Test::AnyOf(values) => {
            to.byte(1);
            to.set(values);
        }
        Test::AllOf(values) => {
            to.byte(2);
            to.set(values);
        }
        Test::NoneOf(values) => {
            to.byte(3);
            to.set(values);
        }
        Test::Free { from, to: until, minutes } => {
            to.byte(17);
            for number in [from.micros(), until.micros(), i64::from(*minutes)] {
                to.0.extend_from_slice(&number.to_le_bytes());
            }
        }
        Test::Near { centre, radius_km } => {
            to.byte(16);
            to.point(*centre);
            to.number(*radius_km);
        }
        Test::Is(value) => to.byte(4 + u8::from(*value)),
        Test::Exists(value) => to.byte(6 + u8::from(*value)),
        Test::Compare(comparison, operand) => {
            to.byte(8 + *comparison as u8);
            match operand {
                Operand::Number(number) => {
                    to.byte(1);
                    to.number(*number);
                }
                Operand::Moment(text) => {
                    to.byte(2);
                    to.text(text);
                }
                Operand::Field(field) => {
                    to.byte(3);
                    to.text(field);
                }
            }
        }
    }
}
