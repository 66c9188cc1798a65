//! A code instead of a link: typed beside the identifier, it is the same right (SX-02). Unknown people,
//! wrong codes and dead ones are one refusal, and one piece of work: the same searches, two questions to
//! the store, one verified hash, whoever is meant and however many codes are alive.

use std::net::IpAddr;
use std::time::Duration;

use futures_util::future::try_join_all;
use zeroize::Zeroizing;

use super::accounts;
use super::kept_code::hash_for;
use super::open::{allowed, holding, invalid};
use super::settings::RecoverySettings;
use super::state::{Flow, Via};
use crate::audit::{Event, Record};
use crate::base::addresses::network_key;
use crate::base::keys::Purpose;
use crate::base::names::{AccountId, PersonKey, RealmId, Username};
use crate::flows::{Catalogue, FlowError, Ports};
use crate::realms::Institution;
use crate::tickets::{BudgetKey, BudgetOf, BudgetRule, Looked, ResetCode, ResetToken};

/// What a form brings.
pub struct CodeTyped<'a> {
    pub institution: &'a Institution,
    pub identifier: &'a str,
    pub code: &'a str,
    pub address: IpAddr,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeRefusal {
    Empty,
    Wrong,
    /// This network typed too many.
    TooMany,
}

/// Codes typed beside one address, whoever has it. Tries at an account's own codes are not counted by a
/// wrong code for a mailbox that several share: one child would use up the codes of the others.
const OF_MAILBOX: [BudgetRule; 1] = [BudgetRule {
    limit: 10,
    window: Duration::from_secs(86_400),
}];

/// Accounts behind one address whose codes are looked at. Beyond, the identifier that the letter names
/// beside each code is to be typed.
const MOST_SHARING: usize = 20;

/// A hash that no code fits: unknown people cost what known ones do.
const DECOY: &str =
    "{ARGON2}$argon2id$v=19$m=19456,t=2,p=1$bWVyZWF1LWRlY295LTE2$veuboir4+nPln+fE08SK4RZWF912xyB3PN9svDOpHdc";

/// Decides a typed code.
pub async fn enter_code(
    ports: &Ports,
    catalogue: &Catalogue,
    typed: &CodeTyped<'_>,
) -> Result<Result<Flow, CodeRefusal>, FlowError> {
    let raw = typed.identifier.trim_matches([' ', '\t']);
    if raw.trim().is_empty() || typed.code.trim().is_empty() {
        return Ok(Err(CodeRefusal::Empty));
    }
    let realm = &typed.institution.realm;
    let Some(settings) = catalogue.recovery_of(realm) else {
        return Ok(Err(CodeRefusal::Wrong));
    };
    if !allowed(ports, typed.address).await? || !counted(ports, realm, settings, typed.address).await? {
        return Ok(Err(CodeRefusal::TooMany));
    }
    let Some(code) = ResetCode::parse(typed.code) else {
        // Nobody's: there is nothing to look up.
        invalid(ports, typed.address).await?;
        return Ok(Err(CodeRefusal::Wrong));
    };
    let within = !raw.contains('@') || mailbox_allows(ports, realm, raw).await?;
    let found = accounts::by_one_field(catalogue.directory(realm)?.as_ref(), settings, raw).await;
    let found = found.map_err(|source| FlowError::Directory {
        realm: realm.clone(),
        source,
    })?;
    let people = found.into_iter().take(MOST_SHARING).filter(|_| within);
    let meant = people.map(|person| AccountId {
        realm: realm.clone(),
        person: person.key,
    });
    let nobody = decoy(ports, realm, raw);
    if let Some(token) = right(ports, &meant.collect::<Vec<_>>(), &nobody, &code).await?
        && let Looked::Live(ticket) = ports.recovery.tickets.look(&token).await?
    {
        return Ok(Ok(holding(ports, &token, &ticket, Via::Code)));
    }
    invalid(ports, typed.address).await?;
    Ok(Err(CodeRefusal::Wrong))
}

/// Counts a code typed from this network, right or wrong, before anything is worked on (SEC-62).
async fn counted(
    ports: &Ports,
    realm: &RealmId,
    settings: &RecoverySettings,
    from: IpAddr,
) -> Result<bool, FlowError> {
    let network = network_key(from);
    let parts: [&[u8]; 2] = [realm.as_str().as_bytes(), &network];
    let key = BudgetKey::of(&ports.keys, BudgetOf::Network, "code form", &parts);
    let rule = settings.network.codes(from);
    Ok(ports.recovery.budgets.spend(&key, &[rule]).await?)
}

async fn mailbox_allows(ports: &Ports, realm: &RealmId, typed: &str) -> Result<bool, FlowError> {
    let folded = folded(typed);
    let parts: [&[u8]; 2] = [realm.as_str().as_bytes(), folded.as_bytes()];
    let key = BudgetKey::of(&ports.keys, BudgetOf::Mailbox, "code", &parts);
    Ok(ports.recovery.budgets.spend(&key, &OF_MAILBOX).await?)
}

fn folded(typed: &str) -> String {
    Username::typed(typed).map_or_else(|_| typed.to_lowercase(), |name| name.folded())
}

/// An account that no entry has: the store is asked about it where nobody is meant.
pub(in crate::flows) fn decoy(ports: &Ports, realm: &RealmId, typed: &str) -> AccountId {
    let folded = folded(typed);
    let parts: [&[u8]; 3] = [b"nobody", realm.as_str().as_bytes(), folded.as_bytes()];
    let name = ports.keys.pseudonym(Purpose::Counter, &parts);
    AccountId {
        realm: realm.clone(),
        person: PersonKey(format!("nobody {}", data_encoding::HEXLOWER.encode(&name))),
    }
}

/// The right whose code this is, among those of the accounts. Where one account is meant, the try counts
/// at each of its codes (SEC-62); where several are, at those of the one whose code it is.
async fn right(
    ports: &Ports,
    meant: &[AccountId],
    nobody: &AccountId,
    code: &ResetCode,
) -> Result<Option<ResetToken>, FlowError> {
    let looked_at = if meant.is_empty() {
        std::slice::from_ref(nobody)
    } else {
        meant
    };
    let codes = try_join_all(looked_at.iter().map(|one| ports.recovery.tickets.codes(one))).await?;
    let mut tried: Vec<&AccountId> = Vec::new();
    for (account, chances) in looked_at.iter().zip(codes) {
        if chances
            .iter()
            .any(|chance| hash_for(ports, account, code, &chance.hash).is_some())
        {
            tried.push(account);
        }
    }
    if tried.is_empty() {
        tried.push(match meant {
            [only] => only,
            _ => nobody,
        });
    }
    let mut verified = false;
    for account in tried {
        let (found, looked) = fitting(ports, account, code).await?;
        note(ports, account, meant.contains(account), found.as_ref());
        verified |= looked;
        if found.is_some() {
            return Ok(found);
        }
    }
    if !verified {
        verify(ports, DECOY, code).await?;
    }
    Ok(None)
}

/// The account's right whose code this is, after counting the try; and whether a hash was verified.
async fn fitting(
    ports: &Ports,
    account: &AccountId,
    code: &ResetCode,
) -> Result<(Option<ResetToken>, bool), FlowError> {
    let attempt = ports.attempts.next();
    let mut verified = false;
    for chance in ports.recovery.tickets.try_code(account, &attempt).await? {
        let Some(hash) = hash_for(ports, account, code, &chance.hash) else {
            continue;
        };
        verified = true;
        if verify(ports, hash, code).await? {
            return Ok((Some(chance.token), true));
        }
    }
    Ok((None, verified))
}

/// A code typed where the password belongs (S4-06). One question to the store, whoever is meant, and no
/// hash unless the code's tag fits: wrong passwords that look like codes cost the same for everybody.
pub(in crate::flows) async fn as_password(
    ports: &Ports,
    account: &AccountId,
    typed: &str,
) -> Result<Option<ResetToken>, FlowError> {
    let Some(code) = ResetCode::parse(typed) else {
        return Ok(None);
    };
    let (found, _) = fitting(ports, account, &code).await?;
    if found.is_some() {
        note(ports, account, true, found.as_ref());
    }
    Ok(found)
}

async fn verify(ports: &Ports, hash: &str, code: &ResetCode) -> Result<bool, FlowError> {
    let secret = Zeroizing::new(code.expose().to_owned());
    Ok(ports.heavy.verify(hash.to_owned(), secret).await?)
}

fn note(ports: &Ports, account: &AccountId, known: bool, found: Option<&ResetToken>) {
    let event = Record {
        realm: Some(account.realm.clone()),
        account: known.then(|| account.person.clone()),
        ticket: found.map(ResetToken::log_name),
        ..ports.event(Event::CodeTried)
    };
    ports.audit.record(match found {
        Some(_) => event,
        None => event.refused("CODE_WRONG"),
    });
}
