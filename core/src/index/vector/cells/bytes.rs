//! Cells as bytes and back: little-endian, without gaps. `core/FORMAT.md` describes each.

use std::sync::Arc;

use super::super::index::VectorIndex;
use super::super::kernels::{Line, SCAN_DIMS, SIEVE_LINES};
use super::{Cell, Cells, MOST_ROWS, NOWHERE, Point, Region, Spread, WAITING};
use crate::model::{Error, Result};

/// The first bytes: a name and the version of what follows.
const MAGIC: [u8; 8] = *b"SLCEL\0\0\x01";

/// Rows, regions, cells, rows that wait; rows when they were made, rows set and rows gone since.
const COUNTS: usize = 7;

/// In the region of a cell: none, for one that was split off later.
const NO_REGION: u32 = u32::MAX;

/// Numbers of four bytes, from the front.
struct Numbers<'a>(std::slice::Iter<'a, [u8; 4]>);

impl Numbers<'_> {
    fn whole(&mut self) -> Option<u32> {
        self.0.next().map(|four| u32::from_le_bytes(*four))
    }

    fn float(&mut self) -> Option<f32> {
        self.0.next().map(|four| f32::from_le_bytes(*four)).filter(|x| x.is_finite())
    }

    fn wholes(&mut self, count: usize) -> Option<Vec<u32>> {
        // Nothing is taken that is not there.
        (count <= self.0.len())
            .then(|| self.0.by_ref().take(count))
            .map(|fours| fours.map(|four| u32::from_le_bytes(*four)).collect())
    }

    fn point(&mut self) -> Option<Point> {
        let mut coordinates = [0.0; SCAN_DIMS];
        for x in &mut coordinates {
            *x = self.float()?;
        }
        Some(Point::centre(&coordinates))
    }
}

impl VectorIndex {
    /// The cells as bytes, if there are any. With their copies of codes: who opens a snapshot reads them from front
    /// to back, and none of the vectors' own tables.
    pub fn cells_to_bytes(&self) -> Option<Vec<u8>> {
        self.cells.as_ref().map(Cells::to_bytes)
    }

    /// Takes in the cells whose bytes these are. As with [`VectorIndex::from_bytes`], a checksum has said that they
    /// are what was written; this refuses what cannot be the cells of this index. Cost: a copy of 40 bytes a row.
    ///
    /// # Errors
    /// [`Error::Malformed`]; then there are no cells.
    pub fn set_cells_from_bytes(&mut self, bytes: &[u8]) -> Result<()> {
        (self.cells, self.later) = (None, None);
        let basis = self.has_basis();
        let cells = basis.then(|| Cells::from_bytes(bytes, self)).flatten();
        self.cells = Some(cells.ok_or_else(|| Error::Malformed {
            what: "the cell section".to_owned(),
            reason: "it is not one of these vectors".to_owned(),
        })?);
        Ok(())
    }
}

impl Cells {
    fn to_bytes(&self) -> Vec<u8> {
        let Self { regions, members, centres, ratios, spread, home, waiting, .. } = self;
        let each = (SCAN_DIMS + 3) * 4;
        let mut out = Vec::with_capacity(1024 + centres.len() * each + home.len() * 44);
        out.extend_from_slice(&MAGIC);
        let whole = |out: &mut Vec<u8>, x: usize| out.extend_from_slice(&(x as u32).to_le_bytes());
        for count in [home.len(), regions.len(), members.len(), waiting.len()] {
            whole(&mut out, count);
        }
        [self.fitted, self.since, self.gone].iter().for_each(|&x| whole(&mut out, x as usize));
        let mut floats =
            |numbers: &[f32]| numbers.iter().for_each(|x| out.extend_from_slice(&x.to_le_bytes()));
        floats(&[spread.outside, spread.noise]);
        floats(&spread.within);
        regions.iter().for_each(|region| floats(region.centre.coordinates()));
        centres.iter().for_each(|centre| floats(centre.coordinates()));
        floats(ratios);
        let mut region_of = vec![NO_REGION as usize; members.len()];
        for (at, region) in regions.iter().enumerate() {
            region.cells.iter().for_each(|&cell| region_of[cell as usize] = at);
        }
        region_of.iter().for_each(|&at| whole(&mut out, at));
        members.iter().for_each(|cell| whole(&mut out, cell.rows().len()));
        let rows = members.iter().flat_map(|cell| cell.rows()).chain(&**waiting);
        rows.for_each(|&row| whole(&mut out, row as usize));
        for line in members.iter().flat_map(|cell| cell.codes()) {
            out.extend(line.0.map(|code| code as u8));
        }
        out
    }

    fn from_bytes(bytes: &[u8], index: &VectorIndex) -> Option<Self> {
        let (fours, []) = bytes.strip_prefix(&MAGIC)?.as_chunks::<4>() else { return None };
        let mut numbers = Numbers(fours.iter());
        let mut counts = [0; COUNTS];
        for count in &mut counts {
            *count = numbers.whole()?;
        }
        let [rows, regions, cells, waiting, fitted, since, gone] = counts;
        let points = u64::from(regions) + u64::from(cells);
        if cells == 0 || regions == 0 || rows > index.len() || points > fours.len() as u64 {
            return None;
        }
        let (outside, noise) = (numbers.float()?, numbers.float()?);
        let mut spread = Spread { within: [0.0; SCAN_DIMS], outside, noise };
        for x in &mut spread.within {
            *x = numbers.float()?;
        }
        let centre = |_| numbers.point();
        let mut all = (0..points).map(centre).collect::<Option<Vec<_>>>()?;
        let centres = all.split_off(regions as usize);
        let mut regions: Vec<Region> =
            all.into_iter().map(|centre| Region { centre, cells: Vec::new() }).collect();
        let ratios = (0..cells).map(|_| numbers.float()).collect::<Option<Vec<_>>>()?;
        for cell in 0..cells {
            match numbers.whole()? {
                NO_REGION => {}
                at => regions.get_mut(at as usize)?.cells.push(cell),
            }
        }
        let sizes = numbers.wholes(cells as usize)?;
        let lists = sizes.iter().map(|&size| numbers.wholes(size as usize));
        let lists = lists.collect::<Option<Vec<_>>>()?;
        let waiting = numbers.wholes(waiting as usize)?;
        let home = homes(&lists, &waiting, rows, index)?;
        let mut codes = numbers.0.as_slice();
        let members = lists.into_iter().map(|rows| read_cell(rows, &mut codes).map(Arc::new));
        let members = members.collect::<Option<Vec<_>>>()?;
        codes.is_empty().then(|| Self {
            regions: Arc::new(regions),
            members: Arc::new(members),
            centres: Arc::new(centres),
            ratios: Arc::new(ratios),
            spread: Arc::new(spread),
            home: home.into_iter().collect(),
            waiting: Arc::new(waiting),
            fitted,
            since,
            gone,
        })
    }
}

/// A cell of these rows, whose codes are taken from the front.
fn read_cell(rows: Vec<u32>, codes: &mut &[[u8; 4]]) -> Option<Cell> {
    let lines = rows.len().div_ceil(16) * SIEVE_LINES;
    let (own, rest) = codes.split_at_checked(lines * 16)?;
    *codes = rest;
    let line = |bytes: &[u8]| Line(std::array::from_fn(|at| bytes[at] as i8));
    Some(Cell::of(rows, own.as_flattened().chunks_exact(64).map(line).collect()))
}

/// Where each row is at home; `None` unless each row with a vector is in exactly one place, and no cell is too full.
fn homes(lists: &[Vec<u32>], waiting: &[u32], rows: u32, index: &VectorIndex) -> Option<Vec<u32>> {
    let mut home = vec![NOWHERE; rows as usize];
    let mut placed = 0;
    let cells = (0..).zip(lists).map(|(at, list)| (at, list.as_slice()));
    for (at, list) in cells.chain([(WAITING, waiting)]) {
        if at != WAITING && list.len() > MOST_ROWS {
            return None;
        }
        for &row in list {
            let place = home.get_mut(row as usize)?;
            if *place != NOWHERE || !index.present().contains(row) {
                return None;
            }
            *place = at;
            placed += 1;
        }
    }
    (placed == index.present().count()).then_some(home)
}
