//! Known devices (T-60): a sealed cookie that says which people signed in here before, so that the
//! throttle can give this device a counter of its own. It grants nothing else, and nothing at all once
//! everything of the account ended (SEC-54).

use data_encoding::BASE64URL_NOPAD;

use crate::base::entropy::Entropy;
use crate::base::keys::{KeyRing, Purpose};
use crate::base::names::{RealmId, Username};
use crate::guard::KnownDevice;
use crate::tickets::DeviceEpoch;

const CONTEXT: &[u8] = b"known device, of an epoch";
const SECRET: usize = 16;
/// A name of the login, and the epoch of its account then.
const MARK: usize = NAME + 8;
const NAME: usize = 8;
/// People remembered on one device.
const MOST: usize = 8;

/// The secret of a device and marks of the logins that succeeded on it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Device {
    secret: [u8; SECRET],
    marks: Vec<[u8; MARK]>,
}

impl Device {
    /// Opens the cookie's value; anything that is not ours is no device.
    pub fn open(keys: &KeyRing, cookie: &str) -> Option<Device> {
        let sealed = BASE64URL_NOPAD.decode(cookie.as_bytes()).ok()?;
        let plain = keys.open(CONTEXT, &sealed)?;
        let (secret, rest) = plain.split_first_chunk::<SECRET>()?;
        let (marks, left) = rest.as_chunks::<MARK>();
        (left.is_empty() && marks.len() <= MOST).then(|| Device {
            secret: *secret,
            marks: marks.to_vec(),
        })
    }

    pub fn new(entropy: &dyn Entropy) -> Device {
        let mut secret = [0; SECRET];
        entropy.fill(&mut secret);
        Device {
            secret,
            marks: Vec::new(),
        }
    }

    /// The device as this login succeeded on it before; its account has the last word.
    pub fn known_to(&self, keys: &KeyRing, realm: &RealmId, typed: &str) -> Option<KnownDevice<'_>> {
        let name = name(keys, realm, &Username::typed(typed).ok()?);
        let mark = self.marks.iter().find(|mark| mark.starts_with(&name))?;
        let epoch = mark.last_chunk().copied()?;
        Some(KnownDevice {
            secret: &self.secret,
            epoch: DeviceEpoch(epoch),
        })
    }

    /// Remembers a login that succeeded; the oldest goes when there are too many.
    pub fn remember(&mut self, keys: &KeyRing, realm: &RealmId, typed: &str, epoch: DeviceEpoch) {
        let Ok(typed) = Username::typed(typed) else { return };
        let name = name(keys, realm, &typed);
        let mut mark = [0; MARK];
        let bytes = name.iter().chain(&epoch.0);
        mark.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        self.marks.retain(|known| !known.starts_with(&name));
        self.marks.push(mark);
        if self.marks.len() > MOST {
            self.marks.remove(0);
        }
    }

    pub fn seal(&self, keys: &KeyRing, entropy: &dyn Entropy) -> String {
        let mut plain = self.secret.to_vec();
        self.marks.iter().for_each(|mark| plain.extend(mark));
        BASE64URL_NOPAD.encode(&keys.seal(entropy, CONTEXT, &plain))
    }
}

fn name(keys: &KeyRing, realm: &RealmId, name: &Username) -> [u8; NAME] {
    let name = name.folded();
    let parts: [&[u8]; 3] = [b"device login", realm.as_str().as_bytes(), name.as_bytes()];
    let whole = keys.pseudonym(Purpose::Counter, &parts);
    let mut short = [0; NAME];
    short.iter_mut().zip(whole).for_each(|(to, from)| *to = from);
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::entropy::OsEntropy;

    #[test]
    fn a_device_is_known_for_the_people_who_signed_in_on_it_only() {
        // T-60, T-30
        let keys = KeyRing::ephemeral(&OsEntropy);
        let realm = RealmId::new("univ").expect("a slug");
        let epoch = DeviceEpoch([7; 8]);
        let mut device = Device::new(&OsEntropy);
        device.remember(&keys, &realm, "Anne.Dupont ", DeviceEpoch([1; 8]));
        device.remember(&keys, &realm, "anne.dupont", epoch);
        let cookie = device.seal(&keys, &OsEntropy);
        let back = Device::open(&keys, &cookie).expect("our own");
        let known = back.known_to(&keys, &realm, "anne.dupont").expect("known");
        assert_eq!((known.epoch, back.marks.len()), (epoch, 1), "the latest");
        assert!(back.known_to(&keys, &realm, "bob").is_none());
        assert!(
            back.known_to(&keys, &RealmId::new("ent").expect("a slug"), "anne.dupont")
                .is_none()
        );
        assert!(Device::open(&keys, &cookie[1..]).is_none());
        assert!(Device::open(&KeyRing::ephemeral(&OsEntropy), &cookie).is_none());
    }

    #[test]
    fn a_device_remembers_the_latest_eight() {
        let keys = KeyRing::ephemeral(&OsEntropy);
        let realm = RealmId::new("univ").expect("a slug");
        let epoch = DeviceEpoch([7; 8]);
        let mut device = Device::new(&OsEntropy);
        (0..9).for_each(|number| device.remember(&keys, &realm, &format!("p{number}"), epoch));
        let back = Device::open(&keys, &device.seal(&keys, &OsEntropy)).expect("our own");
        assert!(back.known_to(&keys, &realm, "p0").is_none() && back.known_to(&keys, &realm, "p8").is_some());
    }
}
