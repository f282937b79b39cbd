//! The values of fields as bytes.

use std::sync::Arc;

use crate::generation::calendars::{read_times, write_times};
use crate::model::{AttributeValue, GeoPoint, Instant};
use crate::store::{ByteReader, ByteWriter};

/// A value that a field can have.
pub(super) trait Value: Sized {
    fn put(&self, out: &mut ByteWriter);
    fn take(bytes: &[u8]) -> Option<Self>;
}

impl Value for String {
    fn put(&self, out: &mut ByteWriter) {
        out.0.extend_from_slice(self.as_bytes());
    }

    fn take(bytes: &[u8]) -> Option<Self> {
        std::str::from_utf8(bytes).ok().map(str::to_owned)
    }
}

impl Value for u32 {
    fn put(&self, out: &mut ByteWriter) {
        out.u32(*self);
    }

    fn take(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(u32::from_le_bytes)
    }
}

impl Value for f64 {
    fn put(&self, out: &mut ByteWriter) {
        out.u64(self.to_bits());
    }

    fn take(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(f64::from_le_bytes)
    }
}

impl Value for bool {
    fn put(&self, out: &mut ByteWriter) {
        out.0.push(u8::from(*self));
    }

    fn take(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0] => Some(false),
            [1] => Some(true),
            _ => None,
        }
    }
}

impl Value for Instant {
    fn put(&self, out: &mut ByteWriter) {
        out.u64(self.micros().cast_unsigned());
    }

    fn take(bytes: &[u8]) -> Option<Self> {
        let micros = i64::from_le_bytes(bytes.try_into().ok()?);
        Instant::from_micros(micros).ok()
    }
}

impl Value for Vec<f32> {
    fn put(&self, out: &mut ByteWriter) {
        self.iter().for_each(|number| out.u32(number.to_bits()));
    }

    fn take(bytes: &[u8]) -> Option<Self> {
        let (numbers, rest) = bytes.as_chunks::<4>();
        rest.is_empty().then(|| numbers.iter().map(|number| f32::from_le_bytes(*number)).collect())
    }
}

impl Value for Vec<String> {
    fn put(&self, out: &mut ByteWriter) {
        self.iter().for_each(|value| out.bytes(value.as_bytes()));
    }

    fn take(bytes: &[u8]) -> Option<Self> {
        let (mut reader, mut count) = (ByteReader::new(bytes), 0);
        while !reader.is_done() {
            reader.bytes()?;
            count += 1;
        }
        // Counted first, so that growing never asks for more than the bytes account for.
        let (mut reader, mut values) = (ByteReader::new(bytes), Vec::with_capacity(count));
        while !reader.is_done() {
            values.push(String::take(reader.bytes()?)?);
        }
        Some(values)
    }
}

/// An attribute: its name, and its value or none where it is cleared.
pub(super) struct Attribute(pub(super) String, pub(super) Option<AttributeValue>);

impl Attribute {
    /// A kind of attribute that is new needs a number here, and no more.
    pub(super) fn put(name: &str, value: Option<&AttributeValue>, out: &mut ByteWriter) {
        out.bytes(name.as_bytes());
        let Some(value) = value else { return };
        let mut kind = |kind: u8| out.0.push(kind);
        match value {
            AttributeValue::Keywords(_) => kind(0),
            AttributeValue::Number(_) => kind(1),
            AttributeValue::Bool(_) => kind(2),
            AttributeValue::Date(_) => kind(3),
            AttributeValue::Text(_) => kind(4),
            AttributeValue::Geo(_) => kind(5),
            AttributeValue::Availability(_) => kind(6),
        }
        match value {
            AttributeValue::Keywords(values) => values.put(out),
            AttributeValue::Number(number) => number.put(out),
            AttributeValue::Bool(flag) => flag.put(out),
            AttributeValue::Date(date) => date.put(out),
            AttributeValue::Text(text) => text.put(out),
            AttributeValue::Geo(point) => {
                point.lat().put(out);
                point.lon().put(out);
            }
            AttributeValue::Availability(times) => write_times(times, out),
        }
    }

    pub(super) fn take(bytes: &[u8]) -> Option<Self> {
        let mut reader = ByteReader::new(bytes);
        let name = String::take(reader.bytes()?)?;
        let Some((kind, value)) = reader.rest().split_first() else {
            return Some(Self(name, None));
        };
        let value = match kind {
            0 => AttributeValue::Keywords(Value::take(value)?),
            1 => AttributeValue::Number(Value::take(value)?),
            2 => AttributeValue::Bool(Value::take(value)?),
            3 => AttributeValue::Date(Value::take(value)?),
            4 => AttributeValue::Text(Value::take(value)?),
            5 => {
                let (lat, lon) = value.split_at_checked(8)?;
                AttributeValue::Geo(GeoPoint::new(Value::take(lat)?, Value::take(lon)?).ok()?)
            }
            6 => AttributeValue::Availability(Arc::new(read_times(value)?)),
            _ => return None,
        };
        Some(Self(name, Some(value)))
    }
}
