//! How a server of this machine is asked how it is: where it listens, and what it shows. From
//! server.toml alone, so that a realm that somebody is just writing makes no server look dead.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use url::Url;

use super::build;
use super::files;
use super::problem::{Problem, Problems};
use super::secrets::Environment;
use super::settings::AdminSettings;

/// Where to ask.
pub struct Reach {
    pub listen: SocketAddr,
    /// Without a `/` at its end.
    pub public_url: Url,
    /// The chain that the server shows, when it does TLS itself.
    pub certificate: Option<PathBuf>,
    /// Whether a connection there must begin with whose it is (PROXY protocol).
    pub announced: bool,
    /// The second address, when there is one.
    pub admin: Option<AdminSettings>,
}

/// Reads `server.toml` at `path`, and the token of its admin address.
pub fn reach(path: &Path, environment: Environment<'_>) -> Result<Reach, Vec<Problem>> {
    let mut problems = Problems::default();
    let reach = read(path, environment, &mut problems);
    reach.ok_or(problems.found)
}

fn read(path: &Path, environment: Environment<'_>, problems: &mut Problems) -> Option<Reach> {
    let file = files::server(path, problems)?;
    let tls = file.server.tls.value.as_ref();
    Some(Reach {
        listen: file.server.listen.value,
        public_url: build::server::public_url(&file.server, problems)?,
        certificate: tls.map(|tls| tls.certificate.0.clone()),
        announced: file.server.proxy_protocol.value,
        admin: build::admin::build(&file.admin, environment, problems)?,
    })
}
