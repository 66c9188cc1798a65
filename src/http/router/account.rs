//! The addresses of one's own account, and those of its mailed links.

use super::recovery::{by_form, by_link, shown, taken};
use super::{Routes, get_and_post, get_only};
use crate::http::answer::{Answer, redirect};
use crate::http::endpoints::account::{addresses, data, home, links, password, proof, sessions};
use crate::http::visit::Visit;

/// The routes below `at`.
pub(super) fn routes(routes: Routes, at: &impl Fn(&str) -> String) -> Routes {
    routes
        .route(&at("/account"), get_only(shown(home::show)))
        .route(&at("/account/data"), get_only(shown(data::show)))
        .route(
            &at("/account/prove"),
            get_and_post(shown(proof::show), taken(proof::submit)),
        )
        .route(
            &at("/account/password"),
            get_and_post(shown(password::show), taken(password::submit)),
        )
        .route(
            &at("/account/address"),
            get_and_post(shown(addresses::show), taken(addresses::submit)),
        )
        .route(
            &at("/account/confirm"),
            get_and_post(shown(back), taken(addresses::confirm)),
        )
        .route(
            &at("/account/resend"),
            get_and_post(shown(back), taken(addresses::resend)),
        )
        .route(
            &at("/account/remove"),
            get_and_post(shown(addresses::ask_to_remove), taken(addresses::submit_removal)),
        )
        .route(
            &at("/account/end"),
            get_and_post(shown(back), taken(sessions::end)),
        )
        .route(
            &at("/c/{token}"),
            get_and_post(by_link(links::show_confirm), by_form(links::confirm)),
        )
        .route(
            &at("/u/{token}"),
            get_and_post(by_link(links::show_undo), by_form(links::submit_undo)),
        )
}

/// A reload of what a form answered.
async fn back(visit: Visit) -> Answer {
    let to = visit.endpoint("account");
    redirect(false, &to).unwrap_or_default()
}
