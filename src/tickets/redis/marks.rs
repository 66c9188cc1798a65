//! Marks of accounts on Redis. Those of an account lie in its slot; a pending change lies by itself,
//! since who follows its link names no account, or it is kept under a name that nobody is sent.

use std::time::Duration;

use async_trait::async_trait;
use redis::Value;

use super::answers::{Parts, number};
use super::records::{VERSION, span};
use super::scripts::{self, Call};
use super::store::RedisStore;
use crate::base::names::AccountId;
use crate::tickets::digest::Digest;
use crate::tickets::error::fits;
use crate::tickets::limits::TOMBSTONE;
use crate::tickets::{
    AccountMarks, CLOSED_LIFE, DeviceEpoch, EVENTS_KEPT, EVENTS_LIFE, LONGEST_EVENT, LONGEST_PENDING, Marks,
    PendingKind, PendingToken, StoreError,
};

impl RedisStore {
    fn pending_keys(&self, kind: PendingKind, token: &PendingToken) -> [String; 2] {
        let token = token.digest().0;
        match kind {
            PendingKind::Confirmation | PendingKind::Digits => self.head().confirmation(&token),
            PendingKind::Undo => self.head().undo(&token),
            PendingKind::Revocation => self.head().revocation(&token),
            PendingKind::Way => self.head().way(&token),
            PendingKind::Disowning => self.head().disowning(&token),
            PendingKind::Former => self.head().former(&token),
        }
    }
}

fn versioned(sealed: &[u8]) -> Vec<u8> {
    [&[VERSION], sealed].concat()
}

fn read(value: Value) -> Option<Vec<u8>> {
    match value {
        Value::BulkString(value) => value.strip_prefix(&[VERSION]).map(<[u8]>::to_vec),
        _ => None,
    }
}

#[async_trait]
impl Marks for RedisStore {
    async fn pin(&self, account: &AccountId, time: Duration) -> Result<(), StoreError> {
        let mut command = redis::cmd("SET");
        command.arg(self.of_account(account).pin(Digest::of_account(account)));
        command.arg(VERSION).arg("PX").arg(span(time));
        self.write(Call::plain("pin", command)).await.map(drop)
    }

    async fn of(&self, account: &AccountId) -> Result<AccountMarks, StoreError> {
        let (tagged, realm) = (self.of_account(account), &account.realm);
        let account = Digest::of_account(account);
        let keys = [tagged.pin(account), tagged.devices(account), tagged.realm(realm)];
        let call = scripts::MARKS.on(&keys);
        let mut parts = Parts::of("marks", self.read(call).await?)?;
        let pinned = parts.bytes()?.is_some();
        let devices = parts.bytes()?.and_then(|epoch| epoch.try_into().ok());
        Ok(AccountMarks {
            pinned,
            devices: devices.map(DeviceEpoch),
        })
    }

    async fn close(&self, account: &AccountId) -> Result<(), StoreError> {
        let mut command = redis::cmd("SET");
        command.arg(self.of_account(account).closed(Digest::of_account(account)));
        command.arg(VERSION).arg("PX").arg(span(CLOSED_LIFE));
        self.write(Call::plain("close", command)).await.map(drop)
    }

    async fn is_closed(&self, account: &AccountId) -> Result<bool, StoreError> {
        let mut command = redis::cmd("GET");
        command.arg(self.of_account(account).closed(Digest::of_account(account)));
        let answer = self.read(Call::plain("is_closed", command)).await?;
        Ok(answer != Value::Nil)
    }

    async fn reopen(&self, account: &AccountId) -> Result<bool, StoreError> {
        let mut command = redis::cmd("DEL");
        command.arg(self.of_account(account).closed(Digest::of_account(account)));
        let answer = self.write(Call::plain("reopen", command)).await?;
        Ok(number("reopen", &answer)? > 0)
    }

    async fn add_event(&self, account: &AccountId, sealed: &[u8]) -> Result<(), StoreError> {
        fits("add_event", sealed, LONGEST_EVENT)?;
        let key = self.of_account(account).events(Digest::of_account(account));
        let call = scripts::ADD_EVENT
            .on(&[key])
            .arg(versioned(sealed))
            .arg(EVENTS_KEPT)
            .arg(span(EVENTS_LIFE))
            .once();
        self.write(call).await.map(drop)
    }

    async fn events(&self, account: &AccountId) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut command = redis::cmd("LRANGE");
        command.arg(self.of_account(account).events(Digest::of_account(account)));
        command.arg(0).arg(-1);
        match self.read(Call::plain("events", command)).await? {
            Value::Array(events) => Ok(events.into_iter().filter_map(read).collect()),
            _ => Ok(Vec::new()),
        }
    }

    async fn keep_pending(
        &self,
        kind: PendingKind,
        token: &PendingToken,
        sealed: &[u8],
    ) -> Result<(), StoreError> {
        fits("keep_pending", sealed, LONGEST_PENDING)?;
        let [key, _] = self.pending_keys(kind, token);
        let mut command = redis::cmd("SET");
        command.arg(key).arg(versioned(sealed));
        command.arg("PX").arg(span(kind.life()));
        self.write(Call::plain("keep_pending", command)).await.map(drop)
    }

    async fn pending(&self, kind: PendingKind, token: &PendingToken) -> Result<Option<Vec<u8>>, StoreError> {
        let [key, _] = self.pending_keys(kind, token);
        let mut command = redis::cmd("GET");
        command.arg(key);
        Ok(read(self.read(Call::plain("pending", command)).await?))
    }

    async fn take_pending(
        &self,
        kind: PendingKind,
        token: &PendingToken,
        attempt: &[u8; 16],
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let call = scripts::TAKE_PENDING
            .on(&self.pending_keys(kind, token))
            .arg(attempt.as_slice())
            .arg(span(TOMBSTONE));
        Ok(read(self.surely(call).await?))
    }
}
