//! Marks of accounts in the embedded store: the port and its transitions.

use std::time::Duration;

use async_trait::async_trait;

use super::shelf::{Key, Kind, Step};
use super::store::EmbeddedStore;
use crate::base::names::AccountId;
use crate::tickets::digest::Digest;
use crate::tickets::error::fits;
use crate::tickets::limits::TOMBSTONE;
use crate::tickets::{
    AccountMarks, CLOSED_LIFE, EVENTS_KEPT, EVENTS_LIFE, LONGEST_EVENT, LONGEST_PENDING, Marks, PendingKind,
    PendingToken, StoreError,
};

impl Step<'_> {
    fn add_event(&mut self, account: Digest, sealed: Vec<u8>) -> Result<(), StoreError> {
        let key = Key::new(Kind::Events, account);
        let mut events: Vec<Vec<u8>> = self.read(&key)?.unwrap_or_default();
        events.insert(0, sealed);
        events.truncate(EVENTS_KEPT);
        let forgotten = self.now.plus(EVENTS_LIFE);
        self.write(key, &events, forgotten)
    }

    fn take_pending(
        &mut self,
        kind: PendingKind,
        token: Digest,
        attempt: [u8; 16],
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let (key, tombstone) = pending_keys(kind, token);
        if let Some((by, sealed)) = self.read::<([u8; 16], Vec<u8>)>(&tombstone)? {
            return Ok((by == attempt).then_some(sealed));
        }
        let Some(sealed) = self.read::<Vec<u8>>(&key)? else {
            return Ok(None);
        };
        self.delete(key);
        let forgotten = self.now.plus(TOMBSTONE);
        self.write(tombstone, &(attempt, &sealed), forgotten)?;
        Ok(Some(sealed))
    }
}

fn pending_keys(kind: PendingKind, token: Digest) -> (Key, Key) {
    let (waiting, taken) = match kind {
        PendingKind::Confirmation | PendingKind::Digits => (Kind::Confirmation, Kind::ConfirmationTaken),
        PendingKind::Undo => (Kind::Undo, Kind::UndoTaken),
        PendingKind::Revocation => (Kind::Revocation, Kind::RevocationTaken),
        PendingKind::Way => (Kind::Way, Kind::WayTaken),
        PendingKind::Disowning => (Kind::Disowning, Kind::DisowningTaken),
        PendingKind::Former => (Kind::Former, Kind::FormerTaken),
    };
    (Key::new(waiting, token), Key::new(taken, token))
}

fn pin_key(account: &AccountId) -> Key {
    Key::new(Kind::Pin, Digest::of_account(account))
}

fn closed_key(account: &AccountId) -> Key {
    Key::new(Kind::Closed, Digest::of_account(account))
}

#[async_trait]
impl Marks for EmbeddedStore {
    async fn pin(&self, account: &AccountId, span: Duration) -> Result<(), StoreError> {
        let key = pin_key(account);
        self.change(move |step| {
            let until = step.now.plus(span);
            step.write(key, &(), until)
        })
        .await
    }

    async fn of(&self, account: &AccountId) -> Result<AccountMarks, StoreError> {
        self.look(|step| {
            Ok(AccountMarks {
                pinned: step.entry(&pin_key(account))?.is_some(),
                devices: step.devices((Digest::of_account(account), step.realm_end(&account.realm)?))?,
            })
        })
    }

    async fn close(&self, account: &AccountId) -> Result<(), StoreError> {
        let key = closed_key(account);
        self.change(move |step| {
            let until = step.now.plus(CLOSED_LIFE);
            step.write(key, &(), until)
        })
        .await
    }

    async fn is_closed(&self, account: &AccountId) -> Result<bool, StoreError> {
        self.look(|step| Ok(step.entry(&closed_key(account))?.is_some()))
    }

    async fn reopen(&self, account: &AccountId) -> Result<bool, StoreError> {
        let key = closed_key(account);
        self.change(move |step| {
            let was = step.entry(&key)?.is_some();
            step.delete(key);
            Ok(was)
        })
        .await
    }

    async fn add_event(&self, account: &AccountId, sealed: &[u8]) -> Result<(), StoreError> {
        fits("add_event", sealed, LONGEST_EVENT)?;
        let (account, sealed) = (Digest::of_account(account), sealed.to_vec());
        self.change(move |step| step.add_event(account, sealed)).await
    }

    async fn events(&self, account: &AccountId) -> Result<Vec<Vec<u8>>, StoreError> {
        let key = Key::new(Kind::Events, Digest::of_account(account));
        self.look(|step| Ok(step.read(&key)?.unwrap_or_default()))
    }

    async fn keep_pending(
        &self,
        kind: PendingKind,
        token: &PendingToken,
        sealed: &[u8],
    ) -> Result<(), StoreError> {
        fits("keep_pending", sealed, LONGEST_PENDING)?;
        let (key, _) = pending_keys(kind, token.digest());
        let sealed = sealed.to_vec();
        self.change(move |step| {
            let until = step.now.plus(kind.life());
            step.write(key, &sealed, until)
        })
        .await
    }

    async fn pending(&self, kind: PendingKind, token: &PendingToken) -> Result<Option<Vec<u8>>, StoreError> {
        let (key, _) = pending_keys(kind, token.digest());
        self.look(|step| step.read(&key))
    }

    async fn take_pending(
        &self,
        kind: PendingKind,
        token: &PendingToken,
        attempt: &[u8; 16],
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let (token, attempt) = (token.digest(), *attempt);
        self.change(move |step| step.take_pending(kind, token, attempt))
            .await
    }
}
