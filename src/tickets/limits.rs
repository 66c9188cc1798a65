//! Bounds that every ticket store keeps, whatever it is made of.

use std::time::Duration;

/// Tickets that one session may get for one service within [`LOOP_WINDOW`]; the next one is
/// refused, because the application sends the browser round and round (F-06).
pub const LOOP_BOUND: u32 = 5;

/// Counted from the first ticket.
pub const LOOP_WINDOW: Duration = Duration::from_secs(10);

/// Sessions of one account that a cut leaves in its index; those that would end first give way. A session
/// that is not indexed still dies with the account's epoch.
pub const SESSIONS_INDEXED: usize = 50;

/// An index that names more is cut to [`SESSIONS_INDEXED`]. Cutting looks at each session, so not every
/// sign-in of an account that signs in all day (a robot, a shared one) does it.
pub const SESSIONS_BEFORE_A_CUT: usize = 64;

/// Visits by service tickets that a session remembers for single logout; the oldest give way.
pub const VISITS_KEPT: usize = 100;

/// The same for visits by proxy tickets. They are counted apart: a portal may make one with every
/// connection to what is behind it, and they must not push the person's own visits out.
pub const PROXIED_VISITS_KEPT: usize = 100;

/// Visits of the person's own within a session's value in Redis; with a further one they move beside it.
pub const VISITS_WITHIN: usize = 8;

/// Proxy-granting tickets of one session; with a further one, the oldest ends.
pub const PGTS_KEPT: usize = 20;

/// Proxies that a proxy ticket may have passed through; a longer chain is a loop of portals.
pub const PROXIES_CHAINED: usize = 8;

/// How long a spent ticket is remembered, so that a repeated attempt gets its answer again and
/// another one is known to be a replay.
pub const TOMBSTONE: Duration = Duration::from_secs(60);

/// An account's epoch outlives the longest of its sessions by this much.
pub const EPOCH_MARGIN: Duration = Duration::from_secs(60);

/// How long the end of all sessions of a realm is remembered after the latest sign-in: longer than any
/// session, and any device that is known, from before it.
pub const REALM_END_LIFE: Duration = Duration::from_secs(400 * 86_400);
