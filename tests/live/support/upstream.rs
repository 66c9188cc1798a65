//! django-cas-server, a CAS server that nobody here wrote, in the environment that tests/run installs.

use std::path::Path;

use super::certificates::Authority;
use super::child::{Server, folder};
use super::{ports, python, wait};

/// Whom it knows: login and password; the mail among the attributes is Camille's.
pub const STRANGER: (&str, &str) = ("4711", "upstream-password-1");

/// A running server, with a certificate of the test's own authority.
pub struct Upstream {
    port: u16,
    server: Server,
}

impl Upstream {
    pub fn start(authority: &Authority) -> Upstream {
        let folder = folder("upstream");
        let issued = authority.issue_into(&folder, &["localhost"]);
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live/python/upstream.py");
        for _ in 0..10 {
            let port = ports::free();
            let texts = [
                format!("REQUESTS_CA_BUNDLE={}", issued.authority.display()),
                python::environment().join("bin/python").display().to_string(),
                script.display().to_string(),
                folder.display().to_string(),
                port.to_string(),
                issued.certificate.display().to_string(),
                issued.key.display().to_string(),
            ];
            let mut server = Server::start("env", &texts, &folder.join("log"));
            let ready = wait::until("django-cas-server", || match server.has_ended() {
                Some(_) => Some(false),
                None => std::net::TcpStream::connect(("127.0.0.1", port))
                    .is_ok()
                    .then_some(true),
            });
            if ready {
                return Upstream { port, server };
            }
        }
        panic!("django-cas-server does not start, see {}", folder.display());
    }

    pub fn url(&self) -> String {
        format!("https://localhost:{}/cas", self.port)
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        self.server.kill();
    }
}
