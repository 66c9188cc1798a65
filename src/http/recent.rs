//! The institutions that this browser was asked to remember: a sealed cookie of a few ids, newest
//! first. It is set when a person asks for it and at no other time; it grants nothing.

use data_encoding::BASE64URL_NOPAD;

use crate::base::entropy::Entropy;
use crate::base::keys::KeyRing;
use crate::base::names::InstitutionId;

const CONTEXT: &[u8] = b"remembered institutions";
/// Institutions remembered in one browser.
pub const MOST: usize = 5;

/// Before the id of the one that is always used.
const ALWAYS: char = '!';

/// Remembered institutions, the latest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recent {
    ids: Vec<InstitutionId>,
    always: Option<InstitutionId>,
}

impl Recent {
    /// Opens the cookie's value; anything that is not ours remembers nothing.
    pub fn open(keys: &KeyRing, cookie: &str) -> Recent {
        let sealed = BASE64URL_NOPAD.decode(cookie.as_bytes()).ok();
        let plain = sealed.and_then(|sealed| keys.open(CONTEXT, &sealed));
        let text = plain.and_then(|plain| String::from_utf8(plain).ok());
        let words = text.as_deref().unwrap_or_default().split(' ');
        let id = |word: &str| InstitutionId::new(word.trim_start_matches(ALWAYS));
        Recent {
            always: words.clone().find(|word| word.starts_with(ALWAYS)).and_then(id),
            ids: words.filter_map(id).take(MOST).collect(),
        }
    }

    /// The value of the cookie, or `None` when there is nothing left to remember.
    pub fn seal(&self, keys: &KeyRing, entropy: &dyn Entropy) -> Option<String> {
        let word = |id: &InstitutionId| match self.always() {
            Some(always) if always == id => format!("{ALWAYS}{id}"),
            _ => id.to_string(),
        };
        let words: Vec<String> = self.ids.iter().map(word).collect();
        let sealed = (!words.is_empty()).then(|| keys.seal(entropy, CONTEXT, words.join(" ").as_bytes()));
        sealed.map(|sealed| BASE64URL_NOPAD.encode(&sealed))
    }

    pub fn ids(&self) -> &[InstitutionId] {
        &self.ids
    }

    /// The one that the person said shall be used without asking.
    pub fn always(&self) -> Option<&InstitutionId> {
        self.always.as_ref()
    }

    /// Puts `id` first; the oldest goes when there are too many.
    pub fn remember(&mut self, id: &InstitutionId) {
        self.ids.retain(|known| known != id);
        self.ids.insert(0, id.clone());
        self.ids.truncate(MOST);
    }

    /// Remembers `id` as the one to be used without asking, instead of any other.
    pub fn always_use(&mut self, id: &InstitutionId) {
        self.remember(id);
        self.always = Some(id.clone());
    }

    pub fn forget(&mut self, id: &InstitutionId) {
        self.ids.retain(|known| known != id);
        self.always = self.always.take().filter(|always| always != id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::entropy::OsEntropy;

    fn id(text: &str) -> InstitutionId {
        InstitutionId::new(text).expect("a slug")
    }

    #[test]
    fn the_latest_five_are_remembered_newest_first_and_once_each() {
        let keys = KeyRing::ephemeral(&OsEntropy);
        let mut recent = Recent::default();
        for name in ["a", "b", "c", "d", "e", "f", "c"] {
            recent.remember(&id(name));
        }
        let cookie = recent.seal(&keys, &OsEntropy).expect("a value");
        let back = Recent::open(&keys, &cookie);
        assert_eq!(back.ids(), ["c", "f", "e", "d", "b"].map(id));
    }

    #[test]
    fn a_forgotten_one_is_gone_and_an_empty_list_has_no_cookie() {
        let keys = KeyRing::ephemeral(&OsEntropy);
        let mut recent = Recent::default();
        recent.remember(&id("a"));
        recent.forget(&id("a"));
        assert_eq!(recent.seal(&keys, &OsEntropy), None);
    }

    #[test]
    fn at_most_one_is_always_used_and_only_when_that_was_said() {
        let keys = KeyRing::ephemeral(&OsEntropy);
        let mut recent = Recent::default();
        let kept = |recent: &Recent| {
            let cookie = recent.seal(&keys, &OsEntropy).expect("a value");
            Recent::open(&keys, &cookie)
        };
        recent.remember(&id("a"));
        assert_eq!(kept(&recent).always(), None);
        recent.always_use(&id("a"));
        recent.always_use(&id("b"));
        recent.remember(&id("c"));
        assert_eq!(kept(&recent).always(), Some(&id("b")));
        assert_eq!(kept(&recent).ids(), ["c", "b", "a"].map(id));
        recent.forget(&id("b"));
        assert_eq!(kept(&recent).always(), None);
    }

    #[test]
    fn a_cookie_that_we_did_not_seal_remembers_nothing() {
        // T-30
        let keys = KeyRing::ephemeral(&OsEntropy);
        let mut recent = Recent::default();
        recent.remember(&id("a"));
        let cookie = recent.seal(&keys, &OsEntropy).expect("a value");
        assert_eq!(Recent::open(&keys, &cookie[1..]), Recent::default());
        assert_eq!(
            Recent::open(&KeyRing::ephemeral(&OsEntropy), &cookie),
            Recent::default()
        );
        assert_eq!(Recent::open(&keys, "a"), Recent::default());
    }
}
