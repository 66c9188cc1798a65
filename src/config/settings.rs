//! What the program runs with once the files are read and found good.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use url::Url;

use super::problem::{PrivateFile, Problem};
use super::sections::{ConfineWord, LogFormat};
use crate::base::edition::Edition;
use crate::base::keys::KeyRing;
use crate::base::names::{RealmId, ServiceId, ThemeName, UpstreamId};
use crate::directory::EntryMapping;
use crate::directory::ldap::LdapSettings;
use crate::flows::login::RememberMe;
use crate::flows::recovery::RecoverySettings;
use crate::flows::rest::Program;
use crate::guard::ThrottleSettings;
use crate::http::admin::AdminAccess;
use crate::http::layers::BodyLimits;
use crate::http::server::ServerSettings;
use crate::jobs::single_logout::SingleLogoutSettings;
use crate::messages::carrier::CarrierSettings;
use crate::messages::gateway::GatewaySettings;
use crate::messages::smtp::SmtpSettings;
use crate::outgoing::OutgoingSettings;
use crate::passwords::policy::PolicySettings;
use crate::realms::{Institutions, Realm};
use crate::services::Registry;
use crate::tickets::redis::RedisSettings;
use crate::tls::{Roots, TlsSettings};
use crate::upstreams::cas::CasSettings;

/// Everything one server runs with. Paths are ready to be opened, secrets are read.
pub struct Settings {
    /// The name of this node; without one, of the machine and the address.
    pub node: Option<String>,
    /// By which nodes are compared.
    pub edition: Edition,
    pub listen: SocketAddr,
    /// Without query, fragment, or a `/` at its end; its path is where the server is mounted.
    pub public_url: Url,
    pub trusted_proxies: Vec<IpNet>,
    /// Whether the kernel holds the server to what it needs.
    pub confine: ConfineWord,
    pub tls: Option<TlsSettings>,
    pub limits: ServerSettings,
    pub body: BodyLimits,
    /// `None`: the server makes a key of its own and forgets it.
    pub keys: Option<KeyRing>,
    pub key_files: KeyFiles,
    pub tickets: TicketsSettings,
    pub log: LogSettings,
    /// The file of what happened to accounts.
    pub audit: Option<PathBuf>,
    /// People sign in while it cannot be written.
    pub unrecorded_sign_ins: bool,
    pub throttle: ThrottleSettings,
    pub outgoing: OutgoingSettings,
    /// Proxy callbacks at once to one host.
    pub callbacks_per_host: usize,
    pub logout: SingleLogoutSettings,
    /// The second address, for those who run the server.
    pub admin: Option<AdminSettings>,
    /// How letters and text messages leave.
    pub letters: LettersSettings,
    pub pages: PagesSettings,
    /// Status of a sign-in that is slowed down.
    pub status_throttled: u16,
    /// Parameters that name an institution in links, beside `tenant`.
    pub institution_parameters: Vec<String>,
    /// Programs that may sign people in over REST.
    pub rest: Vec<Program>,
    pub realms: Vec<RealmSettings>,
    pub institutions: Institutions,
    pub services: Registry,
    /// Authorities of their own that portals name for their callbacks, PEM.
    pub callback_roots: HashMap<ServiceId, PathBuf>,
}

/// Where those who run the server find its metrics.
pub struct AdminSettings {
    pub listen: SocketAddr,
    pub access: AdminAccess,
    /// How long the public address stays open at a stop once this node is not ready any more.
    pub leave_after: Duration,
}

/// Good settings and what is still worth telling.
pub struct Loaded {
    pub settings: Settings,
    pub warnings: Vec<Problem>,
    /// The files with secrets that were read.
    pub private: Vec<PrivateFile>,
    /// Every file and folder that the configuration names, there or not; its own files are not among them.
    pub named: Vec<PathBuf>,
}

/// What pages look like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PagesSettings {
    /// The folder of themes.
    pub themes: Option<PathBuf>,
    /// The server's, a folder there.
    pub theme: Option<ThemeName>,
    /// Answers for pages of no institution.
    pub host_realm: Option<RealmId>,
    /// An IANA name.
    pub time_zone: String,
}

/// How letters and text messages leave.
pub struct LettersSettings {
    /// `None`: they do not.
    pub way: Option<MailWay>,
    /// `None`: there are no text messages.
    pub sms: Option<SmsSettings>,
    /// Text messages within a month, over all.
    pub texts_a_month: u32,
    pub carrier: CarrierSettings,
}

/// Where letters go.
pub enum MailWay {
    Smtp(Box<SmtpSettings>),
    Folder(PathBuf),
}

/// A gateway for text messages and how it is reached.
pub struct SmsSettings {
    pub host: String,
    pub roots: Roots,
    /// Stands for the 0 of national numbers: `33`.
    pub country: String,
    pub gateway: GatewaySettings,
}

/// Where sessions and tickets are kept.
pub enum TicketsSettings {
    Memory,
    /// A folder.
    Embedded(PathBuf),
    Redis(Box<RedisSettings>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogSettings {
    /// A filter as `tracing` writes it.
    pub level: String,
    pub format: LogFormat,
}

/// A realm and what serves its people.
pub struct RealmSettings {
    pub realm: Realm,
    pub directory: DirectorySettings,
    /// Which of a person's attributes tell their profile.
    pub profile_attributes: Vec<String>,
    pub upstreams: Vec<UpstreamSettings>,
    pub password: PasswordSettings,
    /// How people get back in by themselves, where they do.
    pub recovery: Option<RecoverySettings>,
    /// For how long people may be kept signed in, where they may.
    pub remember: Option<RememberMe>,
}

/// What new passwords of a realm must be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PasswordSettings {
    pub policy: PolicySettings,
    /// Leaked passwords.
    pub breached_file: Option<PathBuf>,
}

/// Another server that signs people of a realm in.
pub struct UpstreamSettings {
    pub id: UpstreamId,
    pub cas: CasSettings,
}

/// Where a realm's people are kept.
#[derive(Clone)]
pub enum DirectorySettings {
    Ldap(Box<LdapSettings>),
    /// A file of people.
    Ldif {
        file: PathBuf,
        mapping: Box<EntryMapping>,
        /// Whether new passwords and attributes may be written into it.
        writable: bool,
    },
}

/// Where the keys are, never what they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyFiles {
    /// The first seals.
    pub ring: Vec<PathBuf>,
    pub names: Option<PathBuf>,
}
