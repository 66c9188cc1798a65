//! The institutions that this browser was asked to remember: a sealed cookie of a few ids, newest
//! first. It is set when a person ticks the box and at no other time; it grants nothing.

use data_encoding::BASE64URL_NOPAD;

use crate::base::entropy::Entropy;
use crate::base::keys::KeyRing;
use crate::base::names::InstitutionId;

const CONTEXT: &[u8] = b"remembered institutions";
/// Institutions remembered in one browser.
pub const MOST: usize = 5;

/// Remembered institutions, the latest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recent(Vec<InstitutionId>);

impl Recent {
    /// Opens the cookie's value; anything that is not ours remembers nothing.
    pub fn open(keys: &KeyRing, cookie: &str) -> Recent {
        let sealed = BASE64URL_NOPAD.decode(cookie.as_bytes()).ok();
        let plain = sealed.and_then(|sealed| keys.open(CONTEXT, &sealed));
        let text = plain.and_then(|plain| String::from_utf8(plain).ok());
        let ids = text.as_deref().unwrap_or_default().split(' ');
        Recent(ids.filter_map(InstitutionId::new).take(MOST).collect())
    }

    /// The value of the cookie, or `None` when there is nothing left to remember.
    pub fn seal(&self, keys: &KeyRing, entropy: &dyn Entropy) -> Option<String> {
        let ids: Vec<&str> = self.0.iter().map(InstitutionId::as_str).collect();
        let sealed = (!ids.is_empty()).then(|| keys.seal(entropy, CONTEXT, ids.join(" ").as_bytes()));
        sealed.map(|sealed| BASE64URL_NOPAD.encode(&sealed))
    }

    pub fn ids(&self) -> &[InstitutionId] {
        &self.0
    }

    /// Puts `id` first; the oldest goes when there are too many.
    pub fn remember(&mut self, id: &InstitutionId) {
        self.forget(id);
        self.0.insert(0, id.clone());
        self.0.truncate(MOST);
    }

    pub fn forget(&mut self, id: &InstitutionId) {
        self.0.retain(|known| known != id);
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
