//! Moments and spans as Apereo's definitions write them.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// With a zone, with an offset, or local, in the forms that Apereo reads; a local one is in `zone`.
pub fn moment(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let text = text.trim();
    if text.contains('[')
        && let Ok(zoned) = text.parse::<jiff::Zoned>()
    {
        return Some(zoned.timestamp());
    }
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment);
    }
    let local = local(text)?;
    Some(local.to_zoned(zone.clone()).ok()?.timestamp())
}

fn local(text: &str) -> Option<DateTime> {
    if let Ok(local) = text.parse::<DateTime>() {
        return Some(local);
    }
    for format in ["%m/%d/%Y %I:%M %p", "%m/%d/%Y %H:%M"] {
        if let Ok(local) = DateTime::strptime(format, text) {
            return Some(local);
        }
    }
    let date = Date::strptime("%m/%d/%Y", text).ok()?;
    Some(date.to_datetime(jiff::civil::Time::midnight()))
}

/// Seconds, or an ISO 8601 duration; `None` when it is neither.
pub fn span(text: &str) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let span: jiff::Span = text.parse().ok()?;
    let days_are_24_hours = jiff::SpanRelativeTo::days_are_24_hours();
    let whole = span.to_duration(days_are_24_hours).ok()?;
    Duration::try_from(whole).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_without_a_zone_are_of_the_zone_that_is_said() {
        // CAS-258
        let paris = TimeZone::get("Europe/Paris").expect("a zone");
        let read = |text: &str| moment(text, &paris).map(|moment| moment.to_string());
        for (text, utc) in [
            ("2027-06-30T22:00:00", "2027-06-30T20:00:00Z"),
            ("2027-01-31T22:00", "2027-01-31T21:00:00Z"),
            ("2027-06-30", "2027-06-29T22:00:00Z"),
            ("06/30/2027", "2027-06-29T22:00:00Z"),
            ("06/30/2027 08:30 PM", "2027-06-30T18:30:00Z"),
            ("06/30/2027 20:30", "2027-06-30T18:30:00Z"),
            ("2027-06-30T22:00:00Z", "2027-06-30T22:00:00Z"),
            ("2027-06-30T22:00:00+04:00", "2027-06-30T18:00:00Z"),
            (
                "2027-06-30T22:00:00.123+04:00[Indian/Reunion]",
                "2027-06-30T18:00:00.123Z",
            ),
            ("2027-06-30T22:00:00Z[UTC]", "2027-06-30T22:00:00Z"),
        ] {
            assert_eq!(read(text).as_deref(), Some(utc), "{text}");
        }
        for text in ["", "soon", "2027-02-30T00:00:00", "31/12/2027"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn spans_are_seconds_or_iso_durations() {
        // CAS-249
        for (text, seconds) in [("10", 10), ("PT10S", 10), ("PT1H30M", 5400), ("P1D", 86_400)] {
            assert_eq!(span(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(span("never"), None);
        assert_eq!(span("-PT5S"), None);
    }
}
