//! What systemd and a server say to each other: the sockets that it was started with, and how it is. Not
//! the units: those lie in packaging/systemd. Without systemd all of it is silent.

mod notify;
mod sockets;

pub use notify::Notifier;
pub use sockets::{Inherited, Listening, inherited};
