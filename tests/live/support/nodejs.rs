//! Node with an application protected by http-cas-client, in the folder that tests/run installs.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::child::{Server, folder};
use super::ports;

pub struct NodeJs {
    port: u16,
    server: Server,
}

impl NodeJs {
    /// Starts it on `port` with the client's options; `authority` is a file of the authority that it
    /// trusts.
    pub fn start(port: u16, options: &Value, authority: &Path) -> NodeJs {
        let folder = folder("node");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live/node/application.js");
        // Node looks for what a script needs beside the script.
        let own = folder.join("application.js");
        fs::copy(script, &own).expect("the application");
        std::os::unix::fs::symlink(modules(), folder.join("node_modules")).expect("a link");
        let arguments = [
            format!("NODE_EXTRA_CA_CERTS={}", authority.display()),
            "DEBUG=cas,cas:*".to_owned(),
            "node".to_owned(),
            own.display().to_string(),
            port.to_string(),
            options.to_string(),
        ];
        let server = Server::listening(port, "env", &arguments, &folder.join("log"));
        NodeJs { port, server }
    }

    /// A port for one.
    pub fn port() -> u16 {
        ports::free()
    }

    /// `http://localhost:port`, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// What it printed.
    pub fn output(&self) -> String {
        self.server.output()
    }
}

fn modules() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tests/node/node_modules");
    assert!(folder.exists(), "no {}: tests/run installs it", folder.display());
    folder
}
