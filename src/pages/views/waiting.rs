//! Where a sign-in form waits while the directory is crowded: what its script needs to ask for room, so
//! that a password is sent once there is some, and stays in the field that it was typed into until then.
//! Without the script the form comes back, and says what to do.

use serde::Serialize;

/// Where the script of the form asks for room.
#[derive(Debug, Clone, Serialize)]
pub struct Room {
    /// Answers how many seconds to wait; 0: come.
    pub ask: String,
    /// There was none when the page was made: ask before the form is sent.
    pub crowded: bool,
}

impl Room {
    pub(super) fn sample(crowded: bool) -> Room {
        Room {
            ask: "/cas/login/room".to_owned(),
            crowded,
        }
    }
}
