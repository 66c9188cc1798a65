//! Debian's 389 Directory Server as a child process of the tests: set up by its own dscreate under a
//! folder of ours, without systemd, with our schema, a policy and a writing account.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::child::{Server, folder};
use super::run::{run, succeed};
use super::{ports, wait};

pub const PEOPLE: &str = "ou=people,dc=campus,dc=example";
pub const WRITER_DN: &str = "cn=writer,ou=services,dc=campus,dc=example";
pub const WRITER_PASSWORD: &str = "Compte-Sesame-1";
pub const ROOT_DN: &str = "cn=Directory Manager";
pub const ROOT_PASSWORD: &str = "Racine-Sesame-1";

pub struct Ds389 {
    server: Server,
    folder: PathBuf,
    port: u16,
    secure: u16,
}

impl Ds389 {
    /// Sets a server up with these people below [`PEOPLE`].
    pub fn start(people: &str) -> Ds389 {
        Ds389::with_people(people, false)
    }

    /// The same with TLS, and the certificate that dscreate makes.
    pub fn secured(people: &str) -> Ds389 {
        Ds389::with_people(people, true)
    }

    fn with_people(people: &str, tls: bool) -> Ds389 {
        let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("conf/schema/99mereau.ldif");
        let started = Ds389::launch(tls, Some(&schema));
        started.modify(CONFIG);
        started.modify(&format!("{BASE}\n{people}"));
        started.modify(MUST_CHANGE);
        started
    }

    /// As dscreate leaves it, with TLS: the suffix, and nothing of ours.
    pub fn bare() -> Ds389 {
        Ds389::launch(true, None)
    }

    fn launch(tls: bool, schema: Option<&Path>) -> Ds389 {
        let folder = folder("ds389");
        let (port, secure) = (ports::free(), ports::free());
        set_up(&folder, (port, secure), tls);
        if let Some(schema) = schema {
            fs::copy(schema, config_in(&folder).join("schema/99mereau.ldif")).expect("our schema");
        }
        Ds389 {
            server: serving(&folder, port),
            folder,
            port,
            secure,
        }
    }

    /// Goes on with another certificate, both parts as PEM.
    pub fn show_certificate(&mut self, certificate: &str, key: &str) {
        self.server.kill();
        let at = |name: &str| self.folder.join(name).display().to_string();
        let config = self.config().display().to_string();
        let password = self.config().join("pwdfile.txt").display().to_string();
        fs::write(at("shown.pem"), format!("{certificate}{key}")).expect("the certificate");
        let bundled = ["-in", &at("shown.pem"), "-out", &at("shown.p12")].map(str::to_owned);
        succeed(
            Command::new("openssl")
                .args(["pkcs12", "-export", "-name", CERTIFICATE, "-passout", "pass:"])
                .args(bundled),
            "",
        );
        let mut forget = Command::new("certutil");
        forget.args(["-F", "-n", CERTIFICATE, "-d", &config, "-f", &password]);
        succeed(&mut forget, "");
        let mut take = Command::new("pk12util");
        take.args(["-i", &at("shown.p12"), "-W", "", "-d", &config, "-k", &password]);
        succeed(&mut take, "");
        self.server = serving(&self.folder, self.port);
    }

    pub fn url(&self) -> String {
        format!("ldap://127.0.0.1:{}", self.port)
    }

    /// `ldaps://localhost:port`, of one with TLS.
    pub fn ldaps_url(&self) -> String {
        format!("ldaps://localhost:{}", self.secure)
    }

    /// Where the instance keeps its configuration.
    pub fn config(&self) -> PathBuf {
        config_in(&self.folder)
    }

    /// Applies an LDIF of changes, entries without a change type are added, as the root of the
    /// directory.
    pub fn modify(&self, ldif: &str) {
        let mut command = Command::new("ldapmodify");
        command.args(["-a", "-x", "-H", &self.url(), "-D", ROOT_DN, "-w", ROOT_PASSWORD]);
        succeed(&mut command, ldif);
    }

    /// Makes this server a supplier of `consumer`, which is reached on `port`, and waits until that one has
    /// everybody, this person too. [`REPLICATION_MANAGER`] must be among what the consumer was started with.
    pub fn replicate_to(&self, consumer: &Ds389, port: u16, person: &str) {
        consumer.modify(&replica(2, 0, 65535));
        self.modify(&replica(3, 1, 1));
        self.modify(&format!(
            "dn: {AGREEMENT},{REPLICA}\nchangetype: add\nobjectClass: nsds5replicationagreement\ncn: agreement\n\
             nsDS5ReplicaHost: 127.0.0.1\nnsDS5ReplicaPort: {port}\nnsDS5ReplicaBindDN: cn=replication manager,cn=config\n\
             nsDS5ReplicaBindMethod: SIMPLE\nnsDS5ReplicaTransportInfo: LDAP\nnsDS5ReplicaRoot: dc=campus,dc=example\n\
             nsDS5ReplicaCredentials: {REPLICATION_PASSWORD}\nnsds5BeginReplicaRefresh: start\n"
        ));
        wait::until("the consumer to have everybody", || {
            let copied = self.has_copied();
            (copied && consumer.entry(person).contains("nsUniqueId")).then_some(())
        });
    }

    /// Whether the first copy has ended well: people are there one by one before it has. One that failed is not
    /// tried again by the server itself.
    fn has_copied(&self) -> bool {
        let agreement = format!("{AGREEMENT},{REPLICA}");
        let told = self.entry(&agreement);
        if told.contains("nsds5BeginReplicaRefresh:") {
            return false;
        }
        let mut lines = told.lines();
        let status = lines.find_map(|line| line.strip_prefix("nsds5replicaLastInitStatus: "));
        match status {
            Some("Error (0) Total update succeeded") => true,
            Some(failed) if failed.starts_with("Error (") && !failed.starts_with("Error (0)") => {
                self.modify(&format!(
                    "dn: {agreement}\nchangetype: modify\nreplace: nsds5BeginReplicaRefresh\n\
                     nsds5BeginReplicaRefresh: start\n"
                ));
                false
            }
            _ => false,
        }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// One entry as LDIF with these attributes, as the root sees it.
    pub fn entry(&self, dn: &str) -> String {
        let output = search(self.port, dn, "(objectClass=*)");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

/// The nickname of a server's certificate.
const CERTIFICATE: &str = "Server-Cert";

fn config_in(folder: &Path) -> PathBuf {
    folder.join("etc/dirsrv/slapd-test")
}

/// The instance in a folder, as soon as it answers.
fn serving(folder: &Path, port: u16) -> Server {
    let arguments = [
        "-D",
        &config_in(folder).display().to_string(),
        "-i",
        &pid_file(folder).display().to_string(),
        "-d",
        "0",
    ]
    .map(str::to_owned);
    Server::there("ns-slapd", &arguments, &folder.join("log/ns-slapd"), || {
        search(port, "", "(objectClass=*)").status.success().then_some(())
    })
}

const AGREEMENT: &str = "cn=agreement";
const REPLICA: &str = "cn=replica,cn=dc\\3Dcampus\\2Cdc\\3Dexample,cn=mapping tree,cn=config";
const REPLICATION_PASSWORD: &str = "Replique-Sesame-1";

/// As whom a supplier comes.
pub const REPLICATION_MANAGER: &str = "dn: cn=replication manager,cn=config
changetype: add
objectClass: inetOrgPerson
cn: replication manager
sn: manager
userPassword: Replique-Sesame-1
passwordExpirationTime: 20380119031407Z
";

fn replica(kind: u8, flags: u8, id: u16) -> String {
    format!(
        "dn: {REPLICA}\nchangetype: add\nobjectClass: nsds5replica\nobjectClass: extensibleObject\ncn: replica\n\
         nsDS5ReplicaRoot: dc=campus,dc=example\nnsDS5ReplicaId: {id}\nnsDS5ReplicaType: {kind}\nnsDS5Flags: {flags}\n\
         nsDS5ReplicaBindDN: cn=replication manager,cn=config\n"
    )
}

fn search(port: u16, base: &str, filter: &str) -> std::process::Output {
    let url = format!("ldap://127.0.0.1:{port}");
    let mut command = Command::new("ldapsearch");
    command.args([
        "-x",
        "-LLL",
        "-o",
        "ldif-wrap=no",
        "-H",
        &url,
        "-D",
        ROOT_DN,
        "-w",
        ROOT_PASSWORD,
    ]);
    command.args(["-s", "base", "-b", base, filter, "*", "+"]);
    run(&mut command, "")
}

fn pid_file(folder: &Path) -> PathBuf {
    folder.join("run/slapd.pid")
}

/// dscreate makes the instance and starts it in the background to fill it; it is ended again, to be
/// started as a child that cannot outlive the tests.
fn set_up(folder: &Path, (port, secure): (u16, u16), with_tls: bool) {
    let at = |name: &str| folder.join(name);
    for name in [
        "prefix/share/dirsrv/inf",
        "run",
        "lock",
        "log",
        "etc/default",
        "etc/dirsrv",
        "var/dbhome",
        "inst",
        "tmpfiles",
    ] {
        fs::create_dir_all(at(name)).expect("a folder");
    }
    for name in ["schema", "config"] {
        let mut copy = Command::new("cp");
        copy.arg("-r")
            .arg(Path::new("/etc/dirsrv").join(name))
            .arg(at("etc/dirsrv"));
        succeed(&mut copy, "");
    }
    let usual = fs::read_to_string("/usr/share/dirsrv/inf/defaults.inf").expect("389's own defaults");
    fs::write(
        at("prefix/share/dirsrv/inf/defaults.inf"),
        defaults(&usual, folder),
    )
    .expect("our defaults");
    let sign = if with_tls { "True" } else { "False" };
    let wanted = format!(
        "[general]\nfull_machine_name = localhost\nstrict_host_checking = False\nstart = True\nselinux = False\n\
         systemd = False\n[slapd]\ninstance_name = test\nport = {port}\nsecure_port = {secure}\nself_sign_cert = {sign}\n\
         root_password = {ROOT_PASSWORD}\nuser = root\ngroup = root\n\
         [backend-userroot]\nsuffix = dc=campus,dc=example\ncreate_suffix_entry = True\n"
    );
    fs::write(at("wanted.inf"), wanted).expect("what we want");
    let mut create = Command::new("dscreate");
    create
        .arg("from-file")
        .arg(at("wanted.inf"))
        .env("PREFIX", at("prefix"));
    succeed(&mut create, "");
    let pid = fs::read_to_string(pid_file(folder)).expect("the pid of the server just made");
    let pid = pid.trim();
    succeed(Command::new("kill").arg(pid), "");
    wait::until("the server just made to end", || has_ended(pid).then_some(()));
    // Nothing but the loopback.
    let dse = config_in(folder).join("dse.ldif");
    let text = fs::read_to_string(&dse).expect("the configuration");
    let listen = format!("nsslapd-port: {port}\nnsslapd-listenhost: 127.0.0.1");
    let text = text.replacen(&format!("nsslapd-port: {port}"), &listen, 1);
    let secure_port = format!("nsslapd-securePort: {secure}");
    let listen = format!("{secure_port}\nnsslapd-securelistenhost: 127.0.0.1");
    fs::write(&dse, text.replacen(&secure_port, &listen, 1)).expect("the configuration");
}

/// Also when nobody has asked how it ended, as in a container whose first process never asks.
fn has_ended(pid: &str) -> bool {
    let state = fs::read_to_string(Path::new("/proc").join(pid).join("stat"));
    state.map_or(true, |state| state.contains(") Z "))
}

/// Everything below our folder, as root, and no systemd.
fn defaults(usual: &str, folder: &Path) -> String {
    let folder = folder.display();
    let changed = |line: &str| {
        let key = line.split(" = ").next().unwrap_or_default();
        let value = match key {
            "with_systemd" => "0".to_owned(),
            "user" | "group" => "root".to_owned(),
            "sysconf_dir" => format!("{folder}/etc"),
            "initconfig_dir" => format!("{folder}/etc/default"),
            "config_dir" | "cert_dir" => format!("{folder}/etc/dirsrv/slapd-{{instance_name}}"),
            "schema_dir" => format!("{folder}/etc/dirsrv/slapd-{{instance_name}}/schema"),
            "local_state_dir" => format!("{folder}/var"),
            "run_dir" => format!("{folder}/run"),
            "ldapi" => format!("{folder}/run/slapd.socket"),
            "pid_file" => pid_file(Path::new(&folder.to_string())).display().to_string(),
            "inst_dir" => format!("{folder}/inst/slapd-{{instance_name}}"),
            "db_home_dir" => format!("{folder}/var/dbhome"),
            "tmpfiles_d" => format!("{folder}/tmpfiles"),
            _ => {
                return line
                    .replace("/run/lock/dirsrv", &format!("{folder}/lock"))
                    .replace("/var/log/dirsrv", &format!("{folder}/log"))
                    .replace("/var/lib/dirsrv", &format!("{folder}/var/lib"));
            }
        };
        format!("{key} = {value}")
    };
    usual.lines().map(|line| changed(line) + "\n").collect()
}

const CONFIG: &str = "dn: cn=config
changetype: modify
replace: passwordTrackUpdateTime
passwordTrackUpdateTime: on
-
replace: passwordCheckSyntax
passwordCheckSyntax: on
-
replace: passwordMinLength
passwordMinLength: 8
-
replace: passwordHistory
passwordHistory: on
-
replace: passwordInHistory
passwordInHistory: 3
-
replace: passwordLockout
passwordLockout: on
-
replace: passwordMaxFailure
passwordMaxFailure: 5
";

/// Last: the accounts made above need not choose again. What somebody else writes from then on is good for
/// three uses and an hour.
const MUST_CHANGE: &str = "dn: cn=config
changetype: modify
replace: passwordMustChange
passwordMustChange: on
-
replace: passwordTPRMaxUse
passwordTPRMaxUse: 3
-
replace: passwordTPRDelayExpireAt
passwordTPRDelayExpireAt: 3600
";

const BASE: &str = "dn: ou=people,dc=campus,dc=example
changetype: add
objectClass: organizationalUnit
ou: people
aci: (targetattr = \"*\")(version 3.0; acl \"writer reads\"; allow (read, search, compare) userdn = \"ldap:///cn=writer,ou=services,dc=campus,dc=example\";)
aci: (targetattr = \"userPassword || objectClass || mereauGeneration || mereauRecoveryMail || mereauRecoveryMobile || passwordExpirationTime || passwordRetryCount || accountUnlockTime || retryCountResetTime || pwdTPRUseCount || pwdTPRExpireAt || pwdTPRValidFrom\")(version 3.0; acl \"writer writes\"; allow (write) userdn = \"ldap:///cn=writer,ou=services,dc=campus,dc=example\";)

dn: ou=services,dc=campus,dc=example
changetype: add
objectClass: organizationalUnit
ou: services

dn: cn=writer,ou=services,dc=campus,dc=example
changetype: add
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: writer
userPassword: Compte-Sesame-1
";
