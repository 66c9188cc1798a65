//! Our own accept loop around hyper: TLS, deadlines for clients that say or take too little, limits
//! on what they may send, graceful stop. It knows no path and no page.
//!
//! hyper protects nobody by default: its automatic builder waits for ever for a first byte, and
//! `axum::serve` sets no timer. Here ALPN picks the builder and one `Watch` per connection holds
//! every deadline (F-28, T-01 to T-05).

mod accept;
pub mod announced;
mod chunks;
mod connection;
mod filter;
mod frames;
mod head;
mod stream;
mod watch;

use std::net::SocketAddr;
use std::time::Duration;

pub use accept::{Drained, serve, shed};
use http::StatusCode;
use ipnet::IpNet;

/// Deadlines and limits of connections. The body of a request has its own:
/// [`super::layers::BodyLimits`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerSettings {
    /// For the TLS handshake.
    pub handshake: Duration,
    /// From the opening (after TLS) to the first byte (T-01).
    pub first_byte: Duration,
    /// For a request head, whole (T-02).
    pub head: Duration,
    /// Between an answer and the next request (T-04).
    pub idle: Duration,
    /// For a client to take an answer, whole (T-05).
    pub delivery: Duration,
    /// For a client to close after our last byte, and at a stop, there half of `drain` at most, for a request that
    /// is on its way to an idle connection.
    pub linger: Duration,
    /// For what is in flight when the server stops (F-23).
    pub drain: Duration,
    /// Open connections; above it the longest idle are closed, then newcomers (T-06, F-27).
    pub most_connections: usize,
    /// Open connections of one IPv4 address, or of one /64 of IPv6; above it the longest idle of its own is closed,
    /// then its newcomers. Zero: no bound. [`ServerSettings::proxies`] have none (F-27).
    pub connections_per_network: usize,
    /// Who stands before many.
    pub proxies: Vec<IpNet>,
    /// Bytes of a request target, percent-encoded; more is 414. CAS-11 asks for 8 kB of `service`,
    /// which encoding can triple.
    pub longest_target: usize,
    /// Bytes of all header fields; more is 431 (T-07).
    pub largest_header_block: usize,
    /// Number of header fields; more is 431 (T-07).
    pub most_headers: usize,
    /// Requests of one kind that are under way; more are turned away (reliability §3.2).
    pub most_requests: usize,
    /// How long work that is ready waits for its turn; while it takes longer, no more may begin something than
    /// get to the end, and from 50 times as long on what goes on with something is turned away, too. Zero: never.
    pub longest_turn: Duration,
    /// Concurrent requests of one HTTP/2 connection (T-10).
    pub http2_streams: u32,
    /// Proxies one of which every connection must come from and be announced by (PROXY protocol, version 2);
    /// `None`: nobody announces any (T-16).
    pub announced_by: Option<Vec<IpNet>>,
}

impl Default for ServerSettings {
    fn default() -> ServerSettings {
        ServerSettings {
            handshake: Duration::from_secs(5),
            first_byte: Duration::from_secs(5),
            head: Duration::from_secs(10),
            idle: Duration::from_secs(60),
            delivery: Duration::from_secs(30),
            linger: Duration::from_secs(1),
            drain: Duration::from_secs(30),
            most_connections: 16_384,
            connections_per_network: 0,
            proxies: Vec::new(),
            longest_target: 32 * 1024,
            largest_header_block: 16 * 1024,
            most_headers: 100,
            most_requests: 4096,
            longest_turn: Duration::from_millis(2),
            http2_streams: 64,
            announced_by: None,
        }
    }
}

/// The other end of the connection, on every request; a proxy's address when one is in front.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerAddress(pub SocketAddr);

/// The proxy that announced the connection, on every request of one that was: [`PeerAddress`] is whom it
/// named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnnouncedBy(pub SocketAddr);

/// Marks a request that stands for one whose head was refused, with the status to answer. Whoever
/// sees it must answer that and look at nothing else; `layers::stack` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable(pub StatusCode);
