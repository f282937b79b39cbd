//! A search for free time, in whole quarter hours: where a run of so many may begin.

use crate::model::Availability;
use crate::model::availability::QUARTERS;

/// A quarter hour in microseconds.
const QUARTER: i64 = 15 * 60 * 1_000_000;
/// Quarter hours in a week.
pub(super) const WEEK: usize = 7 * QUARTERS as usize;

/// So many quarter hours on end, from any of so many that follow each other. Quarters are counted from 1970 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Opening {
    pub(super) first: i64,
    pub(super) starts: u32,
    pub(super) quarters: u32,
}

/// Free for so long between two moments: any of the openings will do.
///
/// A window rarely begins and ends at a quarter hour. What is free is so in whole ones, so that the time before the
/// first whole quarter of the window helps only a run that begins with it, and the time after the last only one that
/// ends with it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Openings {
    pub(super) list: Vec<Opening>,
    /// The days that it may touch, at any offset.
    pub(super) days: (i32, i32),
}

impl Openings {
    /// For a run of `minutes` between two moments in microseconds since 1970, the earlier first.
    pub(crate) fn new(from: i64, to: i64, minutes: u32) -> Self {
        let need = i64::from(minutes) * 60_000_000;
        let (first, end) = ((from + QUARTER - 1).div_euclid(QUARTER), to.div_euclid(QUARTER));
        let (head, tail) = (first * QUARTER - from, to - end * QUARTER);
        let mut list = Vec::new();
        let mut add = |first: i64, starts: i64, quarters: i64| {
            if starts > 0 {
                let (starts, quarters) = (starts as u32, quarters as u32);
                list.push(Opening { first, starts, quarters });
            }
        };
        let whole = end - first;
        let in_quarters = |time: i64| (time.max(0) + QUARTER - 1).div_euclid(QUARTER);
        if whole < 0 {
            // Within one quarter hour.
            add(end, i64::from(need <= to - from), 1);
        } else {
            add(first, whole - in_quarters(need) + 1, in_quarters(need));
            let (with_head, with_tail) = (in_quarters(need - head), in_quarters(need - tail));
            add(first - 1, i64::from(head > 0 && with_head <= whole), with_head + 1);
            add(end - with_tail, i64::from(tail > 0 && with_tail <= whole), with_tail + 1);
            let all = head > 0 && tail > 0 && need <= to - from;
            add(first - 1, i64::from(all), whole + 2);
        }
        let day = |micros: i64| micros.div_euclid(QUARTER * i64::from(QUARTERS)) as i32;
        Self { list, days: (day(from) - 1, day(to) + 1) }
    }

    /// Whether somebody is free so.
    pub(super) fn fit(&self, times: &Availability) -> bool {
        self.list.iter().any(|opening| fits(opening, times))
    }
}

/// Follows the runs of free quarters from day to day, over midnight.
fn fits(opening: &Opening, times: &Availability) -> bool {
    let ahead = i64::from(times.offset_minutes() / 15);
    let begin = opening.first + ahead;
    let end = begin + i64::from(opening.starts) - 1 + i64::from(opening.quarters);
    let a_day = i64::from(QUARTERS);
    let mut run_end = i64::MIN;
    let mut run_begin = i64::MIN;
    for day in begin.div_euclid(a_day)..=(end - 1).div_euclid(a_day) {
        for (from, to) in times.on(day as i32).runs() {
            let from = (day * a_day + i64::from(from / 15)).max(begin);
            let to = (day * a_day + i64::from(to / 15)).min(end);
            if from != run_end {
                run_begin = from;
            }
            run_end = to;
            if to - run_begin >= i64::from(opening.quarters) {
                return true;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DaySlots;

    const MINUTE: i64 = 60_000_000;

    /// Free from 10:00 to 11:00 and from 23:30 to 00:30 on day 0.
    fn times() -> Availability {
        let mut times = Availability::default();
        let mut day = DaySlots::default();
        day.add(600, 660).expect("an hour");
        day.add(1_410, 1_440).expect("half an hour");
        times.add_date(0, day);
        times.add_date(1, DaySlots::from_bits(0b11));
        times
    }

    #[test]
    fn runs_count_to_the_microsecond_at_both_ends_of_the_window_and_over_midnight() {
        for (from, to, minutes, right) in [
            (600 * MINUTE, 660 * MINUTE, 60, true),
            (600 * MINUTE + 1, 660 * MINUTE, 60, false),
            (600 * MINUTE + 1, 660 * MINUTE, 59, true),
            (605 * MINUTE, 655 * MINUTE, 50, true),
            (605 * MINUTE, 655 * MINUTE, 51, false),
            (605 * MINUTE, 900 * MINUTE, 55, true),
            (605 * MINUTE, 900 * MINUTE, 56, false),
            (0, 655 * MINUTE, 55, true),
            (0, 655 * MINUTE, 56, false),
            (607 * MINUTE, 611 * MINUTE, 4, true),
            (607 * MINUTE, 611 * MINUTE, 5, false),
            (660 * MINUTE, 664 * MINUTE, 4, false),
            (0, 3_000 * MINUTE, 60, true),
            (0, 3_000 * MINUTE, 61, false),
            (1_415 * MINUTE, 1_465 * MINUTE, 50, true),
            (1_380 * MINUTE, 1_440 * MINUTE, 30, true),
            (1_380 * MINUTE, 1_440 * MINUTE, 31, false),
        ] {
            let openings = Openings::new(from, to, minutes);
            assert_eq!(openings.fit(&times()), right, "{from} {to} {minutes} {openings:?}");
        }
    }

    #[test]
    fn the_offset_moves_all_of_it() {
        let mut east = Availability::new(60).expect("an offset");
        let mut day = DaySlots::default();
        day.add(600, 660).expect("an hour");
        east.add_date(0, day);
        let fits =
            |hour: i64| Openings::new(hour * 60 * MINUTE, (hour + 1) * 60 * MINUTE, 60).fit(&east);
        assert!(fits(9) && !fits(10) && !fits(11));
    }
}
