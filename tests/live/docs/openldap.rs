//! A slapd as Debian's package sets it up, with people and nothing of ours: what the chapter about
//! OpenLDAP is read beside.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::walk::Reader;
use crate::mail_sink::{Protection, Sink};
use crate::support::certificates::{Authority, Certificate};
use crate::support::child::Server;
use crate::support::ports;
use crate::support::redis::Redis;
use crate::support::run::succeed;
use crate::support::wait;

/// One person with a password, in a branch that others have, too.
pub const PEOPLE: &str = "dn: dc=univ,dc=example
objectClass: dcObject
objectClass: organization
dc: univ
o: Université

dn: ou=people,dc=univ,dc=example
objectClass: organizationalUnit
ou: people

dn: uid=camille.dupont,ou=people,dc=univ,dc=example
objectClass: inetOrgPerson
uid: camille.dupont
cn: Camille Dupont
sn: Dupont
givenName: Camille
displayName: Camille Dupont
mail: camille.dupont@univ.example
userPassword: {SSHA}V25G7iLrorVILZ+Jzmtj+rACsqEkGhxjGnq5Gg==
";

pub struct Bare {
    _server: Server,
    _socket: TempDir,
    /// What stands for the book's words.
    pub names: Vec<(&'static str, String)>,
}

impl Bare {
    /// With TLS from the beginning, or as the package leaves it.
    pub fn start(with_tls: bool) -> Bare {
        let folder = crate::support::child::folder("bare-slapd");
        let socket = TempDir::new().expect("a folder with a short name");
        let certificate = Authority::new().issue_into(&folder, &["localhost", "127.0.0.1"]);
        fill(&folder, with_tls.then_some(&certificate));
        let (port, secure) = (ports::free(), ports::free());
        let ldapi = format!(
            "ldapi://{}",
            socket.path().join("s").display().to_string().replace('/', "%2F")
        );
        let listen = format!("ldap://127.0.0.1:{port} ldaps://127.0.0.1:{secure} {ldapi}");
        let config = folder.join("config").display().to_string();
        let arguments = ["-d", "0", "-F", &config, "-h", &listen].map(str::to_owned);
        let server = Server::start("slapd", &arguments, &folder.join("log"));
        wait::until("slapd", || {
            let mut ask = Command::new("ldapwhoami");
            ask.args(["-Q", "-Y", "EXTERNAL", "-H", &ldapi]);
            ask.output().expect("ldapwhoami").status.success().then_some(())
        });
        let path = |path: &Path| path.display().to_string();
        Bare {
            _server: server,
            _socket: socket,
            names: vec![
                ("ldapi:///", ldapi),
                ("ldaps://ldap.univ.example", format!("ldaps://127.0.0.1:{secure}")),
                ("ldap.univ.example:636", format!("127.0.0.1:{secure}")),
                ("/etc/ldap/tls/univ-ca.pem", path(&certificate.authority)),
                ("/etc/ldap/tls/ldap.pem", path(&certificate.certificate)),
                ("/etc/ldap/tls/ldap.key", path(&certificate.key)),
            ],
        }
    }
}

fn fill(folder: &Path, tls: Option<&Certificate>) {
    for name in ["config", "db"] {
        fs::create_dir(folder.join(name)).expect("a folder");
    }
    let usual = fs::read_to_string("/usr/share/slapd/slapd.init.ldif").expect("Debian's own set-up");
    let tls = tls.map_or(String::new(), |tls| {
        format!(
            "cn: config\nolcTLSCACertificateFile: {}\nolcTLSCertificateFile: {}\nolcTLSCertificateKeyFile: {}\n",
            tls.authority.display(),
            tls.certificate.display(),
            tls.key.display()
        )
    });
    let usual = match tls.as_str() {
        "" => usual,
        lines => usual.replacen("cn: config\n", lines, 1),
    };
    let usual = usual
        .replace("@SUFFIX@", "dc=univ,dc=example")
        .replace("@BACKEND@", "mdb")
        .replace("@PASSWORD@", "admin-1")
        .replace("/var/lib/ldap", &folder.join("db").display().to_string())
        .replace("/var/run/slapd", &folder.display().to_string());
    let config = folder.join("config");
    for (number, text) in [("0", usual.as_str()), ("1", PEOPLE)] {
        let mut load = Command::new("/usr/sbin/slapadd");
        load.args(["-q", "-n", number, "-F"]).arg(&config);
        succeed(&mut load, text);
    }
}

#[test]
fn the_quick_start_ends_with_people_who_sign_in() {
    let slapd = Bare::start(true);
    let mut reader = Reader::new(&slapd.names);
    reader.walks_through("quick-start.md");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_afternoon_is_enough_for_directory_redis_mail_and_an_application() {
    let slapd = Bare::start(true);
    let redis = Redis::start(&["--appendonly", "yes"]);
    let post = TempDir::new().expect("a folder");
    let sink = Sink::start(Protection::StartTls, post.path()).await;
    let mut names = slapd.names.clone();
    names.push(("redis://redis.univ.example:6379", redis.url()));
    names.push(("relay.univ.example:587", format!("localhost:{}", sink.port)));
    names.push((
        "/etc/ssl/univ/relay-ca.pem",
        post.path().join("ca.pem").display().to_string(),
    ));
    let walk = move || Reader::new(&names).walks_through("afternoon.md");
    tokio::task::spawn_blocking(walk).await.expect("the walk");
    assert!(sink.received().is_empty(), "no letter is sent");
}

#[test]
fn the_chapters_from_openldap_to_operations_are_true_one_after_the_other() {
    let slapd = Bare::start(false);
    let redis = Redis::start(&["--appendonly", "yes"]);
    let mut names = slapd.names.clone();
    names.push(("redis://redis.univ.example:6379", redis.url()));
    let mut reader = Reader::new(&names);
    for chapter in [
        "openldap.md",
        "recovery.md",
        "institutions.md",
        "themes.md",
        "operations.md",
        "breach.md",
        "backup.md",
    ] {
        reader.walks_through(chapter);
    }
}

#[test]
fn the_chapters_that_need_no_server_are_true() {
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/apereo").to_owned();
    let mut reader = Reader::new(&[("/etc/cas/services", fixtures)]);
    for chapter in ["apereo.md", "rest.md", "commands.md"] {
        reader.walks_through(chapter);
    }
}
