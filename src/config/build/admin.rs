//! The second address: where it is, and who is let in.

use crate::config::problem::Problems;
use crate::config::secrets::{self, Environment};
use crate::config::sections::AdminSection;
use crate::config::settings::AdminSettings;
use crate::http::admin::AdminAccess;

/// Shorter ones can be guessed.
const SHORTEST_TOKEN: usize = 16;

/// `Some(None)`: there is none.
pub fn build(
    section: &AdminSection,
    environment: Environment<'_>,
    problems: &mut Problems,
) -> Option<Option<AdminSettings>> {
    let token = secrets::read(&section.token_file, &section.token_env, environment, problems);
    let Some(listen) = section.listen.value else {
        return Some(None);
    };
    if section.open.value && !listen.ip().is_loopback() {
        problems.add(
            &section.open.place,
            "everybody who reaches this address could read what it says",
            "a loopback address under listen, or token_file instead",
        );
        return None;
    }
    let access = match token? {
        Some(token) if token.expose().len() < SHORTEST_TOKEN => {
            problems.add(
                &section.token_file.place,
                "this token can be guessed",
                "at least 16 characters by chance, as of openssl rand -hex 32",
            );
            return None;
        }
        Some(token) => AdminAccess::Token(token),
        None if section.open.value => AdminAccess::Open,
        None => {
            problems.add(
                &section.listen.place,
                "nobody is asked who they are there",
                "token_file = \"admin.token\"; or open = true, on a loopback address",
            );
            return None;
        }
    };
    Some(Some(AdminSettings {
        listen,
        access,
        leave_after: section.leave_after.value,
    }))
}
