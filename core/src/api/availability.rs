//! The wire form of free time.

use std::fmt::Write as _;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

use super::json::{out_of_range, parse_object, too_large, wrong_type};
use super::limits;
use crate::model::error::shown;
use crate::model::{Availability, DaySlots, Error, Result, nearest_name};

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const FORM: &str = "{\"weekly\": [{\"day\": \"mon\", \"from\": \"09:00\", \"to\": \"12:00\"}], \"dates\": [{\"date\": \"2026-12-01\", \"from\": \"09:00\", \"to\": \"12:00\"}], \"busy\": [{\"date\": \"2026-12-24\"}], \"timeZone\": \"+01:00\"}";
const PARTS: [&str; 4] = ["weekly", "dates", "busy", "timeZone"];

impl Availability {
    /// Reads the wire form: what is free in a week that repeats, what single `dates` add, when the profile is `busy`
    /// whatever else is said, and how far local time is ahead of UTC (`timeZone`: `"UTC"`, the default, or an offset).
    /// Times are whole quarter hours from 00:00 to 24:00; a `busy` date without times is the whole day.
    ///
    /// ```
    /// use shortlist::Availability;
    ///
    /// let times = Availability::from_json(
    ///     r#"{"weekly": [{"day": "mon", "from": "09:00", "to": "12:00"},
    ///                    {"day": "mon", "from": "13:00", "to": "17:30"}],
    ///         "busy": [{"date": "2026-12-28"}], "timeZone": "+01:00"}"#,
    /// )?;
    /// assert_eq!(times.week()[0].runs().collect::<Vec<_>>(), [(540, 720), (780, 1_050)]);
    /// # Ok::<(), shortlist::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::UnknownField`], [`Error::MissingField`], [`Error::WrongType`],
    /// [`Error::OutOfRange`], [`Error::TooLarge`].
    pub fn from_json(text: &str) -> Result<Self> {
        read("availability", Value::Object(parse_object("availability", text)?))
    }
}

/// Whether an object looks like free time.
pub(super) fn is_like(map: &Map<String, Value>) -> bool {
    !map.is_empty() && map.keys().all(|name| PARTS.contains(&name.as_str()) || name == "time_zone")
}

/// Reads free time.
pub(super) fn read(field: &str, value: Value) -> Result<Availability> {
    let Value::Object(mut map) = value else { return Err(wrong_type(field, &value, FORM)) };
    let zone = map.remove("timeZone").or_else(|| map.remove("time_zone"));
    let mut times = Availability::new(match zone {
        None | Some(Value::Null) => 0,
        Some(zone) => read_offset(&format!("{field}.timeZone"), &zone)?,
    })?;
    for (name, list) in map {
        let path = format!("{field}.{name}");
        if !PARTS.contains(&name.as_str()) {
            return Err(unknown(path, &name, &PARTS));
        }
        let slots = match list {
            Value::Null => continue,
            Value::Array(slots) => slots,
            other => return Err(wrong_type(&path, &other, FORM)),
        };
        if slots.len() > limits::AVAILABILITY_SLOTS {
            return Err(too_large(&path, slots.len(), limits::AVAILABILITY_SLOTS, "times"));
        }
        for slot in slots {
            read_slot(&path, &name, slot, &mut times)?;
        }
    }
    check(field, &times)?;
    Ok(times)
}

/// Refuses free time made in code that is over the limits.
pub(super) fn check(field: &str, times: &Availability) -> Result<()> {
    for (name, list) in [("dates", times.dates()), ("busy", times.busy())] {
        if list.len() > limits::AVAILABILITY_SLOTS {
            let limit = limits::AVAILABILITY_SLOTS;
            return Err(too_large(&format!("{field}.{name}"), list.len(), limit, "dates"));
        }
        if let Some((day, _)) = list.iter().find(|(day, _)| date(*day).is_none()) {
            let expected = "a day of the years -9999 to 9999";
            return Err(out_of_range(&format!("{field}.{name}"), format!("day {day}"), expected));
        }
    }
    Ok(())
}

/// Reads one entry of one of the lists.
fn read_slot(path: &str, list: &str, slot: Value, times: &mut Availability) -> Result<()> {
    let Value::Object(mut slot) = slot else { return Err(wrong_type(path, &slot, FORM)) };
    let when = if list == "weekly" { "day" } else { "date" };
    let mut take = |name: &str| match slot.remove(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(wrong_type(&format!("{path}.{name}"), &other, "a string")),
    };
    let (day, from, to) = (take(when)?, take("from")?, take("to")?);
    if let Some(name) = slot.keys().next() {
        return Err(unknown(format!("{path}.{name}"), name, &[when, "from", "to"]));
    }
    let missing = |name: &str| Error::MissingField {
        field: format!("{path}.{name}"),
        expected: format!("it takes {FORM}"),
    };
    let day = day.ok_or_else(|| missing(when))?;
    let slots = match (from, to) {
        (None, None) if list == "busy" => DaySlots::WHOLE,
        (Some(from), Some(to)) => read_times(path, &from, &to)?,
        (None, _) => return Err(missing("from")),
        (_, None) => return Err(missing("to")),
    };
    if list == "weekly" {
        let at = DAYS.iter().position(|known| *known == day).ok_or_else(|| {
            let expected = "`mon`, `tue`, `wed`, `thu`, `fri`, `sat` or `sun`";
            out_of_range(&format!("{path}.day"), shown(&day), expected)
        })?;
        let free = &mut times.week_mut()[at];
        *free = DaySlots::from_bits(free.bits() | slots.bits());
    } else {
        let number = day_number(&day).ok_or_else(|| {
            let expected = "a date such as `2026-12-24`";
            out_of_range(&format!("{path}.date"), shown(&day), expected)
        })?;
        if list == "busy" {
            times.add_busy(number, slots);
        } else {
            times.add_date(number, slots);
        }
    }
    Ok(())
}

fn unknown(path: String, name: &str, known: &[&'static str]) -> Error {
    let nearest = nearest_name(name, known.iter().copied());
    Error::UnknownField { field: path, within: "availability", nearest }
}

fn read_times(path: &str, from: &str, to: &str) -> Result<DaySlots> {
    let mut day = DaySlots::default();
    let added = minute(from).zip(minute(to)).is_some_and(|(from, to)| day.add(from, to).is_ok());
    if added {
        return Ok(day);
    }
    let expected = "whole quarter hours from `00:00` to `24:00`, the later one as `to`; over midnight it is two";
    Err(out_of_range(path, format!("{} to {}", shown(from), shown(to)), expected))
}

/// `09:15` as the minute of the day; `24:00` is its end.
fn minute(text: &str) -> Option<u32> {
    let [h, t, b':', m, n] = *text.as_bytes() else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(10);
    let (hours, minutes) = (digit(h)? * 10 + digit(t)?, digit(m)? * 10 + digit(n)?);
    (minutes < 60 && hours * 60 + minutes <= 1_440).then_some(hours * 60 + minutes)
}

fn read_offset(path: &str, zone: &Value) -> Result<i32> {
    let expected = "`UTC`, or whole quarter hours from `-14:00` to `+14:00`; a zone by name changes its clocks by law, so send the offset, and a new one when it changes";
    let Value::String(text) = zone else { return Err(wrong_type(path, zone, expected)) };
    let minutes = match text.as_bytes().first() {
        _ if text == "UTC" || text == "Z" => Some(0),
        Some(b'+') => text.get(1..).and_then(minute).map(|minutes| minutes as i32),
        Some(b'-') => text.get(1..).and_then(minute).map(|minutes| -(minutes as i32)),
        _ => None,
    };
    let fits = |minutes: &i32| Availability::new(*minutes).is_ok();
    minutes.filter(fits).ok_or_else(|| out_of_range(path, shown(text), expected))
}

const EPOCH: jiff::civil::Date = jiff::civil::Date::constant(1970, 1, 1);

/// Days since 1970-01-01.
fn day_number(text: &str) -> Option<i32> {
    let date: jiff::civil::Date = text.parse().ok()?;
    // Other forms of a date than the one that is written are refused, so that each date has one name.
    if date.to_string() != text {
        return None;
    }
    date.since(EPOCH).ok().map(|span| span.get_days())
}

fn date(day: i32) -> Option<jiff::civil::Date> {
    EPOCH.checked_add(jiff::Span::new().try_days(day).ok()?).ok()
}

/// Free or busy times of days, each run an entry.
struct Slots<'a> {
    when: &'static str,
    /// Whether a whole day needs no times.
    whole: bool,
    days: Vec<(String, &'a DaySlots)>,
}

impl Serialize for Slots<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entries = self.days.iter().flat_map(|(day, slots)| {
            let timed = !self.whole || **slots != DaySlots::WHOLE;
            slots.runs().map(move |run| Slot { when: self.when, day, run: timed.then_some(run) })
        });
        serializer.collect_seq(entries)
    }
}

/// One entry; without times it is the whole day.
struct Slot<'a> {
    when: &'static str,
    day: &'a str,
    run: Option<(u32, u32)>,
}

impl Serialize for Slot<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(self.when, self.day)?;
        if let Some((from, to)) = self.run {
            map.serialize_entry("from", &clock(from))?;
            map.serialize_entry("to", &clock(to))?;
        }
        map.end()
    }
}

impl Serialize for Availability {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let week = DAYS.iter().zip(self.week()).filter(|(_, slots)| !slots.is_empty());
        let week = week.map(|(name, slots)| ((*name).to_owned(), slots));
        map.serialize_entry("weekly", &Slots { when: "day", whole: false, days: week.collect() })?;
        for (name, list) in [("dates", self.dates()), ("busy", self.busy())] {
            if !list.is_empty() {
                let dated = |day| date(day).map_or_else(String::new, |date| date.to_string());
                let days = list.iter().map(|(day, slots)| (dated(*day), slots)).collect();
                map.serialize_entry(name, &Slots { when: "date", whole: name == "busy", days })?;
            }
        }
        if self.offset_minutes() != 0 {
            let minutes = self.offset_minutes();
            let mut offset = String::from(if minutes < 0 { "-" } else { "+" });
            // Writing to a string does not fail.
            let _ = write!(offset, "{}", clock(minutes.unsigned_abs()));
            map.serialize_entry("timeZone", &offset)?;
        }
        map.end()
    }
}

fn clock(minutes: u32) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(text: &str) -> String {
        let times = Availability::from_json(text).unwrap_or_else(|error| panic!("{error}"));
        let written = super::super::json::to_json(&times);
        assert_eq!(Availability::from_json(&written), Ok(times));
        written
    }

    #[test]
    fn what_is_written_says_what_was_read_with_slots_that_meet_as_one() {
        let sent = r#"{"weekly": [{"day": "sun", "from": "22:00", "to": "24:00"},
                {"day": "mon", "from": "09:00", "to": "10:15"}, {"day": "mon", "from": "10:15", "to": "12:00"}],
            "dates": [{"date": "1969-12-31", "from": "00:00", "to": "00:15"}, {"date": "2026-12-01", "from": "00:00", "to": "24:00"}],
            "busy": [{"date": "2026-12-24"}, {"date": "2026-12-25", "from": "08:00", "to": "09:00"}], "time_zone": "-05:30"}"#;
        assert_eq!(
            round_trip(sent),
            concat!(
                r#"{"weekly":[{"day":"mon","from":"09:00","to":"12:00"},{"day":"sun","from":"22:00","to":"24:00"}],"#,
                r#""dates":[{"date":"1969-12-31","from":"00:00","to":"00:15"},{"date":"2026-12-01","from":"00:00","to":"24:00"}],"#,
                r#""busy":[{"date":"2026-12-24"},{"date":"2026-12-25","from":"08:00","to":"09:00"}],"timeZone":"-05:30"}"#
            )
        );
        assert_eq!(round_trip("{}"), r#"{"weekly":[]}"#);
    }

    #[test]
    fn what_is_no_free_time_is_refused_by_name() {
        for (sent, named) in [
            (r#"{"week": []}"#, "weekly"),
            (r#"{"timeZone": "Europe/Berlin"}"#, "availability.timeZone"),
            (r#"{"timeZone": "+01:10"}"#, "timeZone"),
            (r#"{"timeZone": "+15:00"}"#, "timeZone"),
            (r#"{"timeZone": 1}"#, "timeZone"),
            (r#"{"weekly": {}}"#, "weekly"),
            (r#"{"weekly": [{"day": "monday", "from": "09:00", "to": "10:00"}]}"#, "`mon`"),
            (r#"{"weekly": [{"from": "09:00", "to": "10:00"}]}"#, "weekly.day"),
            (r#"{"weekly": [{"day": "mon", "to": "10:00"}]}"#, "weekly.from"),
            (r#"{"weekly": [{"day": "mon", "from": "9:00", "to": "12:00"}]}"#, "quarter hours"),
            (r#"{"weekly": [{"day": "mon", "from": "09:05", "to": "12:00"}]}"#, "quarter hours"),
            (r#"{"weekly": [{"day": "mon", "from": "22:00", "to": "06:00"}]}"#, "midnight"),
            (r#"{"weekly": [{"day": "mon", "from": "23:00", "to": "24:15"}]}"#, "24:00"),
            (r#"{"weekly": [{"day": "mon", "from": 9, "to": "12:00"}]}"#, "weekly.from"),
            (r#"{"weekly": [{"day": "mon", "from": "09:00", "till": "12:00"}]}"#, "weekly.till"),
            (
                r#"{"dates": [{"date": "24.12.2026", "from": "09:00", "to": "10:00"}]}"#,
                "dates.date",
            ),
            (
                r#"{"dates": [{"date": "2026-02-30", "from": "09:00", "to": "10:00"}]}"#,
                "2026-12-24",
            ),
            (r#"{"dates": [{"date": "2026-12-24"}]}"#, "dates.from"),
            (r#"{"busy": [{"date": "2026-12-24", "from": "09:00"}]}"#, "busy.to"),
        ] {
            let refusal = Availability::from_json(sent).expect_err(sent).to_string();
            assert!(refusal.contains(named), "{sent}: {refusal}");
        }
    }
}
