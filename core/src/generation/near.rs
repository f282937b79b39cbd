//! Being near a point: as a condition, and as what rows are ordered by.

use std::sync::LazyLock;

use super::Generation;
use crate::api::deadline::Deadline;
use crate::index::bitmap::Bound;
use crate::index::column::{
    Cap, Longitudes, NumberColumn, NumberTest, PointColumn, Ring, Stand, unit,
};
use crate::model::field::FieldRef;
use crate::model::rows::{BLOCK_WORDS, Block};
use crate::model::{Bits, GeoPoint, Result, Rows, Schema};

/// The points of one attribute, beside the columns of their degrees.
#[derive(Clone, Debug)]
pub(crate) struct PointField {
    /// The place of its latitude among the numbers; its longitude is the next.
    place: usize,
    points: PointColumn,
}

/// What a block costs to compare with a cap, in passes over its words.
const NEAR: u32 = 40;
/// From how many rows of a block on its box is looked at before each of them.
const BOXED: u32 = 96;
/// Blocks between two looks at the time limit.
const BLOCKS_A_CHECK: usize = 32;

/// Distances of rows from one point.
#[derive(Clone, Copy)]
pub(crate) struct Distances<'a> {
    lat: &'a NumberColumn,
    lon: &'a NumberColumn,
    points: &'a PointColumn,
    centre: GeoPoint,
    unit: [f32; 3],
}

/// What a visit passed over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PassedOver {
    pub(crate) nearer: bool,
    pub(crate) farther: bool,
}

impl Distances<'_> {
    /// The distance of a row in kilometres, NaN where it has no point.
    pub(crate) fn km(&self, row: u32) -> f64 {
        self.point(row).map_or(f64::NAN, |point| self.centre.distance_km(point))
    }

    fn point(&self, row: u32) -> Option<GeoPoint> {
        let (lat, lon) = (self.lat.raw(row), self.lon.raw(row));
        // An error is words, and a missing point is no error.
        if lat.is_nan() { None } else { GeoPoint::new(lat, lon).ok() }
    }

    /// Hands each row of a set that may lie in the ring to `see` with its distance, and each that has no point with
    /// NaN; what `see` gives back is the ring from there on. With `within`, rows outside of that distance may be
    /// passed over before they are looked at.
    ///
    /// Cost: three subtractions a row, and four sines for each that is handed over.
    ///
    /// # Errors
    /// [`Error::TimedOut`](crate::Error::TimedOut).
    pub(crate) fn visit(
        &self,
        rows: &Rows,
        within: Option<f64>,
        mut ring: Ring,
        deadline: &Deadline,
        mut see: impl FnMut(u32, f64) -> Ring,
    ) -> Result<PassedOver> {
        let mut passed = PassedOver::default();
        let cap = within.map(|km| CapBox::new(self, &Cap::new(self.centre, km)));
        for at in 0..rows.words().len().div_ceil(BLOCK_WORDS) {
            if at % BLOCKS_A_CHECK == 0 {
                deadline.check()?;
            }
            let mut block = rows.block(at);
            if let Some(cap) = &cap
                && count(&block) >= BOXED
            {
                let before = count(&block);
                cap.narrow(at, &mut block);
                passed.farther |= count(&block) < before;
            }
            let chunk = self.points.chunk(at);
            for (number, word) in block.iter().enumerate() {
                for row in Bits(*word).map(|bit| number * 64 + bit as usize) {
                    let whole = (at * 1_024 + row) as u32;
                    match chunk.stand(row, self.unit, ring) {
                        Stand::Inside => ring = see(whole, self.km(whole)),
                        Stand::Missing => ring = see(whole, f64::NAN),
                        Stand::Nearer => passed.nearer = true,
                        Stand::Farther => passed.farther = true,
                    }
                }
            }
        }
        Ok(passed)
    }

    /// About how many rows lie within that distance.
    pub(crate) fn estimate(&self, km: f64) -> u32 {
        CapBox::new(self, &Cap::new(self.centre, km)).estimate()
    }
}

fn count(block: &Block) -> u32 {
    block.iter().map(|word| word.count_ones()).sum()
}

/// The box of degrees around a cap, as tests of two columns.
struct CapBox<'a> {
    lat: &'a NumberColumn,
    lon: &'a NumberColumn,
    south: NumberTest,
    north: NumberTest,
    /// West and east; none where all longitudes are in it.
    sides: Option<(NumberTest, NumberTest)>,
    /// Whether it lies across the antimeridian, so that one of the two sides is enough.
    across: bool,
}

impl<'a> CapBox<'a> {
    fn new(distances: &Distances<'a>, cap: &Cap) -> Self {
        use crate::model::Comparison::{Gte, Lte};
        let (lat, lon) = (distances.lat, distances.lon);
        let sides = match cap.lon {
            Longitudes::All => None,
            Longitudes::Between(west, east) | Longitudes::Across(west, east) => {
                Some((lon.test(Gte, west), lon.test(Lte, east)))
            }
        };
        Self {
            lat,
            lon,
            south: lat.test(Gte, cap.lat[0]),
            north: lat.test(Lte, cap.lat[1]),
            sides,
            across: matches!(cap.lon, Longitudes::Across(..)),
        }
    }

    /// About how many rows are in it, if latitudes and longitudes had nothing to do with each other.
    fn estimate(&self) -> u32 {
        let Some(all) = self.lat.present().filter(|all| *all > 0) else {
            return self.south.estimate;
        };
        let between =
            |a: &NumberTest, b: &NumberTest| (a.estimate + b.estimate).saturating_sub(all);
        let lat = between(&self.south, &self.north);
        let lon = match &self.sides {
            None => all,
            Some((west, east)) if self.across => west.estimate + east.estimate,
            Some((west, east)) => between(west, east),
        };
        (u64::from(lat) * u64::from(lon.min(all)) / u64::from(all)) as u32
    }

    /// Keeps of block `at` the rows in the box; a row without a point is in none.
    fn narrow(&self, at: usize, block: &mut Block) {
        self.lat.narrow(&self.south, at, block);
        self.lat.narrow(&self.north, at, block);
        let Some((west, east)) = &self.sides else { return };
        if self.across {
            let mut other = *block;
            self.lon.narrow(west, at, block);
            self.lon.narrow(east, at, &mut other);
            block.iter_mut().zip(other).for_each(|(word, other)| *word |= other);
        } else {
            self.lon.narrow(west, at, block);
            self.lon.narrow(east, at, block);
        }
    }
}

impl Generation {
    /// The distances of all rows from a point, by the attribute whose latitude has that place.
    pub(crate) fn distances(&self, place: usize, centre: GeoPoint) -> Distances<'_> {
        static NONE: LazyLock<PointColumn> = LazyLock::new(PointColumn::default);
        let field = self.points.iter().find(|field| field.place == place);
        Distances {
            lat: &self.numbers[place],
            lon: &self.numbers[place + 1],
            points: field.map_or(&NONE, |field| &field.points),
            centre,
            unit: unit(centre),
        }
    }

    /// The condition of lying within a distance of a point.
    pub(super) fn bind_near(&self, place: usize, centre: GeoPoint, radius_km: f64) -> Bound<'_> {
        let distances = self.distances(place, centre);
        let cap = Cap::new(centre, radius_km);
        let outer = CapBox::new(&distances, &cap);
        Bound::blocks(outer.estimate(), NEAR, move |at, block| {
            if count(block) >= BOXED {
                outer.narrow(at, block);
            }
            distances.points.narrow(&cap, at, block, |row| distances.point(row));
        })
    }

    /// Makes room for the points of attributes that the schema has and the generation has not.
    pub(super) fn fit_points(&mut self) {
        for place in point_places(&self.schema) {
            if !self.points.iter().any(|field| field.place == place) {
                let points = PointColumn::of(&self.numbers[place], &self.numbers[place + 1]);
                self.points.push(PointField { place, points });
            }
        }
    }

    /// Writes the point of one row, in two columns of degrees and as a vector.
    pub(super) fn write_point(&mut self, place: usize, row: u32, point: Option<GeoPoint>) {
        let (lat, lon) = (point.map(GeoPoint::lat), point.map(GeoPoint::lon));
        if self.numbers[place].get(row) == lat && self.numbers[place + 1].get(row) == lon {
            return;
        }
        self.write_number(place, row, lat);
        self.write_number(place + 1, row, lon);
        if let Some(field) = self.points.iter_mut().find(|field| field.place == place) {
            field.points.set(row, point);
        }
    }

    /// Takes a row's points away.
    pub(super) fn remove_points(&mut self, row: u32) {
        self.points.iter_mut().for_each(|field| field.points.set(row, None));
    }
}

impl PointField {
    pub(super) fn bytes(&self) -> usize {
        self.points.bytes()
    }
}

fn point_places(schema: &Schema) -> Vec<usize> {
    let place = |field| match field {
        FieldRef::Geo(place) => Some(place),
        _ => None,
    };
    schema.attributes().iter().filter_map(|attribute| place(attribute.field())).collect()
}
