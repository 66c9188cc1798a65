//! `GET /account`: everything at a glance.

use http::StatusCode;

use super::{Outcome, Seat, data, finish, sit_down, status_of};
use crate::audit::Event;
use crate::flows::account::{Happened, State, entry, happened, kept, may_add};
use crate::flows::recovery::Kind;
use crate::http::answer::Answer;
use crate::http::visit::Visit;
use crate::pages::views::my_account::{
    AccountProblem, Address, AddressState, Connection, Happening, MyAccount, Said,
};
use crate::tickets::{Connection as Held, SessionRef};

pub async fn show(visit: Visit) -> Answer {
    let outcome = show_inner(&visit).await;
    finish(&visit, outcome)
}

async fn show_inner(visit: &Visit) -> Outcome {
    let seat = match sit_down(visit).await? {
        Ok(seat) => seat,
        Err(answer) => return Ok(*answer),
    };
    let word = visit.params.first("said").ok().flatten();
    let said = Said::ALL.into_iter().find(|said| Some(said.word()) == word);
    home(&seat, said, None).await
}

pub(super) async fn again(seat: &Seat<'_>, problem: AccountProblem) -> Outcome {
    home(seat, None, Some(problem)).await
}

async fn home(seat: &Seat<'_>, said: Option<Said>, problem: Option<AccountProblem>) -> Outcome {
    let visit = seat.visit;
    let (ports, catalogue) = (&visit.app.ports, &visit.catalogue);
    let owner = seat.owner();
    let account = owner.account();
    let connections = ports.store.connections(account).await?.listed;
    let events = happened(ports, account).await?;
    let own = SessionRef::of(&owner.session.tgt);
    let services = services(seat, &connections, &own);
    let writable = catalogue.directory(&account.realm)?.writable();
    let mails = may_add(ports, catalogue, account, Kind::Mail);
    let mobiles = may_add(ports, catalogue, account, Kind::Sms);
    let status = problem.map_or(StatusCode::OK, status_of);
    let addresses = addresses(seat).await?;
    let session = &owner.session.view.session;
    Ok(seat.page(status, |proof| MyAccount {
        name: session.display_name.clone(),
        login: session.login.clone(),
        said,
        problem,
        proof,
        password: writable.then(|| seat.url("password", &[])),
        addresses,
        add_mail: mails.then(|| seat.url("address", &[("kind", "mail")])),
        add_mobile: mobiles.then(|| seat.url("address", &[("kind", "mobile")])),
        confirm: seat.url("confirm", &[]),
        resend: seat.url("resend", &[]),
        connections: listed(seat, connections, &own),
        end: seat.url("end", &[]),
        events: events.into_iter().map(told).collect(),
        services,
        data: seat.url(data::WORD, &[]),
        back: visit.endpoint("login"),
        sign_out: visit.endpoint("logout"),
    }))
}

/// None where the realm maps none.
pub(super) async fn addresses(seat: &Seat<'_>) -> Result<Vec<Address>, crate::flows::FlowError> {
    let visit = seat.visit;
    let owner = seat.owner();
    let account = owner.account();
    let Some(settings) = visit.catalogue.recovery.get(&account.realm) else {
        return Ok(Vec::new());
    };
    let Some(person) = entry(&visit.catalogue, account).await? else {
        return Ok(Vec::new());
    };
    let writable = visit.catalogue.directory(&account.realm)?.writable();
    let all = kept(&visit.app.ports, account, settings, &person).into_iter();
    Ok(all
        .map(|kept| Address {
            remove: (kept.removable && writable)
                .then(|| seat.url("remove", &[("address", kept.id.as_str())])),
            mobile: kept.kind == Kind::Sms,
            value: kept.value,
            state: match kept.state {
                State::Verified => AddressState::Verified,
                State::Institution => AddressState::Institution,
                State::Unverified => AddressState::Unverified,
            },
            id: kept.id,
        })
        .collect())
}

/// This one first, then the latest.
fn listed(seat: &Seat<'_>, mut held: Vec<Held>, own: &SessionRef) -> Vec<Connection> {
    held.sort_by_key(|held| (held.of != *own, std::cmp::Reverse(held.view.last_used)));
    let institutions = &seat.visit.catalogue.institutions;
    let shown = held.into_iter().map(|held| {
        let id = &held.view.session.institution;
        let institution = institutions.named(id.as_str());
        let name = institution.and_then(|institution| institution.name.get(&seat.locale));
        Connection {
            here: held.of == *own,
            id: held.of.text(),
            institution: name.unwrap_or(id.as_str()).to_owned(),
            since: held.view.session.signed_in_at,
            used: held.view.last_used,
            until: held
                .view
                .session
                .remembered
                .then_some(held.view.session.hard_expiry),
            program: held.view.session.program().map(ToString::to_string),
        }
    });
    shown.collect()
}

/// Names of the applications of this session, each once.
fn services(seat: &Seat<'_>, held: &[Held], own: &SessionRef) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let visits = held.iter().filter(|held| held.of == *own);
    for visited in visits.flat_map(|held| &held.visits) {
        let service = seat.visit.catalogue.services.by_id(&visited.service);
        let name = service.and_then(|service| service.name.get(&seat.locale));
        let name = name.unwrap_or(visited.service.as_str()).to_owned();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Its text is about a refusal already.
fn says_so(event: Event) -> bool {
    matches!(
        event,
        Event::SignInRefused
            | Event::SignInThrottled
            | Event::RecoveryRefused
            | Event::RecoveryOverBudget
            | Event::PasswordRefused
    )
}

fn told(happened: Happened) -> Happening {
    let browser = happened.browser;
    let name = |name: Option<&'static str>| name.map(str::to_owned);
    Happening {
        key: happened.event.key(),
        at: happened.at,
        refused: happened.refused && !says_so(happened.event),
        browser: name(browser.and_then(|browser| browser.family.name())),
        system: name(browser.and_then(|browser| browser.system.name())),
        network: happened.network,
    }
}
