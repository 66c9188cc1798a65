//! Registered applications: which URLs are theirs, who may go there, what they learn. No ticket
//! and no directory is touched here.

mod access;
pub mod apereo;
mod contest;
mod derived;
mod lint;
mod near;
mod pattern;
mod registry;
mod release;
mod service;
mod settings;
pub mod styles;
mod url_pattern;
mod url_rule;

pub use access::{Access, AttributeRule, ProfileRule, ValueRule, Window};
pub use contest::Contender;
pub use lint::{Warning, warnings};
pub use near::{NearMiss, Part, missed};
pub use pattern::Pattern;
pub use registry::{Registry, RegistryProblem};
pub use release::{NoUserName, Release};
pub use service::{InstitutionSource, LogoutBy, ReleasedName, Service, SingleLogout, UserCase, UserRule};
pub use settings::{KnownRealm, OneOrMore, ServiceSettings, SettingProblem};
pub use url_pattern::{Doubt, UrlPattern, UrlPatternFlaw};
pub use url_rule::{HostRule, PathRule, PortRule, UrlRule, UrlRuleFlaw};
