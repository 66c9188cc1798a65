//! Debian's Apache with a configuration of the test's own. It runs as the one process that was
//! started, and serves several requests at a time by threads.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::TempDir;

use super::certificates::Authority;
use super::child::Server;
use super::wait;

const MODULES: &str = "/usr/lib/apache2/modules";

/// What a test wants of it.
pub struct Site<'a> {
    /// Where it listens on 127.0.0.1.
    pub ports: &'a [u16],
    /// Beside the ones that every site has.
    pub modules: &'a [&'a str],
    /// The rest of its configuration. `@` stands for its folder, where `server.pem`, `server.key`,
    /// `ca.pem` and the programs are, and which it may write into.
    pub text: &'a str,
    /// Of tests/live, to be run as CGI.
    pub programs: &'a [&'a str],
    pub authority: &'a Authority,
}

pub struct Apache {
    // In this order: what it has open is closed before its folder goes.
    server: Server,
    folder: TempDir,
}

impl Apache {
    pub fn start(site: &Site<'_>) -> Apache {
        // Not below the repository: Apache serves as another user, who may not be let in there.
        let folder = tempfile::Builder::new()
            .prefix("mereau-apache-")
            .tempdir()
            .expect("a folder");
        let at = folder.path();
        site.authority.issue_into(at, &["localhost"]);
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live");
        for program in site.programs {
            let name = Path::new(program).file_name().expect("a file");
            fs::copy(sources.join(program), at.join(name)).expect("a program");
            open(&at.join(name), 0o755);
        }
        fs::create_dir(at.join("kept")).expect("a folder");
        open(&at.join("kept"), 0o777);
        open(at, 0o777);
        let conf = at.join("httpd.conf");
        fs::write(&conf, configuration(site, at)).expect("a configuration");
        let arguments = ["-X", "-f", &conf.display().to_string()].map(str::to_owned);
        let mut server = Server::start("apache2", &arguments, &at.join("printed.log"));
        wait::until("Apache", || {
            let ended = server.has_ended();
            assert!(ended.is_none(), "Apache ended: {}", printed(at, &server.output()));
            site.ports
                .iter()
                .all(|port| std::net::TcpStream::connect(("127.0.0.1", *port)).is_ok())
                .then_some(())
        });
        Apache { server, folder }
    }

    /// What it printed and logged.
    pub fn output(&self) -> String {
        printed(self.folder.path(), &self.server.output())
    }
}

fn printed(folder: &Path, printed: &str) -> String {
    let log = fs::read(folder.join("error.log")).unwrap_or_default();
    format!("{printed}{}", String::from_utf8_lossy(&log))
}

fn open(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("the owner's right");
}

fn configuration(site: &Site<'_>, folder: &Path) -> String {
    let always = [
        "mpm_event",
        "authz_core",
        "authn_core",
        "authz_user",
        "alias",
        "env",
        "cgi",
        "headers",
        "ssl",
    ];
    let modules = always.iter().chain(site.modules);
    let modules = modules.map(|name| format!("LoadModule {name}_module {MODULES}/mod_{name}.so\n"));
    let listen = site.ports.iter().map(|port| format!("Listen 127.0.0.1:{port}\n"));
    format!(
        "{}{}ServerRoot @\nServerName localhost\nPidFile @/pid\nErrorLog @/error.log\n\
         LogLevel info\nMutex file:@\nKeepAlive Off\nUser www-data\nGroup www-data\n\
         UseCanonicalName Off\nSSLSessionCache none\n\
         SSLCertificateFile @/server.pem\nSSLCertificateKeyFile @/server.key\n\
         <Directory @>\nRequire all granted\nOptions +ExecCGI\n</Directory>\n{}",
        modules.collect::<String>(),
        listen.collect::<String>(),
        site.text
    )
    .replace('@', &folder.display().to_string())
}
