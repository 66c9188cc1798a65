//! Reset tickets on Redis: each method is one call of one script. Claim, spend and revocation are
//! followed by a word from a replica, where there is one.

use async_trait::async_trait;

use super::answers::{Parts, number, strange};
use super::keys::Tagged;
use super::records::{self, span};
use super::scripts;
use super::store::{RedisStore, unwritable};
use crate::base::clock::{Timestamp, millis};
use crate::base::names::AccountId;
use crate::protocol::ticket_id::Bucket;
use crate::tickets::digest::Digest;
use crate::tickets::limits::TOMBSTONE;
use crate::tickets::{
    CLAIM_LEASE, CODE_TRIES, Channel, Claimed, CodeChance, Death, DeathKind, Looked, Mint, Minted, REFUSALS,
    RESET_TOMBSTONE, Released, ResetTicket, ResetTickets, ResetToken, Spent, StoreError,
};

impl RedisStore {
    fn of_reset(&self, token: &ResetToken) -> (Tagged, Digest) {
        (self.head().tagged(token.bucket(&self.keys)), token.digest())
    }

    async fn give_back(
        &self,
        token: &ResetToken,
        attempt: &[u8; 16],
        refused: bool,
        guard: Option<&[u8]>,
    ) -> Result<Released, StoreError> {
        let (tagged, id) = self.of_reset(token);
        let call = self
            .call(&scripts::RELEASE, &tagged, &[tagged.reset(id)])
            .arg(attempt.as_slice())
            .arg(u8::from(refused))
            .arg(optional(guard))
            .arg(REFUSALS);
        let mut parts = Parts::of("release", self.surely(call).await?)?;
        match parts.number()? {
            0 => Ok(Released::Open {
                left: small(parts.number()?),
            }),
            1 => Ok(Released::Lost),
            _ => Err(strange("release")),
        }
    }
}

impl RedisStore {
    fn chances(
        &self,
        operation: &'static str,
        account: &AccountId,
        answer: redis::Value,
    ) -> Result<Vec<CodeChance>, StoreError> {
        let mut parts = Parts::of(operation, answer)?;
        let bucket = Bucket::of(&self.keys, account);
        let mut chances = Vec::new();
        while let Some(id) = parts.bytes()? {
            let digest = Digest::read(&id).ok_or_else(|| strange(operation))?;
            let hash = parts.bytes()?.and_then(|hash| String::from_utf8(hash).ok());
            chances.push(CodeChance {
                token: ResetToken::of_name(bucket, digest),
                hash: hash.ok_or_else(|| strange(operation))?,
                left: small(parts.number()?),
            });
        }
        Ok(chances)
    }
}

/// Bytes behind a plus, so that none and empty ones differ.
fn optional(bytes: Option<&[u8]>) -> Vec<u8> {
    bytes.map_or(Vec::new(), |bytes| [b"+", bytes].concat())
}

fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Mail => "m",
        Channel::Sms => "s",
        Channel::Agent => "a",
    }
}

fn kind(kind: DeathKind) -> u8 {
    match kind {
        DeathKind::Spent => 1,
        DeathKind::Expired => 2,
        DeathKind::Replaced => 3,
        DeathKind::Revoked => 4,
    }
}

fn death(parts: &mut Parts) -> Result<Death, StoreError> {
    let number = parts.number()?;
    let kinds = [
        DeathKind::Spent,
        DeathKind::Expired,
        DeathKind::Replaced,
        DeathKind::Revoked,
    ];
    let found = kinds.into_iter().find(|known| u64::from(kind(*known)) == number);
    let at = Timestamp(parts.number()?);
    found
        .map(|kind| Death::new(kind, at))
        .ok_or_else(|| strange("death"))
}

/// Postcard, guard, times of issue and expiry; `None` for what cannot be read.
fn ticket(parts: &mut Parts) -> Result<Option<Box<ResetTicket>>, StoreError> {
    let body = parts.bytes()?.unwrap_or_default();
    let guard = parts.bytes()?;
    let (issued_at, expires_at) = (Timestamp(parts.number()?), Timestamp(parts.number()?));
    Ok(records::read_reset(&body).map(|ticket| {
        Box::new(ResetTicket {
            guard,
            issued_at,
            expires_at,
            ..ticket
        })
    }))
}

fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[async_trait]
impl ResetTickets for RedisStore {
    async fn mint(&self, mint: &Mint<'_>) -> Result<Minted, StoreError> {
        let account = Digest::of_account(&mint.ticket.account);
        let tagged = self.of_account(&mint.ticket.account);
        let id = mint.token.digest();
        let keys = [
            tagged.reset(id),
            tagged.reset_tombstone(id),
            tagged.resets(account),
            tagged.mints(account),
        ];
        let call = self
            .call(&scripts::MINT, &tagged, &keys)
            .arg(account.text().as_slice())
            .arg(id.text().as_slice())
            .arg(records::reset(mint.ticket).ok_or_else(unwritable)?)
            .arg(optional(mint.ticket.guard.as_deref()))
            .arg(mint.code_hash.unwrap_or_default())
            .arg(span(mint.life()))
            .arg(span(RESET_TOMBSTONE))
            .arg(channel(mint.ticket.channel))
            .arg(mint.budget.live)
            .arg(millis(mint.budget.apart))
            .arg(mint.budget.hour)
            .arg(mint.budget.day);
        let mut parts = Parts::of("mint", self.surely(call).await?)?;
        match parts.number()? {
            0 => Ok(Minted::New {
                expires_at: Timestamp(parts.number()?),
            }),
            1 => Ok(Minted::Again {
                expires_at: Timestamp(parts.number()?),
            }),
            2 => Ok(Minted::Dead(death(&mut parts)?)),
            3 => Ok(Minted::OverBudget),
            _ => Err(strange("mint")),
        }
    }

    async fn look(&self, token: &ResetToken) -> Result<Looked, StoreError> {
        let (tagged, id) = self.of_reset(token);
        let keys = [tagged.reset(id), tagged.reset_tombstone(id)];
        let answer = self.read(self.call(&scripts::LOOK, &tagged, &keys)).await?;
        let mut parts = Parts::of("look", answer)?;
        match parts.number()? {
            0 => Ok(ticket(&mut parts)?.map_or(Looked::Unknown, Looked::Live)),
            1 => Ok(Looked::Claimed),
            2 => Ok(Looked::Dead(death(&mut parts)?)),
            3 => Ok(Looked::Unknown),
            _ => Err(strange("look")),
        }
    }

    async fn codes(&self, account: &AccountId) -> Result<Vec<CodeChance>, StoreError> {
        let tagged = self.of_account(account);
        let keys = [tagged.resets(Digest::of_account(account))];
        let call = self.call(&scripts::CODES, &tagged, &keys).arg(CODE_TRIES);
        self.chances("codes", account, self.read(call).await?)
    }

    async fn try_code(&self, account: &AccountId, attempt: &[u8; 16]) -> Result<Vec<CodeChance>, StoreError> {
        let tagged = self.of_account(account);
        let digest = Digest::of_account(account);
        let keys = [tagged.resets(digest), tagged.code_attempt(digest)];
        let call = self
            .call(&scripts::TRY_CODE, &tagged, &keys)
            .arg(CODE_TRIES)
            .arg(attempt.as_slice())
            .arg(span(TOMBSTONE));
        self.chances("try_code", account, self.surely(call).await?)
    }

    async fn claim(&self, token: &ResetToken, attempt: &[u8; 16]) -> Result<Claimed, StoreError> {
        let (tagged, id) = self.of_reset(token);
        let keys = [tagged.reset(id), tagged.reset_tombstone(id)];
        let call = self
            .call(&scripts::CLAIM, &tagged, &keys)
            .arg(attempt.as_slice())
            .arg(span(CLAIM_LEASE))
            .arg(REFUSALS);
        let mut parts = Parts::of("claim", self.durably(call, &keys[0]).await?)?;
        match parts.number()? {
            0 => Ok(ticket(&mut parts)?.map_or(Claimed::Unknown, Claimed::Yes)),
            1 => Ok(Claimed::Busy),
            2 => Ok(Claimed::Dead(death(&mut parts)?)),
            3 => Ok(Claimed::Unknown),
            4 => Ok(Claimed::TooManyTries),
            _ => Err(strange("claim")),
        }
    }

    async fn release(
        &self,
        token: &ResetToken,
        attempt: &[u8; 16],
        new_guard: Option<&[u8]>,
    ) -> Result<Released, StoreError> {
        self.give_back(token, attempt, true, new_guard).await
    }

    async fn put_back(&self, token: &ResetToken, attempt: &[u8; 16]) -> Result<Released, StoreError> {
        self.give_back(token, attempt, false, None).await
    }

    async fn spend(&self, token: &ResetToken, attempt: &[u8; 16]) -> Result<Spent, StoreError> {
        let (tagged, id) = self.of_reset(token);
        let keys = [tagged.reset(id), tagged.reset_tombstone(id)];
        let call = self
            .call(&scripts::SPEND, &tagged, &keys)
            .arg(attempt.as_slice())
            .arg(id.text().as_slice())
            .arg(span(RESET_TOMBSTONE));
        match number("spend", &self.durably(call, &keys[0]).await?)? {
            0 => Ok(Spent::Yes),
            1 => Ok(Spent::Lost),
            _ => Err(strange("spend")),
        }
    }

    async fn revoke(&self, account: &AccountId, why: DeathKind) -> Result<usize, StoreError> {
        let tagged = self.of_account(account);
        let account = Digest::of_account(account);
        let keys = [tagged.resets(account)];
        let call = self
            .call(&scripts::REVOKE, &tagged, &keys)
            .arg(account.text().as_slice())
            .arg(kind(why))
            .arg(span(RESET_TOMBSTONE));
        let ended = number("revoke", &self.durably(call, &keys[0]).await?)?;
        Ok(usize::try_from(ended).unwrap_or(usize::MAX))
    }
}
