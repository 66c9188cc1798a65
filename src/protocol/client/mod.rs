//! The other end of the protocol: what another CAS server says to us when it signs our people in.
//! Everything here is read from bytes of a stranger; fetching them is not done here.

mod logout;
mod validation;

pub use super::tree::Unreadable;
pub use logout::{session_index, unwrapped};
pub use validation::{Validated, Verdict, read_validation};
