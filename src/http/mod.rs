//! Everything between the socket and the flows: the accept loop, the layers around the router, the
//! endpoints. It decides nothing about people or tickets.

pub mod layers;
pub mod server;
