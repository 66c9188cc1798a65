//! Where the people of a realm are, as far as an operator may look: on each server by itself, beyond the
//! branches and the filter that the realm has.

use std::sync::Arc;

use crate::base::clock::Clock;
use crate::base::names::{PersonKey, Username};
use crate::base::secret::Password;
use crate::cli::assemble;
use crate::config::DirectorySettings;
use crate::directory::evidence::{Evidence, POLICY, TELLING};
use crate::directory::ldap::{LdapDirectory, OnEach, ServerProbe, Tried, Wanted, Within};
use crate::directory::ldif::LdifDirectory;
use crate::directory::{Directory, DirectoryError, EntryMapping, Filter};

/// Entries of a near look, at most.
const MOST_NEAR: i32 = 200;

/// Policies that are looked through.
const MOST_POLICIES: i32 = 50;

/// A directory, and what its entries mean.
pub struct Source {
    pub mapping: EntryMapping,
    held: Held,
    writable: bool,
}

enum Held {
    Ldap(Arc<LdapDirectory>),
    Ldif {
        name: String,
        inside: Arc<LdifDirectory>,
        /// With those whom the realm's filter leaves out; when they can be read.
        all: Option<Box<LdifDirectory>>,
    },
}

impl Source {
    /// Connects to nothing. An error says what is wrong with the settings or the file.
    pub async fn open(settings: DirectorySettings, clock: &Arc<dyn Clock>) -> Result<Source, String> {
        match settings {
            DirectorySettings::Ldap(settings) => {
                let (mapping, writable) = (settings.mapping.clone(), settings.write.is_some());
                let directory = assemble::ldap(*settings, clock).map_err(|error| format!("{error:#}"))?;
                let held = Held::Ldap(Arc::new(directory));
                Ok(Source {
                    mapping,
                    held,
                    writable,
                })
            }
            DirectorySettings::Ldif {
                file,
                mapping,
                writable,
            } => {
                let open = |mapping: EntryMapping| LdifDirectory::open(&file, mapping, clock.clone());
                let inside = open((*mapping).clone())
                    .await
                    .map_err(|error| error.to_string())?;
                let without = EntryMapping {
                    user_filter: None,
                    ..(*mapping).clone()
                };
                let all = match mapping.user_filter {
                    Some(_) => open(without).await.ok().map(Box::new),
                    None => None,
                };
                let held = Held::Ldif {
                    name: file.display().to_string(),
                    inside: Arc::new(inside),
                    all,
                };
                Ok(Source {
                    mapping: *mapping,
                    held,
                    writable,
                })
            }
        }
    }

    pub fn directory(&self) -> &dyn Directory {
        match &self.held {
            Held::Ldap(directory) => directory.as_ref(),
            Held::Ldif { inside, .. } => inside.as_ref(),
        }
    }

    /// Whether people can be given new passwords.
    pub fn writable(&self) -> bool {
        self.writable
    }

    /// Whether what an entry notes of locks and ages is held to by who compares the password: a file holds
    /// to nothing.
    pub fn holds_policies(&self) -> bool {
        matches!(self.held, Held::Ldap(_))
    }

    /// The file, where it is one.
    pub fn file(&self) -> Option<(&str, usize)> {
        match &self.held {
            Held::Ldap(_) => None,
            Held::Ldif { name, inside, .. } => Some((name, inside.count())),
        }
    }

    /// Each server, step by step; none for a file.
    pub async fn probes(&self, login: &Username) -> Vec<ServerProbe> {
        match &self.held {
            Held::Ldap(directory) => directory.probe(Some(login)).await,
            Held::Ldif { .. } => Vec::new(),
        }
    }

    /// Entries of the realm.
    pub async fn look(&self, filter: Filter) -> Result<Vec<Evidence>, DirectoryError> {
        match &self.held {
            Held::Ldap(directory) => directory.look_on_any(&self.wanted(Within::Bases, filter)).await,
            Held::Ldif { inside, .. } => Ok(inside.look(&filter, MOST_NEAR as usize).await),
        }
    }

    /// Entries anywhere, whatever the realm's branches and filter.
    pub async fn look_beyond(&self, filter: Filter) -> Result<Vec<Evidence>, DirectoryError> {
        match &self.held {
            Held::Ldap(directory) => directory.look_on_any(&self.wanted(Within::Server, filter)).await,
            Held::Ldif { all: Some(all), .. } => Ok(all.look(&filter, MOST_NEAR as usize).await),
            Held::Ldif { all: None, .. } => Ok(Vec::new()),
        }
    }

    /// The entry as each server has it.
    pub async fn on_each(&self, key: &PersonKey) -> OnEach<Vec<Evidence>> {
        let Some(filter) = self.mapping.key_filter(key) else {
            return Vec::new();
        };
        match &self.held {
            Held::Ldap(directory) => directory.look_on_each(&self.wanted(Within::Bases, filter)).await,
            Held::Ldif { name, inside, .. } => vec![(name.clone(), Ok(inside.look(&filter, 2).await))],
        }
    }

    /// The entry that says what the policy of a password is: that which the entry names, else the domain's of
    /// AD, else the only one there is or the one that is called default.
    pub async fn policy(&self, entry: &Evidence) -> Option<Evidence> {
        let Held::Ldap(directory) = &self.held else {
            return None;
        };
        let is = Filter::Present("objectClass".to_owned());
        let named = ["msDS-ResultantPSO", "pwdPolicySubentry"]
            .iter()
            .find_map(|name| entry.text(name));
        let domain = entry
            .text("userAccountControl")
            .and_then(|_| domain_of(&entry.name.0));
        let (within, filter) = match named.or(domain) {
            Some(dn) => (Within::Entry(dn.to_owned()), is),
            None => (Within::Server, Filter::equal("objectClass", "pwdPolicy")),
        };
        let wanted = Wanted {
            within,
            filter,
            attributes: POLICY.map(str::to_owned).to_vec(),
            most: MOST_POLICIES,
        };
        let mut found = directory.look_on_any(&wanted).await.ok()?;
        if found.len() > 1 {
            // Which one is the default only the server's own configuration says; this is how it is called.
            found.retain(|policy| policy.name.0.to_ascii_lowercase().starts_with("cn=default,"));
        }
        (found.len() == 1).then(|| found.pop())?
    }

    /// Whether a search finds that the entry has a password. `false` says little: perhaps nobody may ask.
    pub async fn shows_password(&self, key: &PersonKey) -> bool {
        let Some(filter) = self.mapping.key_filter(key) else {
            return false;
        };
        let present = Filter::Present("userPassword".to_owned());
        self.look(present.and(Some(&filter)))
            .await
            .is_ok_and(|found| !found.is_empty())
    }

    /// Shows a password to each server; none for a file.
    pub async fn try_on_each(&self, dn: &str, password: &Password) -> Vec<Tried> {
        match &self.held {
            Held::Ldap(directory) => directory.try_on_each(dn, password).await,
            Held::Ldif { .. } => Vec::new(),
        }
    }

    fn wanted(&self, within: Within, filter: Filter) -> Wanted {
        let telling = TELLING.iter().map(|name| (*name).to_owned());
        Wanted {
            within,
            filter,
            attributes: self.mapping.wanted().into_iter().chain(telling).collect(),
            most: MOST_NEAR,
        }
    }
}

/// `dc=…` of a DN and what follows.
fn domain_of(dn: &str) -> Option<&str> {
    let at = dn.to_ascii_lowercase().find("dc=")?;
    dn.get(at..)
}
