//! What slows an attacker down without shutting people out: the throttle of sign-ins. It decides;
//! the counters themselves live in the ticket store.

mod pace;
mod sign_in;

pub use pace::{Pace, PaceSettings};
pub use sign_in::{Asked, Permit, SignInGuard, ThrottleSettings, TriesLeft, Visitor};
