//! Looking at the write primary for `mereau doctor`: whether the writing account gets in, and what of
//! the server's schema, controls and policies would make writes fail. It changes nothing.

use std::sync::Arc;

use futures_util::future::join_all;
use tokio::time::Instant as Deadline;

use super::super::connection::Connection;
use super::super::entry::ReadEntry;
use super::super::fault::Fault;
use super::super::inspect::codes;
use super::super::inspect::reach::{Reached, reach};
use super::super::probe::ServerProbe;
use super::super::searches::{Request, search_on};
use super::super::server::{Server, contained};
use super::super::settings::Scope;
use super::super::write_settings::{WriteGuard, WriteMethod};
use super::Writer;
use super::entries::Look;
use crate::base::findings::{Code, Finding, Level};
use crate::directory::DirectoryError;

/// RFC 3062, RFC 4528.
const PASSWORD_MODIFY: &str = "1.3.6.1.4.1.4203.1.11.1";
const ASSERTION: &str = "1.3.6.1.1.12";

/// Names by which servers usually call the account that no rule and no policy binds.
pub(in crate::directory::ldap) const ROOTS: [&str; 5] = [
    "cn=admin,",
    "cn=manager,",
    "cn=root,",
    "cn=directory manager",
    "cn=administrator,",
];

/// One write primary.
pub struct WriteProbe {
    /// Whether the writing account gets in, and why not.
    pub server: ServerProbe,
    /// How it is reached, step by step.
    pub lines: Vec<Finding>,
    /// What is well.
    pub facts: Vec<Finding>,
    /// What would make writes fail or pass where they should not.
    pub warnings: Vec<Finding>,
    /// Attributes that are read for our own use and that the server's schema does not know.
    pub unknown: Vec<String>,
    /// The server with the writing account, for who wants to see more.
    pub(in crate::directory::ldap) reached: Option<Reached>,
}

/// What a look gathers; whom it is about is said later.
#[derive(Default)]
pub struct Told {
    pub facts: Vec<Finding>,
    pub warnings: Vec<Finding>,
    /// Attributes that are read for our own use and that the server's schema does not know.
    pub unknown: Vec<String>,
}

impl Told {
    pub fn well(&mut self, code: &Code, fact: impl Into<String>) {
        self.facts.push(Finding::of(code, "", fact, ""));
    }

    pub fn warn(&mut self, code: &Code, fact: impl Into<String>, mend: &str) {
        self.warnings.push(Finding::of(code, "", fact, mend));
    }
}

impl WriteProbe {
    /// All of it but how the server is reached; `addresses` are attributes in which recovery looks for them.
    pub fn told(&self, addresses: &[String]) -> Vec<Finding> {
        let unknown = self.unknown.iter().filter(|name| addresses.contains(name)).map(|name| {
            Finding::of(
                &codes::DIR_WRITE_SCHEMA,
                "",
                format!("the schema of the server has no {name}, where [recovery] looks for addresses: nobody has any"),
                "mend its name, or load the file for this server of conf/schema",
            )
        });
        let about = writing(&self.server.url);
        let all = unknown
            .chain(self.facts.iter().cloned())
            .chain(self.warnings.iter().cloned());
        all.map(|finding| finding.about(&about)).collect()
    }
}

/// After the address of a server that is looked at as one that is written.
pub const WRITING: &str = " (writing)";

fn writing(url: &str) -> String {
    format!("{url}{WRITING}")
}

impl Writer {
    /// Every primary at once.
    pub async fn probe(&self) -> Vec<WriteProbe> {
        join_all(self.servers.all.iter().map(|server| self.probe_one(server))).await
    }

    async fn probe_one(&self, server: &Arc<Server>) -> WriteProbe {
        let url = server.url.to_string();
        let mut lines = Vec::new();
        let reached = reach(server, &self.directory, self.clock.now(), &mut lines).await;
        let broken = lines.iter().find(|line| line.level == Level::Fail);
        let problem = broken.map(|line| line.fact.clone());
        let mut told = Told::default();
        self.settled_warnings(&mut told);
        if let Some(reached) = &reached {
            match self.look(reached).await {
                Ok(found) => {
                    told.facts.extend(found.facts);
                    told.warnings.extend(found.warnings);
                    told.unknown = found.unknown;
                }
                // A branch that is not there is told of by who searches.
                Err(Fault::Final(DirectoryError::Answered { code: 10 | 32, .. })) => {}
                Err(fault) => told.warn(
                    &codes::DIR_WRITE_BLIND,
                    format!(
                        "what the server can do cannot be read: {}",
                        fault.into_error("look", 0, &url)
                    ),
                    "give the writing account read access to the root entry, the schema and people",
                ),
            }
        }
        // Whom no policy binds is told of once.
        lines.retain(|line| line.code != codes::DIR_ACCOUNT_ROOT.name);
        WriteProbe {
            lines: lines.into_iter().map(|line| line.about(&writing(&url))).collect(),
            server: ServerProbe {
                url,
                account_accepted: reached.is_some(),
                problem,
                ..ServerProbe::default()
            },
            facts: told.facts,
            warnings: told.warnings,
            unknown: told.unknown,
            reached,
        }
    }

    /// What needs no server to be seen.
    fn settled_warnings(&self, told: &mut Told) {
        let dn = self.settings.account.dn.to_ascii_lowercase();
        if ROOTS.iter().any(|root| dn.starts_with(root)) {
            told.warn(
                &codes::DIR_WRITE_ROOT,
                format!("{} looks like the root of the directory, whom no policy binds", self.settings.account.dn),
                "an account of its own with the right write, not manage: history, quality and least age then hold",
            );
        }
        let unsafe_guard = match self.settings.guard {
            WriteGuard::ReadCompare => {
                "guard = \"read-compare\": two uses of one link at the same instant may both pass"
            }
            WriteGuard::None => "guard = \"none\": a link that came back sets a second password",
            _ => return,
        };
        let mend = "guard = \"generation\" with the schema of conf/schema";
        told.warn(&codes::DIR_WRITE_GUARD, unsafe_guard, mend);
    }

    async fn look(&self, reached: &Reached) -> Result<Told, Fault> {
        let deadline = Deadline::now() + self.settings.limit;
        let connection = reached.eyes.connection.clone();
        let (directory, settings) = (self.directory.clone(), self.settings.clone());
        let work = async move {
            let mut told = Told::default();
            let look = Look {
                connection: &connection,
                directory: &directory,
                settings: &settings,
            };
            look.at_root(&mut told).await?;
            look.at_people(&mut told).await?;
            Ok(told)
        };
        contained(work, deadline).await
    }
}

impl Look<'_> {
    /// The root entry, and the schema and policies it leads to.
    async fn at_root(&self, told: &mut Told) -> Result<(), Fault> {
        let wanted = [
            "supportedExtension",
            "supportedControl",
            "subschemaSubentry",
            "namingContexts",
        ];
        let root = one(self.connection, "", "(objectClass=*)", &wanted).await?;
        let Some(root) = root else { return Ok(()) };
        let has = |attribute: &str, oid: &str| root.attributes.texts(attribute).any(|known| known == oid);
        let exop = self.settings.method == WriteMethod::Exop;
        if exop && !has("supportedExtension", PASSWORD_MODIFY) {
            let fact = "the server does not know the password operation of RFC 3062";
            told.warn(&codes::DIR_WRITE_METHOD, fact, "another method");
        }
        if matches!(self.settings.guard, WriteGuard::Assertion(_)) && !has("supportedControl", ASSERTION) {
            let fact = "the server does not know assertions (RFC 4528)";
            told.warn(&codes::DIR_WRITE_GUARD, fact, "guard = \"generation\"");
        }
        if let Some(schema) = root.attributes.first_text("subschemaSubentry") {
            self.at_schema(schema, told).await?;
        }
        if exop {
            for context in root.attributes.texts("namingContexts") {
                told.warnings
                    .extend(safe_policies(self.connection, context).await);
            }
        }
        if self.settings.method == WriteMethod::Ds389 {
            self.at_389(told).await;
        }
        Ok(())
    }

    /// Whether what is written is described there.
    async fn at_schema(&self, schema: &str, told: &mut Told) -> Result<(), Fault> {
        let wanted = ["attributeTypes", "objectClasses"];
        let Some(entry) = one(self.connection, schema, "(objectClass=*)", &wanted).await? else {
            return Ok(());
        };
        let describes = |what: &str, name: &str| {
            let mut all = entry.attributes.texts(what).peekable();
            // Hidden, it tells nothing.
            all.peek().is_none() || all.any(|text| names(text, name))
        };
        if let Some(guard) = self.settings.guard.generation()
            && !describes("attributeTypes", guard)
        {
            told.warn(
                &codes::DIR_WRITE_SCHEMA,
                format!("the schema of the server has no {guard}: every write would be refused"),
                "load the file for this server of conf/schema, or name another guard_attribute",
            );
        }
        if let Some(class) = &self.settings.class
            && !describes("objectClasses", class)
        {
            told.warn(
                &codes::DIR_WRITE_SCHEMA,
                format!("the schema of the server has no class {class}: it could not be added to entries"),
                "load the file for this server of conf/schema, or auxiliary_class = \"\"",
            );
        }
        let own = self.directory.mapping.own.iter();
        let unknown = own.filter(|name| !describes("attributeTypes", name));
        told.unknown.extend(unknown.cloned());
        Ok(())
    }

    /// SEC-83: who bypasses the policy, and whether changes are noted, where the account may read it.
    async fn at_389(&self, told: &mut Told) {
        let wanted = ["passwordAdminDN", "passwordTrackUpdateTime"];
        let Ok(Some(config)) = one(self.connection, "cn=config", "(objectClass=*)", &wanted).await else {
            return;
        };
        let account = &self.settings.account.dn;
        let mut admins = config.attributes.texts("passwordAdminDN");
        if admins.any(|admin| admin.eq_ignore_ascii_case(account)) {
            told.warn(
                &codes::DIR_WRITE_ROOT,
                format!("{account} is the passwordAdminDN, whom no policy binds"),
                "another account with an ACI of its own: history and quality then hold",
            );
        }
        if config.attributes.first_text("passwordTrackUpdateTime") == Some("off") {
            told.warn(
                &codes::DIR_CHANGES_UNNOTED,
                "passwordTrackUpdateTime is off: a change made elsewhere ends no link that is on its way",
                "passwordTrackUpdateTime: on in cn=config",
            );
        }
    }
}

async fn one(
    connection: &Connection,
    base: &str,
    filter: &str,
    attributes: &[&str],
) -> Result<Option<ReadEntry>, Fault> {
    let request = request(base, Scope::Base, filter, attributes);
    Ok(search_on(connection, &request).await?.pop())
}

fn request(base: &str, scope: Scope, filter: &str, attributes: &[&str]) -> Request {
    Request {
        base: base.to_owned(),
        scope,
        filter: filter.to_owned(),
        attributes: attributes.iter().map(|name| (*name).to_owned()).collect(),
        wanted: 8,
    }
}

/// Whether a description in a schema is of this name, as `NAME 'cn'` or `NAME ( 'cn' 'commonName' )`.
fn names(description: &str, name: &str) -> bool {
    let wanted = format!("'{}'", name.to_ascii_lowercase());
    description.to_ascii_lowercase().contains(&wanted)
}

/// Policies that want the old password at every change: resets under them are refused (SEC-80).
async fn safe_policies(connection: &Connection, context: &str) -> Vec<Finding> {
    let wanted = "(&(objectClass=pwdPolicy)(pwdSafeModify=TRUE))";
    let request = request(context, Scope::Subtree, wanted, &["cn"]);
    // A branch that cannot be searched tells nothing.
    let found = search_on(connection, &request).await.unwrap_or_default();
    let warning = |entry: ReadEntry| {
        let fact = format!(
            "the policy {} wants the old password (pwdSafeModify): nobody under it can be reset",
            entry.name
        );
        let mend = "pwdSafeModify: FALSE, or another policy for those who may forget their password";
        Finding::of(&codes::DIR_SAFE_MODIFY, "", fact, mend)
    };
    found.into_iter().map(warning).collect()
}
