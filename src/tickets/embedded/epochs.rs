//! The names in the embedded store by which sessions and known devices of an account, or of a whole realm,
//! end all at once. Each is random and is the same or is not; no clock has a part in it (SEC-26).

use serde::de::DeserializeOwned;

use super::shelf::{Key, Kind, Step};
use crate::base::clock::Timestamp;
use crate::base::names::RealmId;
use crate::tickets::digest::Digest;
use crate::tickets::limits::{EPOCH_MARGIN, REALM_END_LIFE};
use crate::tickets::{DEVICES_LIFE, DeviceEpoch, StoreError};

/// The name of the time since all sessions of a realm were last ended; none where they never were.
pub(super) type RealmEnd = Option<[u8; 8]>;

/// An account, and the time of its realm.
pub(super) type OfNow = (Digest, RealmEnd);

fn realm_key(realm: &RealmId) -> Key {
    Key::new(Kind::RealmEnd, Digest::of_text(realm.as_str()))
}

impl Step<'_> {
    pub fn end_realm(&mut self, realm: &RealmId, name: [u8; 8]) -> Result<(), StoreError> {
        let until = self.now.plus(REALM_END_LIFE);
        self.write(realm_key(realm), &name, until)
    }

    pub fn realm_end(&self, realm: &RealmId) -> Result<RealmEnd, StoreError> {
        self.read(&realm_key(realm))
    }

    /// A sign-in: the end outlives what is written since.
    pub fn prolong_realm_end(&mut self, realm: &RealmId) -> Result<(), StoreError> {
        let until = self.now.plus(REALM_END_LIFE);
        self.prolong(realm_key(realm), until)
    }

    /// A name that was written in this time of the realm; one of an earlier time is none. A name of the
    /// first layout stands alone: it was written before any end.
    fn of_now<T: DeserializeOwned>(
        &self,
        kind: Kind,
        (account, ended): OfNow,
    ) -> Result<Option<(T, Timestamp)>, StoreError> {
        let key = Key::new(kind, account);
        let found = match self.read_expiring::<(T, RealmEnd)>(&key)? {
            Some(((name, of), expires)) => Some((name, of, expires)),
            None => self
                .read_expiring::<T>(&key)?
                .map(|(name, expires)| (name, None, expires)),
        };
        let good = found.filter(|(_, of, _)| *of == ended);
        Ok(good.map(|(name, _, expires)| (name, expires)))
    }

    pub fn epoch_of(&self, of: OfNow) -> Result<Option<u64>, StoreError> {
        Ok(self.of_now(Kind::Epoch, of)?.map(|(epoch, _)| epoch))
    }

    /// The first session since all were ended lends its name, which is random: never a time.
    pub fn extend_epoch(
        &mut self,
        of: OfNow,
        tgt: Digest,
        hard_expiry: Timestamp,
    ) -> Result<u64, StoreError> {
        let name = tgt.0.last_chunk().copied().unwrap_or_default();
        let found = self.of_now(Kind::Epoch, of)?;
        let (epoch, expires) = found.unwrap_or((u64::from_be_bytes(name), self.now));
        let expires = expires.max(hard_expiry.plus(EPOCH_MARGIN));
        self.write(Key::new(Kind::Epoch, of.0), &(epoch, of.1), expires)?;
        Ok(epoch)
    }

    /// The session that makes it lends its name.
    pub fn extend_devices(&mut self, of: OfNow, tgt: Digest) -> Result<DeviceEpoch, StoreError> {
        let name: [u8; 8] = tgt.0.first_chunk().copied().unwrap_or_default();
        let epoch = self.devices(of)?.unwrap_or(DeviceEpoch(name));
        let until = self.now.plus(DEVICES_LIFE);
        self.write(Key::new(Kind::Devices, of.0), &(epoch.0, of.1), until)?;
        Ok(epoch)
    }

    pub fn devices(&self, of: OfNow) -> Result<Option<DeviceEpoch>, StoreError> {
        let known = self.of_now::<[u8; 8]>(Kind::Devices, of)?;
        Ok(known.map(|(epoch, _)| DeviceEpoch(epoch)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tickets::embedded::memory::MemoryShelf;
    use crate::tickets::embedded::shelf::run;

    #[test]
    fn names_of_the_first_layout_are_good_until_the_first_end_of_their_realm() {
        // F-32
        let (now, mut shelf) = (Timestamp(1_795_000_000_000), MemoryShelf::default());
        let (account, realm) = (Digest::of_text("anne"), RealmId::new("univ").unwrap());
        let until = Timestamp(now.0 + 1000);
        run(&mut shelf, now, |step| {
            step.write(Key::new(Kind::Epoch, account), &7_u64, until)?;
            step.write(Key::new(Kind::Devices, account), &[9_u8; 8], until)
        })
        .unwrap();
        let seen = |shelf: &mut MemoryShelf| {
            run(shelf, now, |step| {
                let ended = step.realm_end(&realm)?;
                Ok((step.epoch_of((account, ended))?, step.devices((account, ended))?))
            })
            .unwrap()
        };
        assert_eq!(seen(&mut shelf), (Some(7), Some(DeviceEpoch([9; 8]))));
        run(&mut shelf, now, |step| step.end_realm(&realm, [1; 8])).unwrap();
        assert_eq!(seen(&mut shelf), (None, None));
    }
}
