//! Everything between the socket and the flows: the accept loop, the layers around the router, the
//! endpoints. It decides nothing about people or tickets.

mod answer;
pub mod cookies;
mod device;
mod endpoints;
pub mod layers;
mod router;
pub mod server;
mod visit;

pub use router::router;
