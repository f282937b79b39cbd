//! How far two points are from each other.

use crate::model::GeoPoint;

/// The haversine formula on a sphere of 6,371.0088 km, step by step as the engine's own: the two are equal to the bit.
pub(super) fn kilometres(from: GeoPoint, to: GeoPoint) -> f64 {
    let half_lat = ((to.lat() - from.lat()).to_radians() / 2.0).sin();
    let half_lon = ((to.lon() - from.lon()).to_radians() / 2.0).sin();
    let parallels = from.lat().to_radians().cos() * to.lat().to_radians().cos();
    let haversine = half_lat * half_lat + parallels * (half_lon * half_lon);
    2.0 * 6_371.008_8 * haversine.sqrt().min(1.0).asin()
}
