//! The pages around `/login`: the form in all its states, the warning, the closed account.

use std::time::Duration;

use http::StatusCode;

use super::account;
use super::delegation_pages::other_ways;
use super::login::{Desk, SWITCH};
use super::recover::back;
use crate::base::clock::millis;
use crate::base::entropy::random_symbols;
use crate::base::names::Locale;
use crate::directory::Standing;
use crate::flows::login::{ClosedAccount, KnownService, RememberMe};
use crate::flows::login_ticket;
use crate::flows::recovery::Back;
use crate::guard;
use crate::http::answer::{Answer, known_login_page, login_page};
use crate::http::cookies::PRESESSION_LENGTH;
use crate::http::institution::sign_in_at;
use crate::http::later::{self, retry_after};
use crate::http::visit::{Visit, with_query};
use crate::pages::views::account::{AccountClosed, ClosedReason};
use crate::pages::views::login::{
    Confirm, Elsewhere, Login, LoginLinks, LoginProblem, TriesLeft, WhyElsewhere,
};
use crate::pages::views::session::{GoOn, HiddenField, Warning};

/// What the form shows beside what the request asks.
pub(super) struct Form<'a> {
    pub username: &'a str,
    pub problem: Option<LoginProblem>,
}

impl Form<'_> {
    pub fn blank(problem: Option<LoginProblem>) -> Form<'static> {
        Form {
            username: "",
            problem,
        }
    }
}

/// The sign-in form with a fresh login ticket and, for a new browser, its pre-session.
pub(super) fn answer(desk: &Desk<'_>, status: StatusCode, form: Form<'_>) -> Answer {
    let visit = desk.visit;
    let frame = visit.frame(Some(desk.institution));
    let (browser, is_new) = match &desk.check {
        Some(check) => (check.browser.clone(), check.is_new),
        None => presession(visit),
    };
    let mut content = Login::new(&own_login_url(desk), &new_login_ticket(visit, &browser));
    content.service = repeated(desk, "service");
    content.target = repeated(desk, "TARGET");
    content.service_name = desk
        .service
        .as_ref()
        .map(|service| service_name(service, &frame.language));
    content.renew = desk.request.renew;
    content.method = repeated(desk, "method");
    content.tenant = tenant(desk);
    // Who gives the password once more keeps the wish, unless the box is unticked (CAS-71).
    let wished = desk.person().is_some_and(|held| held.view.session.warn);
    content.warn = Some(desk.request.warn || wished);
    content.remember_days = remember_days(desk);
    content.elsewhere = elsewhere(desk, &form, &frame.language);
    content.problem = form.problem;
    content.check = desk.check.as_ref().map(|check| check.shown.clone());
    content.links = links(desk);
    content.ways = other_ways(desk, &frame.language);
    content.room = Some(super::room::of(desk));
    content.username = match form.username {
        "" => back::brought(visit).unwrap_or_default(),
        typed => typed.to_owned(),
    };
    let hint = visit.realm_of(Some(desk.institution));
    let hint = hint.and_then(|realm| realm.username_hint.get(&frame.language));
    content.username_hint = hint.map(str::to_owned);
    if let Some(session) = desk.person() {
        let username = session.view.session.login.clone();
        content.username.clone_from(&username);
        content.confirm = Some(Confirm {
            username,
            not_me: switch_url(desk),
        });
    }
    let mut answer = known_login_page(visit, status, content, frame);
    if is_new {
        visit.scope().set_presession(answer.headers_mut(), &browser);
    }
    answer
}

/// Whom a long session keeps signed in already is not asked again: it goes on as it is.
fn remember_days(desk: &Desk<'_>) -> Option<u32> {
    let is_kept = desk.person().is_some_and(|held| held.view.session.remembered);
    let offered = desk.visit.catalogue.remember.get(&desk.institution.realm);
    offered.filter(|_| !is_kept).map(RememberMe::days)
}

/// Another institution that the person may mean: the address of the page names it, too, or the
/// e-mail address that was refused is of its people. Nothing is said about the account.
fn elsewhere(desk: &Desk<'_>, form: &Form<'_>, language: &Locale) -> Option<Elsewhere> {
    let link = desk.rival.map(|rival| (rival, WhyElsewhere::Link));
    let (other, why) = link.or_else(|| {
        let refused = matches!(form.problem, Some(LoginProblem::Wrong { .. }));
        let (_, domain) = form.username.rsplit_once('@').filter(|_| refused)?;
        let other = desk.visit.catalogue.institutions.only_with_mail_domain(domain)?;
        Some((other, WhyElsewhere::Address)).filter(|_| other.id != desk.institution.id)
    })?;
    Some(Elsewhere {
        why,
        name: other.name.get(language).unwrap_or(other.id.as_str()).to_owned(),
        url: sign_in_at(desk, other),
    })
}

/// Ways to help oneself, with everything of this request.
fn links(desk: &Desk<'_>) -> LoginLinks {
    let visit = desk.visit;
    let mut pairs = own_pairs(desk);
    pairs.retain(|(name, _)| matches!(*name, "service" | "TARGET" | "tenant" | "method"));
    let url = |name: &str| with_query(&visit.endpoint(name), &pairs);
    let recovery = visit.catalogue.recovery_of(&desk.institution.realm);
    let offered = |name| recovery.map(|_| url(name));
    LoginLinks {
        forgot_password: offered("recover"),
        carry: offered("recover/start"),
        forgot_username: offered("recover/username")
            .map(|url| back::with_query_more(&url, &back::pairs(&Back::SignIn))),
        activate: recovery.and_then(|settings| settings.activation.clone()),
        help: offered("help"),
    }
}

/// Where an identifier goes whose password is forgotten after all (S5-03).
pub(super) fn lost_url(desk: &Desk<'_>) -> Option<String> {
    links(desk).carry
}

fn repeated(desk: &Desk<'_>, wanted: &str) -> Option<String> {
    let pairs = desk.request.repeated();
    pairs
        .into_iter()
        .find(|(name, _)| *name == wanted)
        .map(|(_, value)| value)
}

pub(super) fn tenant_pair(desk: &Desk<'_>) -> Vec<(&'static str, String)> {
    tenant(desk)
        .map(|tenant| ("tenant", tenant))
        .into_iter()
        .collect()
}

/// The institution stays in the URL so that reload, back and a second tab keep it.
fn tenant(desk: &Desk<'_>) -> Option<String> {
    let several = desk.visit.catalogue.institutions.only().is_none();
    let in_path = desk.visit.path_tenant.is_some();
    (several && !in_path).then(|| desk.institution.id.as_str().to_owned())
}

/// `/login` with everything of this request: what the form posts to.
pub(super) fn own_login_url(desk: &Desk<'_>) -> String {
    with_query(&desk.visit.endpoint("login"), &own_pairs(desk))
}

/// Everything of this request.
pub(super) fn own_pairs(desk: &Desk<'_>) -> Vec<(&'static str, String)> {
    let mut pairs = desk.request.repeated();
    pairs.retain(|(name, _)| *name != "tenant");
    pairs.extend(tenant(desk).map(|tenant| ("tenant", tenant)));
    if account::is_next(desk.visit) {
        pairs.push((account::NEXT, account::WORD.to_owned()));
    }
    if desk.switching {
        pairs.push((SWITCH, "true".to_owned()));
    }
    pairs
}

/// The same request, for somebody else than who is signed in: the form, empty.
pub(super) fn switch_url(desk: &Desk<'_>) -> String {
    let mut pairs = own_pairs(desk);
    pairs.retain(|(name, _)| *name != SWITCH);
    pairs.push((SWITCH, "true".to_owned()));
    with_query(&desk.visit.endpoint("login"), &pairs)
}

/// Where a person without a service goes after signing in: `renew` has been met (CAS-66).
pub(super) fn signed_in_url(desk: &Desk<'_>) -> String {
    let page = match account::is_next(desk.visit) {
        true => account::WORD,
        false => "login",
    };
    with_query(&desk.visit.endpoint(page), &tenant_pair(desk))
}

/// “My account” of the institution.
pub(super) fn account_url(desk: &Desk<'_>) -> String {
    with_query(&desk.visit.endpoint(account::WORD), &tenant_pair(desk))
}

pub(super) fn new_login_ticket(visit: &Visit, browser: &str) -> String {
    let ports = &visit.app.ports;
    login_ticket::issue(&ports.keys, ports.entropy.as_ref(), ports.clock.now(), browser)
}

/// The browser's pre-session, drawn now when it has none.
pub(super) fn presession(visit: &Visit) -> (String, bool) {
    if let Some(held) = visit.cookies().presession() {
        return (held.to_owned(), false);
    }
    let alphabet = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    (
        random_symbols(visit.app.ports.entropy.as_ref(), alphabet, PRESESSION_LENGTH),
        true,
    )
}

pub(super) fn service_name(service: &KnownService<'_>, language: &Locale) -> String {
    let name = service.service.name.get(language).map(str::to_owned);
    name.unwrap_or_else(|| service.url.host_for_people())
}

/// The halt before an application opens (CAS-49): a POST, since going on writes a ticket.
pub(super) fn warning(desk: &Desk<'_>, service: &KnownService<'_>) -> Answer {
    let visit = desk.visit;
    let frame = visit.frame(Some(desk.institution));
    let (browser, is_new) = presession(visit);
    let mut fields: Vec<HiddenField> = desk
        .request
        .repeated()
        .into_iter()
        .map(|(name, value)| HiddenField {
            name: name.to_owned(),
            value,
        })
        .collect();
    fields.push(HiddenField {
        name: "lt".to_owned(),
        value: new_login_ticket(visit, &browser),
    });
    let content = Warning {
        username: desk
            .session
            .as_ref()
            .map(|held| held.view.session.login.clone())
            .unwrap_or_default(),
        host: service.url.host_for_people(),
        service_name: Some(service_name(service, &frame.language)),
        go_on: GoOn::Form {
            action: visit.endpoint("login/proceed"),
            fields,
            may_stop: true,
        },
        cancel: visit.endpoint("login"),
    };
    let mut answer = login_page(visit, StatusCode::OK, &content, &frame);
    if is_new {
        visit.scope().set_presession(answer.headers_mut(), &browser);
    }
    answer
}

/// The same words for every account; a count of tries once few are left.
pub(super) fn wrong(tries_left: Option<guard::TriesLeft>) -> LoginProblem {
    let tries = tries_left.map(|tries| TriesLeft {
        left: u64::from(tries.left),
        pause_seconds: millis(tries.pause).div_ceil(1000),
    });
    LoginProblem::Wrong { tries }
}

/// The form once more while the directory is crowded: the login is kept, and no try was counted.
pub(super) fn crowded(desk: &Desk<'_>, typed: &str) -> Answer {
    let wait_seconds = later::soon(desk.visit.app.ports.entropy.as_ref());
    let form = Form {
        username: typed,
        problem: Some(LoginProblem::Crowded { wait_seconds }),
    };
    let mut answer = answer(desk, StatusCode::SERVICE_UNAVAILABLE, form);
    retry_after(&mut answer, wait_seconds);
    answer
}

pub(super) fn throttled(desk: &Desk<'_>, wait: Duration, typed: &str) -> Answer {
    let seconds = millis(wait).div_ceil(1000).max(1);
    let until = desk.visit.app.ports.clock.now().plus(wait);
    let problem = LoginProblem::Throttled {
        wait_seconds: seconds,
        until,
    };
    let status = StatusCode::from_u16(desk.visit.app.settings.status_throttled);
    let status = status.unwrap_or(StatusCode::TOO_MANY_REQUESTS);
    let mut answer = answer(
        desk,
        status,
        Form {
            username: typed,
            problem: Some(problem),
        },
    );
    retry_after(&mut answer, seconds);
    answer
}

/// When a directory that is down is worth another try.
pub(super) fn retry_later(visit: &Visit, answer: &mut Answer) {
    retry_after(answer, later::later(visit.app.ports.entropy.as_ref()));
}

pub(super) fn closed_page(
    desk: &Desk<'_>,
    closed: &ClosedAccount,
    typed: &str,
    language: &Locale,
) -> AccountClosed {
    let reason = match closed.standing {
        Standing::Expired => ClosedReason::PasswordExpired,
        Standing::MustChange => ClosedReason::MustChange,
        Standing::Announced => ClosedReason::Announced,
        Standing::Suspended => ClosedReason::Suspended,
        Standing::Locked => ClosedReason::Locked,
        Standing::NotActivated => ClosedReason::NotActivated,
        Standing::Active | Standing::Grace | Standing::Inactive => ClosedReason::Inactive,
    };
    let message = closed
        .message
        .get(language.as_str())
        .or_else(|| closed.message.get("fr"));
    AccountClosed {
        username: typed.to_owned(),
        reason,
        since: closed.since,
        message: message.cloned(),
        retry: own_login_url(desk),
    }
}

/// Remembers a language asked for by `?lang=`.
pub(super) fn keep_language(visit: &Visit, answer: &mut Answer) {
    if let Ok(Some(asked)) = visit.params.first("lang")
        && let Some(language) = Locale::new(asked)
        && visit.offers(&language)
    {
        visit
            .scope()
            .set_language(answer.headers_mut(), language.as_str());
    }
}
