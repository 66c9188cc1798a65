//! Asking: one sealed entry into the durable queue, and nothing else. Whether anybody is meant is found
//! out after the answer has left (SEC-02).

use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::human::Stranger;
use super::limits::Forms;
use super::settings::{AskFor, RecoverySettings};
use super::state::Back;
use super::who::Who;
use crate::audit::{Event, Origin, Record, Trace};
use crate::base::clock::Timestamp;
use crate::base::keys::Purpose;
use crate::base::names::{InstitutionId, Locale, NetworkPrefix, Username, UsernameFlaw};
use crate::flows::{Catalogue, FlowError, Ports};
use crate::guard::captcha::{Given, Verdict};
use crate::messages::Browser;
use crate::realms::Institution;
use crate::tickets::Lane;

/// What is to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wants {
    Password,
    Username,
}

/// What a form brings.
pub struct Asking<'a> {
    pub institution: &'a Institution,
    pub wants: Wants,
    pub identifier: &'a str,
    pub email: &'a str,
    /// Instead of an address (S3-09).
    pub who: Option<&'a Who>,
    /// Where a forgotten identifier is wanted.
    pub back: &'a Back,
    /// A code by text message rather than a link by mail.
    pub by_sms: bool,
    pub locale: &'a Locale,
    pub service: Option<&'a str>,
    pub address: IpAddr,
    pub browser: Option<Browser>,
    /// The pre-session that the challenge was made for.
    pub presession: &'a str,
    /// `None`: asked again from a page that only a passed form leads to.
    pub human: Option<Given<'a>>,
}

/// What the form comes to: the same for whoever is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    Queued,
    Empty {
        identifier: bool,
        email: bool,
    },
    /// It can be nobody's identifier or address.
    Unfit,
    /// The answer to the challenge is not the one.
    NotHuman,
    /// The challenge was too old, or answered before: nobody can tell whether it was right.
    CheckGone,
    /// This network asked too often.
    TooMany,
    /// The realm recovers nobody this way.
    NotOffered,
}

/// A request as it waits in the queue. Sealed: the store reads nothing of it.
#[derive(Serialize, Deserialize)]
pub(super) struct Entry {
    /// Links and codes are made from it, and it is in no letter.
    pub nonce: [u8; 32],
    pub at: Timestamp,
    pub institution: InstitutionId,
    pub wants: Wants,
    pub identifier: Option<String>,
    pub email: Option<String>,
    #[serde(default)]
    pub who: Option<Who>,
    #[serde(default)]
    pub back: Back,
    #[serde(default)]
    pub by_sms: bool,
    pub locale: Locale,
    pub service: Option<String>,
    pub browser: Option<Browser>,
    pub network: NetworkPrefix,
    /// Of the request, for what the audit says of the work.
    #[serde(default)]
    pub trace: Option<Trace>,
}

const CONTEXT: &[u8] = b"recovery request";

impl Entry {
    fn seal(&self, ports: &Ports) -> Vec<u8> {
        let plain = serde_json::to_vec(self).unwrap_or_default();
        ports.keys.seal(ports.entropy.as_ref(), CONTEXT, &plain)
    }

    pub fn open(ports: &Ports, sealed: &[u8]) -> Option<Entry> {
        serde_json::from_slice(&ports.keys.open(CONTEXT, sealed)?).ok()
    }

    /// What the account's link and code are made from: the same at every delivery, for as long as its
    /// password stays. Where a store forgets that they were used, and that the request was worked on, the
    /// request makes others: those that were used stay dead (I1).
    pub fn nonce_under(&self, ports: &Ports, guard: Option<&[u8]>) -> [u8; 32] {
        match guard {
            Some(guard) => ports
                .keys
                .pseudonym(Purpose::Mint, &[b"guarded", &self.nonce, guard]),
            None => self.nonce,
        }
    }

    /// By what its answer goes, for the audit.
    pub fn method(&self) -> &'static str {
        if self.by_sms { "sms" } else { "mail" }
    }

    /// The number of the request, for tickets and the audit.
    pub fn number(&self) -> [u8; 16] {
        let mut number = [0; 16];
        number
            .iter_mut()
            .zip(self.nonce)
            .for_each(|(to, from)| *to = from);
        number
    }
}

/// Decides a POST of the form. Touches neither the directory nor anything of an account.
pub async fn ask(ports: &Ports, catalogue: &Catalogue, asking: &Asking<'_>) -> Result<Asked, FlowError> {
    let realm = &asking.institution.realm;
    let Some(settings) = catalogue.recovery_of(realm) else {
        return Ok(Asked::NotOffered);
    };
    let typed = match typed(asking, settings) {
        Ok(typed) => typed,
        Err(refused) => return Ok(refused),
    };
    let forms = Forms::of(ports, realm, settings, asking.address);
    let only_people = forms.are_many().await?;
    if !forms.spend().await? {
        return Ok(Asked::TooMany);
    }
    if let Some(refused) = no_human(ports, catalogue, asking, only_people).await? {
        return Ok(refused);
    }
    let by_sms = asking.by_sms && settings.has_phones() && ports.recovery.sms.is_some();
    queue(ports, asking, typed, by_sms).await?;
    Ok(Asked::Queued)
}

async fn queue(ports: &Ports, asking: &Asking<'_>, typed: Typed, by_sms: bool) -> Result<(), FlowError> {
    let mut nonce = [0; 32];
    ports.entropy.fill(&mut nonce);
    let entry = Entry {
        nonce,
        at: ports.clock.now(),
        institution: asking.institution.id.clone(),
        wants: asking.wants,
        identifier: typed.identifier,
        email: typed.email,
        who: asking.who.cloned(),
        back: asking.back.clone(),
        by_sms,
        locale: asking.locale.clone(),
        service: asking.service.map(str::to_owned),
        browser: asking.browser,
        network: NetworkPrefix::of(asking.address),
        trace: Origin::current().map(|origin| origin.trace()),
    };
    let sealed = entry.seal(ports);
    let requests = &ports.recovery.requests;
    requests.push(Lane::Recovery, &sealed, Duration::ZERO).await?;
    ports.audit.record(Record {
        method: Some(entry.method()),
        realm: Some(asking.institution.realm.clone()),
        institution: Some(asking.institution.id.clone()),
        flow: Some(data_encoding::HEXLOWER.encode(&entry.number())),
        ..ports.event(Event::RecoveryRequested)
    });
    Ok(())
}

/// What to tell who has not proved to be a person; `None` for who has, or was not asked.
async fn no_human(
    ports: &Ports,
    catalogue: &Catalogue,
    asking: &Asking<'_>,
    only_people: bool,
) -> Result<Option<Asked>, FlowError> {
    let Some(given) = asking.human else {
        return Ok(None);
    };
    let stranger = Stranger {
        realm: catalogue.realm(&asking.institution.realm)?,
        browser: asking.presession,
        address: asking.address,
        locale: asking.locale,
        only_people,
    };
    let humans = &ports.recovery.humans;
    let verdict = humans.judge(&ports.captcha, &stranger, given).await?;
    let passed = verdict == Verdict::Right;
    let result = if passed { "passed" } else { "wrong" };
    ports.metrics.captchas.add(&[result]);
    Ok(match verdict {
        Verdict::Right => None,
        Verdict::Wrong => Some(Asked::NotHuman),
        Verdict::Gone => Some(Asked::CheckGone),
    })
}

#[derive(Default)]
struct Typed {
    identifier: Option<String>,
    email: Option<String>,
}

fn typed(asking: &Asking<'_>, settings: &RecoverySettings) -> Result<Typed, Asked> {
    if asking.who.is_some() {
        let offered = asking.wants == Wants::Username && settings.who.is_some();
        return match offered {
            true => Ok(Typed::default()),
            false => Err(Asked::NotOffered),
        };
    }
    let ask = match asking.wants {
        Wants::Password => settings.ask,
        Wants::Username => AskFor::Email,
    };
    let identifier = match Username::typed(asking.identifier) {
        Ok(name) => Some(name.as_str().to_owned()),
        Err(UsernameFlaw::Empty) => None,
        Err(UsernameFlaw::TooLong | UsernameFlaw::HoldsControl) => return Err(Asked::Unfit),
    };
    let email = asking.email.trim_matches([' ', '\t']);
    if email.len() > 256 || email.chars().any(char::is_control) {
        return Err(Asked::Unfit);
    }
    let email = (!email.is_empty()).then(|| email.to_owned());
    let wanted = (ask != AskFor::Email, matches!(ask, AskFor::Email | AskFor::Both));
    let lacks = (wanted.0 && identifier.is_none(), wanted.1 && email.is_none());
    if lacks.0 || lacks.1 {
        return Err(Asked::Empty {
            identifier: lacks.0,
            email: lacks.1,
        });
    }
    Ok(match ask {
        AskFor::Identifier => Typed {
            identifier,
            email: None,
        },
        AskFor::Email => Typed {
            identifier: None,
            email,
        },
        AskFor::Both => Typed { identifier, email },
        AskFor::IdentifierOrEmail => {
            // Which of the two it is, the worker finds out: as typed for an address, whose letters count.
            let raw = asking.identifier.trim_matches([' ', '\t']);
            let email = raw.contains('@').then(|| raw.to_owned());
            Typed { identifier, email }
        }
    })
}
