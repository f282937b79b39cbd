//! A moment in time, as RFC 3339 writes it.

use std::fmt;

use super::{Error, Result};

/// A moment, in microseconds since 1970-01-01T00:00:00Z: the precision that Postgres keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

impl Instant {
    /// The moment that many microseconds after (or before) 1970.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] out of the years -9999 to 9999.
    pub fn from_micros(micros: i64) -> Result<Self> {
        match jiff::Timestamp::from_microsecond(micros) {
            Ok(_) => Ok(Self(micros)),
            Err(_) => Err(Error::OutOfRange {
                field: "instant".to_owned(),
                value: micros.to_string(),
                expected: "microseconds that lie within the years -9999 to 9999".to_owned(),
            }),
        }
    }

    /// Reads RFC 3339 (`2024-03-10T12:00:00Z`, any offset); finer than a microsecond is cut off.
    ///
    /// # Errors
    /// [`Error::WrongType`] that names `field`.
    pub fn parse(field: &str, text: &str) -> Result<Self> {
        text.parse::<jiff::Timestamp>().map(|moment| Self(moment.as_microsecond())).map_err(|_| {
            Error::WrongType {
                field: field.to_owned(),
                value: crate::model::error::shown(text),
                expected: "an RFC 3339 moment such as `2024-03-10T12:00:00Z`".to_owned(),
            }
        })
    }

    /// Microseconds since 1970.
    pub fn micros(self) -> i64 {
        self.0
    }

    /// The moment as a column keeps it. Whole seconds are exact for every year, microseconds until 2255.
    pub fn as_f64(self) -> f64 {
        self.0 as f64
    }

    /// Back from a column.
    pub fn from_f64(micros: f64) -> Self {
        Self(micros as i64)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(moment) => write!(f, "{moment}"),
            Err(_) => write!(f, "{}us", self.0),
        }
    }
}
