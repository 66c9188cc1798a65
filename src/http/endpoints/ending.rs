//! `/login/ending`: told before one goes on that the password ends soon (S5-09). Another may be chosen at
//! once, or later.

use http::StatusCode;

use super::login::{self, Desk, Outcome, go, sit_down};
use super::login_form::{own_login_url, own_pairs, service_name, signed_in_url, tenant_pair};
use super::recover::desk::{flow_of, keep};
use crate::base::clock::Timestamp;
use crate::flows::account::entry;
use crate::flows::login::{Age, age};
use crate::flows::recovery::{Ending, Flow, Stage, new_id};
use crate::http::answer::{Answer, page};
use crate::http::visit::{Visit, with_query};
use crate::pages::views::session::{PasswordEnding, PasswordEnds};

/// Sends the browser to the page, with the right to choose another password.
pub(super) fn send(desk: &Desk<'_>, told: Ending) -> Answer {
    let visit = desk.visit;
    let id = new_id(&visit.app.ports);
    let mut answer = go(visit, true, &url(desk, "login/ending", &id));
    let flow = Flow {
        realm: desk.institution.realm.clone(),
        institution: desk.institution.id.clone(),
        service: None,
        since: visit.app.ports.clock.now(),
        stage: Stage::Ending(told),
    };
    keep(visit, &mut answer, &id, &flow);
    answer
}

fn url(desk: &Desk<'_>, name: &str, id: &str) -> String {
    let mut pairs = own_pairs(desk);
    pairs.push(("flow", id.to_owned()));
    with_query(&desk.visit.endpoint(name), &pairs)
}

/// `GET /login/ending`.
pub async fn show(visit: Visit) -> Answer {
    login::finish(&visit, show_inner(&visit).await).await
}

async fn show_inner(visit: &Visit) -> Outcome {
    let (desk, dead) = match sit_down(visit).await? {
        Ok(seated) => seated,
        Err(answer) => return Ok((*answer, Vec::new())),
    };
    let told = flow_of(visit).filter(|flow| flow.realm == desk.institution.realm);
    let told = told.and_then(|flow| match flow.stage {
        Stage::Ending(told) => Some(told),
        _ => None,
    });
    let (Some(told), Some(session)) = (told, desk.person()) else {
        return Ok((go(visit, false, &own_login_url(&desk)), dead));
    };
    let id = visit.params.hint("flow").unwrap_or_default();
    let frame = visit.frame(Some(desk.institution));
    let content = PasswordEnding {
        username: session.view.session.login.clone(),
        ends: PasswordEnds {
            at: told.at,
            days: days_until(visit, told.at),
            change: told.changing.is_some().then(|| url(&desk, "login/change", id)),
        },
        service_name: desk
            .service
            .as_ref()
            .map(|service| service_name(service, &frame.language)),
        go_on: match desk.service.is_some() {
            true => own_login_url(&desk),
            false => signed_in_url(&desk),
        },
    };
    Ok((page(visit, StatusCode::OK, &content, &frame), dead))
}

/// What the page of an open session says of its person's password, where the realm's rule says that it
/// ends soon. Asked of the directory only where there is such a rule; its silence holds up nobody.
pub(super) async fn shown(desk: &Desk<'_>) -> Option<PasswordEnds> {
    let visit = desk.visit;
    let account = &desk.person()?.view.session.account;
    let policy = visit.catalogue.policy(&account.realm).ok()?;
    policy.settings.max_age_days?;
    let person = entry(&visit.catalogue, account).await.ok()??;
    let now = visit.app.ports.clock.now();
    let at = match age(&visit.catalogue, &account.realm, &person, now).ok()? {
        Age::Fine => return None,
        Age::Ends(at) => at,
        Age::Over => now,
    };
    Some(PasswordEnds {
        at,
        days: days_until(visit, at),
        change: Some(with_query(
            &visit.endpoint("account/password"),
            &tenant_pair(desk),
        )),
    })
}

fn days_until(visit: &Visit, at: Timestamp) -> u64 {
    at.since(visit.app.ports.clock.now()).as_secs() / 86_400
}
