//! What slows an attacker down without shutting people out: the throttle of sign-ins, the CAPTCHA. It
//! decides; counters and challenges themselves live in the ticket store.

pub mod captcha;
mod pace;
mod rooms;
mod sign_in;
mod vain;

pub use captcha::Captcha;
pub use pace::{Pace, PaceSettings};
pub use rooms::{Inside, Rooms};
pub use sign_in::{
    Asked, Counted, KnownDevice, Permit, SignInGuard, Standing, ThrottleSettings, TriesLeft, Visitor,
};
#[cfg(test)]
pub(crate) use vain::Vain;
