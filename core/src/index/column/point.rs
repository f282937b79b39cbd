//! The points of one field by row, as f32 unit vectors: what most rows are near or far by, at three subtractions each.
//!
//! The straight line between two unit vectors grows with the distance of their points, and takes no sine. It is off
//! by less than `cap.rs` allows for, so that only rows within some ten metres of a limit are measured on the sphere;
//! their degrees lie in two columns of numbers, whose sketches leave out most blocks of rows before.

use super::cap::{Cap, Ring};
use super::number::NumberColumn;
use crate::model::persistent::Chunked;
use crate::model::rows::Block;
use crate::model::{Bits, GeoPoint};

/// Three coordinates a row.
#[derive(Clone, Debug, Default)]
pub(crate) struct PointColumn {
    x: Chunked<f32>,
    y: Chunked<f32>,
    z: Chunked<f32>,
}

/// A coordinate that no point has: whose row it is has no point, and is far from everywhere.
const NOWHERE: f32 = 9.0;

/// Which rows of a block are sure, and which must be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Verdict {
    within: u64,
    unsure: u64,
}

/// The rows of one block.
#[derive(Clone, Copy)]
pub(crate) struct PointChunk<'a> {
    x: &'a [f32],
    y: &'a [f32],
    z: &'a [f32],
}

/// How a row stands to a ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stand {
    /// It may lie in the ring.
    Inside,
    Nearer,
    Farther,
    /// It has no point.
    Missing,
}

impl PointColumn {
    /// The points of two columns of degrees, NaN where there is none.
    pub(crate) fn of(lat: &NumberColumn, lon: &NumberColumn) -> Self {
        let mut column = Self::default();
        for (lat, lon) in lat.iter().zip(lon.iter()) {
            let point = if lat.is_nan() { None } else { GeoPoint::new(lat, lon).ok() };
            let [x, y, z] = point.map_or([NOWHERE; 3], unit);
            column.x.push(x);
            column.y.push(y);
            column.z.push(z);
        }
        column
    }

    /// Writes one row, making room for it where it is new.
    pub(crate) fn set(&mut self, row: u32, point: Option<GeoPoint>) {
        let coordinates = point.map_or([NOWHERE; 3], unit);
        for (column, value) in [&mut self.x, &mut self.y, &mut self.z].into_iter().zip(coordinates)
        {
            column.extend_to(row as usize + 1, &NOWHERE);
            if let Some(slot) = column.get_mut(row as usize) {
                *slot = value;
            }
        }
    }

    /// Keeps of block `at` the rows that lie in the cap; `point` gives the points of those of which this column
    /// is not sure.
    pub(crate) fn narrow(
        &self,
        cap: &Cap,
        at: usize,
        block: &mut Block,
        point: impl Fn(u32) -> Option<GeoPoint>,
    ) {
        let centre = unit(cap.centre);
        let chunk = self.chunk(at);
        for (number, word) in block.iter_mut().enumerate().filter(|(_, word)| **word != 0) {
            let part = |column: &[f32]| -> [f32; 64] {
                let mut part = [NOWHERE; 64];
                let from = column.get(number * 64..).unwrap_or_default();
                let len = from.len().min(64);
                part[..len].copy_from_slice(&from[..len]);
                part
            };
            let verdict = if word.count_ones() > 8 {
                judge(&part(chunk.x), &part(chunk.y), &part(chunk.z), centre, cap)
            } else {
                let mut verdict = Verdict { within: 0, unsure: 0 };
                for bit in Bits(*word) {
                    let row = number * 64 + bit as usize;
                    let chord = chunk.squared_chord(row, centre);
                    verdict.within |= u64::from(chord < cap.inside) << bit;
                    verdict.unsure |= u64::from(chord >= cap.inside && chord <= cap.outside) << bit;
                }
                verdict
            };
            let first = (at * 1_024 + number * 64) as u32;
            let mut kept = *word & verdict.within;
            for bit in Bits(*word & verdict.unsure) {
                let holds = point(first + bit).is_some_and(|point| cap.holds(point));
                kept |= u64::from(holds) << bit;
            }
            *word = kept;
        }
    }

    /// The rows of block `at`.
    pub(crate) fn chunk(&self, at: usize) -> PointChunk<'_> {
        PointChunk { x: self.x.chunk(at), y: self.y.chunk(at), z: self.z.chunk(at) }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.x.len() * 12
    }
}

/// More than the square of any chord between two points.
const FARTHEST: f32 = 5.0;

/// A point as a vector of length 1.
pub(crate) fn unit(point: GeoPoint) -> [f32; 3] {
    let (lat, lon) = (point.lat().to_radians(), point.lon().to_radians());
    let (sin, cos) = lat.sin_cos();
    [(cos * lon.cos()) as f32, (cos * lon.sin()) as f32, sin as f32]
}

impl PointChunk<'_> {
    /// How a row, counted from the block's first, stands to a ring around a centre, whose [`unit`] vector is given.
    #[inline]
    pub(crate) fn stand(&self, row: usize, centre: [f32; 3], ring: Ring) -> Stand {
        let chord = self.squared_chord(row, centre);
        if chord > FARTHEST {
            Stand::Missing
        } else if chord < ring.low {
            Stand::Nearer
        } else if chord > ring.high {
            Stand::Farther
        } else {
            Stand::Inside
        }
    }

    #[inline]
    fn squared_chord(&self, row: usize, centre: [f32; 3]) -> f32 {
        match (self.x.get(row), self.y.get(row), self.z.get(row)) {
            (Some(x), Some(y), Some(z)) => {
                squared_length(x - centre[0], y - centre[1], z - centre[2])
            }
            _ => f32::INFINITY,
        }
    }
}

#[inline]
fn squared_length(x: f32, y: f32, z: f32) -> f32 {
    x * x + y * y + z * z
}

/// The verdict on 64 rows, without a branch: the compiler does them side by side.
fn judge(x: &[f32; 64], y: &[f32; 64], z: &[f32; 64], centre: [f32; 3], cap: &Cap) -> Verdict {
    let mut verdict = Verdict { within: 0, unsure: 0 };
    let mut chords = [0.0_f32; 64];
    for (row, chord) in chords.iter_mut().enumerate() {
        *chord = squared_length(x[row] - centre[0], y[row] - centre[1], z[row] - centre[2]);
    }
    for (row, chord) in chords.iter().enumerate() {
        verdict.within |= u64::from(*chord < cap.inside) << row;
        verdict.unsure |= u64::from(*chord <= cap.outside) << row;
    }
    verdict.unsure &= !verdict.within;
    verdict
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::rows::BLOCK_WORDS;

    fn points() -> Vec<Option<GeoPoint>> {
        let at = |lat, lon| GeoPoint::new(lat, lon).ok();
        (0..2_500_u32)
            .map(|row| match row % 25 {
                0 => None,
                1 => at(90.0, f64::from(row % 360) - 180.0),
                2 => at(-90.0, 0.0),
                3 => at(0.0, 180.0),
                4 => at(0.0, -180.0),
                // A street of one metre steps.
                5..15 => at(52.5 + f64::from(row) * 9e-6, 13.4),
                _ => at(f64::from(row * 7 % 180) - 90.0, f64::from(row * 13 % 360) - 180.0),
            })
            .collect()
    }

    fn column(points: &[Option<GeoPoint>]) -> PointColumn {
        let mut column = PointColumn::default();
        (0..).zip(points).for_each(|(row, point)| column.set(row, *point));
        column
    }

    #[test]
    fn a_block_keeps_who_lies_in_the_cap_however_full_it_is() {
        let points = points();
        let column = column(&points);
        for centre in [(52.505, 13.4), (0.0, 180.0), (90.0, 0.0), (-89.0, 30.0), (10.0, 20.0)] {
            let centre = GeoPoint::new(centre.0, centre.1).expect("degrees of the earth");
            for radius_km in [0.0, 0.5, 0.9, 111.2, 5_000.0, 20_015.0, 40_000.0] {
                let cap = Cap::new(centre, radius_km);
                for mask in [u64::MAX, 0x0101_0000_8000_0001] {
                    for at in 0..4 {
                        let mut block = [mask; BLOCK_WORDS];
                        let measured = std::cell::Cell::new(0);
                        column.narrow(&cap, at, &mut block, |row| {
                            measured.set(measured.get() + 1);
                            points[row as usize]
                        });
                        for row in at * 1_024..(at + 1) * 1_024 {
                            let word = row / 64 % BLOCK_WORDS;
                            let found = block[word] >> (row % 64) & 1 == 1;
                            let asked = mask >> (row % 64) & 1 == 1;
                            let point = points.get(row).copied().flatten();
                            let right = asked && point.is_some_and(|point| cap.holds(point));
                            assert_eq!(found, right, "{cap:?} {row} {point:?}");
                        }
                        assert!(measured.get() < 400, "{} measured for {cap:?}", measured.get());
                    }
                }
            }
        }
    }

    #[test]
    fn who_is_nearer_or_farther_than_a_ring_is_so_on_the_sphere() {
        let points = points();
        let column = column(&points);
        let centre = GeoPoint::new(52.505, 13.4).expect("degrees of the earth");
        for (from, to) in [(0.0, 0.4), (0.4, 0.401), (500.0, 9_000.0), (15_000.0, 20_100.0)] {
            let ring = Ring::WHOLE.beyond_km(from).up_to_km(to);
            for (row, point) in (0..).zip(&points) {
                let km = point.map(|point| centre.distance_km(point));
                let chunk = column.chunk(row / 1_024);
                match (chunk.stand(row % 1_024, unit(centre), ring), km) {
                    (Stand::Missing, None) | (Stand::Inside, Some(_)) => {}
                    (Stand::Nearer, Some(km)) => assert!(km < from, "{km} {from}"),
                    (Stand::Farther, Some(km)) => assert!(km > to, "{km} {to}"),
                    (stand, km) => panic!("{stand:?} {km:?}"),
                }
            }
        }
        assert_eq!(column.chunk(9).stand(0, unit(centre), Ring::WHOLE), Stand::Missing);
    }
}
