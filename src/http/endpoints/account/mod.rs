//! `/account`: a signed-in person's own account. Whoever is not signed in does so first and comes back.

pub mod addresses;
pub mod data;
pub mod home;
pub mod links;
pub mod password;
pub mod proof;
pub mod sessions;

use http::StatusCode;

use super::login::go;
use super::login_form::{keep_language, new_login_ticket, presession};
use super::recover::desk::form_proof;
use crate::base::names::Locale;
use crate::flows::FlowError;
use crate::flows::account::{Owner, is_fresh};
use crate::flows::login::BrowserSession;
use crate::http::answer::{Answer, incident, page};
use crate::http::device::Device;
use crate::http::visit::{Visit, with_query};
use crate::messages::Browser;
use crate::pages::Page;
use crate::pages::views::my_account::{AccountProblem, Said};
use crate::realms::Institution;

/// The parameter of `/login` by which it goes on to `/account`.
pub const NEXT: &str = "next";
pub const WORD: &str = "account";

pub fn is_next(visit: &Visit) -> bool {
    visit.params.first(NEXT).ok().flatten() == Some(WORD)
}

type Outcome = Result<Answer, FlowError>;

fn finish(visit: &Visit, outcome: Outcome) -> Answer {
    let mut answer = match outcome {
        Ok(answer) => answer,
        Err(error) => incident(visit, &error, None),
    };
    keep_language(visit, &mut answer);
    answer
}

/// A signed-in person at this browser.
pub struct Seat<'a> {
    pub visit: &'a Visit,
    pub institution: &'a Institution,
    session: BrowserSession,
    device: Option<Device>,
    locale: Locale,
}

/// Finds the session that this request is about; an `Err` is the way to the sign-in.
async fn sit_down(visit: &Visit) -> Result<Result<Seat<'_>, Box<Answer>>, FlowError> {
    let named = named(visit);
    let realms = named.map(|institution| vec![institution.realm.clone()]);
    let mut sessions = visit.sessions(realms.as_deref()).await?.live;
    sessions.sort_by_key(|held| held.view.last_used);
    let Some(session) = sessions.pop() else {
        return Ok(Err(Box::new(go(visit, true, &sign_in(visit, named)))));
    };
    let institutions = &visit.catalogue.institutions;
    let own = institutions.named(session.view.session.institution.as_str());
    let Some(institution) = own.or(named) else {
        return Ok(Err(Box::new(go(visit, true, &sign_in(visit, None)))));
    };
    let cookie = visit.cookies().device().map(str::to_owned);
    let device = cookie.and_then(|cookie| Device::open(&visit.app.ports.keys, &cookie));
    Ok(Ok(Seat {
        visit,
        locale: visit.locale(Some(institution)),
        institution,
        session,
        device,
    }))
}

/// The institution that the address names.
fn named(visit: &Visit) -> Option<&Institution> {
    let institutions = &visit.catalogue.institutions;
    let by_host = visit.host().and_then(|host| institutions.at_host(host));
    let by_path = || institutions.named(visit.path_tenant.as_deref()?);
    let by_name = || institutions.named(visit.params.hint("tenant")?);
    by_host.or_else(by_path).or_else(by_name)
}

fn sign_in(visit: &Visit, institution: Option<&Institution>) -> String {
    let mut pairs = vec![(NEXT, WORD.to_owned())];
    pairs.extend(tenant(visit, institution));
    with_query(&visit.endpoint("login"), &pairs)
}

/// The institution stays in the address where there are several.
fn tenant(visit: &Visit, institution: Option<&Institution>) -> Option<(&'static str, String)> {
    let several = visit.catalogue.institutions.only().is_none();
    let institution = institution.filter(|_| several && visit.path_tenant.is_none());
    institution.map(|institution| ("tenant", institution.id.to_string()))
}

impl Seat<'_> {
    pub fn owner(&self) -> Owner<'_> {
        let session = &self.session.view.session;
        let keys = &self.visit.app.ports.keys;
        let device = self.device.as_ref();
        Owner {
            session: &self.session,
            institution: self.institution,
            address: self.visit.client,
            device: device.and_then(|device| device.known_to(keys, &session.account.realm, &session.login)),
            browser: self.visit.header("user-agent").map(Browser::of_user_agent),
            locale: &self.locale,
        }
    }

    pub fn login(&self) -> &str {
        &self.session.view.session.login
    }

    /// Where the identifier goes whose password is forgotten (S5-03).
    pub fn lost(&self) -> Option<String> {
        let visit = self.visit;
        visit.catalogue.recovery_of(&self.institution.realm)?;
        let pairs: Vec<_> = tenant(visit, Some(self.institution)).into_iter().collect();
        Some(with_query(&visit.endpoint("recover/start"), &pairs))
    }

    pub fn is_fresh(&self) -> bool {
        let cookies = self.visit.cookies();
        let realm = &self.session.view.session.account.realm;
        is_fresh(&self.visit.app.ports, &self.owner(), cookies.proof(realm))
    }

    /// One of the addresses below `/account`.
    pub fn url(&self, name: &str, more: &[(&'static str, &str)]) -> String {
        let mut pairs: Vec<(&'static str, String)> = more
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        pairs.extend(tenant(self.visit, Some(self.institution)));
        let path = match name {
            "" => WORD.to_owned(),
            name => format!("{WORD}/{name}"),
        };
        with_query(&self.visit.endpoint(&path), &pairs)
    }

    pub fn home(&self) -> String {
        self.url("", &[])
    }

    /// Back home, with a word about what was done.
    pub fn done(&self, said: Said) -> Answer {
        go(self.visit, true, &self.url("", &[("said", said.word())]))
    }

    /// Whether the form is ours (SEC-88).
    pub fn form(&self) -> Result<(), AccountProblem> {
        form_proof(self.visit).map_err(|_| AccountProblem::PageTooOld)
    }

    /// The password first, then on to `then`.
    pub fn prove_first(&self, then: &[(&'static str, &str)]) -> Answer {
        go(self.visit, true, &self.url("prove", then))
    }

    /// A page whose forms hold the proof that `fill` is given.
    pub fn page<P: Page>(&self, status: StatusCode, fill: impl FnOnce(String) -> P) -> Answer {
        filled(self.visit, Some(self.institution), status, fill)
    }
}

fn filled<P: Page>(
    visit: &Visit,
    institution: Option<&Institution>,
    status: StatusCode,
    fill: impl FnOnce(String) -> P,
) -> Answer {
    let (browser, is_new) = presession(visit);
    let content = fill(new_login_ticket(visit, &browser));
    let mut answer = page(visit, status, &content, &visit.frame(institution));
    if is_new {
        visit.scope().set_presession(answer.headers_mut(), &browser);
    }
    answer
}

fn status_of(problem: AccountProblem) -> StatusCode {
    match problem {
        AccountProblem::PageTooOld => StatusCode::BAD_REQUEST,
        AccountProblem::PasswordWrong | AccountProblem::CodeWrong => StatusCode::UNAUTHORIZED,
        AccountProblem::Throttled | AccountProblem::TooManySent | AccountProblem::CodeWornOut => {
            StatusCode::TOO_MANY_REQUESTS
        }
        AccountProblem::DirectoryDown => StatusCode::SERVICE_UNAVAILABLE,
        AccountProblem::CodeDead | AccountProblem::Gone => StatusCode::GONE,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}
