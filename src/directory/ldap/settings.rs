//! What an operator says about an LDAP directory, with sound defaults, and what is wrong with it.
//! Nothing is connected to here.

use std::time::Duration;

use super::server_url::ServerUrl;
use super::write_settings::WriteSettings;
use crate::base::secret::Secret;
use crate::directory::filter::is_attribute_name;
use crate::directory::mapping::{EntryMapping, SettingProblem};
use crate::tls::Roots;

/// A realm's LDAP servers: all hold the same entries.
#[derive(Clone)]
pub struct LdapSettings {
    /// `ldaps://host[:636]` or `ldap://host[:389]`, in order of preference.
    pub urls: Vec<String>,
    pub selection: Selection,
    /// Upgrade `ldap://` by StartTLS before anything else is said.
    pub starttls: bool,
    /// Let `ldap://` without TLS reach other machines than this one.
    pub allow_clear: bool,
    /// Whom to trust for TLS.
    pub roots: Roots,
    /// Who searches; anonymous without.
    pub account: Option<ServiceAccount>,
    /// Where people are.
    pub bases: Vec<SearchBase>,
    pub mapping: EntryMapping,
    /// An entry nobody owns whose password is hashed like everyone's, for tries on unknown logins
    /// (T-53); it must not be subject to a lock. Without, a DN that does not exist.
    pub decoy_dn: Option<String>,
    /// The directory's own lock after failed binds (`pwdMaxFailure`), when known (T-61).
    pub lock_after: Option<u32>,
    pub limits: LdapLimits,
    /// Without, nothing is ever written.
    pub write: Option<WriteSettings>,
}

/// The identity that searches.
#[derive(Clone)]
pub struct ServiceAccount {
    pub dn: String,
    pub password: Secret,
}

/// A branch with people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchBase {
    pub dn: String,
    pub scope: Scope,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scope {
    Base,
    One,
    #[default]
    Subtree,
}

impl Scope {
    pub(super) fn of_ldap3(self) -> ldap3::Scope {
        match self {
            Scope::Base => ldap3::Scope::Base,
            Scope::One => ldap3::Scope::OneLevel,
            Scope::Subtree => ldap3::Scope::Subtree,
        }
    }
}

/// Which of the healthy servers is asked first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Selection {
    /// As written.
    #[default]
    Order,
    Random,
    /// The one that answered fastest of late.
    RoundTrip,
}

/// Bounds of time and number (reliability F-12…F-14, §5.2).
#[derive(Debug, Clone)]
pub struct LdapLimits {
    /// For TCP, per address, and for TLS.
    pub connect: Duration,
    /// For a whole operation, whatever it takes: waiting, connecting, every server tried.
    pub operation: Duration,
    /// A silent server is left waiting and the next one asked as well after this time.
    pub next_server_after: Duration,
    /// In the queue of a crowded server.
    pub queue: Duration,
    pub queue_length: usize,
    /// Multiplexed connections for searches, per server.
    pub search_connections: usize,
    pub searches_per_connection: usize,
    /// Exclusive connections for binds, per server.
    pub bind_connections: usize,
    pub idle: Duration,
    pub max_age: Duration,
    /// Idle connections are asked for a sign of life this often.
    pub health_every: Duration,
    /// A server that failed [`LdapLimits::failures`] times in a row is left alone this long, then
    /// twice as long, up to [`LdapLimits::longest_ejection`].
    pub first_ejection: Duration,
    pub longest_ejection: Duration,
    pub failures: u32,
}

impl Default for LdapLimits {
    fn default() -> LdapLimits {
        LdapLimits {
            connect: Duration::from_secs(2),
            operation: Duration::from_secs(3),
            next_server_after: Duration::from_millis(250),
            queue: Duration::from_secs(2),
            queue_length: 256,
            search_connections: 2,
            searches_per_connection: 32,
            bind_connections: 12,
            idle: Duration::from_secs(600),
            max_age: Duration::from_secs(3600),
            health_every: Duration::from_secs(30),
            first_ejection: Duration::from_secs(1),
            longest_ejection: Duration::from_secs(30),
            failures: 3,
        }
    }
}

impl LdapSettings {
    /// Servers and a branch with people, everything else as it usually is.
    pub fn new(urls: &[&str], base: &str) -> LdapSettings {
        LdapSettings {
            urls: urls.iter().map(|url| (*url).to_owned()).collect(),
            selection: Selection::default(),
            starttls: false,
            allow_clear: false,
            roots: Roots::System,
            account: None,
            bases: vec![SearchBase {
                dn: base.to_owned(),
                scope: Scope::Subtree,
            }],
            mapping: EntryMapping::default(),
            decoy_dn: None,
            lock_after: None,
            limits: LdapLimits::default(),
            write: None,
        }
    }

    /// Everything that is wrong, none of it found by connecting.
    pub fn problems(&self) -> Vec<SettingProblem> {
        let mut problems = self.mapping.problems();
        let mut wrong = |key, text: String| problems.push(SettingProblem::new(key, text));
        if self.urls.is_empty() {
            wrong(
                "urls",
                "no server is named; write [\"ldaps://ldap.example.org\"]".into(),
            );
        }
        for url in &self.urls {
            if let Err(problem) = ServerUrl::parse(url, self) {
                wrong("urls", problem);
            }
        }
        if self.bases.is_empty() {
            let text = "no branch is searched; write [\"ou=people,dc=example,dc=org\"]";
            wrong("base_dns", text.into());
        }
        for base in &self.bases {
            if !looks_like_dn(&base.dn) {
                wrong(
                    "base_dns",
                    format!("“{}” is not a DN; write ou=people,dc=example,dc=org", base.dn),
                );
            }
        }
        if let Some(account) = &self.account {
            if !looks_like_dn(&account.dn) && !account.dn.contains('@') {
                wrong(
                    "bind_dn",
                    format!("“{}” is not a DN; write cn=mereau,dc=example,dc=org", account.dn),
                );
            }
            if account.password.expose().is_empty() {
                let text = "the service account has an empty password: many servers take that for an \
                            anonymous bind; write the password, or leave bind_dn out to be anonymous";
                wrong("bind_password_file", text.into());
            }
        }
        problems.extend(self.limits.problems());
        problems.extend(self.write.iter().flat_map(|write| write.problems(self)));
        problems
    }
}

impl LdapLimits {
    fn problems(&self) -> Vec<SettingProblem> {
        let mut problems = Vec::new();
        for (key, number) in [
            ("search_connections", self.search_connections),
            ("searches_per_connection", self.searches_per_connection),
            ("bind_connections", self.bind_connections),
        ] {
            if number == 0 {
                problems.push(SettingProblem::new(
                    key,
                    "0 lets nothing through; write 1 or more",
                ));
            }
        }
        for (key, time) in [
            ("connect_timeout", self.connect),
            ("op_timeout", self.operation),
            ("next_server_after", self.next_server_after),
        ] {
            if time.is_zero() {
                problems.push(SettingProblem::new(
                    key,
                    "no time at all; write for instance \"2s\"",
                ));
            }
        }
        problems
    }
}

/// Servers know DNs better; this only catches a name in the place of one.
fn looks_like_dn(text: &str) -> bool {
    text.split_once('=')
        .is_some_and(|(attribute, _)| is_attribute_name(attribute.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(settings: &LdapSettings) -> Vec<&'static str> {
        settings.problems().iter().map(|problem| problem.key).collect()
    }

    #[test]
    fn usual_settings_have_no_problems() {
        let settings = LdapSettings::new(&["ldaps://ldap.example.org"], "ou=people,dc=example,dc=org");
        assert_eq!(settings.problems(), []);
    }

    #[test]
    fn settings_that_would_be_unsafe_or_useless_are_refused() {
        // T-50, T-52
        let sound = LdapSettings::new(&["ldaps://ldap.example.org"], "dc=example,dc=org");
        let with = |change: &dyn Fn(&mut LdapSettings)| {
            let mut settings = sound.clone();
            change(&mut settings);
            keys(&settings)
        };
        assert_eq!(with(&|s| s.urls.clear()), ["urls"]);
        assert_eq!(
            with(&|s| s.urls = vec!["ldap://ldap.example.org".into()]),
            ["urls"]
        );
        assert_eq!(with(&|s| s.bases.clear()), ["base_dns"]);
        assert_eq!(with(&|s| s.bases[0].dn = "people".into()), ["base_dns"]);
        let account = |password: &str| ServiceAccount {
            dn: "cn=mereau,dc=example,dc=org".into(),
            password: Secret::new(password.into()),
        };
        assert_eq!(with(&|s| s.account = Some(account(""))), ["bind_password_file"]);
        assert_eq!(with(&|s| s.account = Some(account("x"))), [""; 0]);
        assert_eq!(
            with(&|s| s.mapping.login_attributes.clear()),
            ["login_attributes"]
        );
        assert_eq!(with(&|s| s.limits.bind_connections = 0), ["bind_connections"]);
    }
}
