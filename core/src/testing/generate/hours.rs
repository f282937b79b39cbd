//! When the generated advisors are free.

use super::random::Random;
use crate::model::{Availability, DaySlots};

/// 2026-12-01, in days since 1970: dates of their own lie in the month from there.
pub(super) const DECEMBER: i32 = 20_788;
/// Offsets of the cities' winter, in minutes.
const OFFSETS: [i32; 5] = [-300, -300, -360, -420, -480];

/// Most working days with a gap at noon, sometimes a Saturday; a few days off, a few extra hours.
pub(super) fn calendar(random: &mut Random) -> Availability {
    let mut times =
        Availability::new(*random.pick(&OFFSETS)).expect("whole quarter hours within a day");
    for day in 0..6 {
        if random.chance(if day < 5 { 0.7 } else { 0.1 }) {
            times.week_mut()[day] = hours(random);
        }
    }
    let dated = |random: &mut Random| DECEMBER + random.below(31) as i32;
    if random.chance(0.2) {
        for _ in 0..=random.below(3) {
            times.add_busy(dated(random), DaySlots::WHOLE);
        }
    }
    if random.chance(0.1) {
        times.add_date(dated(random), hours(random));
    }
    times
}

/// One or two runs of a day, in quarter hours.
fn hours(random: &mut Random) -> DaySlots {
    let mut slots = DaySlots::default();
    let mut add = |from: u32, quarters: usize| {
        let to = from + 15 * quarters as u32;
        slots.add(from, to.min(24 * 60)).expect("whole quarter hours of a day");
    };
    let morning = 60 * (8 + random.below(3)) as u32;
    add(morning, 1 + random.below(14));
    if random.chance(0.7) {
        add(13 * 60 + 15 * random.below(8) as u32, 1 + random.below(16));
    }
    slots
}
