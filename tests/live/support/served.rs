//! The built binary, serving a configuration of the test's own on real parts.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use super::certificates::Authority;
use super::child::{Server, folder};
use super::slapd::{PEOPLE, SERVICE_DN, SERVICE_PASSWORD, Slapd, WRITER_PASSWORD};
use super::{built, ports, wait};

/// What a proxy in front and the server share: `proxy.secret` beside server.toml.
pub const PROXY_SECRET: &str = "vieux-marronnier-42";

/// What a test wants served.
pub struct Options<'a> {
    pub slapd: &'a Slapd,
    /// The way to it, when that is not the direct one.
    pub directory: Option<&'a str>,
    /// More servers of the same directory, for when that one does not answer.
    pub fallbacks: &'a [&'a str],
    /// The people of a second realm, `lycee`.
    pub second: Option<&'a Slapd>,
    /// After so many wrong passwords the directory locks an account, as the realm's file says.
    pub lock_after: Option<u32>,
    /// `tickets.url`
    pub tickets: &'a str,
    /// TLS with a certificate of this authority; plain HTTP on loopback without.
    pub authority: Option<&'a Authority>,
    /// The port of a proxy on this machine that does TLS for it: the public one.
    pub front: Option<u16>,
    /// Registered services: the name of the file and what stands in it.
    pub services: &'a [(&'a str, String)],
    /// More institutions than the one of the realm, as TOML.
    pub institutions: &'a str,
    /// More lines of the realm's file, whole sections.
    pub realm: &'a str,
    /// More lines of server.toml, whole sections.
    pub sections: &'a str,
    /// The filter of the log.
    pub log: &'a str,
    /// Words that its command line begins with: what starts it in surroundings of its own.
    pub by: &'a [&'a str],
}

impl<'a> Options<'a> {
    pub fn on(slapd: &'a Slapd, tickets: &'a str) -> Options<'a> {
        let (services, institutions, realm, sections, log) = (&[][..], "", "", "", "info");
        Options {
            slapd,
            directory: None,
            fallbacks: &[],
            second: None,
            lock_after: None,
            tickets,
            authority: None,
            front: None,
            services,
            institutions,
            realm,
            sections,
            log,
            by: &[],
        }
    }
}

/// A running `mereau serve`.
pub struct Served {
    server: Option<Server>,
    folder: PathBuf,
    url: String,
    port: u16,
    log: String,
    by: Vec<String>,
}

impl Served {
    /// Writes the configuration, starts the server and waits until it listens.
    pub fn start(options: &Options) -> Served {
        Served::start_in(folder("mereau"), options)
    }

    /// Another node with the keys of this one.
    pub fn beside(other: &Served, options: &Options) -> Served {
        let folder = folder("mereau");
        fs::copy(other.folder.join("ring.key"), folder.join("ring.key")).expect("the key");
        Served::start_in(folder, options)
    }

    /// Writes the configuration for a public URL on `port`; somebody else starts the server.
    pub fn written(options: &Options, port: u16) -> Served {
        let mut served = Served {
            server: None,
            folder: folder("mereau"),
            url: String::new(),
            port: 0,
            log: options.log.to_owned(),
            by: options.by.iter().map(|word| (*word).to_owned()).collect(),
        };
        served.configure(options, port);
        served
    }

    fn start_in(folder: PathBuf, options: &Options) -> Served {
        let mut served = Served {
            server: None,
            folder,
            url: String::new(),
            port: 0,
            log: options.log.to_owned(),
            by: options.by.iter().map(|word| (*word).to_owned()).collect(),
        };
        for _ in 0..10 {
            let port = ports::free();
            served.configure(options, port);
            if served.launch(port) {
                return served;
            }
        }
        panic!("mereau does not start: {}", served.output());
    }

    /// The public URL, with the context path and without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The address of a path below the context path, with its parameters.
    pub fn address(&self, path: &str, parameters: &[(&str, &str)]) -> String {
        let url = format!("{}{path}", self.url);
        url::Url::parse_with_params(&url, parameters)
            .expect("a URL")
            .into()
    }

    /// Where it listens itself.
    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The process, to send it signals.
    pub fn server(&mut self) -> &mut Server {
        self.server.as_mut().expect("a running server")
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.server.as_ref().expect("a running server").id()
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        self.server = None;
    }

    /// SIGTERM, and how the process ended.
    pub fn terminate(&mut self) -> ExitStatus {
        let server = self.server();
        server.signal("TERM");
        server.wait()
    }

    /// Starts it again as it was.
    pub fn restart(&mut self) {
        self.kill();
        let port = self.port();
        wait::until("mereau on its old port", || self.launch(port).then_some(()));
    }

    /// Everything it printed, its log too.
    pub fn output(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    fn launch(&mut self, port: u16) -> bool {
        let config = self.folder.join("server.toml").display().to_string();
        let log = format!("RUST_LOG={}", self.log);
        let own = ["env", &log, built::binary(), "serve", "--config", &config].map(str::to_owned);
        let mut words = self.by.iter().chain(&own).cloned();
        let program = words.next().expect("env");
        let arguments: Vec<String> = words.collect();
        let mut server = Server::start(&program, &arguments, &self.folder.join("log"));
        let ready = wait::until("mereau", || match server.has_ended() {
            Some(_) => Some(false),
            None => std::net::TcpStream::connect(("127.0.0.1", port))
                .is_ok()
                .then_some(true),
        });
        self.server = ready.then_some(server);
        ready
    }

    fn configure(&mut self, options: &Options, port: u16) {
        let write = |name: &str, text: &str| {
            let path = self.folder.join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file of the configuration");
        };
        let url = match (options.front, options.authority) {
            (Some(front), _) => format!("https://localhost:{front}/cas"),
            (None, Some(_)) => format!("https://localhost:{port}/cas"),
            (None, None) => format!("http://localhost:{port}/cas"),
        };
        write("server.toml", &server_toml(options, port, &url));
        let direct = options.slapd.url();
        let directory = options.directory.unwrap_or(&direct);
        let all = [&[directory], options.fallbacks].concat();
        let campus = format!(
            "{}{}",
            realm_toml(&all, "campus", options.lock_after),
            options.realm
        );
        write("realms/campus.toml", &campus);
        if let Some(second) = options.second {
            write("realms/lycee.toml", &realm_toml(&[&second.url()], "lycee", None));
        }
        write(
            "institutions.toml",
            &format!("{INSTITUTION}{}", options.institutions),
        );
        for (name, text) in options.services {
            write(&format!("services/{name}.toml"), text);
        }
        for (name, password) in [
            ("ldap.password", SERVICE_PASSWORD),
            ("writer.password", WRITER_PASSWORD),
            ("proxy.secret", PROXY_SECRET),
        ] {
            write(name, password);
            private(&self.folder.join(name));
        }
        if let Some(authority) = options.authority {
            authority.issue_into(&self.folder, &["localhost", "127.0.0.1"]);
            private(&self.folder.join("server.key"));
        }
        let key = self.folder.join("ring.key");
        if !key.exists() {
            let made = Command::new(built::binary())
                .args(["keys", "new"])
                .arg(key)
                .output()
                .expect("mereau");
            assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        }
        self.url = url;
        self.port = port;
    }
}

/// A service whose URLs are everything under `url`, with more lines of its file.
pub fn service(url: &str, more: &str) -> String {
    format!(
        "name = {{ fr = \"Application d’essai\", en = \"Test application\" }}\nurls = [\"{url}/**\"]\n{more}\n"
    )
}

const INSTITUTION: &str = "[[institution]]\nid = \"campus\"\nrealm = \"campus\"\n\
                           name = { fr = \"Campus d’essai\", en = \"Test campus\" }\n";

fn server_toml(options: &Options, port: u16, url: &str) -> String {
    let tls = match options.authority {
        Some(_) => "[server.tls]\ncertificate = \"server.pem\"\nkey = \"server.key\"\n",
        None if options.front.is_some() => "trusted_proxies = [\"127.0.0.1\"]\n",
        None => "",
    };
    // Test applications answer on this machine, which logout messages may not reach otherwise.
    format!(
        "[server]\nlisten = \"127.0.0.1:{port}\"\npublic_url = \"{url}\"\n{tls}\
         [keys]\nfiles = [\"ring.key\"]\n\
         [tickets]\nurl = \"{}\"\n\
         [outgoing]\nallowed = [\"localhost\", \"127.0.0.0/8\"]\n{}",
        options.tickets, options.sections
    )
}

fn realm_toml(directories: &[&str], realm: &str, lock_after: Option<u32>) -> String {
    let lock = lock_after
        .map(|lock| format!("lock_after = {lock}\n"))
        .unwrap_or_default();
    let urls = directories.join("\", \"");
    format!(
        "name = {{ fr = \"Campus d’essai\", en = \"Test campus\" }}\nscope = \"{realm}.example\"\n\
         [directory]\nkind = \"ldap\"\nurls = [\"{urls}\"]\nbind_dn = \"{SERVICE_DN}\"\n\
         bind_password_file = \"../ldap.password\"\nbase_dns = [\"{PEOPLE}\"]\n{lock}\
         [people]\nlogin_attributes = [\"uid\", \"supannAliasLogin\"]\n\
         [states]\npresets = [\"supann\", \"openldap-ppolicy\", \"shadow\"]\n\
         [contact]\nname = \"Assistance\"\nmail = \"assistance@campus.example\"\n"
    )
}

/// Secrets that others can read are refused.
fn private(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("the file's owner");
}
