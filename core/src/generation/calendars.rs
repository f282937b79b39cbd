//! Free time: reading, writing and keeping it.

use std::sync::Arc;

use super::Generation;
use crate::index::bitmap::{Bound, CalendarIndex, Openings};
use crate::model::{Availability, DaySlots, Instant, Result};
use crate::store::{ByteReader, ByteWriter, SnapshotWriter};

impl Generation {
    /// The condition of being free for so many minutes on end between two moments.
    pub(super) fn bind_free(
        &self,
        place: usize,
        from: Instant,
        to: Instant,
        minutes: u32,
    ) -> Bound<'_> {
        self.calendars[place].free(Openings::new(from.micros(), to.micros(), minutes))
    }

    /// Writes one section for each attribute of free time.
    pub(super) fn save_calendars(&self, out: &mut SnapshotWriter) -> Result<()> {
        self.calendars.iter().enumerate().try_for_each(|(place, calendar)| {
            out.section(&section_name(place), &write(calendar, self.rows))
        })
    }
}

pub(super) fn section_name(place: usize) -> String {
    format!("calendar-{place}")
}

fn write(calendar: &CalendarIndex, rows: u32) -> Vec<u8> {
    let mut out = ByteWriter::default();
    for row in 0..rows {
        let mut bytes = ByteWriter::default();
        if let Some(times) = calendar.get(row) {
            write_times(times, &mut bytes);
        }
        out.bytes(&bytes.0);
    }
    out.0
}

/// Reads a section; `None` where it is not one of so many rows.
pub(super) fn read(bytes: &[u8], rows: u32) -> Option<CalendarIndex> {
    let mut reader = ByteReader::new(bytes);
    let mut calendar = CalendarIndex::default();
    for row in 0..rows {
        let bytes = reader.bytes()?;
        if !bytes.is_empty() {
            calendar.set(row, Some(&Arc::new(read_times(bytes)?)));
        }
    }
    reader.is_done().then_some(calendar)
}

/// Writes free time as snapshots and commits keep it.
pub(super) fn write_times(times: &Availability, out: &mut ByteWriter) {
    out.u32(times.offset_minutes() as u32);
    times.week().iter().for_each(|day| write_day(*day, out));
    for list in [times.dates(), times.busy()] {
        out.u32(list.len() as u32);
        for (day, slots) in list {
            out.u32(*day as u32);
            write_day(*slots, out);
        }
    }
}

/// Reads what [`write_times`] wrote, all of it.
pub(super) fn read_times(bytes: &[u8]) -> Option<Availability> {
    let mut reader = ByteReader::new(bytes);
    let mut times = Availability::new(reader.u32()? as i32).ok()?;
    for day in 0..7 {
        times.week_mut()[day] = read_day(&mut reader)?;
    }
    for _ in 0..reader.u32()? {
        times.add_date(reader.u32()? as i32, read_day(&mut reader)?);
    }
    for _ in 0..reader.u32()? {
        times.add_busy(reader.u32()? as i32, read_day(&mut reader)?);
    }
    reader.is_done().then_some(times)
}

/// 96 bits, the earliest quarter hour lowest.
fn write_day(slots: DaySlots, out: &mut ByteWriter) {
    out.0.extend_from_slice(&slots.bits().to_le_bytes()[..12]);
}

fn read_day(reader: &mut ByteReader<'_>) -> Option<DaySlots> {
    let mut bytes = [0; 16];
    bytes[..12].copy_from_slice(reader.take(12)?);
    Some(DaySlots::from_bits(u128::from_le_bytes(bytes)))
}
