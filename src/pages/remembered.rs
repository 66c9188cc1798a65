//! Pages that were made before: most sign-in pages of a morning are one and the same, but for the ticket, the
//! support code and the name that was typed. What surrounds these is kept, and they are put in.
//!
//! A page is kept when the same one is asked for a second time, after it was made both ways and came out alike.
//! What is kept is bounded: whoever asks for ever new pages costs what making them costs, and little more.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::engine::escaped;
use super::error::PageError;
use super::{Frame, Page};

/// Bytes that one of two generations may take, of pages and of what they are found by: some 130 sign-in pages.
const MOST_BYTES: usize = 1 << 20;

/// A larger page is rare, and would push out many.
const LONGEST: usize = 64 << 10;

/// Places for what was asked for once.
const ONCE: usize = 1 << 10;

type Made = Result<String, PageError>;

/// Pages of all themes of a server.
pub struct Remembered {
    hasher: RandomState,
    kept: Mutex<Kept>,
}

impl Default for Remembered {
    fn default() -> Remembered {
        Remembered {
            hasher: RandomState::new(),
            kept: Mutex::default(),
        }
    }
}

impl Remembered {
    /// What `make` makes, or made before of the same for the same `theme`. Page and frame come back as they were.
    pub fn page<P: Page>(
        &self,
        theme: u64,
        page: &mut P,
        frame: &mut Frame,
        make: impl Fn(&P, &Frame) -> Made,
    ) -> Made {
        let Some(stand_ins) = self.stand_ins(page, frame) else {
            return make(page, frame);
        };
        let mut values = stand_ins.clone();
        exchange(page, frame, &mut values);
        let known = self.look(theme, page, frame);
        let frozen = match &known {
            Known::AskedOnce { .. } => make(page, frame).ok(),
            Known::Page(_) | Known::Nothing => None,
        };
        exchange(page, frame, &mut values.clone());
        match known {
            Known::Page(skeleton) => Ok(skeleton.with(&values)),
            Known::Nothing => make(page, frame),
            Known::AskedOnce { hash, key } => {
                let html = make(page, frame)?;
                let skeleton = frozen.map(|frozen| Skeleton::new(frozen, &stand_ins));
                // A theme that does more with a value than to write it has this page made each time.
                let alike = skeleton.filter(|skeleton| skeleton.with(&values) == html);
                if let Some(skeleton) = alike {
                    self.kept().keep(hash, key, skeleton);
                }
                Ok(html)
            }
        }
    }

    /// Nobody knows them: what is typed or asked for cannot pass for one. Letters and digits, so that they fit
    /// where a ticket fits. Where a page has no value it has no stand-in either.
    fn stand_ins<P: Page>(&self, page: &mut P, frame: &mut Frame) -> Option<Vec<String>> {
        let stand_in = |(place, value): (usize, &mut String)| match value.as_str() {
            "" => String::new(),
            _ => format!(
                "v{:016x}{:016x}",
                self.hasher.hash_one((place, "stand")),
                self.hasher.hash_one((place, "in"))
            ),
        };
        let passing = page.passing()?;
        let all = passing.into_iter().chain([&mut frame.support_code]);
        Some(all.enumerate().map(stand_in).collect())
    }

    fn look<P: Page>(&self, theme: u64, page: &P, frame: &Frame) -> Known {
        let whole = (theme, P::NAME, page, frame);
        let Ok(key) = postcard::to_extend(&whole, Vec::with_capacity(2048)) else {
            return Known::Nothing;
        };
        let hash = self.hasher.hash_one(key.as_slice());
        let mut kept = self.kept();
        match kept.page(hash, &key) {
            Some(skeleton) => Known::Page(skeleton),
            None if kept.was_asked(hash) => Known::AskedOnce { hash, key },
            None => Known::Nothing,
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is known of a page that is asked for.
enum Known {
    Page(Arc<Skeleton>),
    Nothing,
    /// It was asked for lately, and may be worth keeping.
    AskedOnce {
        hash: u64,
        key: Vec<u8>,
    },
}

/// Puts `values` where page and frame have passing ones, and gives those back in their place.
fn exchange<P: Page>(page: &mut P, frame: &mut Frame, values: &mut [String]) {
    let passing = page.passing().unwrap_or_default();
    let all = passing.into_iter().chain([&mut frame.support_code]);
    for (here, there) in all.zip(values) {
        mem::swap(here, there);
    }
}

/// A page with places for its passing values.
struct Skeleton {
    text: String,
    /// Up to which byte of the text, and which value follows there.
    places: Vec<(usize, usize)>,
}

impl Skeleton {
    fn new(page: String, stand_ins: &[String]) -> Skeleton {
        let mut places: Vec<(usize, usize)> = Vec::new();
        let mut text = String::with_capacity(page.len());
        let mut rest = page.as_str();
        while let Some((at, value, length)) = next(rest, stand_ins) {
            text.push_str(rest.get(..at).unwrap_or_default());
            places.push((text.len(), value));
            rest = rest.get(at + length..).unwrap_or_default();
        }
        text.push_str(rest);
        text.shrink_to_fit();
        Skeleton { text, places }
    }

    fn with(&self, values: &[String]) -> String {
        let added: usize = values.iter().map(|value| value.len() + 16).sum();
        let mut page = String::with_capacity(self.text.len() + self.places.len() * added);
        let mut from = 0;
        for (to, value) in &self.places {
            page.push_str(self.text.get(from..*to).unwrap_or_default());
            page.push_str(&escaped(values.get(*value).map_or("", String::as_str)));
            from = *to;
        }
        page.push_str(self.text.get(from..).unwrap_or_default());
        page
    }
}

/// The first stand-in: where it begins, its place among them, its length.
fn next(text: &str, stand_ins: &[String]) -> Option<(usize, usize, usize)> {
    let written = stand_ins.iter().enumerate().filter(|(_, it)| !it.is_empty());
    let found = written.filter_map(|(place, it)| Some((text.find(it)?, place, it.len())));
    found.min()
}

/// What was asked for lately moves into `young`; once that is full it becomes the old one, and the old is gone.
#[derive(Default)]
struct Kept {
    young: Generation,
    old: Generation,
    /// Traces of what was asked for once.
    once: Vec<u64>,
}

#[derive(Default)]
struct Generation {
    by_hash: HashMap<u64, (Vec<u8>, Arc<Skeleton>)>,
    bytes: usize,
}

impl Kept {
    fn page(&mut self, hash: u64, key: &[u8]) -> Option<Arc<Skeleton>> {
        if let Some(skeleton) = self.young.page(hash, key) {
            return Some(skeleton);
        }
        self.old.page(hash, key)?;
        let (key, skeleton) = self.old.by_hash.remove(&hash)?;
        self.old.bytes -= key.len() + skeleton.text.len();
        self.keep_shared(hash, key, Arc::clone(&skeleton));
        Some(skeleton)
    }

    /// Whether it was asked for since others took its place; from now on it was.
    fn was_asked(&mut self, hash: u64) -> bool {
        self.once.resize(ONCE, 0);
        let place = hash % ONCE as u64;
        let slot = usize::try_from(place)
            .ok()
            .and_then(|place| self.once.get_mut(place));
        slot.is_some_and(|slot| mem::replace(slot, hash) == hash)
    }

    fn keep(&mut self, hash: u64, mut key: Vec<u8>, skeleton: Skeleton) {
        if key.len() + skeleton.text.len() <= LONGEST {
            key.shrink_to_fit();
            self.keep_shared(hash, key, Arc::new(skeleton));
        }
    }

    fn keep_shared(&mut self, hash: u64, key: Vec<u8>, skeleton: Arc<Skeleton>) {
        let bytes = key.len() + skeleton.text.len();
        if self.young.bytes + bytes > MOST_BYTES {
            self.old = mem::take(&mut self.young);
        }
        if self.young.by_hash.insert(hash, (key, skeleton)).is_none() {
            self.young.bytes += bytes;
        }
    }
}

impl Generation {
    fn page(&self, hash: u64, key: &[u8]) -> Option<Arc<Skeleton>> {
        let (held, skeleton) = self.by_hash.get(&hash)?;
        (held == key).then(|| Arc::clone(skeleton))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::names::Locale;
    use crate::pages::Pages;
    use crate::pages::views::login::Login;

    fn pages() -> Pages {
        Pages::new(&[]).unwrap()
    }

    fn is_kept(remembered: &Remembered) -> bool {
        !remembered.kept().young.by_hash.is_empty()
    }

    /// The sign-in page of somebody, on the plainest frame.
    fn form(username: &str, lt: &str) -> (Login, Frame) {
        let login = Login {
            username: username.to_owned(),
            ..Login::new("/cas/login", lt)
        };
        let frames = Frame::samples(&Locale::french(), &[Locale::french()]);
        let (_, bare) = frames.into_iter().nth(1).unwrap();
        (login, bare)
    }

    /// What is asked for `times` times, by others each time.
    fn ask(remembered: &Remembered, times: usize, make: impl Fn(&Login, &Frame) -> String) {
        for time in 0..times {
            let (mut login, mut frame) = form("camille", &format!("LT-{time}"));
            frame.support_code = format!("CODE-{time}");
            let expected = make(&login, &frame);
            let made = remembered.page(0, &mut login, &mut frame, |login, frame| Ok(make(login, frame)));
            assert_eq!(made.unwrap(), expected);
        }
    }

    #[test]
    fn every_sign_in_page_comes_from_memory_as_it_would_be_made() {
        let pages = pages();
        for language in pages.languages() {
            for (_, frame) in Frame::samples(language, pages.languages()) {
                for (state, login) in Login::samples() {
                    let of = |username: &str, lt: &str, code: &str| {
                        let (mut login, mut frame) = (login.clone(), frame.clone());
                        if !login.username.is_empty() && login.confirm.is_none() {
                            login.username = username.to_owned();
                        }
                        login.lt = lt.to_owned();
                        frame.support_code = code.to_owned();
                        let made = pages.render(&login, &frame).unwrap();
                        let known = pages.render_known(&mut login, &mut frame).unwrap();
                        assert_eq!(known, made, "{state}");
                        assert_eq!(
                            pages.render(&login, &frame).unwrap(),
                            made,
                            "{state} came back changed"
                        );
                    };
                    of("camille", "LT-1", "K7QD-2M9X");
                    of("\"><script>&'\r", "\"><script>", "9999-ZZZZ");
                    of("élève.né@lycée", "LT-3", "K7QD-2M9Y");
                }
            }
        }
        assert!(is_kept(&pages.remembered));
    }

    #[test]
    fn a_page_is_made_twice_and_once_more_to_see_that_both_ways_are_alike() {
        let (remembered, made) = (Remembered::default(), std::cell::Cell::new(0));
        let make = |login: &Login, frame: &Frame| {
            made.set(made.get() + 1);
            format!("<p>{}{}{}</p>", login.lt, login.username, frame.support_code)
        };
        ask(&remembered, 1, make);
        assert!(!is_kept(&remembered));
        ask(&remembered, 1, make);
        assert!(is_kept(&remembered));
        // `ask` makes each page once for itself.
        assert_eq!(made.get(), 2 + 3);
        ask(&remembered, 100, make);
        assert_eq!(made.get(), 5 + 100);
    }

    #[test]
    fn a_page_that_does_more_with_a_value_than_to_write_it_is_never_kept() {
        let remembered = Remembered::default();
        ask(&remembered, 4, |login, _| login.lt.to_lowercase());
        ask(&remembered, 4, |login, frame| {
            format!("{} {}", login.lt, frame.support_code.len())
        });
        assert!(!is_kept(&remembered));
    }

    #[test]
    fn pages_that_fail_are_not_kept_and_come_back_as_they_were() {
        let remembered = Remembered::default();
        for _ in 0..4 {
            let (mut login, mut frame) = form("camille", "LT-1");
            let broken = |_: &Login, _: &Frame| {
                let (file, problem) = (String::new(), "broken".to_owned());
                Err(PageError::Theme { file, problem })
            };
            assert!(remembered.page(0, &mut login, &mut frame, broken).is_err());
            assert_eq!((login.username.as_str(), login.lt.as_str()), ("camille", "LT-1"));
        }
        assert!(!is_kept(&remembered));
    }

    #[test]
    fn who_is_signed_in_or_given_a_captcha_is_not_remembered() {
        for (state, mut login) in Login::samples() {
            let personal = login.confirm.is_some() || login.check.is_some();
            assert_eq!(login.passing().is_none(), personal, "{state}");
        }
    }

    #[test]
    fn ever_new_pages_take_no_more_than_two_generations_and_leave_the_common_one() {
        let remembered = Remembered::default();
        let make = |login: &Login, frame: &Frame| {
            let filling = "x".repeat(6000);
            Ok(format!(
                "{}{}{filling}{}",
                login.action, login.lt, frame.support_code
            ))
        };
        let ask = |action: &str| {
            let (mut login, mut frame) = form("", "LT-1");
            login.action = action.to_owned();
            remembered.page(0, &mut login, &mut frame, make).unwrap();
        };
        for round in 0..1000 {
            for _ in 0..2 {
                ask(&format!("/cas/login?service={round}"));
                ask("/cas/login");
            }
        }
        let knows = |action: &str| {
            let (mut login, mut frame) = form("", "LT-1");
            login.action = action.to_owned();
            let mut stand_ins = remembered.stand_ins(&mut login, &mut frame).unwrap();
            exchange(&mut login, &mut frame, &mut stand_ins);
            matches!(remembered.look(0, &login, &frame), Known::Page(_))
        };
        assert!(knows("/cas/login") && knows("/cas/login?service=999"));
        assert!(!knows("/cas/login?service=0"));
        let kept = remembered.kept();
        for generation in [&kept.young, &kept.old] {
            let entries = generation.by_hash.values();
            let counted: usize = entries.map(|(key, page)| key.len() + page.text.len()).sum();
            assert_eq!(counted, generation.bytes);
            assert!((1..=MOST_BYTES).contains(&counted));
        }
    }

    #[test]
    fn themes_that_share_a_memory_keep_their_pages_apart() {
        let remembered = Remembered::default();
        for _ in 0..4 {
            for theme in 0..2 {
                let (mut login, mut frame) = form("", "LT-1");
                let made = remembered.page(theme, &mut login, &mut frame, |login, _| {
                    Ok(format!("{theme}{}", login.lt))
                });
                assert_eq!(made.unwrap(), format!("{theme}LT-1"));
            }
        }
        assert!(is_kept(&remembered));
    }

    #[test]
    fn a_page_too_long_is_made_each_time() {
        let remembered = Remembered::default();
        ask(&remembered, 3, |login, _| {
            format!("{}{}", login.lt, "x".repeat(LONGEST))
        });
        assert!(!is_kept(&remembered));
    }
}
