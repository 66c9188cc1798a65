//! Coming back: the state is opened and spent, the other server says who came, the person is found
//! among the realm's own, and the rules of their account decide as after a password.

use data_encoding::BASE64;
use url::Url;

use super::account::{came_from, joined};
use super::begin::with_flow;
use super::over::remember;
use super::state::{Choosing, LIFETIME, Sealed, Sealing, Stage, State, mark_of, new_id};
use super::{Errand, Failure, Link, Step};
use crate::base::names::{AccountId, RealmId};
use crate::directory::{DirectoryError, Person};
use crate::flows::login::{
    BrowserSession, ClosedAccount, KnownService, Opening, Remember, SignedIn, UnknownService, closed_by,
    known, open_session, open_to,
};
use crate::flows::recovery::is_disowned;
use crate::flows::{Catalogue, FlowError, Ports};
use crate::protocol::params::Params;
use crate::realms::{Delegation, Institution};
use crate::tickets::Opened;
use crate::upstreams::{Back, Came, Stranger, UpstreamError};

/// A browser that comes back.
pub struct Callback<'a> {
    pub link: &'a Link,
    /// The id in the address.
    pub flow: &'a str,
    /// The state that the browser holds under that id.
    pub state: Option<&'a str>,
    pub params: &'a Params,
    /// As in [`super::Begin::back`].
    pub back: &'a Url,
    /// The live sessions of this browser.
    pub sessions: &'a [BrowserSession],
}

/// What it comes to.
pub enum Finished<'a> {
    SignedIn {
        errand: Errand,
        signed_in: Box<SignedIn<'a>>,
    },
    /// Several accounts: the form posts the flow's new `id` with the number of one.
    Choose {
        errand: Errand,
        id: String,
        state: String,
        accounts: Vec<Choice>,
    },
    /// Nobody was to be asked and nobody was there: back to the service without a ticket.
    Bare(String),
    Closed {
        errand: Errand,
        closed: ClosedAccount,
        login: String,
    },
    Unknown {
        errand: Errand,
        unknown: UnknownService,
    },
    Failed(Failure),
}

/// An account to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub login: String,
    pub display_name: String,
}

/// Decides a callback.
pub async fn finish<'a>(
    ports: &Ports,
    catalogue: &'a Catalogue,
    callback: &Callback<'_>,
) -> Result<Finished<'a>, FlowError> {
    let (errand, stage) = match reopen(ports, callback.link, callback.flow, callback.state).await? {
        Ok(opened) => opened,
        Err(failure) => return Ok(failed(callback.link, failure)),
    };
    let Stage::Away(kept) = stage else {
        return Ok(failed(callback.link, about(Step::Foreign, &errand)));
    };
    let at = match place(ports, catalogue, callback.link, &errand) {
        Ok(at) => at,
        Err(refused) => return Ok(*refused),
    };
    let came = ask(catalogue, callback, &errand, &kept).await;
    let stranger = match came {
        Ok(Came::Person(stranger)) => stranger,
        Ok(Came::Nobody) if errand.gateway => return Ok(at.bare()),
        other => return Ok(at.instead(callback.link, &errand, step_of(callback.link, other))),
    };
    let directory = catalogue.directory(&callback.link.realm)?;
    let found = joined(directory.as_ref(), at.delegation, &stranger)
        .await
        .map_err(|source| could_not_tell(&callback.link.realm, source))?;
    match found {
        Ok(people) => {
            let word = Word {
                delegation: at.delegation,
                stranger: &stranger,
            };
            at.settle(ports, catalogue, callback, &errand, (word, people))
                .await
        }
        Err(step) => Ok(at.instead(callback.link, &errand, step)),
    }
}

/// Opens the session of the account with this number among those that were offered.
pub async fn choose<'a>(
    ports: &Ports,
    catalogue: &'a Catalogue,
    callback: &Callback<'_>,
    number: usize,
) -> Result<Finished<'a>, FlowError> {
    let (errand, stage) = match reopen(ports, callback.link, callback.flow, callback.state).await? {
        Ok(opened) => opened,
        Err(failure) => return Ok(failed(callback.link, failure)),
    };
    let Stage::Choosing(chosen) = stage else {
        return Ok(failed(callback.link, about(Step::Foreign, &errand)));
    };
    let at = match place(ports, catalogue, callback.link, &errand) {
        Ok(at) => at,
        Err(refused) => return Ok(*refused),
    };
    let realm = &callback.link.realm;
    let read = match chosen.people.get(number) {
        Some(key) => catalogue.directory(realm)?.read(key).await,
        None => Ok(None),
    };
    match read.map_err(|source| could_not_tell(realm, source))? {
        Some(person) => {
            at.admit(ports, catalogue, callback, (errand, &person), chosen)
                .await
        }
        None => Ok(at.instead(callback.link, &errand, Step::Unknown)),
    }
}

/// What a flow is about, without spending it: for links of pages, whatever comes of it.
pub async fn peek(ports: &Ports, link: &Link, id: &str, state: Option<&str>) -> Option<Errand> {
    let state = State::open(ports, id, state?).await.ok()??;
    state.is_of(link).then(|| state.errand()).flatten()
}

/// The errand of a flow, spent now.
async fn reopen(
    ports: &Ports,
    link: &Link,
    id: &str,
    state: Option<&str>,
) -> Result<Result<(Errand, Stage), Failure>, FlowError> {
    let opened = match state {
        Some(state) => State::open(ports, id, state).await?,
        None => None,
    };
    let opened = opened.filter(|state| state.is_of(link));
    let Some((state, errand)) = opened.and_then(|state| state.errand().map(|errand| (state, errand))) else {
        return Ok(Err(Failure {
            step: Step::Foreign,
            errand: None,
        }));
    };
    if state.is_late(ports.clock.now()) {
        return Ok(Err(about(Step::Late, &errand)));
    }
    if !ports.store.spend_mark(&mark_of(ports, id), LIFETIME * 2).await? {
        return Ok(Err(about(Step::Again, &errand)));
    }
    Ok(Ok((errand, state.stage)))
}

/// Where an errand ends, looked up again: the cookie may be older than the configuration.
struct Place<'a> {
    institution: &'a Institution,
    delegation: &'a Delegation,
    service: Option<KnownService<'a>>,
}

fn place<'a>(
    ports: &Ports,
    catalogue: &'a Catalogue,
    link: &Link,
    errand: &Errand,
) -> Result<Place<'a>, Box<Finished<'a>>> {
    let withdrawn = || Box::new(failed(link, about(Step::Withdrawn, errand)));
    let institution = catalogue.institutions.named(errand.institution.as_str());
    let institution = institution
        .filter(|found| found.realm == link.realm)
        .ok_or_else(withdrawn)?;
    let realm = catalogue.realms.get(&link.realm).ok_or_else(withdrawn)?;
    let delegation = realm
        .delegation(&institution.id, &link.upstream)
        .ok_or_else(withdrawn)?;
    let service = match &errand.service {
        None => None,
        Some(url) => {
            let admitted = known(&catalogue.services, url, ports.clock.now())
                .and_then(|service| open_to(&service, &realm.id).map(|()| service));
            let unknown = |unknown| {
                Box::new(Finished::Unknown {
                    errand: errand.clone(),
                    unknown,
                })
            };
            Some(admitted.map_err(unknown)?)
        }
    };
    Ok(Place {
        institution,
        delegation,
        service,
    })
}

async fn ask(
    catalogue: &Catalogue,
    callback: &Callback<'_>,
    errand: &Errand,
    kept: &str,
) -> Result<Came, UpstreamError> {
    let link = callback.link;
    let Some(upstream) = catalogue.upstream(&link.realm, &link.upstream) else {
        return Ok(Came::Refused("not configured".to_owned()));
    };
    let back = Back {
        url: &with_flow(callback.back, callback.flow),
        params: callback.params,
        kept: &BASE64.decode(kept.as_bytes()).unwrap_or_default(),
        renew: errand.renew,
    };
    upstream.finish(&back).await
}

/// The step at which asking failed, with its cause in the log.
fn step_of(link: &Link, came: Result<Came, UpstreamError>) -> Step {
    let (step, cause) = match came {
        Ok(Came::Refused(code)) => (Step::Refused, code),
        Ok(_) => (Step::GivenUp, String::new()),
        Err(UpstreamError::Unreadable(flaw)) => (Step::Unreadable, flaw.to_string()),
        Err(error) => {
            let source = std::error::Error::source(&error).map(ToString::to_string);
            (Step::Silent, format!("{error}: {}", source.unwrap_or_default()))
        }
    };
    tracing::info!(realm = %link.realm, upstream = %link.upstream, reason = step.code(), cause, "what another server said");
    step
}

/// What the other server says of somebody.
struct Word<'a> {
    delegation: &'a Delegation,
    stranger: &'a Stranger,
}

impl<'a> Place<'a> {
    fn bare(&self) -> Finished<'a> {
        let url = self
            .service
            .as_ref()
            .map(|known| known.destination().without_ticket());
        Finished::Bare(url.unwrap_or_default())
    }

    /// A failure is a page, except where no page was to be shown (CAS-39).
    fn instead(&self, link: &Link, errand: &Errand, step: Step) -> Finished<'a> {
        let told = failed(link, about(step, errand));
        if errand.gateway { self.bare() } else { told }
    }

    /// One account is entered; of several that are open, the person chooses.
    async fn settle(
        &self,
        ports: &Ports,
        catalogue: &'a Catalogue,
        callback: &Callback<'_>,
        errand: &Errand,
        (word, mut people): (Word<'_>, Vec<Person>),
    ) -> Result<Finished<'a>, FlowError> {
        if people.iter().any(|person| person.state.may_sign_in) {
            people.retain(|person| person.state.may_sign_in);
        }
        let chosen = Choosing {
            people: people.iter().map(|person| person.key.clone()).collect(),
            came_from: came_from(word.delegation, word.stranger),
            presented: word.stranger.presented,
            session: word.stranger.session.clone(),
        };
        match people.as_slice() {
            [only] => {
                self.admit(ports, catalogue, callback, (errand.clone(), only), chosen)
                    .await
            }
            _ if errand.gateway => Ok(self.bare()),
            several => offer(ports, callback.link, errand, several, chosen).await,
        }
    }

    async fn admit(
        &self,
        ports: &Ports,
        catalogue: &'a Catalogue,
        callback: &Callback<'_>,
        (errand, person): (Errand, &Person),
        chosen: Choosing,
    ) -> Result<Finished<'a>, FlowError> {
        let account = AccountId {
            realm: callback.link.realm.clone(),
            person: person.key.clone(),
        };
        let closed = match is_disowned(ports, &account).await? {
            true => Some(ClosedAccount::disowned()),
            false => closed_by(&person.state, None),
        };
        if let Some(closed) = closed {
            tracing::info!(realm = %callback.link.realm, reason = "STATE_CLOSED", standing = ?closed.standing, rule = person.state.rule, "sign-in refused");
            if errand.gateway {
                return Ok(self.bare());
            }
            let login = person.login.clone();
            return Ok(Finished::Closed {
                errand,
                closed,
                login,
            });
        }
        let same_realm = |held: &&BrowserSession| held.view.session.account.realm == callback.link.realm;
        let opening = Opening {
            institution: self.institution,
            session: callback.sessions.iter().find(same_realm),
            warn: errand.warn,
            opened: Opened::ByUpstream(chosen.came_from),
            remember: Remember::No,
            presented: chosen.presented,
        };
        let signed_in = open_session(ports, catalogue, &opening, person, self.service.clone()).await?;
        if let Some(session) = &chosen.session {
            remember(ports, callback.link, session, &signed_in).await?;
        }
        Ok(Finished::SignedIn {
            errand,
            signed_in: Box::new(signed_in),
        })
    }
}

async fn offer<'a>(
    ports: &Ports,
    link: &Link,
    errand: &Errand,
    several: &[Person],
    chosen: Choosing,
) -> Result<Finished<'a>, FlowError> {
    let accounts = several.iter().map(|person| Choice {
        login: person.login.clone(),
        display_name: person.display_name().to_owned(),
    });
    let stage = Stage::Choosing(chosen);
    let state = State::new(link, errand, ports.clock.now(), stage);
    Ok(match state.seal(ports, new_id(ports), None).await? {
        Sealing::Done(Sealed { id, value }) => Finished::Choose {
            errand: errand.clone(),
            id,
            state: value,
            accounts: accounts.collect(),
        },
        _ => failed(link, about(Step::TooMany, errand)),
    })
}

fn about(step: Step, errand: &Errand) -> Failure {
    Failure {
        step,
        errand: Some(errand.clone()),
    }
}

fn failed<'a>(link: &Link, failure: Failure) -> Finished<'a> {
    tracing::warn!(realm = %link.realm, upstream = %link.upstream, reason = failure.step.code(), "delegated sign-in failed");
    Finished::Failed(failure)
}

fn could_not_tell(realm: &RealmId, source: DirectoryError) -> FlowError {
    FlowError::Directory {
        realm: realm.clone(),
        source,
    }
}
