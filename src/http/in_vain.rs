//! Whose form would be turned away: the directory of the institution that a sign-in page is asked for has no
//! room. A node that has more to do than it can makes no such page (reliability §3.2).

use std::sync::Arc;

use http::request::Parts;

use super::endpoints::room;
use super::kinds::placed;
use super::layers::InVain;
use crate::app::App;

/// For the layers.
pub fn of(app: Arc<App>) -> InVain {
    Arc::new(move |parts| is_in_vain(&app, parts))
}

/// By the address alone. Where it does not say which institution is meant, the page is made, and says more.
fn is_in_vain(app: &App, parts: &Parts) -> bool {
    let (tenant, place) = placed(&app.settings.base, parts.uri.path());
    if place != "/login" {
        return false;
    }
    let query = parts.uri.query().unwrap_or_default();
    let in_query = || query.split('&').find_map(|pair| pair.strip_prefix("tenant="));
    let catalogue = app.catalogue();
    let institution = match tenant.or_else(in_query) {
        Some(named) => catalogue.institutions.named(named),
        None => catalogue.institutions.only(),
    };
    institution.is_some_and(|institution| room::is_crowded(app, &catalogue, institution))
}
