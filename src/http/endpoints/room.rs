//! `/login/room`: whether a directory has room for another sign-in, for the script of a sign-in form that
//! waits for it. It is told nothing about anybody and asks no directory: it looks at our own counters.

use http::StatusCode;

use super::login::Desk;
use super::login_form::tenant_pair;
use crate::app::App;
use crate::directory;
use crate::flows::Catalogue;
use crate::http::answer::{Answer, text};
use crate::http::later;
use crate::http::visit::{Visit, with_query};
use crate::pages::views::waiting::Room;
use crate::realms::Institution;

/// `{"wait": seconds}`, drawn anew each time; 0: come. Where no institution is named, or none that there
/// is, nobody needs to wait: the form says more.
pub async fn show(visit: Visit) -> Answer {
    let institution = institution(&visit);
    // What this node itself has no turn for is turned away before it comes here.
    let crowded =
        institution.is_some_and(|institution| is_crowded(&visit.app, &visit.catalogue, institution));
    let wait = match crowded {
        true => later::soon(visit.app.ports.entropy.as_ref()),
        false => 0,
    };
    let body = serde_json::json!({ "wait": wait }).to_string();
    text(StatusCode::OK, "application/json", body)
}

/// For the form of the desk.
pub(super) fn of(desk: &Desk<'_>) -> Room {
    let visit = desk.visit;
    Room {
        ask: with_query(&visit.endpoint("login/room"), &tenant_pair(desk)),
        crowded: visit.node_is_busy || is_crowded(&visit.app, &visit.catalogue, desk.institution),
    }
}

fn institution(visit: &Visit) -> Option<&Institution> {
    let institutions = &visit.catalogue.institutions;
    let named = visit.path_tenant.as_deref();
    let named = named.or_else(|| visit.params.first("tenant").ok().flatten());
    named.map_or_else(|| institutions.only(), |name| institutions.named(name))
}

/// By our own counters.
pub(in crate::http) fn is_crowded(app: &App, catalogue: &Catalogue, institution: &Institution) -> bool {
    let (realm, rooms) = (&institution.realm, &app.ports.rooms);
    let directory = catalogue.directory(realm);
    directory.is_ok_and(|directory| directory.room(rooms.inside(realm)) != directory::Room::Ample)
        || !rooms.has_room(realm)
}
