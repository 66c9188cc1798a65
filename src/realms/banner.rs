//! What pages of a realm or an institution announce for a while: maintenance, an incident.

use jiff::civil::DateTime;

use super::realm::Texts;

/// A few words, and when they are shown. Times are those of the clock on the wall, in the zone of the
/// realm's pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Banner {
    pub text: Texts,
    /// Always without it.
    pub from: Option<DateTime>,
    /// Told to people, too.
    pub until: Option<DateTime>,
}

impl Banner {
    pub fn is_shown(&self, now: DateTime) -> bool {
        self.from.is_none_or(|from| from <= now) && self.until.is_none_or(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_banner_is_shown_from_its_first_to_its_last_minute() {
        let at = |text: &str| text.parse::<DateTime>().unwrap();
        let banner = |from: Option<&str>, until: Option<&str>| Banner {
            text: Texts::same("Travaux"),
            from: from.map(at),
            until: until.map(at),
        };
        let now = at("2026-12-24T18:00");
        assert!(banner(None, None).is_shown(now));
        assert!(banner(Some("2026-12-24T18:00"), Some("2026-12-24T18:01")).is_shown(now));
        assert!(!banner(Some("2026-12-24T18:01"), None).is_shown(now));
        assert!(!banner(None, Some("2026-12-24T18:00")).is_shown(now));
    }
}
