//! What an operator says about writing to an LDAP directory: where, as whom, how, and behind which
//! fence; and what of it cannot be trusted. Nothing is connected to here.

use std::time::Duration;

use super::server_url::{Protection, ServerUrl};
use super::settings::{LdapSettings, ServiceAccount};
use crate::directory::filter::{Filter, is_attribute_name};
use crate::directory::hook::HookSettings;
use crate::directory::mapping::SettingProblem;
use crate::directory::{FenceKind, GENERATION};

/// How people's passwords and attributes are written.
#[derive(Clone)]
pub struct WriteSettings {
    /// The write primary; a second one is asked only while the first cannot be reached, and only
    /// where the two are kept the same before either answers.
    pub urls: Vec<String>,
    pub method: WriteMethod,
    pub guard: WriteGuard,
    /// Who writes: with the right to write passwords and the guard's attribute, without the right
    /// to bypass the policy (`manage` on OpenLDAP, `passwordAdminDN` on 389-ds).
    pub account: ServiceAccount,
    /// Who may bypass the policy, for what nobody else may do: setting and clearing the directory's
    /// "must change" mark (SEC-78, SEC-79).
    pub manager: Option<ServiceAccount>,
    /// The attribute in which the directory notes when the password changed.
    pub changed_attribute: String,
    /// The class that allows the guard's attribute and ours, added to entries that lack it.
    pub class: Option<String>,
    /// Entries whose password another system holds: never written (SEC-84).
    pub pass_through: Option<Filter>,
    /// Who has just chosen a password need not choose again (SEC-79).
    pub clear_must_change: bool,
    /// A reset is no change: the least age does not hold it up (SEC-78). Takes the manager.
    pub ignore_min_age: bool,
    /// Active Directory: hold a reset to the history too (control 1.2.840.113556.1.4.2239).
    pub ad_history: bool,
    /// [`WriteMethod::Modify`]: the operator has seen that the server hashes what it is given.
    pub server_hashes: bool,
    /// How long a person stays on the write primary after a write, on every node: until replicas have it
    /// (F-18).
    pub pin: Duration,
    /// For a whole write, whatever it takes.
    pub limit: Duration,
    pub hook: Option<HookSettings>,
}

/// How a password gets into an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteMethod {
    /// RFC 3062 with the password-policy control: OpenLDAP.
    Exop,
    /// `unicodePwd`: Active Directory, Samba.
    Ad,
    /// `userPassword` in clear, hashed by the server: 389 Directory Server.
    Ds389,
    /// The same on any other server, when the operator has seen that it hashes.
    Modify,
}

/// What keeps two writers apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteGuard {
    /// A generation in this attribute.
    Generation(String),
    /// An assertion (RFC 4528) on when the password changed, and on a generation where one is
    /// named; the exop needs one.
    Assertion(Option<String>),
    /// Compared after a read: the realm has asked for it.
    ReadCompare,
    /// The realm has asked for none.
    None,
}

impl WriteGuard {
    pub fn generation(&self) -> Option<&str> {
        match self {
            WriteGuard::Generation(attribute) => Some(attribute),
            WriteGuard::Assertion(attribute) => attribute.as_deref(),
            WriteGuard::ReadCompare | WriteGuard::None => None,
        }
    }
}

impl WriteMethod {
    /// Where the directory notes when the password changed.
    pub fn changed_attribute(self) -> &'static str {
        match self {
            WriteMethod::Exop | WriteMethod::Modify => "pwdChangedTime",
            WriteMethod::Ad => "pwdLastSet",
            WriteMethod::Ds389 => "pwdUpdateTime",
        }
    }
}

impl WriteSettings {
    /// A primary, a method and an account; everything else as it usually is.
    pub fn new(urls: &[&str], method: WriteMethod, account: ServiceAccount) -> WriteSettings {
        WriteSettings {
            urls: urls.iter().map(|url| (*url).to_owned()).collect(),
            method,
            guard: WriteGuard::Generation(GENERATION.to_owned()),
            account,
            manager: None,
            changed_attribute: method.changed_attribute().to_owned(),
            // The schema for Active Directory allows it to every user.
            class: (method != WriteMethod::Ad).then(|| "mereauAccount".to_owned()),
            pass_through: Some(Filter::Present("krbPrincipalName".to_owned())),
            clear_must_change: true,
            ignore_min_age: true,
            ad_history: true,
            server_hashes: false,
            pin: Duration::from_secs(300),
            limit: Duration::from_secs(10),
            hook: None,
        }
    }

    pub fn fence(&self) -> FenceKind {
        match (&self.guard, self.method) {
            (WriteGuard::Generation(_), WriteMethod::Exop) => FenceKind::Generation,
            (WriteGuard::Generation(_), _) => FenceKind::Compare,
            (WriteGuard::Assertion(_), _) => FenceKind::Assertion,
            (WriteGuard::ReadCompare, _) => FenceKind::ReadCompare,
            (WriteGuard::None, _) => FenceKind::None,
        }
    }

    /// What of it cannot work or be trusted, with the keys of `[directory.write]`.
    pub fn problems(&self, directory: &LdapSettings) -> Vec<SettingProblem> {
        let mut problems = self.guard_problems();
        let mut wrong = |key, text: String| problems.push(SettingProblem::new(key, text));
        if self.urls.is_empty() {
            wrong(
                "write.urls",
                "no primary is named; write [\"ldaps://ldap1.example.org\"]".into(),
            );
        }
        for url in &self.urls {
            match ServerUrl::parse(url, directory) {
                Err(problem) => wrong("write.urls", problem),
                Ok(url) if url.protection == Protection::Clear && self.method == WriteMethod::Ad => wrong(
                    "write.urls",
                    format!(
                        "Active Directory takes no password over {url} in clear; write ldaps:// or starttls = true"
                    ),
                ),
                Ok(_) => {}
            }
        }
        let unhashed = "a Modify is stored as it comes by servers that do not hash it, in clear for everybody \
                        who may read it; write method = \"exop\", or server_hashes = true once you have seen a hash";
        if self.method == WriteMethod::Modify && !self.server_hashes {
            wrong("write.method", unhashed.into());
        }
        for (key, account) in [
            ("write.bind_dn", Some(&self.account)),
            ("write.manage_dn", self.manager.as_ref()),
        ] {
            if account.is_some_and(|account| account.password.expose().is_empty()) {
                wrong(key, "this account has an empty password; write it".into());
            }
        }
        if self.limit.is_zero() {
            wrong(
                "write.op_timeout",
                "no time at all; write for instance \"10 s\"".into(),
            );
        }
        if self.hook.as_ref().is_some_and(|hook| hook.command.is_empty()) {
            wrong(
                "write.hook",
                "no program is named; write [\"/usr/local/sbin/after-password\"]".into(),
            );
        }
        problems
    }

    fn guard_problems(&self) -> Vec<SettingProblem> {
        let mut problems = Vec::new();
        let mut wrong = |key, text: &str| problems.push(SettingProblem::new(key, text));
        match (&self.guard, self.method) {
            (WriteGuard::Assertion(None), WriteMethod::Exop) => wrong(
                "write.guard_attribute",
                "OpenLDAP refuses an assertion on its password operation, so that the fence has to move an \
                 attribute of its own before it; write guard_attribute = \"mereauGeneration\" with our schema, or an \
                 attribute of yours there, or method = \"modify\" with server_hashes = true where the server \
                 hashes what a Modify brings, or guard = \"read-compare\"",
            ),
            (WriteGuard::Assertion(_), WriteMethod::Ad) => wrong(
                "write.guard",
                "Active Directory knows no assertion control; write guard = \"generation\"",
            ),
            (WriteGuard::Assertion(_), WriteMethod::Ds389) => wrong(
                "write.guard",
                "389 Directory Server answers the assertion control with 12, unavailable critical extension; \
                 write guard = \"generation\"",
            ),
            _ => {}
        }
        let attributes = [self.guard.generation(), Some(self.changed_attribute.as_str())];
        if attributes
            .into_iter()
            .flatten()
            .any(|name| !is_attribute_name(name))
        {
            wrong(
                "write.guard_attribute",
                "this is not the name of an attribute; write mereauGeneration",
            );
        }
        problems
    }
}
