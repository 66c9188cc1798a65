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
    /// What would make writes fail or pass where they should not: a fact and what to do.
    pub warnings: Vec<(String, &'static str)>,
}

impl Writer {
    pub async fn probe(&self) -> Vec<WriteProbe> {
        let mut probes = Vec::new();
        for server in &self.servers.all {
            let looked = probe(server, &self.directory, None).await;
            let mut warnings = self.settled_warnings();
            if looked.problem.is_none() {
                match self.look(server).await {
                    Ok(found) => warnings.extend(found),
                    Err(fault) => warnings.push((
                        format!("what the server can do cannot be read: {fault:?}"),
                        "give the writing account read access to the root entry and the schema",
                    )),
                }
            }
            probes.push(WriteProbe {
                server: looked,
                warnings,
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

    async fn look(&self, server: &Arc<Server>) -> Result<Vec<(String, &'static str)>, Fault> {
        let deadline = Deadline::now() + self.settings.limit;
        let (server, account) = (server.clone(), self.settings.account.clone());
        let (settings, limit) = (self.settings.clone(), deadline);
        let work = async move {
            let connection = server.open().await?;
            identify(&connection, Some(&account)).await?;
            let root = one(
                &connection,
                "",
                "(objectClass=*)",
                &[
                    "supportedExtension",
                    "supportedControl",
                    "subschemaSubentry",
                    "namingContexts",
                ],
            )
            .await?;
            let Some(root) = root else { return Ok(Vec::new()) };
            let has = |attribute: &str, oid: &str| root.attributes.texts(attribute).any(|known| known == oid);
            let mut warnings = Vec::new();
            if settings.method == WriteMethod::Exop && !has("supportedExtension", PASSWORD_MODIFY) {
                warnings.push((
                    "the server does not know the password operation of RFC 3062".to_owned(),
                    "another method",
                ));
            }
            if matches!(settings.guard, WriteGuard::Assertion(_)) && !has("supportedControl", ASSERTION) {
                warnings.push((
                    "the server does not know assertions (RFC 4528)".to_owned(),
                    "guard = \"generation\"",
                ));
            }
            if let (Some(guard), Some(schema)) = (
                settings.guard.generation(),
                root.attributes.first_text("subschemaSubentry"),
            ) && !knows(&connection, schema, guard).await?
            {
                let fact = format!("the schema of the server has no {guard}: every write would be refused");
                warnings.push((
                    fact,
                    "load the file for this server of conf/schema, or name another guard_attribute",
                ));
            }
            if settings.method == WriteMethod::Exop {
                for context in root.attributes.texts("namingContexts") {
                    warnings.extend(safe_policies(&connection, context).await);
                }
            }
            Ok(warnings)
        };
        contained(work, limit).await
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

/// Whether the schema describes an attribute of this name.
async fn knows(connection: &Connection, schema: &str, attribute: &str) -> Result<bool, Fault> {
    let Some(entry) = one(connection, schema, "(objectClass=*)", &["attributeTypes"]).await? else {
        return Ok(true);
    };
    let wanted = format!("'{}'", attribute.to_ascii_lowercase());
    let described = |text: &str| text.to_ascii_lowercase().contains(&wanted);
    let found = entry.attributes.texts("attributeTypes").any(described);
    Ok(found)
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
