//! A point on the earth.

use std::hash::{Hash, Hasher};

use super::{Error, Result};

/// A point on the earth by its degrees of latitude and longitude.
///
/// ```
/// use shortlist::GeoPoint;
///
/// let berlin = GeoPoint::new(52.52, 13.405)?;
/// let paris = GeoPoint::new(48.8566, 2.3522)?;
/// assert!((berlin.distance_km(paris) - 877.5).abs() < 0.5);
/// # Ok::<(), shortlist::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GeoPoint {
    lat: f64,
    lon: f64,
}

// Neither number is NaN, and no zero is negative.
impl Eq for GeoPoint {}

impl Hash for GeoPoint {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.lat.to_bits(), self.lon.to_bits()).hash(state);
    }
}

impl GeoPoint {
    /// The mean radius of the earth, as the International Union of Geodesy and Geophysics gives it.
    pub const EARTH_RADIUS_KM: f64 = 6_371.008_8;

    /// The point of that latitude, -90 to 90, and longitude, -180 to 180.
    ///
    /// # Errors
    /// [`Error::OutOfRange`].
    pub fn new(lat: f64, lon: f64) -> Result<Self> {
        for (field, degrees, most) in [("lat", lat, 90.0), ("lon", lon, 180.0)] {
            if !(-most..=most).contains(&degrees) {
                return Err(Error::OutOfRange {
                    field: field.to_owned(),
                    value: degrees.to_string(),
                    expected: format!("-{most} to {most} degrees"),
                });
            }
        }
        Ok(Self { lat: lat + 0.0, lon: lon + 0.0 })
    }

    /// Degrees north of the equator.
    pub fn lat(self) -> f64 {
        self.lat
    }

    /// Degrees east of Greenwich.
    pub fn lon(self) -> f64 {
        self.lon
    }

    /// The way along the surface of a sphere of [`GeoPoint::EARTH_RADIUS_KM`], by the haversine formula. It is
    /// within about half a percent of that on the flattened earth.
    pub fn distance_km(self, other: Self) -> f64 {
        let half = |from: f64, to: f64| ((to - from).to_radians() / 2.0).sin();
        let (lats, lons) = (half(self.lat, other.lat), half(self.lon, other.lon));
        let parallels = self.lat.to_radians().cos() * other.lat.to_radians().cos();
        let haversine = lats * lats + parallels * (lons * lons);
        2.0 * Self::EARTH_RADIUS_KM * haversine.sqrt().min(1.0).asin()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lat: f64, lon: f64) -> GeoPoint {
        GeoPoint::new(lat, lon).expect("degrees of the earth")
    }

    #[test]
    fn distances_are_those_of_the_sphere() {
        let quarter = GeoPoint::EARTH_RADIUS_KM * std::f64::consts::FRAC_PI_2;
        for (a, b, km) in [
            (at(0.0, 0.0), at(0.0, 90.0), quarter),
            (at(0.0, 0.0), at(90.0, 17.0), quarter),
            (at(-90.0, 0.0), at(90.0, 0.0), 2.0 * quarter),
            (at(10.0, 20.0), at(-10.0, -160.0), 2.0 * quarter),
            // Across the antimeridian, and around a pole.
            (at(0.0, 179.5), at(0.0, -179.5), quarter / 90.0),
            (at(89.5, 0.0), at(89.5, 180.0), quarter / 90.0),
            (at(7.0, 180.0), at(7.0, -180.0), 0.0),
            // New York to London, Sydney to Santiago.
            (at(40.7128, -74.006), at(51.5074, -0.1278), 5_570.2),
            (at(-33.8688, 151.2093), at(-33.4489, -70.6693), 11_346.7),
        ] {
            assert!((a.distance_km(b) - km).abs() < 0.5, "{a:?} {b:?} {}", a.distance_km(b));
            assert_eq!(a.distance_km(b).to_bits(), b.distance_km(a).to_bits());
        }
    }

    #[test]
    fn degrees_beyond_the_poles_or_the_antimeridian_are_refused() {
        for (lat, lon) in [(90.1, 0.0), (0.0, 180.1), (f64::NAN, 0.0), (0.0, f64::NEG_INFINITY)] {
            assert!(GeoPoint::new(lat, lon).is_err());
        }
    }
}
