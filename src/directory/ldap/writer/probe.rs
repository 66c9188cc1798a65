//! Looking at the write primary for `mereau doctor`: whether the writing account gets in, and what of
//! the server's schema, controls and policies would make writes fail. It changes nothing.

use std::sync::Arc;

use tokio::time::Instant as Deadline;

use super::super::connection::Connection;
use super::super::entry::ReadEntry;
use super::super::fault::Fault;
use super::super::probe::{ServerProbe, probe};
use super::super::searches::{Request, identify, search_on};
use super::super::server::{Server, contained};
use super::super::settings::Scope;
use super::super::write_settings::{WriteGuard, WriteMethod};
use super::Writer;
use super::entries::Look;

/// RFC 3062, RFC 4528.
const PASSWORD_MODIFY: &str = "1.3.6.1.4.1.4203.1.11.1";
const ASSERTION: &str = "1.3.6.1.1.12";

/// Names by which servers usually call the account that no policy binds.
const ROOTS: [&str; 5] = [
    "cn=admin,",
    "cn=manager,",
    "cn=root,",
    "cn=directory manager",
    "cn=administrator,",
];

/// One write primary.
pub struct WriteProbe {
    /// What is found with the writing account.
    pub server: ServerProbe,
    /// What is well.
    pub facts: Vec<String>,
    /// What would make writes fail or pass where they should not: a fact and what to do.
    pub warnings: Vec<(String, &'static str)>,
    /// Attributes that are read for our own use and that the server's schema does not know.
    pub unknown: Vec<String>,
}

/// What a look gathers.
#[derive(Default)]
pub struct Told {
    pub facts: Vec<String>,
    pub warnings: Vec<(String, &'static str)>,
    /// Attributes that are read for our own use and that the server's schema does not know.
    pub unknown: Vec<String>,
}

impl Writer {
    pub async fn probe(&self) -> Vec<WriteProbe> {
        let mut probes = Vec::new();
        for server in &self.servers.all {
            let looked = probe(server, &self.directory, None).await;
            let mut told = Told {
                warnings: self.settled_warnings(),
                ..Told::default()
            };
            if looked.problem.is_none() {
                match self.look(server).await {
                    Ok(found) => {
                        told.facts.extend(found.facts);
                        told.warnings.extend(found.warnings);
                        told.unknown = found.unknown;
                    }
                    Err(fault) => told.warnings.push((
                        format!("what the server can do cannot be read: {fault:?}"),
                        "give the writing account read access to the root entry, the schema and people",
                    )),
                }
            }
            probes.push(WriteProbe {
                server: looked,
                facts: told.facts,
                warnings: told.warnings,
                unknown: told.unknown,
            });
        }
        probes
    }

    /// What needs no server to be seen.
    fn settled_warnings(&self) -> Vec<(String, &'static str)> {
        let mut warnings = Vec::new();
        let dn = self.settings.account.dn.to_ascii_lowercase();
        if ROOTS.iter().any(|root| dn.starts_with(root)) {
            warnings.push((
                format!("{} looks like the root of the directory, whom no policy binds", self.settings.account.dn),
                "an account of its own with the right write, not manage: history, quality and least age then hold",
            ));
        }
        let unsafe_guard = match self.settings.guard {
            WriteGuard::ReadCompare => {
                "guard = \"read-compare\": two uses of one link at the same instant may both pass"
            }
            WriteGuard::None => "guard = \"none\": a link that came back sets a second password",
            _ => return warnings,
        };
        warnings.push((
            unsafe_guard.to_owned(),
            "guard = \"generation\" with the schema of conf/schema",
        ));
        warnings
    }

    async fn look(&self, server: &Arc<Server>) -> Result<Told, Fault> {
        let deadline = Deadline::now() + self.settings.limit;
        let (server, directory) = (server.clone(), self.directory.clone());
        let settings = self.settings.clone();
        let work = async move {
            let connection = server.open().await?;
            identify(&connection, Some(&settings.account)).await?;
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
            told.warnings.push((fact.to_owned(), "another method"));
        }
        if matches!(self.settings.guard, WriteGuard::Assertion(_)) && !has("supportedControl", ASSERTION) {
            let fact = "the server does not know assertions (RFC 4528)";
            told.warnings.push((fact.to_owned(), "guard = \"generation\""));
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
            told.warnings.push((
                format!("the schema of the server has no {guard}: every write would be refused"),
                "load the file for this server of conf/schema, or name another guard_attribute",
            ));
        }
        if let Some(class) = &self.settings.class
            && !describes("objectClasses", class)
        {
            told.warnings.push((
                format!("the schema of the server has no class {class}: it could not be added to entries"),
                "load the file for this server of conf/schema, or auxiliary_class = \"\"",
            ));
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
            told.warnings.push((
                format!("{account} is the passwordAdminDN, whom no policy binds"),
                "another account with an ACI of its own: history and quality then hold",
            ));
        }
        if config.attributes.first_text("passwordTrackUpdateTime") == Some("off") {
            told.warnings.push((
                "passwordTrackUpdateTime is off: a change made elsewhere ends no link that is on its way"
                    .to_owned(),
                "passwordTrackUpdateTime: on in cn=config",
            ));
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
async fn safe_policies(connection: &Connection, context: &str) -> Vec<(String, &'static str)> {
    let wanted = "(&(objectClass=pwdPolicy)(pwdSafeModify=TRUE))";
    let request = request(context, Scope::Subtree, wanted, &["cn"]);
    // A branch that cannot be searched tells nothing.
    let found = search_on(connection, &request).await.unwrap_or_default();
    let warning = |entry: ReadEntry| {
        let fact = format!(
            "the policy {} wants the old password (pwdSafeModify): nobody under it can be reset",
            entry.name
        );
        (
            fact,
            "pwdSafeModify: FALSE, or another policy for those who may forget their password",
        )
    };
    found.into_iter().map(warning).collect()
}
