//! Looking at one server by itself, for `mereau doctor`: each step on a connection of its own,
//! whatever the pools and the server's health say. It changes nothing.

use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;
use tokio::time::{Instant as Deadline, timeout};

use super::connection::Connection;
use super::entry::ReadEntry;
use super::fault::Fault;
use super::requests;
use super::searches::ONE_AND_ANOTHER;
use super::searches::{identify, root_request, search_on};
use super::server::{Server, contained};
use super::settings::LdapSettings;
use crate::base::clock::{Timestamp, millis};
use crate::base::names::Username;
use crate::tls;

/// What was found on one server, step by step; steps after one that failed are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ServerProbe {
    pub url: String,
    /// TCP and TLS together, in milliseconds.
    pub connect_ms: Option<u64>,
    /// `TLSv1_3`; `None` in clear.
    pub tls_version: Option<String>,
    pub certificate_expires: Option<Timestamp>,
    /// Whether the service account was accepted; also true for an anonymous directory.
    pub account_accepted: bool,
    /// What the root entry says of the product.
    pub vendor: Option<String>,
    /// One search, in milliseconds.
    pub round_trip_ms: Option<u64>,
    /// What each login attribute finds for the login asked about.
    pub logins: Vec<LoginProbe>,
    /// The first step that failed, and how.
    pub problem: Option<String>,
}

/// How many entries a login attribute finds: 0, 1, or 2 for "several".
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LoginProbe {
    pub attribute: String,
    pub found: usize,
}

pub async fn probe(server: &Arc<Server>, settings: &LdapSettings, login: Option<&Username>) -> ServerProbe {
    let mut probe = ServerProbe {
        url: server.url.to_string(),
        ..ServerProbe::default()
    };
    if let Err(fault) = steps(&mut probe, server, settings, login).await {
        let limit = millis(settings.limits.operation);
        probe.problem = Some(fault.into_error("search", limit, &probe.url).to_string());
    }
    probe
}

async fn steps(
    probe: &mut ServerProbe,
    server: &Arc<Server>,
    settings: &LdapSettings,
    login: Option<&Username>,
) -> Result<(), Fault> {
    let limit = settings.limits.operation;
    let asked = Instant::now();
    let opened = timeout(limit * 2, server.open()).await;
    let connection = Arc::new(opened.map_err(|_| Fault::TimedOut)??);
    probe.connect_ms = Some(millis(asked.elapsed()));
    if let Some(facts) = &connection.tls {
        probe.tls_version = Some(facts.version.clone());
        probe.certificate_expires = tls::expires(&facts.certificate);
    }
    let bound = timeout(limit, identify(&connection, settings.account.as_ref()));
    bound.await.map_err(|_| Fault::TimedOut)??;
    probe.account_accepted = true;
    let asked = Instant::now();
    let root = search(&connection, settings, vec![root_request()]).await?;
    probe.round_trip_ms = Some(millis(asked.elapsed()));
    probe.vendor = root.first().and_then(vendor);
    for attribute in &settings.mapping.login_attributes {
        let Some(login) = login else { break };
        let filter = settings.mapping.login_filter(attribute, login);
        let wanted: Arc<[String]> = Arc::from([settings.mapping.subject_attribute.clone()]);
        let found = search(
            &connection,
            settings,
            requests(settings, &filter, &wanted, ONE_AND_ANOTHER),
        )
        .await?;
        probe.logins.push(LoginProbe {
            attribute: attribute.clone(),
            found: found.len().min(2),
        });
    }
    Ok(())
}

async fn search(
    connection: &Arc<Connection>,
    settings: &LdapSettings,
    requests: Vec<super::searches::Request>,
) -> Result<Vec<ReadEntry>, Fault> {
    let connection = connection.clone();
    let all = async move {
        let mut found = Vec::new();
        for request in &requests {
            found.extend(search_on(&connection, request).await?);
        }
        Ok(found)
    };
    contained(all, Deadline::now() + settings.limits.operation).await
}

fn vendor(root: &ReadEntry) -> Option<String> {
    let text = |name| root.attributes.first_text(name).map(str::to_owned);
    let openldap = || {
        let mut classes = root.attributes.texts("objectClass");
        classes
            .any(|class| class.eq_ignore_ascii_case("OpenLDAProotDSE"))
            .then(|| "OpenLDAP".to_owned())
    };
    let directory = || text("rootDomainNamingContext").map(|_| "Active Directory".to_owned());
    let named = text("vendorName").map(|name| match text("vendorVersion") {
        Some(version) => format!("{name} {version}"),
        None => name,
    });
    named.or_else(openldap).or_else(directory)
}
