//! Debian's slapd with the people of tests/fixtures, as a child process of the test.

use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use super::certificates::{Authority, Certificate};
use super::child::{Server, folder};
use super::run::run;
use super::{ports, wait};

pub const BASE: &str = "dc=campus,dc=example";
pub const PEOPLE: &str = "ou=people,dc=campus,dc=example";
/// May read everything except passwords, whose presence it may search for.
pub const SERVICE_DN: &str = "cn=mereau,ou=services,dc=campus,dc=example";
pub const SERVICE_PASSWORD: &str = "service-account-1";
/// Writes passwords, held to the policy.
pub const WRITER_DN: &str = "cn=writer,ou=services,dc=campus,dc=example";
pub const WRITER_PASSWORD: &str = "writer-account-1";
/// May bypass the policy.
pub const MANAGER_DN: &str = "cn=manager,ou=services,dc=campus,dc=example";
pub const MANAGER_PASSWORD: &str = "manager-account-1";
pub const ROOT_DN: &str = "cn=admin,dc=campus,dc=example";
pub const ROOT_PASSWORD: &str = "admin-1";

/// What a test wants of its server.
pub struct Options<'a> {
    /// `ldaps://` and StartTLS with a certificate of this authority.
    pub authority: Option<&'a Authority>,
    /// The names in that certificate.
    pub names: &'a [&'a str],
    /// Failed binds before the overlay locks; 0 = never.
    pub max_failure: u32,
    /// Whether a bind says that an account is locked (otherwise: wrong password).
    pub says_locked: bool,
    /// What its module for argon2 is told; without it, Debian's own costs.
    pub argon2: &'a str,
    /// More entries, as LDIF.
    pub entries: &'a str,
    /// More lines of slapd.conf, global ones.
    pub settings: &'a str,
    /// More lines about the database, and about the policy overlay.
    pub database: &'a str,
    pub overlay: &'a str,
    /// Whether it begins without entries: a replica.
    pub empty: bool,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Options {
            authority: None,
            names: &["localhost", "127.0.0.1"],
            max_failure: 5,
            says_locked: true,
            argon2: "",
            entries: "",
            settings: "",
            database: "",
            overlay: "",
            empty: false,
        }
    }
}

/// A running slapd.
pub struct Slapd {
    server: Option<Server>,
    folder: PathBuf,
    port: u16,
    tls_port: Option<u16>,
    certificate: Option<Certificate>,
}

impl Slapd {
    /// Starts a server and waits until the service account can bind.
    pub fn start(options: &Options) -> Slapd {
        let folder = folder("slapd");
        let certificate = options.authority.map(|ca| ca.issue_into(&folder, options.names));
        fill(&folder, options, certificate.as_ref());
        let mut slapd = Slapd {
            server: None,
            folder,
            port: 0,
            tls_port: None,
            certificate,
        };
        for _ in 0..10 {
            slapd.port = ports::free();
            slapd.tls_port = slapd.certificate.is_some().then(ports::free);
            if slapd.launch() {
                return slapd;
            }
        }
        panic!("slapd does not start: {}", slapd.log());
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.running().id()
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// `ldap://127.0.0.1:port`
    pub fn url(&self) -> String {
        format!("ldap://127.0.0.1:{}", self.port)
    }

    /// `ldaps://localhost:port`
    pub fn ldaps_url(&self) -> String {
        format!("ldaps://localhost:{}", self.tls_port.expect("a server with TLS"))
    }

    /// The file of the authority that signed the server's certificate.
    pub fn authority_file(&self) -> &Path {
        &self.certificate.as_ref().expect("a server with TLS").authority
    }

    /// How many connections others have open to it, by what the kernel says.
    pub fn connections(&self) -> usize {
        let table = fs::read_to_string("/proc/net/tcp").expect("the connections of this machine");
        let (here, established) = (format!(":{:04X}", self.port), "01");
        let mut lines = table
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>());
        let is_one = |words: &Vec<&str>| matches!(words[..], [_, at, _, state, ..] if at.ends_with(&here) && state == established);
        lines.by_ref().filter(is_one).count()
    }

    /// Ends the server at once; its data stay for [`Slapd::restart`].
    pub fn kill(&mut self) {
        self.server = None;
    }

    /// Starts it again on the same ports with the same data.
    pub fn restart(&mut self) {
        self.kill();
        wait::until("slapd on its old port", || self.launch().then_some(()));
    }

    /// Freezes the server: connections are still taken, nothing is answered.
    pub fn stop(&self) {
        self.running().signal("STOP");
    }

    /// Thaws it.
    pub fn cont(&self) {
        self.running().signal("CONT");
    }

    /// Applies an LDIF of changes as the root of the directory (which no policy binds).
    pub fn modify(&self, ldif: &str) {
        let mut command = Command::new("ldapmodify");
        // -e relax: operational attributes of the policy overlay may be written.
        command.args([
            "-x",
            "-e",
            "relax",
            "-H",
            &self.url(),
            "-D",
            ROOT_DN,
            "-w",
            ROOT_PASSWORD,
        ]);
        let output = feed(command, ldif);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    /// One entry as LDIF, operational attributes too, as the root sees it.
    pub fn entry(&self, dn: &str) -> String {
        let mut command = Command::new("ldapsearch");
        command.args([
            "-x",
            "-LLL",
            "-o",
            "ldif-wrap=no",
            "-H",
            &self.url(),
            "-D",
            ROOT_DN,
        ]);
        command.args([
            "-w",
            ROOT_PASSWORD,
            "-s",
            "base",
            "-b",
            dn,
            "(objectClass=*)",
            "*",
            "+",
        ]);
        String::from_utf8(feed(command, "").stdout).expect("LDIF is ASCII")
    }

    /// What the server printed.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    fn running(&self) -> &Server {
        self.server.as_ref().expect("a running slapd")
    }

    /// Whether the server came up; it does not when somebody else took its port.
    fn launch(&mut self) -> bool {
        let mut listen = self.url();
        if self.tls_port.is_some() {
            let _ = write!(listen, " ldaps://127.0.0.1:{}", self.tls_port.unwrap_or_default());
        }
        let conf = self.folder.join("slapd.conf").display().to_string();
        let arguments = ["-d", "0", "-h", &listen, "-f", &conf].map(str::to_owned);
        let mut server = Server::start("slapd", &arguments, &self.folder.join("log"));
        let ready = wait::until("slapd", || match server.has_ended() {
            Some(_) => Some(false),
            None => can_bind(self.port).then_some(true),
        });
        self.server = ready.then_some(server);
        ready
    }
}

/// Writes the configuration and loads the database.
fn fill(folder: &Path, options: &Options, certificate: Option<&Certificate>) {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let read = |name: &str| fs::read_to_string(fixtures.join(name)).expect("a fixture");
    let tls = certificate.map(tls_lines).unwrap_or_default();
    let conf = read("ldap/slapd.conf")
        .replace(
            "@SCHEMA@",
            &fixtures.join("ldap/example-supann.schema").display().to_string(),
        )
        .replace(
            "@OURS@",
            concat!(env!("CARGO_MANIFEST_DIR"), "/conf/schema/openldap.schema"),
        )
        .replace("@ARGON2@", options.argon2)
        .replace("@DATABASE@", options.database)
        .replace("@OVERLAY@", options.overlay)
        .replace("@FOLDER@", &folder.display().to_string())
        .replace("@SETTINGS@", &format!("{}\n{tls}", options.settings))
        .replace(
            "@USE_LOCKOUT@",
            if options.says_locked {
                "ppolicy_use_lockout"
            } else {
                ""
            },
        );
    let base = read("ldap/base.ldif")
        .replace("@MAX_FAILURE@", &options.max_failure.to_string())
        .replace(
            "@LOCKOUT@",
            if options.max_failure == 0 { "FALSE" } else { "TRUE" },
        );
    let data = format!("{base}\n{}\n{}", read("people.ldif"), options.entries);
    fs::create_dir(folder.join("db")).expect("the database's folder");
    fs::write(folder.join("slapd.conf"), conf).expect("slapd.conf");
    if options.empty {
        return;
    }
    let mut load = Command::new("/usr/sbin/slapadd");
    load.args(["-q", "-f"]).arg(folder.join("slapd.conf"));
    let output = feed(load, &data);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn tls_lines(certificate: &Certificate) -> String {
    format!(
        "TLSCACertificateFile {}\nTLSCertificateFile {}\nTLSCertificateKeyFile {}\n",
        certificate.authority.display(),
        certificate.certificate.display(),
        certificate.key.display()
    )
}

fn feed(mut command: Command, input: &str) -> Output {
    run(&mut command, input)
}

/// Whether the service account can bind: one hand-written LDAP message (RFC 4511 §4.2), so that this
/// file depends on no LDAP client.
fn can_bind(port: u16) -> bool {
    try_bind(port).unwrap_or(false)
}

fn try_bind(port: u16) -> std::io::Result<bool> {
    let tagged = |tag: u8, content: &[u8]| {
        let length = u8::try_from(content.len()).expect("a short element");
        [&[tag, length], content].concat()
    };
    let (dn, password) = (
        tagged(0x04, SERVICE_DN.as_bytes()),
        tagged(0x80, SERVICE_PASSWORD.as_bytes()),
    );
    let bind = tagged(
        0x60,
        &[&[0x02, 0x01, 0x03], dn.as_slice(), password.as_slice()].concat(),
    );
    let message = tagged(0x30, &[&[0x02, 0x01, 0x01], bind.as_slice()].concat());
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.write_all(&message)?;
    // 30 len 02 01 01 61 len 0a 01 <result code>
    let mut answer = [0; 10];
    stream.read_exact(&mut answer)?;
    Ok(answer[5] == 0x61 && answer[9] == 0)
}
