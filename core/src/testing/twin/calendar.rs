//! Whether somebody is free, quarter hour by quarter hour.

use crate::model::{Availability, DaySlots, Instant};

const QUARTER: i64 = 15 * 60 * 1_000_000;

/// Whether some run of free time within the window is so long. Every quarter hour that the window touches is looked at.
pub(super) fn is_free(times: &Availability, from: Instant, to: Instant, minutes: u32) -> bool {
    let (from, to) = (from.micros(), to.micros());
    let mut longest = 0;
    let mut run = 0;
    let mut begin = from - from.rem_euclid(QUARTER);
    while begin < to {
        let within = (begin + QUARTER).min(to) - begin.max(from);
        run = if is_free_at(times, begin) { run + within } else { 0 };
        longest = longest.max(run);
        begin += QUARTER;
    }
    longest >= i64::from(minutes) * 60_000_000
}

/// Whether the quarter hour that begins then is free.
fn is_free_at(times: &Availability, micros: i64) -> bool {
    let local = micros / QUARTER + i64::from(times.offset_minutes()) / 15;
    let (day, quarter) = (local.div_euclid(96), local.rem_euclid(96));
    let has = |slots: &DaySlots| slots.bits() & (1 << quarter) != 0;
    let listed = |list: &[(i32, DaySlots)]| {
        list.iter().any(|(known, slots)| i64::from(*known) == day && has(slots))
    };
    // 1970-01-05 was a Monday.
    let weekday = (day - 4).rem_euclid(7) as usize;
    (has(&times.week()[weekday]) || listed(times.dates())) && !listed(times.busy())
}
