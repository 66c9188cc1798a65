//! The key ring: root keys shared by all nodes, from which every purpose derives its own key.
//! Sealing and pseudonyms are done here; reading key files is the configuration's work.

use std::sync::{Arc, PoisonError, RwLock};

use ring::{aead, hkdf, hmac};
use zeroize::Zeroizing;

use super::entropy::Entropy;

/// Bytes of a root key.
pub const ROOT_KEY_LENGTH: usize = 32;

/// What a derived key is for. A value made for one purpose never opens for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Values the browser holds and may not read: known devices.
    Seal,
    /// Proofs that a form is ours.
    Form,
    /// Account bucket and its mask in ticket ids.
    Bucket,
    /// Names of throttle counters: the store never learns logins or addresses.
    Counter,
    /// Opaque user names for services.
    Opaque,
    /// Links and codes of recovery, made from the number of their request.
    Mint,
    /// The chain of the audit's lines.
    Audit,
    /// Answers of CAPTCHAs, as the store keeps them.
    Challenge,
}

impl Purpose {
    fn label(self) -> &'static [u8] {
        match self {
            Purpose::Seal => b"mereau seal v1",
            Purpose::Form => b"mereau form v1",
            Purpose::Bucket => b"mereau bucket v1",
            Purpose::Counter => b"mereau counter v1",
            Purpose::Opaque => b"mereau opaque v1",
            Purpose::Mint => b"mereau mint v1",
            Purpose::Audit => b"mereau audit v1",
            Purpose::Challenge => b"mereau challenge v1",
        }
    }
}

/// One root key with the id byte that sealed values carry.
#[derive(Clone)]
pub struct RootKey {
    pub id: u8,
    pub bytes: Zeroizing<[u8; ROOT_KEY_LENGTH]>,
}

/// The active root key and others that are known, and the key of names.
///
/// Sealed values open with any key of the ring; new ones are sealed by the active one, and the audit is chained
/// under it. Everything else that is an HMAC (buckets of sessions, counters, opaque names, links and codes of
/// recovery, proofs of forms, answers of CAPTCHAs) hangs on a key of its own, the key of names, which no rotation
/// touches: without one, on the last of the ring. Until it is replaced once, by hand, it is the first key that
/// there ever was. All clones are one ring: [`KeyRing::replace`] reaches every part of a server.
#[derive(Clone)]
pub struct KeyRing {
    // Every request needs several of them, so they are derived once.
    derived: Arc<RwLock<Arc<Derived>>>,
}

struct Derived {
    /// Newest first, each with the id of its root.
    seals: Vec<(u8, aead::LessSafeKey)>,
    seal: hmac::Key,
    form: hmac::Key,
    bucket: hmac::Key,
    counter: hmac::Key,
    opaque: hmac::Key,
    mint: hmac::Key,
    /// As the seals: a line tells the root of its key.
    audits: Vec<(u8, hmac::Key)>,
    audit: hmac::Key,
    active: u8,
    challenge: hmac::Key,
}

impl Derived {
    fn name(&self, purpose: Purpose) -> &hmac::Key {
        match purpose {
            Purpose::Seal => &self.seal,
            Purpose::Form => &self.form,
            Purpose::Bucket => &self.bucket,
            Purpose::Counter => &self.counter,
            Purpose::Opaque => &self.opaque,
            Purpose::Mint => &self.mint,
            Purpose::Audit => &self.audit,
            Purpose::Challenge => &self.challenge,
        }
    }
}

impl KeyRing {
    pub fn new(active: RootKey, older: Vec<RootKey>) -> KeyRing {
        let last = older.last().unwrap_or(&active).clone();
        KeyRing::with_names(active, older, &last)
    }

    /// The same with a key of names of its own.
    pub fn with_names(active: RootKey, others: Vec<RootKey>, names: &RootKey) -> KeyRing {
        let name = |purpose| hmac::Key::new(hmac::HMAC_SHA256, &*derive(names, purpose));
        let roots = std::iter::once(&active).chain(&others);
        let seals = roots.clone();
        let chain_key = |root| hmac::Key::new(hmac::HMAC_SHA256, &*derive(root, Purpose::Audit));
        let derived = Derived {
            seals: seals
                .filter_map(|root| Some((root.id, aead_key(root)?)))
                .collect(),
            seal: name(Purpose::Seal),
            form: name(Purpose::Form),
            bucket: name(Purpose::Bucket),
            counter: name(Purpose::Counter),
            opaque: name(Purpose::Opaque),
            mint: name(Purpose::Mint),
            audits: roots.map(|root| (root.id, chain_key(root))).collect(),
            audit: name(Purpose::Audit),
            active: active.id,
            challenge: name(Purpose::Challenge),
        };
        KeyRing {
            derived: Arc::new(RwLock::new(Arc::new(derived))),
        }
    }

    fn derived(&self) -> Arc<Derived> {
        self.derived
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Puts the keys of another ring in place of these, in all clones of this one. Refused where the key of
    /// names is another one: half of what a running server holds would be lost at once.
    pub fn replace(&self, by: &KeyRing) -> bool {
        if !self.names_as(by) {
            return false;
        }
        let fresh = by.derived();
        *self.derived.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        true
    }

    /// Whether both give the same names.
    pub fn names_as(&self, other: &KeyRing) -> bool {
        let name = |ring: &KeyRing| ring.pseudonym(Purpose::Bucket, &[b"which key of names"]);
        name(self) == name(other)
    }

    /// A ring of one key that nobody else has: one node, forgotten at its stop.
    pub fn ephemeral(entropy: &dyn Entropy) -> KeyRing {
        let mut bytes = Zeroizing::new([0; ROOT_KEY_LENGTH]);
        entropy.fill(&mut *bytes);
        KeyRing::new(RootKey { id: 1, bytes }, Vec::new())
    }

    /// HMAC-SHA-256 under the key of `purpose`.
    pub fn pseudonym(&self, purpose: Purpose, parts: &[&[u8]]) -> [u8; 32] {
        mac_of(self.derived().name(purpose), parts)
    }

    /// The ids of the root keys, the active one first.
    pub fn ids(&self) -> impl Iterator<Item = u8> + use<> {
        let ids: Vec<u8> = self.derived().seals.iter().map(|(id, _)| *id).collect();
        ids.into_iter()
    }

    /// The id of the root key that seals.
    pub fn active(&self) -> u8 {
        self.derived().active
    }

    /// HMAC-SHA-256 of the audit's chain under one root of the ring; `None` when it is not there.
    pub fn chain_mac(&self, root: u8, parts: &[&[u8]]) -> Option<[u8; 32]> {
        let derived = self.derived();
        let (_, key) = derived.audits.iter().find(|(id, _)| *id == root)?;
        Some(mac_of(key, parts))
    }

    /// Seals `plain` for `context` (what it is and whom it is bound to): key id, nonce, ciphertext.
    pub fn seal(&self, entropy: &dyn Entropy, context: &[u8], plain: &[u8]) -> Vec<u8> {
        let mut nonce = [0; aead::NONCE_LEN];
        entropy.fill(&mut nonce);
        let derived = self.derived();
        let Some((id, key)) = derived.seals.first() else {
            return Vec::new();
        };
        let mut sealed = vec![*id];
        sealed.extend(nonce);
        let mut body = plain.to_vec();
        let nonce = aead::Nonce::assume_unique_for_key(nonce);
        match key.seal_in_place_append_tag(nonce, aead::Aad::from(context), &mut body) {
            Ok(()) => sealed.extend(body),
            // ring refuses only inputs of many gigabytes; such a value opens as forged.
            Err(_) => sealed.clear(),
        }
        sealed
    }

    /// The plain bytes, or `None` for anything that this ring did not seal for this very context.
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (id, rest) = sealed.split_first()?;
        let (nonce, body) = rest.split_at_checked(aead::NONCE_LEN)?;
        let derived = self.derived();
        let (_, key) = derived.seals.iter().find(|(known, _)| known == id)?;
        let nonce = aead::Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut body = body.to_vec();
        let plain = key
            .open_in_place(nonce, aead::Aad::from(context), &mut body)
            .ok()?;
        Some(plain.to_vec())
    }
}

fn mac_of(key: &hmac::Key, parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(key);
    for part in parts {
        // Lengths keep ("ab","c") apart from ("a","bc").
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut out = [0; 32];
    for (to, from) in out.iter_mut().zip(context.sign().as_ref()) {
        *to = *from;
    }
    out
}

fn aead_key(root: &RootKey) -> Option<aead::LessSafeKey> {
    let key = aead::UnboundKey::new(&aead::AES_256_GCM, &*derive(root, Purpose::Seal)).ok()?;
    Some(aead::LessSafeKey::new(key))
}

fn derive(root: &RootKey, purpose: Purpose) -> Zeroizing<[u8; 32]> {
    let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"mereau key ring");
    let pseudo_random = salt.extract(&*root.bytes);
    let mut out = Zeroizing::new([0; 32]);
    let info = [purpose.label()];
    let filled = pseudo_random
        .expand(&info, hkdf::HKDF_SHA256)
        .and_then(|material| material.fill(&mut *out));
    debug_assert!(filled.is_ok(), "32 bytes are within HKDF's bound");
    out
}

#[cfg(test)]
mod tests {
    use super::super::entropy::{OsEntropy, SeededEntropy};
    use super::*;

    fn root(id: u8) -> RootKey {
        RootKey {
            id,
            bytes: Zeroizing::new([id; 32]),
        }
    }

    #[test]
    fn a_sealed_value_opens_only_whole_and_in_its_context() {
        // T-30, T-39
        let ring = KeyRing::new(root(1), vec![]);
        let sealed = ring.seal(&OsEntropy, b"login", b"hello");
        assert_eq!(ring.open(b"login", &sealed).as_deref(), Some(&b"hello"[..]));
        assert_eq!(ring.open(b"device", &sealed), None);
        for at in 0..sealed.len() {
            let mut flipped = sealed.clone();
            flipped[at] ^= 1;
            assert_eq!(ring.open(b"login", &flipped), None, "byte {at}");
            assert_eq!(ring.open(b"login", &sealed[..at]), None, "cut at {at}");
        }
    }

    #[test]
    fn a_rotation_reaches_every_clone_opens_what_the_last_key_sealed_and_changes_no_name() {
        // T-95
        let names = root(9);
        let ring = |ids: &[u8]| {
            let mut roots = ids.iter().map(|id| root(*id));
            KeyRing::with_names(roots.next().unwrap(), roots.collect(), &names)
        };
        let held = ring(&[1]);
        let clone = held.clone();
        let first = held.seal(&OsEntropy, b"x", b"y");
        let name = held.pseudonym(Purpose::Bucket, &[b"a"]);
        assert!(held.replace(&ring(&[1, 2])), "known, and not used yet");
        assert_eq!(clone.seal(&OsEntropy, b"x", b"y")[0], 1);
        assert!(held.replace(&ring(&[2, 1])));
        let second = clone.seal(&OsEntropy, b"x", b"y");
        assert_eq!(second[0], 2);
        assert!(clone.open(b"x", &first).is_some());
        assert!(held.replace(&ring(&[3, 2])));
        assert!(clone.open(b"x", &second).is_some());
        assert!(clone.open(b"x", &first).is_none(), "N-2 is refused");
        assert_eq!(clone.pseudonym(Purpose::Bucket, &[b"a"]), name);
        let other = KeyRing::with_names(root(3), vec![root(2)], &root(8));
        assert!(!held.replace(&other), "names do not change while a server runs");
        assert!(clone.open(b"x", &second).is_some());
    }

    #[test]
    fn a_replaced_key_still_opens_and_still_names() {
        let before = KeyRing::new(root(1), vec![]);
        let after = KeyRing::new(root(2), vec![root(1)]);
        let sealed = before.seal(&SeededEntropy::new(1), b"x", b"y");
        assert!(after.open(b"x", &sealed).is_some());
        assert!(KeyRing::new(root(2), vec![]).open(b"x", &sealed).is_none());
        let name = |ring: &KeyRing| ring.pseudonym(Purpose::Bucket, &[b"a", b"b"]);
        assert_eq!(name(&before), name(&after));
        assert_ne!(name(&before), before.pseudonym(Purpose::Counter, &[b"a", b"b"]));
        assert_ne!(name(&before), before.pseudonym(Purpose::Bucket, &[b"ab", b""]));
    }
}
