//! Names of what a server serves: two servers that say the same serve the same.

use serde::{Deserialize, Serialize};

use super::version::version_of;

/// Each is 16 hexadecimal digits, see [`version_of`]; empty where nothing was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edition {
    /// `server.toml` without what each node has of its own, and the realms.
    pub config: String,
    /// Registered applications.
    pub registry: String,
    pub institutions: String,
    pub themes: String,
}

/// The name of some parts, each with a name of its own; their order counts.
pub fn name_of<'a>(parts: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let mut all = String::new();
    for (name, version) in parts {
        all.push_str(name);
        all.push('\n');
        all.push_str(&version);
        all.push('\n');
    }
    version_of(all.as_bytes())
}
