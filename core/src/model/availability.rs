//! When somebody is free: quarter hours of a week that repeats, and dates that differ from it.

use super::{Error, Result};

/// Quarter hours in a day.
pub const QUARTERS: u32 = 96;

/// Quarter hours of one day, one bit each, the lowest for 00:00 to 00:15.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct DaySlots(u128);

impl DaySlots {
    /// The whole day.
    pub const WHOLE: Self = Self((1 << QUARTERS) - 1);

    /// From bits; those beyond the day are dropped.
    pub fn from_bits(bits: u128) -> Self {
        Self(bits & Self::WHOLE.0)
    }

    /// One bit a quarter hour.
    pub fn bits(self) -> u128 {
        self.0
    }

    /// Whether it has no quarter hour.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Adds the time from one minute of the day to another, both whole quarter hours.
    ///
    /// # Errors
    /// [`Error::OutOfRange`].
    pub fn add(&mut self, from_minute: u32, to_minute: u32) -> Result<()> {
        let whole = from_minute.is_multiple_of(15) && to_minute.is_multiple_of(15);
        if !whole || from_minute >= to_minute || to_minute > QUARTERS * 15 {
            return Err(Error::OutOfRange {
                field: "availability".to_owned(),
                value: format!("minute {from_minute} to {to_minute}"),
                expected: "whole quarter hours of one day, the later one last".to_owned(),
            });
        }
        let (from, to) = (from_minute / 15, to_minute / 15);
        self.0 |= ((1_u128 << (to - from)) - 1) << from;
        Ok(())
    }

    /// The runs as minutes of the day, from and to, ascending and apart.
    pub fn runs(self) -> impl Iterator<Item = (u32, u32)> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let from = left.trailing_zeros();
            (left != 0).then(|| {
                let len = (left >> from).trailing_ones();
                left &= !(((1_u128 << len) - 1) << from);
                (from * 15, (from + len) * 15)
            })
        })
    }
}

/// When somebody is free: a week that repeats, time that single dates add to it and take out of it, and how far local
/// time is ahead of UTC.
///
/// The offset is fixed, and no time zone has a name here: what a named zone's clocks will show next year is a law that
/// may change, and two machines with two editions of it would give two answers. Where clocks change twice a year,
/// whoever keeps the profile sends the new offset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Availability {
    offset_minutes: i32,
    week: [DaySlots; 7],
    /// Ascending by day; none is empty.
    dates: Vec<(i32, DaySlots)>,
    busy: Vec<(i32, DaySlots)>,
}

impl Availability {
    /// Never free, at an offset of whole quarter hours, at most 14 hours either way.
    ///
    /// # Errors
    /// [`Error::OutOfRange`].
    pub fn new(offset_minutes: i32) -> Result<Self> {
        if offset_minutes % 15 != 0 || offset_minutes.abs() > 14 * 60 {
            return Err(Error::OutOfRange {
                field: "timeZone".to_owned(),
                value: format!("{offset_minutes} minutes"),
                expected: "whole quarter hours, -14:00 to +14:00".to_owned(),
            });
        }
        Ok(Self { offset_minutes, ..Self::default() })
    }

    /// How many minutes local time is ahead of UTC.
    pub fn offset_minutes(&self) -> i32 {
        self.offset_minutes
    }

    /// The week that repeats, Monday first.
    pub fn week(&self) -> &[DaySlots; 7] {
        &self.week
    }

    /// The week that repeats, to change.
    pub fn week_mut(&mut self) -> &mut [DaySlots; 7] {
        &mut self.week
    }

    /// What single dates add, as days since 1970-01-01 with their time; ascending.
    pub fn dates(&self) -> &[(i32, DaySlots)] {
        &self.dates
    }

    /// What single dates take out, of the week and of what dates add; ascending.
    pub fn busy(&self) -> &[(i32, DaySlots)] {
        &self.busy
    }

    /// Adds time on one day, given by its number since 1970-01-01.
    pub fn add_date(&mut self, day: i32, slots: DaySlots) {
        add(&mut self.dates, day, slots);
    }

    /// Takes time out of one day, whatever its weekday says.
    pub fn add_busy(&mut self, day: i32, slots: DaySlots) {
        add(&mut self.busy, day, slots);
    }

    /// The free time of one local day.
    pub fn on(&self, day: i32) -> DaySlots {
        let of = |list: &[(i32, DaySlots)]| {
            let at = list.binary_search_by_key(&day, |(known, _)| *known);
            at.map_or(0, |at| list[at].1.0)
        };
        // Day 0 was a Thursday.
        let weekly = self.week[(i64::from(day) + 3).rem_euclid(7) as usize].0;
        DaySlots((weekly | of(&self.dates)) & !of(&self.busy))
    }
}

fn add(list: &mut Vec<(i32, DaySlots)>, day: i32, slots: DaySlots) {
    if slots.is_empty() {
        return;
    }
    match list.binary_search_by_key(&day, |(known, _)| *known) {
        Ok(at) => list[at].1.0 |= slots.0,
        Err(at) => list.insert(at, (day, slots)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_that_meet_are_one_and_the_whole_day_is_one() {
        let mut day = DaySlots::default();
        for (from, to) in [(540, 600), (600, 660), (0, 15), (1_425, 1_440)] {
            day.add(from, to).expect("whole quarter hours");
        }
        assert_eq!(day.runs().collect::<Vec<_>>(), [(0, 15), (540, 660), (1_425, 1_440)]);
        day.add(0, 1_440).expect("a day");
        assert_eq!((day, day.runs().collect::<Vec<_>>()), (DaySlots::WHOLE, vec![(0, 1_440)]));
        assert_eq!(DaySlots::default().runs().count(), 0);
    }

    #[test]
    fn what_is_no_quarter_hour_is_refused() {
        let mut day = DaySlots::default();
        for (from, to) in [(5, 15), (0, 16), (15, 15), (30, 15), (0, 1_455)] {
            assert!(day.add(from, to).is_err(), "{from} {to}");
        }
        assert!(Availability::new(20).is_err() && Availability::new(-855).is_err());
    }

    #[test]
    fn dates_add_to_the_week_and_what_is_busy_is_taken_out_of_both() {
        let mut times = Availability::new(-330).expect("an offset");
        let slots = |bits| DaySlots::from_bits(bits);
        times.week_mut()[3] = slots(0b11);
        times.add_date(7, slots(0b100));
        times.add_date(7, slots(0b1000));
        times.add_date(3, DaySlots::default());
        times.add_busy(7, slots(0b101));
        assert_eq!((times.on(0), times.on(7), times.on(14)), (slots(3), slots(0b1010), slots(3)));
        assert_eq!((times.on(-7), times.on(1), times.on(-1)), (slots(3), slots(0), slots(0)));
        assert_eq!(times.dates(), [(7, slots(0b1100))]);
    }
}
