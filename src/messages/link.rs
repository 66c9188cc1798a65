//! Links in messages: made here and nowhere else, from the configured address of a realm or
//! institution, never from a request (SEC-38). They survive mail software: no `=`, `?`, `&`, `%`
//! (SEC-34).

use serde::{Deserialize, Serialize};
use url::Url;

use super::notice::hidden;
use crate::base::secret::Secret;

/// The longest link that mail software leaves on one line (SEC-34).
pub const LONGEST_UNFOLDED: usize = 76;

/// A link that opens something: a secret.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Link(#[serde(with = "hidden")] Secret);

impl Link {
    /// For the message that carries it.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// What a mailed link leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// `/r/`: a new password.
    Reset,
    /// `/x/`: the request is called off.
    Revoke,
    /// `/n/`: « Ce n’est pas moi ».
    NotMe,
    /// `/u/`: an address as it was before.
    Undo,
    /// `/c/`: an address is confirmed.
    Confirm,
}

impl Door {
    pub const ALL: [Door; 5] = [Door::Reset, Door::Revoke, Door::NotMe, Door::Undo, Door::Confirm];

    /// The segment before the token.
    pub fn segment(self) -> &'static str {
        match self {
            Door::Reset => "r",
            Door::Revoke => "x",
            Door::NotMe => "n",
            Door::Undo => "u",
            Door::Confirm => "c",
        }
    }
}

/// Where links of a realm or institution start: scheme, host and path, from the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkBase {
    /// Without a slash at its end.
    start: String,
    host: String,
}

impl LinkBase {
    /// The server's public URL, on `host` when a realm or institution has its own; a host may name a
    /// port. `None` when that makes no URL, or one that mail software could spoil.
    pub fn new(public_url: &Url, host: Option<&str>) -> Option<LinkBase> {
        let mut url = public_url.clone();
        if let Some(host) = host {
            let (name, port) = match host.rsplit_once(':') {
                Some((name, port)) => (name, Some(port.parse().ok()?)),
                None => (host, public_url.port()),
            };
            url.set_host(Some(name)).ok()?;
            url.set_port(port).ok()?;
        }
        url.set_query(None);
        url.set_fragment(None);
        let start = url.as_str().trim_end_matches('/').to_owned();
        let bare = url.username().is_empty() && url.password().is_none();
        let clean = |c: char| c.is_ascii_alphanumeric() || "-._~/:[]".contains(c);
        let host = url.host_str()?.to_owned();
        (bare && start.chars().all(clean)).then_some(LinkBase { start, host })
    }

    /// `https://cas.univ-x.fr/cas/r/<token>`; `None` unless the token is of `[A-Za-z0-9_-]`.
    pub fn link(&self, door: Door, token: &str) -> Option<Link> {
        let clean = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let link = || Link(Secret::new(format!("{}/{}/{token}", self.start, door.segment())));
        (!token.is_empty() && token.chars().all(clean)).then(link)
    }

    /// The host that links show.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// How long a link with a token of `token` characters is.
    pub fn length(&self, token: usize) -> usize {
        self.start.len() + "/r/".len() + token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(url: &str, host: Option<&str>) -> Option<LinkBase> {
        LinkBase::new(&url.parse().unwrap(), host)
    }

    #[test]
    fn a_link_is_the_configured_address_and_a_token() {
        // SEC-34, SEC-38, S2-14
        let base = base("https://cas.univ-x.fr/cas", Some("leia.example")).unwrap();
        let token = "A-_9".repeat(11);
        let link = base.link(Door::Reset, &token).unwrap();
        assert_eq!(link.expose(), format!("https://leia.example/cas/r/{token}"));
        assert_eq!(link.expose().len(), base.length(44));
        assert!(!link.expose().contains(['=', '?', '&', '%']));
        for bad in ["", "a b", "a=", "a/b", "a%20", "é", "a\n"] {
            assert!(base.link(Door::Reset, bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn an_address_that_mail_software_could_spoil_starts_no_link() {
        // SEC-34
        assert!(base("https://user@cas.univ-x.fr/cas", None).is_none());
        assert!(base("https://cas.univ-x.fr/c%20s", None).is_none());
        assert!(
            base("https://cas.univ-x.fr/cas", Some("evil.example/x?"))
                .is_none_or(|base| { !base.start.contains('?') })
        );
        let plain = base("http://127.0.0.1:8080/cas/?x=1", None).unwrap();
        let link = plain.link(Door::Revoke, "t").unwrap();
        assert_eq!(link.expose(), "http://127.0.0.1:8080/cas/x/t");
    }
}
