//! A new address for recovery: written down as not verified (S3-05), then sent a code and a link.

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::Owner;
use super::addresses::{Kept, MOST, State, destination, kept, method, pair};
use crate::audit::{Event, Record};
use crate::base::clock::Timestamp;
use crate::base::entropy::random_symbols;
use crate::base::keys::Purpose;
use crate::base::names::{AccountId, InstitutionId, Locale};
use crate::base::secret::Secret;
use crate::directory::{DirectoryError, Rewrite, Writable, Written};
use crate::flows::recovery::{Desk, Kind, RecoverySettings, text_message};
use crate::flows::{Catalogue, FlowError, Ports, tell_silent};
use crate::messages::{Destination, Door, Notice};
use crate::tickets::{BudgetKey, BudgetOf, BudgetRule, PendingKind, PendingToken};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

/// Messages of one account, and to one mailbox, whoever asks for them (SEC-61).
const SENT: [BudgetRule; 2] = [
    BudgetRule {
        limit: 5,
        window: HOUR,
    },
    BudgetRule {
        limit: 10,
        window: DAY,
    },
];

/// What adding comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adding {
    /// It waits for its confirmation; a message is on its way.
    Sent,
    /// It waits, and no message goes: too many did.
    TooMany,
    Empty,
    /// Not exactly one address or number (SEC-40).
    Unfit,
    /// It is verified already.
    Known,
    /// There are [`MOST`] already.
    Full,
    /// The directory refuses it, or this realm has no room for it.
    NotAllowed,
    /// The directory did not answer.
    Silent,
}

/// What waits for a confirmation, as the store keeps it: the exact address of the exact account, so that
/// a proof is worth nothing for another one (CVE-2026-9087).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Wait {
    pub account: AccountId,
    pub institution: InstitutionId,
    pub kind: u8,
    pub value: String,
    /// Of this message: a later one makes it worthless.
    pub nonce: String,
    /// Six digits; not with a link's own record.
    pub code: Option<String>,
    pub until: Timestamp,
    /// Of the page that it was added on.
    #[serde(default)]
    pub locale: Option<Locale>,
}

impl Wait {
    pub fn kind(&self) -> Kind {
        match self.kind {
            0 => Kind::Mail,
            _ => Kind::Sms,
        }
    }

    fn seal(&self, ports: &Ports) -> Vec<u8> {
        let plain = Zeroizing::new(serde_json::to_vec(self).unwrap_or_default());
        ports.keys.seal(ports.entropy.as_ref(), CONTEXT, &plain)
    }

    pub fn open(ports: &Ports, sealed: &[u8]) -> Option<Wait> {
        let plain = Zeroizing::new(ports.keys.open(CONTEXT, sealed)?);
        serde_json::from_slice(&plain).ok()
    }
}

const CONTEXT: &[u8] = b"account confirmation";

/// As what the store keeps it, and so for how long: a code by text message is typed at once, one by mail lives as
/// long as the link beside it.
pub(super) fn pending_kind(kind: Kind) -> PendingKind {
    match kind {
        Kind::Mail => PendingKind::Confirmation,
        Kind::Sms => PendingKind::Digits,
    }
}

/// Names what waits for one address of one account. It is never sent to anybody.
pub(super) fn own_token(ports: &Ports, account: &AccountId, kind: Kind, value: &str) -> PendingToken {
    let (realm, person) = (account.realm.as_str().as_bytes(), account.person.0.as_bytes());
    let kind: &[u8] = match kind {
        Kind::Mail => b"mail",
        Kind::Sms => b"sms",
    };
    let parts: [&[u8]; 5] = [CONTEXT, realm, person, kind, value.as_bytes()];
    let drawn = Zeroizing::new(ports.keys.pseudonym(Purpose::Mint, &parts));
    // 32 bytes are what a token is made of.
    PendingToken::parse(&BASE64URL_NOPAD.encode(&*drawn))
        .unwrap_or_else(|| PendingToken::draw(ports.entropy.as_ref()))
}

/// Adds what was typed. Whether the password was given lately is for the caller to see.
pub async fn add(
    ports: &Ports,
    catalogue: &Catalogue,
    owner: &Owner<'_>,
    kind: Kind,
    typed: &str,
) -> Result<Adding, FlowError> {
    let account = owner.account();
    let settings = catalogue.recovery_of(&account.realm);
    let Some((settings, pair)) = settings.and_then(|settings| Some((settings, pair(settings, kind)?))) else {
        return Ok(Adding::NotAllowed);
    };
    let typed = typed.trim_matches([' ', '\t', '\u{a0}']);
    if typed.is_empty() {
        return Ok(Adding::Empty);
    }
    let Some(to) = destination(settings, kind, typed) else {
        return Ok(Adding::Unfit);
    };
    ports.must_record().await?;
    let value = value_of(&to);
    let now = match owner.writable(catalogue).await {
        Ok(Some(now)) => now,
        Ok(None) => return Ok(Adding::NotAllowed),
        Err(FlowError::Directory { realm, source }) => {
            tell_silent(&realm, &source);
            return Ok(Adding::Silent);
        }
        Err(error) => return Err(error),
    };
    if let Some(known) = known(ports, settings, &now, account, &to) {
        return match known.state {
            State::Unverified => send(ports, catalogue, owner, settings, &known).await,
            State::Verified | State::Institution => Ok(Adding::Known),
        };
    }
    let held = |attribute: &str| now.person.attributes.texts(attribute).count();
    if held(pair.verified) + held(pair.pending) >= MOST {
        return Ok(Adding::Full);
    }
    let changes = [(pair.pending.to_owned(), Rewrite::Add(vec![value.clone()]))];
    let directory = catalogue.directory(&account.realm)?;
    match directory.write_attributes(&account.person, &changes).await {
        Ok(Written::Done | Written::Moved) => {}
        Ok(Written::Gone | Written::NotAllowed | Written::Invalid) | Err(DirectoryError::NotWritable) => {
            return Ok(Adding::NotAllowed);
        }
        Err(error) => {
            tell_silent(&account.realm, &error);
            return Ok(Adding::Silent);
        }
    }
    ports.audit.record(Record {
        method: Some(method(kind)),
        ..owner.event(ports, Event::AddressAdded)
    });
    let fresh = Kept {
        id: String::new(),
        kind,
        value,
        state: State::Unverified,
        removable: true,
    };
    send(ports, catalogue, owner, settings, &fresh).await
}

/// As the entry keeps it.
fn value_of(to: &Destination) -> String {
    match to {
        Destination::Mail(address) => address.as_stored().to_owned(),
        Destination::Sms(number) => number.international().to_owned(),
    }
}

/// The address among those of the entry.
fn known(
    ports: &Ports,
    settings: &RecoverySettings,
    now: &Writable,
    account: &AccountId,
    to: &Destination,
) -> Option<Kept> {
    let all = kept(ports, account, settings, &now.person);
    all.into_iter().find(|kept| {
        let stored = destination(settings, kept.kind, &kept.value);
        match (stored, to) {
            (Some(Destination::Mail(stored)), Destination::Mail(typed)) => {
                stored.envelope().eq_ignore_ascii_case(typed.envelope())
            }
            (Some(stored), to) => stored == *to,
            (None, _) => false,
        }
    })
}

/// Another message to an address that waits; `None` when it does not, any more.
pub async fn send_again(
    ports: &Ports,
    catalogue: &Catalogue,
    owner: &Owner<'_>,
    id: &str,
) -> Result<Option<Adding>, FlowError> {
    let account = owner.account();
    let Some(settings) = catalogue.recovery_of(&account.realm) else {
        return Ok(None);
    };
    let Some(now) = owner.writable(catalogue).await? else {
        return Ok(None);
    };
    let all = kept(ports, account, settings, &now.person);
    let mut waiting = all.iter().filter(|kept| kept.state == State::Unverified);
    match waiting.find(|kept| kept.id == id) {
        Some(kept) => send(ports, catalogue, owner, settings, kept).await.map(Some),
        None => Ok(None),
    }
}

async fn allowed(ports: &Ports, account: &AccountId, to: &Destination) -> Result<bool, FlowError> {
    let address = match to {
        Destination::Mail(address) => address.envelope().to_ascii_lowercase(),
        Destination::Sms(number) => number.international().to_owned(),
    };
    let (realm, person) = (account.realm.as_str().as_bytes(), account.person.0.as_bytes());
    let key = |of, parts: &[&[u8]]| BudgetKey::of(&ports.keys, of, "confirmation", parts);
    let budgets = &ports.recovery.budgets;
    let own = key(BudgetOf::Account, &[realm, person]);
    let theirs = key(BudgetOf::Mailbox, &[address.as_bytes()]);
    if !(budgets.spend(&own, &SENT).await? && budgets.spend(&theirs, &SENT).await?) {
        return Ok(false);
    }
    match to {
        Destination::Mail(_) => Ok(true),
        Destination::Sms(_) => text_message(ports).await,
    }
}

async fn send(
    ports: &Ports,
    catalogue: &Catalogue,
    owner: &Owner<'_>,
    settings: &RecoverySettings,
    address: &Kept,
) -> Result<Adding, FlowError> {
    let account = owner.account();
    let desk = Desk::of(ports, catalogue, owner.institution, owner.locale);
    let to = destination(settings, address.kind, &address.value);
    let Some((desk, to)) = desk.zip(to) else {
        return Ok(Adding::Unfit);
    };
    if !allowed(ports, account, &to).await? {
        return Ok(Adding::TooMany);
    }
    let entropy = ports.entropy.as_ref();
    let code = random_symbols(entropy, b"0123456789", 6);
    let pending = pending_kind(address.kind);
    let life = pending.life();
    let wait = Wait {
        account: account.clone(),
        institution: owner.institution.id.clone(),
        kind: u8::from(address.kind == Kind::Sms),
        value: address.value.clone(),
        nonce: random_symbols(entropy, b"0123456789abcdef", 32),
        code: Some(code.clone()),
        until: ports.clock.now().plus(life),
        locale: Some(owner.locale.clone()),
    };
    let marks = &ports.recovery.marks;
    let own = own_token(ports, account, address.kind, &address.value);
    marks.keep_pending(pending, &own, &wait.seal(ports)).await?;
    let mut link = None;
    if address.kind == Kind::Mail {
        let token = PendingToken::draw(entropy);
        let of_link = Wait {
            code: None,
            ..wait.clone()
        };
        marks.keep_pending(pending, &token, &of_link.seal(ports)).await?;
        link = desk.links.link(Door::Confirm, token.expose());
    }
    let notice = Notice::ConfirmAddress {
        login: owner.session.view.session.login.clone(),
        code: Secret::new(code),
        link,
        until: wait.until,
    };
    let parts: [&[u8]; 1] = [wait.nonce.as_bytes()];
    let sent = desk.send(ports, &to, &notice, &parts).await;
    sent.map_err(FlowError::Outbox)?;
    Ok(Adding::Sent)
}
