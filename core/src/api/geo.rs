//! The wire form of points, and of being near one.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

use super::filter::Test;
use super::json::{number, out_of_range, wrong_type};
use super::listing::Plain;
use crate::model::{Error, GeoPoint, Result, nearest_name};

const POINT: &str = "{\"lat\": 52.52, \"lon\": 13.405}";
const NEAR: &str = "{\"lat\": 52.52, \"lon\": 13.405, \"radiusKm\": 25}";

/// Reads a point.
pub(super) fn point(field: &str, value: Value) -> Result<GeoPoint> {
    let Value::Object(mut map) = value else { return Err(wrong_type(field, &value, POINT)) };
    let point = take_point(field, &mut map, POINT)?;
    finish(field, &map, &["lat", "lon"])?;
    Ok(point)
}

/// Reads a point and how far away from it is still near.
pub(super) fn near(field: &str, value: Value) -> Result<Test> {
    let Value::Object(mut map) = value else { return Err(wrong_type(field, &value, NEAR)) };
    let centre = take_point(field, &mut map, NEAR)?;
    let radius_km = match map.remove("radiusKm").or_else(|| map.remove("radius_km")) {
        Some(radius) => number(&format!("{field}.radiusKm"), &radius)?,
        None => return Err(missing(field, "radiusKm", NEAR)),
    };
    finish(field, &map, &["lat", "lon", "radiusKm"])?;
    check_radius(field, radius_km)?;
    Ok(Test::Near { centre, radius_km })
}

/// Refuses a radius that is none.
pub(super) fn check_radius(field: &str, radius_km: f64) -> Result<()> {
    if radius_km.is_finite() && radius_km >= 0.0 {
        Ok(())
    } else {
        Err(out_of_range(&format!("{field}.radiusKm"), radius_km, "a finite number, 0 or more"))
    }
}

fn take_point(field: &str, map: &mut Map<String, Value>, form: &str) -> Result<GeoPoint> {
    let mut degrees = |name: &str| match map.remove(name) {
        Some(value) => number(&format!("{field}.{name}"), &value),
        None => Err(missing(field, name, form)),
    };
    let (lat, lon) = (degrees("lat")?, degrees("lon")?);
    GeoPoint::new(lat, lon).map_err(|error| match error {
        Error::OutOfRange { field: name, value, expected } => {
            Error::OutOfRange { field: format!("{field}.{name}"), value, expected }
        }
        other => other,
    })
}

fn missing(field: &str, name: &str, form: &str) -> Error {
    Error::MissingField { field: format!("{field}.{name}"), expected: format!("it takes {form}") }
}

fn finish(field: &str, map: &Map<String, Value>, known: &[&'static str]) -> Result<()> {
    match map.keys().next() {
        None => Ok(()),
        Some(name) => Err(Error::UnknownField {
            field: format!("{field}.{name}"),
            within: "a point",
            nearest: nearest_name(name, known.iter().copied()),
        }),
    }
}

impl Serialize for GeoPoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("lat", &Plain(self.lat()))?;
        map.serialize_entry("lon", &Plain(self.lon()))?;
        map.end()
    }
}
