//! Reset tickets in the embedded store: the port and its transitions. A ticket lies under its token's
//! digest; how it died, or when it will, lies beside it and outlives it.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Deserializer, Serialize};

use super::shelf::{Key, Kind, Step};
use super::store::EmbeddedStore;
use crate::base::clock::Timestamp;
use crate::base::names::AccountId;
use crate::protocol::ticket_id::Bucket;
use crate::tickets::digest::Digest;
use crate::tickets::limits::TOMBSTONE;
use crate::tickets::{
    AskedFrom, CLAIM_LEASE, CODE_TRIES, Channel, Claimed, CodeChance, Death, DeathKind, Looked, Mint,
    MintBudget, Minted, REFUSALS, RESET_TOMBSTONE, Released, ResetTicket, ResetTickets, ResetToken, Spent,
    StoreError,
};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

type Attempt = [u8; 16];

/// Ticket, what is kept of its code, tries left.
type Chance = (Digest, String, u32);

#[derive(Clone, Serialize, Deserialize)]
struct Stored {
    /// Its guard is the one that counts now.
    ticket: ResetTicket,
    /// The argon2id hash of its code.
    code: Option<String>,
    code_tries: u32,
    last_code_attempt: Option<Attempt>,
    /// Who holds it and until when.
    held: Option<(Attempt, Timestamp)>,
    /// Who gave it back last.
    released: Option<Attempt>,
    refusals: u32,
    /// Of its ticket. Comes last and is left out when there is none, as in what was written before it.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "or_none"
    )]
    asked: Option<AskedFrom>,
}

/// A ticket of the first layout ends where this field begins.
fn or_none<'de, D: Deserializer<'de>>(input: D) -> Result<Option<AskedFrom>, D::Error> {
    Ok(Option::<AskedFrom>::deserialize(input).unwrap_or_default())
}

/// Written with the ticket, as its expiry to come, and again at its death.
#[derive(Serialize, Deserialize)]
struct Tombstone {
    death: Death,
    /// The attempt that spent it.
    by: Option<Attempt>,
}

impl Stored {
    fn is_held(&self, now: Timestamp) -> bool {
        self.held.is_some_and(|(_, until)| until > now)
    }

    fn is_held_by(&self, attempt: &Attempt) -> bool {
        self.held.is_some_and(|(holder, _)| holder == *attempt)
    }

    fn opened(&self) -> Released {
        Released::Open {
            left: REFUSALS.saturating_sub(self.refusals),
        }
    }
}

impl Step<'_> {
    fn mint_reset(
        &mut self,
        digest: Digest,
        mut new: Stored,
        life: Duration,
        budget: MintBudget,
    ) -> Result<Minted, StoreError> {
        if let Some(before) = self.reset(digest)? {
            let expires_at = before.ticket.expires_at;
            return Ok(Minted::Again { expires_at });
        }
        if let Some(death) = self.death(digest)? {
            return Ok(Minted::Dead(death));
        }
        let account = Digest::of_account(&new.ticket.account);
        let log = self.mint_log(account)?;
        if !within(&log, &budget, new.ticket.channel, self.now) {
            return Ok(Minted::OverBudget);
        }
        let Some(victims) = self.victims(account, budget.live)? else {
            return Ok(Minted::OverBudget);
        };
        for victim in victims {
            self.bury(victim, DeathKind::Replaced, None)?;
        }
        let expires_at = self.now.plus(life);
        new.ticket.issued_at = self.now;
        new.ticket.expires_at = expires_at;
        self.log_mint(account, log, new.ticket.channel)?;
        let mut index = self.live_resets(account)?;
        index.push(digest);
        self.write_resets(account, &index)?;
        self.write(ticket_key(digest), &new, expires_at)?;
        let death = Death::Expired { at: expires_at };
        let forgotten = expires_at.plus(RESET_TOMBSTONE);
        self.write(tombstone_key(digest), &Tombstone { death, by: None }, forgotten)?;
        Ok(Minted::New { expires_at })
    }

    fn look_reset(&self, digest: Digest) -> Result<Looked, StoreError> {
        Ok(match self.reset(digest)? {
            Some(stored) if stored.is_held(self.now) => Looked::Claimed,
            Some(stored) => Looked::Live(Box::new(stored.ticket)),
            None => self.death(digest)?.map_or(Looked::Unknown, Looked::Dead),
        })
    }

    fn codes(&self, account: Digest) -> Result<Vec<Chance>, StoreError> {
        let mut open = Vec::new();
        for digest in self.live_resets(account)?.into_iter().rev() {
            let stored = self.reset(digest)?;
            let left = |stored: &Stored| CODE_TRIES.saturating_sub(stored.code_tries);
            let Some(stored) = stored.filter(|stored| left(stored) > 0) else {
                continue;
            };
            let left = left(&stored);
            open.extend(stored.code.map(|code| (digest, code, left)));
        }
        Ok(open)
    }

    fn try_code(&mut self, account: Digest, attempt: Attempt) -> Result<Vec<Chance>, StoreError> {
        let mut chances = Vec::new();
        let forgotten = self.now.plus(TOMBSTONE);
        self.write(Key::new(Kind::CodeAttempt, account), &attempt, forgotten)?;
        for digest in self.live_resets(account)?.into_iter().rev() {
            let Some(mut stored) = self.reset(digest)? else {
                continue;
            };
            let Some(code) = stored.code.clone() else {
                continue;
            };
            if stored.last_code_attempt != Some(attempt) {
                if stored.code_tries >= CODE_TRIES {
                    continue;
                }
                stored.code_tries += 1;
                stored.last_code_attempt = Some(attempt);
                self.write_reset(digest, &stored)?;
            }
            chances.push((digest, code, CODE_TRIES.saturating_sub(stored.code_tries)));
        }
        Ok(chances)
    }

    fn claim_reset(&mut self, digest: Digest, attempt: Attempt) -> Result<Claimed, StoreError> {
        let Some(mut stored) = self.reset(digest)? else {
            return Ok(self.death(digest)?.map_or(Claimed::Unknown, Claimed::Dead));
        };
        if stored.refusals >= REFUSALS {
            return Ok(Claimed::TooManyTries);
        }
        if stored.is_held(self.now) && !stored.is_held_by(&attempt) {
            return Ok(Claimed::Busy);
        }
        stored.held = Some((attempt, self.now.plus(CLAIM_LEASE)));
        stored.released = None;
        self.write_reset(digest, &stored)?;
        Ok(Claimed::Yes(Box::new(stored.ticket)))
    }

    fn release_reset(
        &mut self,
        digest: Digest,
        attempt: Attempt,
        refused: bool,
        guard: Option<Vec<u8>>,
    ) -> Result<Released, StoreError> {
        let Some(mut stored) = self.reset(digest)? else {
            return Ok(Released::Lost);
        };
        if stored.released == Some(attempt) {
            return Ok(stored.opened());
        }
        if !stored.is_held_by(&attempt) {
            return Ok(Released::Lost);
        }
        stored.held = None;
        stored.released = Some(attempt);
        stored.refusals += u32::from(refused);
        if guard.is_some() {
            stored.ticket.guard = guard;
        }
        self.write_reset(digest, &stored)?;
        Ok(stored.opened())
    }

    fn spend_reset(&mut self, digest: Digest, attempt: Attempt) -> Result<Spent, StoreError> {
        let Some(stored) = self.reset(digest)? else {
            let tombstone: Option<Tombstone> = self.read(&tombstone_key(digest))?;
            let mine = tombstone.is_some_and(|tombstone| tombstone.by == Some(attempt));
            return Ok(if mine { Spent::Yes } else { Spent::Lost });
        };
        if !stored.is_held_by(&attempt) {
            return Ok(Spent::Lost);
        }
        self.revoke_resets(Digest::of_account(&stored.ticket.account), DeathKind::Spent)?;
        self.bury(digest, DeathKind::Spent, Some(attempt))?;
        Ok(Spent::Yes)
    }

    pub(super) fn revoke_resets(&mut self, account: Digest, why: DeathKind) -> Result<usize, StoreError> {
        let live = self.live_resets(account)?;
        for digest in &live {
            self.bury(*digest, why, None)?;
        }
        self.delete(index_key(account));
        Ok(live.len())
    }

    /// The tickets that give way to a new one, oldest first; `None` when one of them is in use.
    fn victims(&self, account: Digest, live: u32) -> Result<Option<Vec<Digest>>, StoreError> {
        let index = self.live_resets(account)?;
        let kept = usize::try_from(live.max(1)).unwrap_or(usize::MAX) - 1;
        let surplus = index.len().saturating_sub(kept);
        let mut victims = Vec::new();
        for digest in index {
            let held = self.reset(digest)?.is_some_and(|stored| stored.is_held(self.now));
            if victims.len() < surplus && !held {
                victims.push(digest);
            }
        }
        Ok((victims.len() == surplus).then_some(victims))
    }

    fn bury(&mut self, digest: Digest, why: DeathKind, by: Option<Attempt>) -> Result<(), StoreError> {
        self.delete(ticket_key(digest));
        let death = Death::new(why, self.now);
        let forgotten = self.now.plus(RESET_TOMBSTONE);
        self.write(tombstone_key(digest), &Tombstone { death, by }, forgotten)
    }

    fn reset(&self, digest: Digest) -> Result<Option<Stored>, StoreError> {
        let stored: Option<Stored> = self.read(&ticket_key(digest))?;
        Ok(stored.map(|mut stored| {
            stored.ticket.asked.clone_from(&stored.asked);
            stored
        }))
    }

    fn death(&self, digest: Digest) -> Result<Option<Death>, StoreError> {
        let tombstone: Option<Tombstone> = self.read(&tombstone_key(digest))?;
        // One that speaks of a death to come: the ticket cannot be read.
        let death = tombstone.map(|tombstone| tombstone.death);
        Ok(death.filter(|death| death.at() <= self.now))
    }

    fn write_reset(&mut self, digest: Digest, stored: &Stored) -> Result<(), StoreError> {
        self.write(ticket_key(digest), stored, stored.ticket.expires_at)
    }

    /// Oldest first.
    fn live_resets(&self, account: Digest) -> Result<Vec<Digest>, StoreError> {
        let mut index: Vec<Digest> = self.read(&index_key(account))?.unwrap_or_default();
        let mut live = Vec::with_capacity(index.len());
        for digest in index.drain(..) {
            if self.entry(&ticket_key(digest))?.is_some() {
                live.push(digest);
            }
        }
        Ok(live)
    }

    fn write_resets(&mut self, account: Digest, index: &Vec<Digest>) -> Result<(), StoreError> {
        let expires = self.now.plus(DAY);
        self.write(index_key(account), index, expires)
    }

    fn mint_log(&self, account: Digest) -> Result<Vec<(Timestamp, Channel)>, StoreError> {
        let mut log: Vec<(Timestamp, Channel)> =
            self.read(&Key::new(Kind::ResetLog, account))?.unwrap_or_default();
        log.retain(|(at, _)| at.plus(DAY) > self.now);
        Ok(log)
    }

    fn log_mint(
        &mut self,
        account: Digest,
        mut log: Vec<(Timestamp, Channel)>,
        channel: Channel,
    ) -> Result<(), StoreError> {
        log.push((self.now, channel));
        let forgotten = self.now.plus(DAY);
        self.write(Key::new(Kind::ResetLog, account), &log, forgotten)
    }
}

fn within(log: &[(Timestamp, Channel)], budget: &MintBudget, channel: Channel, now: Timestamp) -> bool {
    let close = log.iter().any(|(at, _)| at.plus(budget.apart) > now);
    let since = |span| {
        let minted = log
            .iter()
            .filter(|(at, by)| *by == channel && at.plus(span) > now);
        u32::try_from(minted.count()).unwrap_or(u32::MAX)
    };
    !close && since(HOUR) < budget.hour && since(DAY) < budget.day
}

fn chance((digest, hash, left): Chance) -> CodeChance {
    CodeChance {
        // One node has no slots to find.
        token: ResetToken::of_name(Bucket::FIRST, digest),
        hash,
        left,
    }
}

fn ticket_key(digest: Digest) -> Key {
    Key::new(Kind::ResetTicket, digest)
}

fn tombstone_key(digest: Digest) -> Key {
    Key::new(Kind::ResetTombstone, digest)
}

fn index_key(account: Digest) -> Key {
    Key::new(Kind::ResetIndex, account)
}

#[async_trait]
impl ResetTickets for EmbeddedStore {
    async fn mint(&self, mint: &Mint<'_>) -> Result<Minted, StoreError> {
        let (digest, budget) = (mint.token.digest(), *mint.budget);
        let life = mint.life();
        let stored = Stored {
            ticket: mint.ticket.clone(),
            code: mint.code_hash.map(str::to_owned),
            code_tries: 0,
            last_code_attempt: None,
            held: None,
            released: None,
            refusals: 0,
            asked: mint.ticket.asked.clone(),
        };
        self.change(move |step| step.mint_reset(digest, stored, life, budget))
            .await
    }

    async fn look(&self, token: &ResetToken) -> Result<Looked, StoreError> {
        EmbeddedStore::look(self, |step| step.look_reset(token.digest()))
    }

    async fn codes(&self, account: &AccountId) -> Result<Vec<CodeChance>, StoreError> {
        let codes = EmbeddedStore::look(self, |step| step.codes(Digest::of_account(account)))?;
        Ok(codes.into_iter().map(chance).collect())
    }

    async fn try_code(&self, account: &AccountId, attempt: &[u8; 16]) -> Result<Vec<CodeChance>, StoreError> {
        let (account, attempt) = (Digest::of_account(account), *attempt);
        let chances = self.change(move |step| step.try_code(account, attempt)).await?;
        Ok(chances.into_iter().map(chance).collect())
    }

    async fn claim(&self, token: &ResetToken, attempt: &[u8; 16]) -> Result<Claimed, StoreError> {
        let (digest, attempt) = (token.digest(), *attempt);
        self.change(move |step| step.claim_reset(digest, attempt)).await
    }

    async fn release(
        &self,
        token: &ResetToken,
        attempt: &[u8; 16],
        new_guard: Option<&[u8]>,
    ) -> Result<Released, StoreError> {
        let (digest, attempt) = (token.digest(), *attempt);
        let guard = new_guard.map(<[u8]>::to_vec);
        self.change(move |step| step.release_reset(digest, attempt, true, guard))
            .await
    }

    async fn put_back(&self, token: &ResetToken, attempt: &[u8; 16]) -> Result<Released, StoreError> {
        let (digest, attempt) = (token.digest(), *attempt);
        self.change(move |step| step.release_reset(digest, attempt, false, None))
            .await
    }

    async fn spend(&self, token: &ResetToken, attempt: &[u8; 16]) -> Result<Spent, StoreError> {
        let (digest, attempt) = (token.digest(), *attempt);
        self.change(move |step| step.spend_reset(digest, attempt)).await
    }

    async fn revoke(&self, account: &AccountId, why: DeathKind) -> Result<usize, StoreError> {
        let account = Digest::of_account(account);
        self.change(move |step| step.revoke_resets(account, why)).await
    }
}
