//! The server that bears the load: its nodes, and connections to them. On this machine, unless it is said
//! that it is elsewhere.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, ensure};
use mereau::tls::{Roots, client_config};
use url::Url;

use super::client::{Address, Connection, Reply};
use super::profile::Connections;

/// Nodes that share one public URL; each request goes to the next one, as behind a proxy that keeps
/// nobody to a node.
pub struct Site {
    nodes: Vec<Node>,
    next: AtomicUsize,
    /// The path under which they serve.
    pub context: String,
    pub connections: Connections,
    pub patience: Duration,
}

struct Node {
    address: Address,
    idle: Mutex<Vec<Connection>>,
}

/// A request, and who sends it.
#[derive(Clone, Default)]
pub struct Asked<'a> {
    pub target: &'a str,
    pub cookies: &'a str,
    /// A POST, where there is one.
    pub form: Option<String>,
    pub from: Option<IpAddr>,
}

impl Site {
    /// The nodes at these URLs (`http://127.0.0.1:8080/cas`), which must be on this machine unless
    /// `elsewhere`. Certificates are checked.
    pub async fn at(urls: &[String], elsewhere: bool, roots: &Roots) -> anyhow::Result<Site> {
        let mut nodes = Vec::new();
        let mut context = None;
        for url in urls {
            let url = Url::parse(url).with_context(|| format!("“{url}” is no URL"))?;
            nodes.push(Node {
                address: address(&url, elsewhere, roots).await?,
                idle: Mutex::default(),
            });
            let path = url.path().trim_end_matches('/').to_owned();
            ensure!(
                context.get_or_insert(path.clone()) == &path,
                "the nodes of one server have one path"
            );
        }
        Ok(Site {
            nodes,
            next: AtomicUsize::new(0),
            context: context.context("no URL of a server")?,
            connections: Connections::Kept,
            patience: Duration::from_secs(10),
        })
    }

    /// Sends a request to the next node and reads the answer whole; an error after `patience`.
    pub async fn ask(&self, asked: Asked<'_>) -> anyhow::Result<Reply> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        let node = self
            .nodes
            .get(turn % self.nodes.len().max(1))
            .context("no node")?;
        let answered = tokio::time::timeout(self.patience, self.exchange(node, asked)).await;
        answered.with_context(|| format!("no answer within {:?}", self.patience))?
    }

    async fn exchange(&self, node: &Node, asked: Asked<'_>) -> anyhow::Result<Reply> {
        let mut connection = match node.kept() {
            Some(connection) => connection,
            None => node.address.open().await?,
        };
        connection.comes_from(asked.from);
        let reply = match asked.form {
            Some(form) => connection.post(asked.target, asked.cookies, form).await?,
            None => connection.get(asked.target, asked.cookies).await?,
        };
        if self.connections == Connections::Kept {
            node.keep(connection);
        }
        Ok(reply)
    }
}

impl Node {
    /// An idle connection that the server has not closed.
    fn kept(&self) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(connection) = idle.pop() {
            if !connection.is_closed() {
                return Some(connection);
            }
        }
        None
    }

    fn keep(&self, connection: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(connection);
    }
}

async fn address(url: &Url, elsewhere: bool, roots: &Roots) -> anyhow::Result<Address> {
    let host = url.host_str().context("a URL with a host")?;
    let port = url.port_or_known_default().context("a URL with a port")?;
    let bare = host.trim_matches(['[', ']']);
    let found = tokio::net::lookup_host((bare, port)).await;
    let found: Vec<SocketAddr> = found.with_context(|| format!("{host} is not found"))?.collect();
    ensure!(
        elsewhere || found.iter().all(|at| at.ip().is_loopback()),
        "{host} is not this machine. Load harms who did not ask for it: say --elsewhere if that server \
         is yours to load"
    );
    // A server that listens on one address of localhost listens on 127.0.0.1.
    let at = found.iter().find(|at| at.is_ipv4()).or(found.first());
    let at = at.with_context(|| format!("{host} has no address"))?;
    let tls = match url.scheme() {
        "https" => Some(client_config(roots)?),
        "http" => None,
        other => anyhow::bail!("{other}: only http and https"),
    };
    Ok(Address::named(bare, *at, tls))
}
