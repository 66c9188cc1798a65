//! The servers that are measured and those they stand on: slapd with its people, Redis, and the
//! built binary with a configuration written for it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mereau::base::entropy::OsEntropy;
use mereau::base::key_file;

use super::client::Address;
use super::people::Person;
use super::process::Place;
use crate::support::built;
use crate::support::certificates::Authority;
use crate::support::child::{Server, folder};
use crate::support::ports;
use crate::support::redis::Redis;
use crate::support::slapd::{self, Slapd};

/// Services of a large registry; a small one has [`FEW_SERVICES`].
pub const MANY_SERVICES: usize = 5_000;

const FEW_SERVICES: usize = 10;

/// What a server may take to give its first page before the benchmark gives up on it.
const STARTING: Duration = Duration::from_secs(20);

/// Directory, ticket store and configuration.
pub struct Stand {
    pub slapd: Slapd,
    pub redis: Redis,
    pub people: Arc<[Person]>,
    authority: Authority,
    folder: PathBuf,
}

/// A running server.
pub struct Served {
    pub server: Server,
    pub address: Address,
    /// From the start of the process to its first login page.
    pub first_page: Duration,
}

impl Stand {
    pub fn start(accounts: usize) -> anyhow::Result<Stand> {
        let people: Arc<[Person]> = (0..accounts).map(Person::number).collect();
        let entries: String = people.iter().map(|person| person.entry(slapd::PEOPLE)).collect();
        let slapd = Slapd::start(&slapd::Options {
            entries: &entries,
            settings: "sizelimit unlimited\ntimelimit unlimited",
            ..slapd::Options::default()
        });
        let redis = Redis::start(&[]);
        let stand = Stand {
            folder: folder("serve"),
            authority: Authority::new(),
            slapd,
            redis,
            people,
        };
        stand.configure()?;
        Ok(stand)
    }

    /// Everything but server.toml, which depends on the port.
    fn configure(&self) -> anyhow::Result<()> {
        let folder = &self.folder;
        self.authority.issue_into(folder, &["localhost", "127.0.0.1"]);
        fs::set_permissions(folder.join("server.key"), fs::Permissions::from_mode(0o600))?;
        private(folder, "ring.key", &key_file::generate(&OsEntropy))?;
        private(folder, "ldap.password", slapd::SERVICE_PASSWORD)?;
        let realm = REALM
            .replace("@URL@", &self.slapd.url())
            .replace("@SERVICE_DN@", slapd::SERVICE_DN)
            .replace("@PEOPLE@", slapd::PEOPLE);
        private(folder, "realms/campus.toml", &realm)?;
        private(folder, "institutions.toml", INSTITUTIONS)?;
        private(folder, "services/application.toml", SERVICE)?;
        self.register(FEW_SERVICES)
    }

    /// Registers so many services in all, for the servers that are started from now on: some with a
    /// host of their own, some beside the application on its host, some below a wildcard.
    pub fn register(&self, services: usize) -> anyhow::Result<()> {
        for number in 1..services {
            let url = match number % 3 {
                0 => format!("https://h{number}.example/**"),
                1 => format!("https://application.example/beside/{number}/**"),
                _ => format!("https://**.d{number}.example/**"),
            };
            let service = format!("name = {{ fr = \"Application {number}\" }}\nurls = [\"{url}\"]\n");
            private(&self.folder, &format!("services/s{number}.toml"), &service)?;
        }
        Ok(())
    }

    /// Starts the built binary and waits for its first page. Without `tls` it stands as behind a
    /// proxy on this machine, with the same public URL.
    pub async fn serve(&self, tls: bool, place: Place) -> anyhow::Result<Served> {
        let port = ports::free();
        let section = if tls { TLS } else { "" };
        let server = SERVER
            .replace("@PORT@", &port.to_string())
            .replace("@REDIS@", &self.redis.url())
            .replace("@TLS@", section);
        private(&self.folder, "server.toml", &server)?;
        let address = if tls {
            Address::tls(port, self.authority.pem())?
        } else {
            Address::plain(port)
        };
        let configuration = self.folder.join("server.toml").display().to_string();
        let arguments = ["serve".to_owned(), "--config".to_owned(), configuration];
        let began = Instant::now();
        let log = self.folder.join(format!("serve-{port}.log"));
        let server = place.start(built::binary(), &arguments, &log);
        first_page(server, address, began).await
    }
}

async fn first_page(mut server: Server, address: Address, began: Instant) -> anyhow::Result<Served> {
    loop {
        if page(&address).await.unwrap_or(false) {
            return Ok(Served {
                first_page: began.elapsed(),
                server,
                address,
            });
        }
        let ended = server.has_ended();
        anyhow::ensure!(
            ended.is_none() && began.elapsed() < STARTING,
            "the server gives no page ({ended:?}):\n{}",
            server.output()
        );
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

async fn page(address: &Address) -> anyhow::Result<bool> {
    Ok(address.open().await?.get("/cas/login", "").await?.status == 200)
}

/// Writes a file that only its owner may read.
fn private(folder: &Path, name: &str, content: &str) -> anyhow::Result<()> {
    let path = folder.join(name);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(&path, content)?;
    Ok(fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?)
}

const SERVER: &str = r#"[server]
listen = "127.0.0.1:@PORT@"
public_url = "https://localhost:@PORT@/cas"
@TLS@
[keys]
files = ["ring.key"]

[tickets]
url = "@REDIS@"
persistence = "ignore"
"#;

const TLS: &str = r#"
[server.tls]
certificate = "server.pem"
key = "server.key"
"#;

const REALM: &str = r#"name = { fr = "Université du Campus", en = "Campus University" }
scope = "campus.example"

[directory]
kind = "ldap"
urls = ["@URL@"]
bind_dn = "@SERVICE_DN@"
bind_password_file = "../ldap.password"
base_dns = ["@PEOPLE@"]

[states]
presets = ["supann", "openldap-ppolicy"]

# No entry of a run reads the directory again, however long the run takes.
[lifetimes]
record = "1 h"

[contact]
name = "Assistance"
mail = "assistance@campus.example"
"#;

const INSTITUTIONS: &str = r#"[[institution]]
id = "campus"
realm = "campus"
name = { fr = "Université du Campus", en = "Campus University" }
"#;

const SERVICE: &str = r#"name = { fr = "Espace de cours", en = "Courses" }
urls = ["https://application.example/**"]
attributes = ["displayName", "mail", "eduPersonAffiliation", "supannEtablissement"]
ticket_lifetime = "5 min"
logout = "off"
"#;
