//! Points in time as people read them, in the zone of their realm and the words of their language.

use fluent_bundle::FluentArgs;
use jiff::Zoned;
use jiff::tz::TimeZone;

use super::texts::{TextError, Texts};
use crate::base::names::Locale;

/// What of a moment is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// `10:42 (heure de Paris)`, rounded up to the minute: a wait is never announced too short.
    Time,
    /// The same as a clock shows it: what has been, and ends, which are never told later than they are.
    Clock,
    /// `30 septembre 2026`.
    Day,
}

/// `millis` since 1970 in `zone` (IANA; UTC when unknown).
pub fn say_moment(
    texts: &Texts,
    language: &Locale,
    (millis, zone): (i64, &str),
    part: Part,
) -> Result<String, TextError> {
    let rounded = match part {
        Part::Time => millis.saturating_add(59_999) / 60_000 * 60_000,
        Part::Clock | Part::Day => millis,
    };
    let instant = jiff::Timestamp::from_millisecond(rounded).unwrap_or(jiff::Timestamp::MAX);
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let local = instant.to_zoned(zone);
    let mut args = FluentArgs::new();
    match part {
        Part::Time | Part::Clock => {
            args.set("hour", format!("{:02}", local.hour()));
            args.set("minute", format!("{:02}", local.minute()));
            args.set("zone", say_zone(texts, language, &local)?);
            texts.say(language, "moment-time", &args)
        }
        Part::Day => {
            args.set("day", i64::from(local.day()));
            args.set("month", i64::from(local.month()));
            args.set("year", local.year().to_string());
            texts.say(language, "moment-day", &args)
        }
    }
}

/// The zone by the name of its city where the texts know it, else by its distance from UTC.
fn say_zone(texts: &Texts, language: &Locale, local: &Zoned) -> Result<String, TextError> {
    let zone = local.time_zone().iana_name().unwrap_or("UTC");
    let city = zone.rsplit('/').next().unwrap_or(zone).to_owned();
    let offset = if zone == "UTC" {
        zone.to_owned()
    } else {
        format!("UTC{}", local.strftime("%:z"))
    };
    let args = FluentArgs::from_iter([("city", city), ("offset", offset)]);
    texts.say(language, "moment-zone", &args)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::files::ThemeFiles;

    fn say(tag: &str, millis: i64, part: Part) -> String {
        say_in("Europe/Paris", tag, millis, part)
    }

    fn say_in(zone: &str, tag: &str, millis: i64, part: Part) -> String {
        let texts = Texts::read(&ThemeFiles::read(&[]).unwrap(), None).unwrap();
        let language = Locale::new(tag).unwrap();
        say_moment(&texts, &language, (millis, zone), part).unwrap()
    }

    #[test]
    fn a_moment_is_said_in_the_zone_and_language_of_the_reader() {
        // 30 September 2026, 08:41:20 UTC; 1 January 2027, 23:30 UTC.
        assert_eq!(say("fr", 1_790_757_680_000, Part::Time), "10:42 (heure de Paris)");
        assert_eq!(
            say("fr", 1_790_757_680_000, Part::Clock),
            "10:41 (heure de Paris)"
        );
        assert_eq!(say("en", 1_790_757_680_000, Part::Time), "10:42 (Paris time)");
        assert_eq!(say("ar", 1_790_757_680_000, Part::Time), "10:42 (بتوقيت باريس)");
        assert_eq!(say("ar", 1_790_757_680_000, Part::Day), "30 سبتمبر 2026");
        assert_eq!(say("fr", 1_790_757_680_000, Part::Day), "30 septembre 2026");
        assert_eq!(say("en", 1_790_757_680_000, Part::Day), "30 September 2026");
        assert_eq!(say("fr", 1_798_758_000_000, Part::Day), "1er janvier 2027");
        let elsewhere = |zone| say_in(zone, "fr", 1_790_757_680_000, Part::Time);
        assert_eq!(elsewhere("Indian/Reunion"), "12:42 (heure de La Réunion)");
        assert_eq!(elsewhere("Asia/Kolkata"), "14:12 (UTC+05:30)");
        assert_eq!(elsewhere("nowhere"), "08:42 (UTC)");
    }
}
