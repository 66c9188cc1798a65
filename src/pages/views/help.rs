//! “Need help?”: one thing per disclosure, each with its way on (experience §3.3, S4-02).

use serde::Serialize;

use super::Page;

#[derive(Debug, Clone, Serialize)]
pub struct Help {
    /// Where a new password is asked for; absent where the realm sends none.
    pub password: Option<String>,
    pub username: Option<String>,
    /// Without an address, where the realm offers it.
    pub who: Option<String>,
    pub activate: Option<String>,
    pub back: String,
}

impl Page for Help {
    const NAME: &'static str = "help";

    fn samples() -> Vec<(&'static str, Help)> {
        let full = Help {
            password: Some("/cas/recover".to_owned()),
            username: Some("/cas/recover/username".to_owned()),
            who: Some("/cas/recover/who".to_owned()),
            activate: Some("https://activer.valmont.example/".to_owned()),
            back: "/cas/login".to_owned(),
        };
        let bare = Help {
            password: None,
            username: None,
            who: None,
            activate: None,
            back: "/cas/login".to_owned(),
        };
        vec![("full", full), ("bare", bare)]
    }
}
