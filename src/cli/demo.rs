//! `mereau demo`: `serve` on a folder of invented schools that is written for the occasion and gone
//! afterwards, with a small application beside it to sign in to.

mod accounts;

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use anyhow::{Context, anyhow};
use tempfile::TempDir;
use tokio::net::TcpListener;

use super::doors::{self, Doors};
use super::print::Screen;
use super::serve::{self, Stage};
use super::signals::{self, Hangup};
use super::systemd::Notifier;
use super::{Outcome, logs};
use crate::base::entropy::OsEntropy;
use crate::base::key_file;
use crate::config::{self, Settings};

/// The application that people sign in to: the example, as it is.
#[path = "../../examples/client.rs"]
#[allow(clippy::pedantic)]
mod client;

/// The usual ports of the server and of the application, also in the files below.
const PORTS: [u16; 2] = [8080, 8081];

/// The configuration of the demonstration, and the theme of its lycée.
const FILES: [(&str, &str); 15] = [
    ("server.toml", include_str!("../../conf/demo/server.toml")),
    (
        "institutions.toml",
        include_str!("../../conf/demo/institutions.toml"),
    ),
    (
        "realms/valmore.toml",
        include_str!("../../conf/demo/realms/valmore.toml"),
    ),
    (
        "realms/rosa-bonheur.toml",
        include_str!("../../conf/demo/realms/rosa-bonheur.toml"),
    ),
    (
        "realms/haut-marais.toml",
        include_str!("../../conf/demo/realms/haut-marais.toml"),
    ),
    (
        "people/valmore.ldif",
        include_str!("../../conf/demo/people/valmore.ldif"),
    ),
    (
        "people/rosa-bonheur.ldif",
        include_str!("../../conf/demo/people/rosa-bonheur.ldif"),
    ),
    (
        "people/haut-marais.ldif",
        include_str!("../../conf/demo/people/haut-marais.ldif"),
    ),
    (
        "services/application.toml",
        include_str!("../../conf/demo/services/application.toml"),
    ),
    (
        "themes/rosa-bonheur/theme.toml",
        include_str!("../../themes/rosa-bonheur/theme.toml"),
    ),
    (
        "themes/rosa-bonheur/texts/fr.ftl",
        include_str!("../../themes/rosa-bonheur/texts/fr.ftl"),
    ),
    (
        "themes/rosa-bonheur/texts/en.ftl",
        include_str!("../../themes/rosa-bonheur/texts/en.ftl"),
    ),
    (
        "themes/rosa-bonheur/texts/ar.ftl",
        include_str!("../../themes/rosa-bonheur/texts/ar.ftl"),
    ),
    (
        "themes/rosa-bonheur/assets/logo.svg",
        include_str!("../../themes/rosa-bonheur/assets/logo.svg"),
    ),
    (
        "themes/rosa-bonheur/assets/favicon.svg",
        include_str!("../../themes/rosa-bonheur/assets/favicon.svg"),
    ),
];

/// Serves the demonstration until Ctrl-C; then its folder is gone.
pub fn demo(listen: Option<SocketAddr>, screen: &mut Screen) -> anyhow::Result<Outcome> {
    let folder = TempDir::with_prefix("mereau-demo-").context("no temporary folder can be made")?;
    let outcome = serve::runtime()?.block_on(run(listen, folder.path(), screen));
    let gone = folder.close().context("the temporary folder cannot be removed");
    let outcome = outcome?;
    gone?;
    Ok(outcome)
}

async fn run(listen: Option<SocketAddr>, folder: &Path, screen: &mut Screen) -> anyhow::Result<Outcome> {
    let last_words = {
        let folder = folder.to_owned();
        move || {
            let _ = std::fs::remove_dir_all(folder);
        }
    };
    let stop = signals::stop(Hangup::Stops, last_words)?;
    let [server_port, application_port] = PORTS;
    let server = match listen {
        Some(address) => doors::listen(address, "[server]").await?,
        None => near(server_port).await?,
    };
    let application = near(application_port).await?;
    let ports = [server.local_addr()?.port(), application.local_addr()?.port()];
    write(folder, ports)?;
    let mut settings = load(folder)?;
    settings.listen = server.local_addr()?;
    logs::start(&settings.log)?;
    let urls = client::Settings {
        own_url: format!("http://localhost:{}", ports[1]),
        cas_url: settings.public_url.to_string(),
    };
    screen.print(&accounts::welcome(&urls.cas_url, &urls.own_url));
    let application = tokio::spawn(client::serve(application, urls, stop.clone().cancelled_owned()));
    let stage = Stage {
        doors: Doors::one(server),
        stop: stop.clone(),
        hangup: None,
        notifier: Notifier::default(),
        plan: None,
        demo: true,
    };
    let outcome = serve::run(settings, &folder.join("server.toml"), stage).await;
    stop.cancel();
    let _ = application.await;
    outcome
}

/// The port itself or, when something else has it, any free one.
async fn near(port: u16) -> anyhow::Result<TcpListener> {
    let here = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    match TcpListener::bind(here(port)).await {
        Err(error) if error.kind() == ErrorKind::AddrInUse => doors::listen(here(0), "[server]").await,
        bound => bound.with_context(|| format!("cannot listen on port {port}")),
    }
}

/// Writes the folder with a key of its own and the ports there are.
fn write(folder: &Path, ports: [u16; 2]) -> anyhow::Result<()> {
    for (name, text) in FILES {
        let mut text = text.to_owned();
        for (usual, port) in PORTS.iter().zip(ports) {
            text = text.replace(&format!("localhost:{usual}"), &format!("localhost:{port}"));
        }
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(&path, text)?;
    }
    let key = key_file::generate(&OsEntropy);
    super::keys::write(&folder.join("demo.key"), &key)
}

fn load(folder: &Path) -> anyhow::Result<Settings> {
    let loaded = config::load(&folder.join("server.toml"), &|_| None);
    let loaded = loaded.map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        anyhow!("the demonstration's own files are wrong:\n{}", lines.join("\n"))
    })?;
    Ok(loaded.settings)
}
