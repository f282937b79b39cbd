//! A part of the sphere between two distances from a point, in the terms that columns are asked in: a box of degrees,
//! and lengths of chords.

use crate::model::GeoPoint;

/// Degrees by which a box is wider than what it must hold: more than the sines of its edges are off by.
const SLACK_DEGREES: f64 = 1e-5;
/// How far a chord of f32 coordinates can be from the chord of the points, on a sphere of radius 1: each coordinate
/// of either point is rounded by at most 2^-25, a difference of two by 2^-24, so that the vector between is off by
/// less than 2.1e-7; its squares and their sum add less than 2^-23 of a length of at most 2.
const SLACK_CHORD: f64 = 1e-6;

/// The points that are at least one distance and at most another from a centre.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ring {
    /// A squared chord: who is nearer is surely nearer than the ring.
    pub(super) low: f32,
    /// A squared chord: who is farther is surely farther than the ring.
    pub(super) high: f32,
}

impl Ring {
    /// Every point.
    pub(crate) const WHOLE: Self = Self { low: -1.0, high: f32::INFINITY };
    /// No point: all are nearer.
    pub(crate) const BEYOND: Self = Self { low: f32::INFINITY, high: f32::INFINITY };

    /// Nothing nearer than this is of interest.
    pub(crate) fn beyond_km(self, km: f64) -> Self {
        Self { low: shorter(km), ..self }
    }

    /// Nothing farther than this is of interest.
    pub(crate) fn up_to_km(self, km: f64) -> Self {
        Self { high: longer(km), ..self }
    }
}

/// The points within a distance of a centre.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cap {
    pub(crate) centre: GeoPoint,
    pub(crate) radius_km: f64,
    /// A squared chord: who is nearer is surely within.
    pub(super) inside: f32,
    /// A squared chord: who is farther is surely not.
    pub(super) outside: f32,
    /// The least and the greatest latitude in it.
    pub(crate) lat: [f64; 2],
    pub(crate) lon: Longitudes,
}

/// The longitudes of a cap.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Longitudes {
    /// All: it holds a pole.
    All,
    /// From one to the other.
    Between(f64, f64),
    /// From the first eastward over the antimeridian to the second.
    Across(f64, f64),
}

impl Cap {
    /// All points within that distance, a finite number of 0 or more.
    pub(crate) fn new(centre: GeoPoint, radius_km: f64) -> Self {
        let radius = (radius_km / GeoPoint::EARTH_RADIUS_KM).to_degrees() + SLACK_DEGREES;
        let lat = [centre.lat() - radius, centre.lat() + radius];
        Self {
            centre,
            radius_km,
            inside: shorter(radius_km),
            outside: longer(radius_km),
            lat,
            lon: longitudes(centre, radius, lat),
        }
    }

    /// Whether a point lies in it.
    pub(crate) fn holds(&self, point: GeoPoint) -> bool {
        self.centre.distance_km(point) <= self.radius_km
    }
}

/// A cap reaches farthest east where a meridian touches it: sin(reach) = sin(radius) / cos(latitude of the centre).
fn longitudes(centre: GeoPoint, radius: f64, lat: [f64; 2]) -> Longitudes {
    if lat[0] <= -90.0 || lat[1] >= 90.0 {
        return Longitudes::All;
    }
    let reach = radius.to_radians().sin() / centre.lat().to_radians().cos();
    let reach = reach.min(1.0).asin().to_degrees() + SLACK_DEGREES;
    let (west, east) = (centre.lon() - reach, centre.lon() + reach);
    if west < -180.0 {
        Longitudes::Across(west + 360.0, east)
    } else if east > 180.0 {
        Longitudes::Across(west, east - 360.0)
    } else {
        Longitudes::Between(west, east)
    }
}

/// The chord of a distance on a sphere of radius 1.
fn chord(km: f64) -> f64 {
    let half = km / GeoPoint::EARTH_RADIUS_KM / 2.0;
    2.0 * half.clamp(0.0, std::f64::consts::FRAC_PI_2).sin()
}

/// A squared chord that is surely shorter than that of a distance; below 0 where there is none.
fn shorter(km: f64) -> f32 {
    let chord = chord(km) - SLACK_CHORD;
    // Rounded to f32 it is still less than the chord, whose slack is larger than the rounding.
    if chord > 0.0 { (chord * chord) as f32 } else { -1.0 }
}

/// A squared chord that is surely longer than that of a distance.
fn longer(km: f64) -> f32 {
    let chord = chord(km) + SLACK_CHORD;
    (chord * chord) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lat: f64, lon: f64) -> GeoPoint {
        GeoPoint::new(lat, lon).expect("degrees of the earth")
    }

    fn box_holds(cap: &Cap, point: GeoPoint) -> bool {
        let lat = (cap.lat[0]..=cap.lat[1]).contains(&point.lat());
        lat && match cap.lon {
            Longitudes::All => true,
            Longitudes::Between(west, east) => (west..=east).contains(&point.lon()),
            Longitudes::Across(west, east) => point.lon() >= west || point.lon() <= east,
        }
    }

    #[test]
    fn the_box_holds_every_point_of_the_cap() {
        let centres = [
            (0.0, 0.0),
            (52.5, 13.4),
            (-33.9, 151.2),
            (0.0, 180.0),
            (10.0, -179.9),
            (89.9, 5.0),
            (-90.0, 0.0),
            (64.0, -180.0),
        ];
        for (lat, lon) in centres {
            let centre = at(lat, lon);
            for radius_km in [0.0, 0.001, 3.0, 50.0, 1_000.0, 9_000.0, 19_000.0, 30_000.0] {
                let cap = Cap::new(centre, radius_km);
                let mut held = 0;
                for point in (0..40_000).map(spread) {
                    if cap.holds(point) {
                        held += 1;
                        assert!(box_holds(&cap, point), "{cap:?} {point:?}");
                    }
                }
                assert!(held > 0 || radius_km < 1_000.0, "{cap:?} holds none of many points");
                assert!(box_holds(&cap, centre) && cap.holds(centre));
            }
        }
    }

    /// Points evenly over the sphere, and every eighth on the antimeridian or a pole.
    fn spread(number: u32) -> GeoPoint {
        let share = f64::from(number) / 40_000.0;
        let lat = (2.0 * share - 1.0).asin().to_degrees();
        let lon = (f64::from(number) * 137.507_764).rem_euclid(360.0) - 180.0;
        match number % 16 {
            0 => at(lat, 180.0),
            2 => at(lat, -180.0),
            4 => at(90.0, lon),
            6 => at(-90.0, lon),
            _ => at(lat, lon),
        }
    }

    #[test]
    fn a_cap_over_the_antimeridian_has_two_parts_and_one_over_a_pole_all_longitudes() {
        assert!(
            matches!(Cap::new(at(0.0, 179.9), 50.0).lon, Longitudes::Across(w, e) if w > 179.0 && e < -179.0)
        );
        assert!(matches!(Cap::new(at(0.0, -180.0), 50.0).lon, Longitudes::Across(..)));
        assert!(matches!(Cap::new(at(0.0, 0.0), 50.0).lon, Longitudes::Between(..)));
        assert_eq!(Cap::new(at(89.9, 0.0), 50.0).lon, Longitudes::All);
    }
}
