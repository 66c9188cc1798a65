//! Points in time as directories write them. Seconds since 1970, negative before; "never" is no
//! point at all.

use crate::directory::person::{AttributeValue, Attributes};

const DAY: i64 = 86_400;
/// Seconds from 1601, where AD begins to count, to 1970.
const FROM_1601: i64 = 11_644_473_600;

/// How an attribute writes a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// generalizedTime, RFC 4517 §3.3.13: `20260630120000Z`.
    Generalized,
    /// Days since 1970, shadow(5); a negative number is "never".
    Days,
    /// Seconds since 1970; a negative number is "never".
    Seconds,
    /// AD: units of 100 ns since 1601; 0 and 2⁶³−1 are "never".
    FileTime,
    /// SupAnn's AAAAMMJJ.
    Date,
    /// Third field of supannRessourceEtatDate `{COMPTE}state:substate:start:end`.
    SupannStart,
    /// Its fourth field.
    SupannEnd,
}

impl Format {
    pub const NAMES: [(&'static str, Format); 7] = [
        ("time", Format::Generalized),
        ("days", Format::Days),
        ("seconds", Format::Seconds),
        ("filetime", Format::FileTime),
        ("date", Format::Date),
        ("supann-start", Format::SupannStart),
        ("supann-end", Format::SupannEnd),
    ];

    /// The times that `attribute` holds; values that are none, or "never", are left out.
    pub fn times(self, entry: &Attributes, attribute: &str) -> Vec<i64> {
        let texts = entry.values(attribute).iter().filter_map(AttributeValue::text);
        texts.filter_map(|text| self.read(text.trim())).collect()
    }

    fn read(self, text: &str) -> Option<i64> {
        match self {
            Format::Generalized => generalized_time(text),
            Format::Days => text.parse().ok().filter(|n: &i64| *n >= 0)?.checked_mul(DAY),
            Format::Seconds => text.parse().ok().filter(|n| *n >= 0),
            Format::FileTime => match text.parse::<i64>().ok()? {
                ..=0 | i64::MAX => None,
                ticks => Some(ticks / 10_000_000 - FROM_1601),
            },
            Format::Date => day(text),
            Format::SupannStart => day(supann_field(text, 2)?),
            Format::SupannEnd => day(supann_field(text, 3)?),
        }
    }
}

/// Midnight (UTC) of the day that holds `seconds`.
pub fn midnight(seconds: i64) -> i64 {
    seconds - seconds.rem_euclid(DAY)
}

/// The given field of a value that speaks of the account (`{COMPTE}` or no label at all).
fn supann_field(text: &str, field: usize) -> Option<&str> {
    let state = match text.strip_prefix('{') {
        None => text,
        Some(labelled) => {
            let (label, state) = labelled.split_once('}')?;
            label.eq_ignore_ascii_case("COMPTE").then_some(state)?
        }
    };
    state.split(':').nth(field)
}

fn day(text: &str) -> Option<i64> {
    (text.len() == 8).then_some(())?;
    seconds_of(
        digits(text, 0, 4)?,
        [digits(text, 4, 6)?, digits(text, 6, 8)?, 0, 0, 0],
    )
}

/// `YYYYMMDDHH[MM[SS]][.f…](Z|±hh[mm])`; a fraction is dropped.
fn generalized_time(text: &str) -> Option<i64> {
    let zone = text.find(['Z', 'z', '+', '-'])?;
    let (stamp, offset) = text.split_at(zone);
    let stamp = stamp.split(['.', ',']).next()?;
    let part = |from: usize| match stamp.len() {
        length if length > from => digits(stamp, from, from + 2),
        _ => Some(0),
    };
    let clock = [
        digits(stamp, 4, 6)?,
        digits(stamp, 6, 8)?,
        digits(stamp, 8, 10)?,
        part(10)?,
        part(12)?,
    ];
    Some(seconds_of(digits(stamp, 0, 4)?, clock)? - offset_seconds(offset)?)
}

fn offset_seconds(offset: &str) -> Option<i64> {
    let (sign, rest) = match offset.split_at_checked(1)? {
        ("Z" | "z", "") => return Some(0),
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let minutes = if rest.len() == 4 { digits(rest, 2, 4)? } else { 0 };
    Some(sign * (i64::from(digits(rest, 0, 2)?) * 3600 + i64::from(minutes) * 60))
}

fn digits(text: &str, from: usize, to: usize) -> Option<i16> {
    let part = text.get(from..to)?;
    part.chars()
        .all(|c| c.is_ascii_digit())
        .then(|| part.parse().ok())?
}

/// Month, day, hour, minute and second of `year`, in UTC. A second of 60 counts as 59.
fn seconds_of(year: i16, [month, day, hour, minute, second]: [i16; 5]) -> Option<i64> {
    let small = |n: i16| i8::try_from(n).ok();
    let date = jiff::civil::Date::new(year, small(month)?, small(day)?).ok()?;
    let time = jiff::civil::Time::new(small(hour)?, small(minute)?, small(second.min(59))?, 0).ok()?;
    let instant = date.to_datetime(time).to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(instant.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_of_writing_a_time_is_read() {
        let noon = 1_782_820_800; // 2026-06-30T12:00:00Z
        let filetime = ((noon + FROM_1601) * 10_000_000).to_string();
        for (format, text, expected) in [
            (Format::Generalized, "20260630120000Z", Some(noon)),
            (Format::Generalized, "20260630120000.123Z", Some(noon)),
            (Format::Generalized, "202606301200Z", Some(noon)),
            (Format::Generalized, "20260630140000+0200", Some(noon)),
            (Format::Generalized, "19700101000000Z", Some(0)),
            (Format::Generalized, "20261330120000Z", None),
            (Format::Generalized, "000001010000Z", Some(-62_167_219_200)),
            (Format::Generalized, "2026", None),
            (Format::Days, "20634", Some(midnight(noon))),
            (Format::Days, "-1", None),
            (Format::Days, "soon", None),
            (Format::Seconds, "1782820800", Some(noon)),
            (Format::FileTime, filetime.as_str(), Some(noon)),
            (Format::FileTime, "0", None),
            (Format::FileTime, "9223372036854775807", None),
            (Format::Date, "20260630", Some(midnight(noon))),
            (Format::Date, "2026é30", None),
            (
                Format::SupannEnd,
                "{COMPTE}A:SupannSursis:20260101:20260630",
                Some(midnight(noon)),
            ),
            (Format::SupannEnd, "A:SupannActif::20260630", Some(midnight(noon))),
            (Format::SupannEnd, "{MAIL}A:SupannActif::20260630", None),
            (Format::SupannStart, "{COMPTE}A:SupannActif::20260630", None),
        ] {
            assert_eq!(format.read(text), expected, "{format:?} {text}");
        }
    }
}
