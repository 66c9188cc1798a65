//! Whose form would be turned away: the directory of the institution that a sign-in page is asked for has no
//! room. A node that has more to do than it can makes no such page (reliability §3.2); nor does any while many
//! come to that directory in vain, since they take time from others then.

use std::sync::Arc;

use http::request::Parts;

use super::endpoints::room;
use super::kinds::placed;
use super::layers::InVain;
use crate::app::App;
use crate::flows::Catalogue;
use crate::realms::Institution;

/// For the layers.
pub fn of(app: Arc<App>) -> InVain {
    Arc::new(move |parts, is_late| {
        let rooms = &app.ports.rooms;
        if !is_late && !rooms.many_come_in_vain_somewhere() {
            return false;
        }
        let catalogue = app.catalogue();
        let Some(institution) = meant(&app, &catalogue, parts) else {
            return false;
        };
        let in_vain = (is_late || rooms.many_come_in_vain(&institution.realm))
            && room::is_crowded(&app, &catalogue, institution);
        if in_vain {
            rooms.came_in_vain(&institution.realm);
        }
        in_vain
    })
}

/// The institution of a sign-in page by its address alone. `None` where that does not say which is meant, for the page
/// says more; and where people can come in by another server's word, or by a proxy's.
fn meant<'a>(app: &App, catalogue: &'a Catalogue, parts: &Parts) -> Option<&'a Institution> {
    let (tenant, place) = placed(&app.settings.base, parts.uri.path());
    if place != "/login" {
        return None;
    }
    let query = parts.uri.query().unwrap_or_default();
    let told = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name));
    // A gateway shows no form (CAS-21).
    if told("gateway=").is_some_and(|value| !value.is_empty()) {
        return None;
    }
    let institution = match tenant.or_else(|| told("tenant=")) {
        Some(named) => catalogue.institutions.named(named),
        None => catalogue.institutions.only(),
    }?;
    let realm = catalogue.realms.get(&institution.realm)?;
    let has_other_ways =
        realm.trusted_header.is_some() || realm.delegations_of(&institution.id).next().is_some();
    (!has_other_ways).then_some(institution)
}
