//! Addresses that an account had until lately: who got its letters before is told of a new password for a
//! week more (SEC-58). They are sealed, and lie under a name that nobody is sent.

use data_encoding::BASE64URL_NOPAD;
use zeroize::Zeroizing;

use crate::base::clock::Timestamp;
use crate::base::keys::Purpose;
use crate::base::names::{AccountId, EmailAddress};
use crate::flows::{FlowError, Ports};
use crate::tickets::{PendingKind, PendingToken};

/// How many are remembered; the oldest give way.
const MOST: usize = 5;

const CONTEXT: &[u8] = b"former addresses";

type Kept = Vec<(String, Timestamp)>;

fn name_of(ports: &Ports, account: &AccountId) -> PendingToken {
    let (realm, person) = (account.realm.as_str().as_bytes(), account.person.0.as_bytes());
    let drawn = Zeroizing::new(ports.keys.pseudonym(Purpose::Mint, &[CONTEXT, realm, person]));
    // 32 bytes are what a token is made of.
    PendingToken::parse(&BASE64URL_NOPAD.encode(&*drawn))
        .unwrap_or_else(|| PendingToken::draw(ports.entropy.as_ref()))
}

async fn kept(ports: &Ports, account: &AccountId) -> Result<Kept, FlowError> {
    let marks = &ports.recovery.marks;
    let sealed = marks
        .pending(PendingKind::Former, &name_of(ports, account))
        .await?;
    let plain = sealed.and_then(|sealed| ports.keys.open(CONTEXT, &sealed));
    let mut kept: Kept = plain
        .and_then(|plain| serde_json::from_slice(&plain).ok())
        .unwrap_or_default();
    let now = ports.clock.now();
    kept.retain(|(_, since)| now.since(*since) <= PendingKind::Former.life());
    Ok(kept)
}

/// Remembers that `address` was the account's until now.
pub(in crate::flows) async fn remember(
    ports: &Ports,
    account: &AccountId,
    address: &str,
) -> Result<(), FlowError> {
    let mut all = kept(ports, account).await?;
    all.retain(|(known, _)| known != address);
    all.insert(0, (address.to_owned(), ports.clock.now()));
    all.truncate(MOST);
    let plain = serde_json::to_vec(&all).unwrap_or_default();
    let sealed = ports.keys.seal(ports.entropy.as_ref(), CONTEXT, &plain);
    let (marks, name) = (&ports.recovery.marks, name_of(ports, account));
    Ok(marks.keep_pending(PendingKind::Former, &name, &sealed).await?)
}

/// Those of the last seven days, the latest first.
pub(super) async fn lately(ports: &Ports, account: &AccountId) -> Result<Vec<EmailAddress>, FlowError> {
    let all = kept(ports, account).await?.into_iter();
    Ok(all
        .filter_map(|(address, _)| EmailAddress::stored(&address).ok())
        .collect())
}
