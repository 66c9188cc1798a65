//! “I did not ask for this”: every link of the account dies, by a button only (SEC-29). From the page of
//! an opened link, or from the letter's own link for it.

use std::net::IpAddr;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use zeroize::Zeroizing;

use super::mailed::{Found, behind};
use super::state::{Among, Holding, Via};
use crate::audit::{Actor, Event, Record};
use crate::base::keys::Purpose;
use crate::base::names::AccountId;
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
            let flow = HEXLOWER.encode(&ticket.request);
            let record = Record {
                institution: Some(ticket.institution.clone()),
                ticket: Some(token.log_name()),
                flow: Some(flow),
                method: Some(holding.via.method()),
                ..ports.event(Event::RecoveryRevoked)
            };
            end(ports, &ticket.account, record).await?;
            Ok(true)
        }
        Looked::Claimed | Looked::Dead(_) | Looked::Unknown => Ok(false),
    }
}

/// The same for everybody who shares the mailbox of the flow's link.
pub async fn revoke_among(ports: &Ports, among: &Among) -> Result<bool, FlowError> {
    let mut ended = false;
    for (_, name) in &among.rights {
        let holding = Holding::named(name.clone(), Via::Link);
        ended |= revoke(ports, &holding).await?;
    }
    Ok(ended)
}

/// The accounts of the letter that had this link. Changes nothing.
pub async fn see_letter(
    ports: &Ports,
    token: &str,
    from: IpAddr,
) -> Result<Found<Vec<AccountId>>, FlowError> {
    let found = behind(ports, PendingKind::Revocation, token, from).await?;
    Ok(found.map(|(_, sealed)| accounts(ports, &sealed)))
}

fn accounts(ports: &Ports, sealed: &[u8]) -> Option<Vec<AccountId>> {
    serde_json::from_slice(&ports.keys.open(CONTEXT, sealed)?).ok()
}

/// Ends every link of every account of that letter. The letter's link is spent last: where a link could
/// not be ended, the same button may be pressed again.
pub async fn revoke_by_letter(ports: &Ports, token: &str, from: IpAddr) -> Result<Found<()>, FlowError> {
    let (token, sealed) = match behind(ports, PendingKind::Revocation, token, from).await? {
        Found::Yes(found) => found,
        Found::Dead => return Ok(Found::Dead),
        Found::TooMany => return Ok(Found::TooMany),
    };
    let Some(accounts) = accounts(ports, &sealed) else {
        return Ok(Found::Dead);
    };
    for account in &accounts {
        let record = Record {
            ticket: Some(token.log_name()),
            ..ports.event(Event::RecoveryRevoked)
        };
        end(ports, account, record).await?;
    }
    let (marks, attempt) = (&ports.recovery.marks, ports.attempts.next());
    marks
        .take_pending(PendingKind::Revocation, &token, &attempt)
        .await?;
    Ok(Found::Yes(()))
}

async fn end(ports: &Ports, account: &AccountId, record: Record) -> Result<(), FlowError> {
    let tickets = &ports.recovery.tickets;
    tickets.revoke(account, DeathKind::Revoked).await?;
    ports.audit.record(record.about(account).by(Actor::Person));
    Ok(())
}
