//! The challenge on the sign-in form, where the browser's network tries many names in vain (T-58). Whether one is
//! asked is the guard's word, and the flow judges the answer.

use super::captcha;
use super::desk::Desk;
use super::login_form::presession;
use crate::flows::FlowError;
use crate::flows::login::{Proof, Refusal, Unproved, challenge};
use crate::guard::captcha::Given;
use crate::pages::views::captcha::{Captcha, Outcome};

/// A challenge, and the browser that it is for.
#[derive(Clone)]
pub(in crate::http) struct Check {
    pub browser: String,
    /// Its pre-session was drawn just now.
    pub is_new: bool,
    pub shown: Captcha,
}

/// For a page that is opened: nothing where somebody signed in before, whose device need not answer (T-60).
pub(super) async fn on_opening(desk: &Desk<'_>) -> Result<Option<Check>, FlowError> {
    let is_known = desk.visit.cookies().device().is_some();
    match is_known || desk.person().is_some() {
        true => Ok(None),
        false => fresh(desk, Outcome::None).await,
    }
}

/// For a form that is shown again after a try.
pub(super) async fn after(desk: &Desk<'_>, refusal: &Refusal) -> Result<Option<Check>, FlowError> {
    let outcome = match refusal {
        Refusal::NotHuman(Unproved::Wrong) => Outcome::Wrong,
        Refusal::NotHuman(Unproved::Gone) => Outcome::Gone,
        _ => Outcome::None,
    };
    fresh(desk, outcome).await
}

/// A new one, with what became of the one before; nothing where this node has not found the network to spray.
pub(super) async fn fresh(desk: &Desk<'_>, outcome: Outcome) -> Result<Option<Check>, FlowError> {
    let visit = desk.visit;
    let ports = &visit.app.ports;
    if !ports.guard.seen_spraying(visit.client) {
        return Ok(None);
    }
    let (browser, is_new) = presession(visit);
    let locale = visit.locale(Some(desk.institution));
    let proof = Proof {
        presession: &browser,
        locale: &locale,
        given: Given::default(),
    };
    let realm = &desk.institution.realm;
    let challenge = challenge(ports, &visit.catalogue, realm, visit.client, &proof).await?;
    let shown = challenge.map(|challenge| captcha::shown(visit, challenge, outcome));
    Ok(shown.map(|shown| Check {
        browser,
        is_new,
        shown,
    }))
}
