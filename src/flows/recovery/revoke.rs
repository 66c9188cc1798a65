//! “I did not ask for this”: every link of the account dies, by a button only (SEC-29). From the page of
//! an opened link, or from the letter's own link for it.

use data_encoding::BASE64URL_NOPAD;
use zeroize::Zeroizing;

use super::state::Holding;
use crate::audit::{Actor, Event};
use crate::base::keys::Purpose;
use crate::base::names::{AccountId, RealmId};
use crate::flows::{FlowError, Ports};
use crate::messages::Destination;
use crate::tickets::{DeathKind, Looked, PendingKind, PendingToken, StoreError};

const CONTEXT: &[u8] = b"recovery revocation";

/// The secret of a letter's link for it: the same each time the request is delivered.
pub(super) fn token_of(ports: &Ports, nonce: &[u8; 32], to: &Destination) -> PendingToken {
    let address = match to {
        Destination::Mail(address) => address.envelope().to_ascii_lowercase(),
        Destination::Sms(number) => number.international().to_owned(),
    };
    let parts: [&[u8]; 3] = [b"revoke", nonce, address.as_bytes()];
    let drawn = Zeroizing::new(ports.keys.pseudonym(Purpose::Mint, &parts));
    // 32 bytes are what a token is made of.
    PendingToken::parse(&BASE64URL_NOPAD.encode(&*drawn))
        .unwrap_or_else(|| PendingToken::draw(ports.entropy.as_ref()))
}

pub(super) async fn keep(
    ports: &Ports,
    token: &PendingToken,
    accounts: &[AccountId],
) -> Result<(), StoreError> {
    let plain = serde_json::to_vec(accounts).unwrap_or_default();
    let sealed = ports.keys.seal(ports.entropy.as_ref(), CONTEXT, &plain);
    let marks = &ports.recovery.marks;
    marks.keep_pending(PendingKind::Revocation, token, &sealed).await
}

/// Ends every link of the account whose link this flow holds; `false` when there is none any more.
pub async fn revoke(ports: &Ports, holding: &Holding) -> Result<bool, FlowError> {
    let Some(token) = holding.token() else {
        return Ok(false);
    };
    match ports.recovery.tickets.look(&token).await? {
        Looked::Live(ticket) => {
            end(ports, &ticket.account, Some(token.log_name())).await?;
            Ok(true)
        }
        Looked::Claimed | Looked::Dead(_) | Looked::Unknown => Ok(false),
    }
}

/// The same for every account of the letter that had this link, on a host of `here` (SEC-17; `None`: of
/// no realm).
pub async fn revoke_by_letter(ports: &Ports, token: &str, here: Option<&RealmId>) -> Result<bool, FlowError> {
    let Some(token) = PendingToken::parse(token) else {
        return Ok(false);
    };
    let marks = &ports.recovery.marks;
    let accounts = |sealed: Option<Vec<u8>>| -> Option<Vec<AccountId>> {
        let plain = ports.keys.open(CONTEXT, &sealed?)?;
        serde_json::from_slice(&plain).ok()
    };
    if let Some(realm) = here {
        let seen = accounts(marks.pending(PendingKind::Revocation, &token).await?);
        if seen.is_some_and(|seen| seen.iter().any(|account| account.realm != *realm)) {
            return Ok(false);
        }
    }
    let attempt = ports.attempts.next();
    let sealed = marks
        .take_pending(PendingKind::Revocation, &token, &attempt)
        .await?;
    let Some(accounts) = accounts(sealed) else {
        return Ok(false);
    };
    for account in &accounts {
        end(ports, account, None).await?;
    }
    Ok(true)
}

async fn end(ports: &Ports, account: &AccountId, ticket: Option<String>) -> Result<(), FlowError> {
    let tickets = &ports.recovery.tickets;
    tickets.revoke(account, DeathKind::Revoked).await?;
    ports.audit.record(crate::audit::Record {
        ticket,
        ..ports
            .event(Event::RecoveryRevoked)
            .about(account)
            .by(Actor::Person)
    });
    Ok(())
}
