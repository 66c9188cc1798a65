//! Which language a visitor gets: what the link says, then what was chosen before, then what the
//! browser asks for, among the languages offered.

use crate::base::names::Locale;

/// Entries of an Accept-Language header that are looked at; browsers send fewer than ten.
const MOST_ENTRIES: usize = 32;

/// What a request says about its language, each as received.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wishes<'a> {
    /// `?lang=`.
    pub query: Option<&'a str>,
    /// The language cookie.
    pub cookie: Option<&'a str>,
    /// Accept-Language (RFC 9110 §12.5.4).
    pub accept: Option<&'a str>,
}

/// The first wish that is among `offered`; else `default`.
pub fn choose_locale(wishes: &Wishes<'_>, offered: &[Locale], default: &Locale) -> Locale {
    let named = |tag: Option<&str>| tag.and_then(Locale::new).filter(|wish| offered.contains(wish));
    named(wishes.query)
        .or_else(|| named(wishes.cookie))
        .or_else(|| accepted(wishes.accept?, offered, default))
        .unwrap_or_else(|| default.clone())
}

struct Entry<'a> {
    tag: &'a str,
    /// Thousandths, 0 to 1000.
    quality: u16,
}

fn accepted(header: &str, offered: &[Locale], default: &Locale) -> Option<Locale> {
    let mut entries: Vec<Entry<'_>> = header.split(',').take(MOST_ENTRIES).filter_map(entry).collect();
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.quality));
    let (wanted, refused): (Vec<_>, Vec<_>) = entries.into_iter().partition(|entry| entry.quality > 0);
    // "fr-CA;q=0" refuses Canadian French, not the French we have.
    let refuses = |locale: &Locale| {
        refused
            .iter()
            .any(|entry| entry.tag.eq_ignore_ascii_case(locale.as_str()))
    };
    let possible = |locale: &&Locale| !refuses(locale);
    wanted.iter().find_map(|entry| match entry.tag {
        "*" => std::iter::once(default)
            .chain(offered)
            .filter(|locale| offered.contains(locale))
            .find(possible)
            .cloned(),
        tag => Locale::new(tag)
            .filter(|wish| offered.contains(wish))
            .filter(|wish| !refuses(wish)),
    })
}

fn entry(text: &str) -> Option<Entry<'_>> {
    let mut parts = text.split(';').map(str::trim);
    let tag = parts.next().filter(|tag| !tag.is_empty())?;
    let quality = parts
        .find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")))
        .map_or(Some(1000), thousandths)?;
    Some(Entry { tag, quality })
}

fn thousandths(text: &str) -> Option<u16> {
    let value: f32 = text.trim().parse().ok()?;
    // The range check also drops NaN; the cast is of 0 to 1000.
    (0.0..=1.0)
        .contains(&value)
        .then(|| (value * 1000.0).round() as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered() -> Vec<Locale> {
        ["fr", "en", "ar"]
            .iter()
            .filter_map(|tag| Locale::new(tag))
            .collect()
    }

    fn by_header(header: &str) -> String {
        let wishes = Wishes {
            accept: Some(header),
            ..Wishes::default()
        };
        choose_locale(&wishes, &offered(), &Locale::french())
            .as_str()
            .to_owned()
    }

    #[test]
    fn the_link_then_the_cookie_then_the_browser_choose_the_language() {
        let wishes = Wishes {
            query: Some("xx"),
            cookie: Some("ar"),
            accept: Some("en"),
        };
        let choose = |wishes: &Wishes<'_>| choose_locale(wishes, &offered(), &Locale::french());
        assert_eq!(choose(&wishes).as_str(), "ar");
        assert_eq!(
            choose(&Wishes {
                query: Some("en-GB"),
                ..wishes
            })
            .as_str(),
            "en"
        );
        assert_eq!(
            choose(&Wishes {
                cookie: None,
                ..wishes
            })
            .as_str(),
            "en"
        );
        assert_eq!(choose(&Wishes::default()).as_str(), "fr");
    }

    #[test]
    fn a_language_with_quality_zero_is_never_chosen() {
        assert_eq!(by_header("en;q=0, ar"), "ar");
        assert_eq!(by_header("en;q=0"), "fr");
        assert_eq!(by_header("fr;q=0, *;q=0.5"), "en");
        assert_eq!(by_header("en, en;q=0.0"), "fr");
    }

    #[test]
    fn the_highest_quality_wins_and_order_breaks_ties() {
        assert_eq!(by_header("en;q=0.3, ar;q=0.9"), "ar");
        assert_eq!(by_header("ar, en"), "ar");
        assert_eq!(by_header("de, en-US;q=0.8, fr;q=0.7"), "en");
        assert_eq!(by_header("*"), "fr");
        assert_eq!(by_header("fr-CA;q=0, fr;q=0.2, en;q=0.1"), "fr");
    }

    #[test]
    fn a_malformed_header_is_no_wish() {
        for header in [
            "",
            ",,;",
            "en;q=2",
            "en;q=x",
            "en;q=NaN",
            "éé",
            &"en-x;q=0,".repeat(5000),
        ] {
            assert_eq!(by_header(header), "fr", "{header:.20}");
        }
    }
}
