//! Texts that are said beside pages: what the search tells while one types.

use fluent_bundle::FluentArgs;

use super::Pages;
use crate::audit::Event;
use crate::base::names::Locale;
use crate::passwords::policy;

const FIRST: &str = "picker-found-first";
const ALL: &str = "picker-found";
const NEAR_MISS: &str = "picker-near-miss";
const NOTHING: &str = "picker-nothing-said";

const KEYS: [&str; 4] = [FIRST, ALL, NEAR_MISS, NOTHING];

/// Whether something beside the samples of pages says this text: the search, or a value with a text of
/// its own, of which a sample shows one.
pub(super) fn is_said(key: &str) -> bool {
    let mut all = KEYS.iter().chain(&policy::TEXTS).chain(Event::KEYS);
    all.any(|said| *said == key)
}

impl Pages {
    /// How many suggestions there are, in words; `shown` of `total` are on the screen, and
    /// `near_miss` says that none has every word.
    pub fn say_found(&self, language: &Locale, total: usize, shown: usize, near_miss: bool) -> String {
        if shown == 0 {
            return self.say(language, NOTHING, &[]);
        }
        let key = if shown < total { FIRST } else { ALL };
        let count = self.say(language, key, &[("total", total), ("shown", shown)]);
        if near_miss {
            format!("{} {count}", self.say(language, NEAR_MISS, &[]))
        } else {
            count
        }
    }

    /// A text that the theme lacks is an empty one here: the check of the theme told it.
    fn say(&self, language: &Locale, key: &str, numbers: &[(&'static str, usize)]) -> String {
        let mut args = FluentArgs::new();
        for (name, number) in numbers {
            args.set(*name, *number);
        }
        self.texts.say(language, key, &args).unwrap_or_default()
    }
}
