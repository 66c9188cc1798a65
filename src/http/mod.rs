//! Everything between the socket and the flows: the accept loop, the layers around the router, the
//! endpoints. It decides nothing about people or tickets.

pub mod admin;
mod answer;
mod busy;
pub mod cookies;
pub mod device;
mod endpoints;
mod in_vain;
mod institution;
mod kinds;
mod later;
pub mod layers;
mod recent;
mod refusal;
mod router;
pub mod server;
mod surroundings;
mod visit;
pub mod within;

use std::sync::Arc;

use axum::Router;
use percent_encoding::AsciiSet;

use self::layers::{Edge, LayerSettings};
use crate::app::App;

/// What is percent-encoded where ASCII stays as it is (CAS-8).
const BEYOND_ASCII: &AsciiSet = &AsciiSet::EMPTY;

/// What [`service`] makes.
pub type Service = Edge<Router>;

/// One server as a tower service: the router with the layers around it, ready for [`server::serve`]
/// or for somebody else's hyper server. Refusals of `settings` get the pages of `app`, and the answers of
/// its protocols.
///
/// A server that is not ours must put [`server::PeerAddress`] into the extensions of each request;
/// without it every client counts as one.
pub fn service(app: Arc<App>, settings: LayerSettings) -> Service {
    let settings = LayerSettings {
        refusal_page: refusal::refusal_page(Arc::clone(&app)),
        turn_away: busy::turn_away(Arc::clone(&app)),
        kind_of: kinds::of(&app.settings.base),
        in_vain: in_vain::of(Arc::clone(&app)),
        ..settings
    };
    layers::stack(router::router(app), settings)
}
