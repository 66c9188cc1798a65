//! The pages around another server's word, filled: its buttons, the choice, the failure.

use http::StatusCode;

use super::login::Desk;
use super::login_form;
use crate::base::names::Locale;
use crate::flows::delegation::{Choice, Errand, Failure, FragmentName, Link, Step};
use crate::flows::login::known;
use crate::http::answer::{Answer, login_page};
use crate::http::visit::{Visit, with_query};
use crate::pages::views::delegation::{
    AccountChoice, ChooseAccount, DelegationFailed, Onward, OtherWays, Way, WayAudience, WayGroup,
};
use crate::realms::{Delegation, ForWhom, Institution, Position};

pub(super) use super::login_form::signed_in_url;

/// The buttons of the login page. Who came by another server's word before is shown them first: they
/// may have no password here.
pub(super) fn other_ways(desk: &Desk<'_>, language: &Locale) -> OtherWays {
    let Some(realm) = desk.visit.catalogue.realms.get(&desk.institution.realm) else {
        return OtherWays::default();
    };
    let offered: Vec<&Delegation> = realm.delegations_of(&desk.institution.id).collect();
    let only = offered.iter().any(|one| one.position == Position::Only);
    let session = desk.session.as_ref();
    let came_so = session.is_some_and(|held| held.view.session.came_from().is_some());
    let all_first = only || came_so;
    let (first, after): (Vec<&Delegation>, Vec<&Delegation>) = offered
        .into_iter()
        .partition(|one| all_first || one.position == Position::First);
    let by_proxy = super::trusted::way(desk).map(|way| WayGroup {
        audience: WayAudience::Everybody,
        ways: vec![way],
    });
    OtherWays {
        first: by_proxy
            .into_iter()
            .chain(groups(desk, &first, language))
            .collect(),
        after: groups(desk, &after, language),
        only,
    }
}

/// Families, then staff, then everybody.
fn groups(desk: &Desk<'_>, delegations: &[&Delegation], language: &Locale) -> Vec<WayGroup> {
    let audiences = [
        (ForWhom::Families, WayAudience::Families),
        (ForWhom::Staff, WayAudience::Staff),
        (ForWhom::Everybody, WayAudience::Everybody),
    ];
    let group = |(wanted, audience)| {
        let those = delegations.iter().filter(|one| one.audience == wanted);
        WayGroup {
            audience,
            ways: those
                .map(|one| Way {
                    name: name(one, language),
                    url: way_url(desk, one),
                })
                .collect(),
        }
    };
    let groups = audiences.into_iter().map(group);
    groups.filter(|group| !group.ways.is_empty()).collect()
}

fn name(delegation: &Delegation, language: &Locale) -> String {
    let name = delegation.name.get(language);
    name.unwrap_or(delegation.upstream.as_str()).to_owned()
}

/// Everything the login page was asked goes along.
fn way_url(desk: &Desk<'_>, delegation: &Delegation) -> String {
    let place = format!("login/with/{}", delegation.upstream);
    with_query(&desk.visit.endpoint(&place), &login_form::own_pairs(desk))
}

/// What people call the other server; `None` when the realm has no such.
pub(super) fn name_of(visit: &Visit, link: &Link, institution: Option<&Institution>) -> Option<String> {
    let realm = visit.catalogue.realms.get(&link.realm)?;
    let mut delegations = realm.delegations.iter();
    let found = delegations.find(|one| one.upstream == link.upstream)?;
    Some(name(found, &visit.locale(institution)))
}

/// E9.
pub(super) fn failed(visit: &Visit, link: &Link, failure: &Failure) -> Answer {
    let errand = failure.errand.as_ref();
    let named = errand.and_then(|errand| visit.catalogue.institutions.named(errand.institution.as_str()));
    let realm = visit.catalogue.realms.get(&link.realm);
    let offered = |errand: &&Errand| {
        realm.is_some_and(|realm| realm.delegation(&errand.institution, &link.upstream).is_some())
    };
    let has_form = realm.zip(named).is_some_and(|(realm, institution)| {
        realm
            .delegations_of(&institution.id)
            .all(|one| one.position != Position::Only)
    });
    let again = errand.filter(offered);
    let content = DelegationFailed {
        name: name_of(visit, link, named).unwrap_or_else(|| link.upstream.to_string()),
        step: failure.step,
        code: failure.step.code().to_owned(),
        again: again.map(|errand| errand_url(visit, errand, &format!("login/with/{}", link.upstream))),
        otherwise: match errand {
            None => Some(visit.endpoint("login")),
            Some(errand) => has_form.then(|| errand_url(visit, errand, "login")),
        },
        fragment: errand
            .and_then(|errand| errand.fragment.as_ref())
            .map(|name| name.as_str().to_owned()),
    };
    login_page(visit, status(failure.step), &content, &visit.frame(named))
}

fn errand_url(visit: &Visit, errand: &Errand, place: &str) -> String {
    with_query(&visit.endpoint(place), &errand.request().repeated())
}

fn status(step: Step) -> StatusCode {
    match step {
        Step::Silent | Step::Unreadable => StatusCode::BAD_GATEWAY,
        Step::Foreign | Step::Late | Step::Again => StatusCode::BAD_REQUEST,
        _ => StatusCode::FORBIDDEN,
    }
}

/// The way on to the application for a browser whose script kept a fragment: an answer that redirects
/// runs no script.
pub(super) fn onward(desk: &Desk<'_>, url: &str, fragment: &FragmentName) -> Answer {
    let frame = desk.visit.frame(Some(desk.institution));
    let service = desk.service.as_ref();
    let service = service.map(|service| login_form::service_name(service, &frame.language));
    let content = Onward {
        service_name: service.unwrap_or_default(),
        url: url.to_owned(),
        fragment: fragment.as_str().to_owned(),
    };
    login_page(desk.visit, StatusCode::OK, &content, &frame)
}

/// Several accounts are the person's.
pub(super) fn choose(
    visit: &Visit,
    link: &Link,
    errand: &Errand,
    (flow, accounts): (&str, Vec<Choice>),
) -> Answer {
    let institution = visit.catalogue.institutions.named(errand.institution.as_str());
    let frame = visit.frame(institution);
    let services = &visit.catalogue.services;
    let service = errand
        .service
        .as_ref()
        .and_then(|url| known(services, url, visit.now()).ok());
    let numbered = accounts.into_iter().enumerate();
    let content = ChooseAccount {
        name: name_of(visit, link, institution).unwrap_or_else(|| link.upstream.to_string()),
        service_name: service.map(|service| login_form::service_name(&service, &frame.language)),
        action: visit.endpoint(&format!("login/from/{}/{}/account", link.realm, link.upstream)),
        flow: flow.to_owned(),
        accounts: numbered
            .map(|(number, account)| AccountChoice {
                number,
                login: account.login,
                display_name: account.display_name,
            })
            .collect(),
    };
    login_page(visit, StatusCode::OK, &content, &frame)
}
