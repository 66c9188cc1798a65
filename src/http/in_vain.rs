//! Whose form would be turned away: the directory of the institution that a sign-in page is asked for has no
//! room. A node that has more to do than it can makes no such page (reliability §3.2).

use std::sync::Arc;

use http::request::Parts;

use super::endpoints::room;
use super::kinds::placed;
use super::layers::InVain;
use crate::app::App;
use crate::realms::Realm;

/// For the layers.
pub fn of(app: Arc<App>) -> InVain {
    Arc::new(move |parts| is_in_vain(&app, parts))
}

/// By the address alone. Where it does not say which institution is meant, the page is made, and says more; so it
/// is where people can come in by another server's word, or by a proxy's.
fn is_in_vain(app: &App, parts: &Parts) -> bool {
    let (tenant, place) = placed(&app.settings.base, parts.uri.path());
    if place != "/login" {
        return false;
    }
    let query = parts.uri.query().unwrap_or_default();
    let told = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name));
    // A gateway shows no form (CAS-21).
    if told("gateway=").is_some_and(|value| !value.is_empty()) {
        return false;
    }
    let catalogue = app.catalogue();
    let institution = match tenant.or_else(|| told("tenant=")) {
        Some(named) => catalogue.institutions.named(named),
        None => catalogue.institutions.only(),
    };
    institution.is_some_and(|institution| {
        let has_other_ways = |realm: &Realm| {
            realm.trusted_header.is_some() || realm.delegations_of(&institution.id).next().is_some()
        };
        let realm = catalogue.realms.get(&institution.realm);
        !realm.is_some_and(has_other_ways) && room::is_crowded(app, &catalogue, institution)
    })
}
