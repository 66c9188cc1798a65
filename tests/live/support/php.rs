//! PHP's own server with a page protected by phpCAS, Debian's package.

use std::path::Path;

use super::child::{Server, folder};
use super::ports;
use super::served::Served;

pub struct Php {
    port: u16,
    server: Server,
}

impl Php {
    /// Protects the page by `served`, asking it by a version of the protocol: `2.0` or `3.0`.
    pub fn start(version: &str, port: u16, served: &Served) -> Php {
        Php::start_with(version, port, served, &[])
    }

    /// The same with more variables for the page, each as `NAME=value`.
    pub fn start_with(version: &str, port: u16, served: &Served, variables: &[String]) -> Php {
        let folder = folder("php");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live/php/index.php");
        let sessions = format!("session.save_path={}", folder.display());
        let mut arguments = variables.to_vec();
        arguments.extend([
            format!("CAS_VERSION={version}"),
            format!("CAS_PORT={}", served.port()),
            format!("CAS_AUTHORITY={}", served.folder().join("ca.pem").display()),
            "php".to_owned(),
            "-d".to_owned(),
            sessions,
            "-S".to_owned(),
            format!("localhost:{port}"),
            script.display().to_string(),
        ]);
        let server = Server::listening(port, "env", &arguments, &folder.join("log"));
        Php { port, server }
    }

    /// A port for one: the service is registered before the page can be served.
    pub fn port() -> u16 {
        ports::free()
    }

    /// `http://localhost:port`, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// What PHP printed.
    pub fn output(&self) -> String {
        self.server.output()
    }
}
