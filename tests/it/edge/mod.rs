//! The HTTP edge on real sockets: what it answers, closes and lets through. Handlers here only
//! show what reached them; the product's own pages have their tests elsewhere.

mod announced;
mod client;
mod deadlines;
mod floods;
#[path = "../../contract/floods.rs"]
mod floods_of;
mod http2;
mod outgoing;
mod refusals;
mod requests;
mod server;
mod stop;
mod tls;
