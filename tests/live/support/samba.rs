//! Debian's Samba as an Active Directory of the tests: provisioned once in a folder of ours, on a
//! loopback address of its own since its ports are fixed, with our schema and a writing account.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use data_encoding::BASE64;

use super::certificates::Authority;
use super::child::{Server, folder};
use super::run::succeed;
use super::wait;

pub const PEOPLE: &str = "OU=people,DC=campus,DC=example";
pub const WRITER_DN: &str = "CN=writer,CN=Users,DC=campus,DC=example";
pub const WRITER_PASSWORD: &str = "Compte-Sesame-1";
const ADMIN_PASSWORD: &str = "Racine-Sesame-1";

/// Reset Password, and the class it is inherited by: every user below.
const RESET_PASSWORD: &str = "00299570-246d-11d0-a768-00aa006e0529";
const USER_CLASS: &str = "bf967aba-0de6-11d0-a285-00aa003049e2";

pub struct Samba {
    _server: Server,
    folder: PathBuf,
    address: Ipv4Addr,
    authority: PathBuf,
    issuer: Arc<Authority>,
}

impl Samba {
    /// Provisions a domain whose people are `people`: login, password, more lines of LDIF.
    pub fn start(people: &[(&str, &str, &str)]) -> Samba {
        let folder = folder("samba");
        let address = free_address();
        provision(&folder, address);
        let issuer = Arc::new(Authority::new());
        let authority = issuer.issue_into(&folder, &[&address.to_string()]);
        configure(&folder, address, &authority);
        fill(&folder, people);
        Samba {
            _server: launch(&folder, address),
            folder,
            address,
            authority: authority.authority,
            issuer,
        }
    }

    /// Another controller of the same domain as it is now, which hears of no change from then on; its
    /// certificate is of the same authority.
    pub fn copy(&self) -> Samba {
        let folder = folder("samba");
        let mut copy = Command::new("cp");
        copy.arg("-r").arg(self.folder.join(".")).arg(&folder);
        succeed(&mut copy, "");
        let address = free_address();
        let certificate = self.issuer.issue_into(&folder, &[&address.to_string()]);
        succeed(Command::new("chmod").arg("600").arg(&certificate.key), "");
        let conf = folder.join("etc/smb.conf");
        let text = fs::read_to_string(&conf).expect("smb.conf");
        let text = text
            .replace(&self.folder.display().to_string(), &folder.display().to_string())
            .replace(&self.address.to_string(), &address.to_string());
        fs::write(&conf, text).expect("smb.conf");
        Samba {
            _server: launch(&folder, address),
            folder,
            address,
            authority: certificate.authority,
            issuer: self.issuer.clone(),
        }
    }

    /// Ends the server and starts it with a certificate that ends, or ended, on that day.
    pub fn restart_with_certificate_until(&mut self, year: i32, month: u8, day: u8) {
        let names = [self.address.to_string()];
        let (certificate, key) = self
            .issuer
            .issue_as(&names.each_ref().map(String::as_str), |wanted| {
                wanted.not_before = rcgen::date_time_ymd(2024, 1, 1);
                wanted.not_after = rcgen::date_time_ymd(year, month, day);
            });
        fs::write(self.authority.with_file_name("server.pem"), certificate).expect("a certificate");
        fs::write(self.authority.with_file_name("server.key"), key).expect("a key");
        self._server.kill();
        wait::until("the end of Samba", || TcpListener::bind((self.address, 636)).ok());
        self._server = launch(&self.folder, self.address);
    }

    /// Lets a person read nothing of a branch, and says what its access list was.
    pub fn deny_reading(&self, dn: &str, branch: &str) -> String {
        let before = self.dsacl(&["get"], branch, &[]);
        let before = before
            .lines()
            .rfind(|line| line.starts_with("O:"))
            .expect("an access list")
            .to_owned();
        let sid = self.value(dn, "objectSid").expect("the SID of a person");
        let deny = format!("--sddl=(D;CI;RPLCLO;;;{sid})");
        self.dsacl(&["set", "--action=allow"], branch, &[&deny]);
        before
    }

    /// The access list as it was.
    pub fn restore_access(&self, branch: &str, before: &str) {
        self.modify(&format!(
            "dn: {branch}\nchangetype: modify\nreplace: nTSecurityDescriptor\nnTSecurityDescriptor: {before}\n"
        ));
    }

    fn dsacl(&self, how: &[&str], branch: &str, more: &[&str]) -> String {
        let mut acl = Command::new("samba-tool");
        acl.arg("dsacl").args(how).args(more);
        acl.arg(format!("--objectdn={branch}"))
            .arg("-H")
            .arg(self.folder.join("private/sam.ldb"))
            .arg("-s")
            .arg(self.folder.join("etc/smb.conf"));
        succeed(&mut acl, "")
    }

    pub fn url(&self) -> String {
        format!("ldaps://{}", self.address)
    }

    pub fn authority_file(&self) -> &Path {
        &self.authority
    }

    /// Changes entries in the database itself, which no policy and no right bind.
    pub fn modify(&self, ldif: &str) {
        succeed(&mut ldb("ldbmodify", &self.folder), ldif);
    }

    /// One attribute of an entry, as the database has it.
    pub fn value(&self, dn: &str, attribute: &str) -> Option<String> {
        let mut search = ldb("ldbsearch", &self.folder);
        let found = succeed(search.args(["-b", dn, "-s", "base", attribute]), "");
        let lines = found.lines();
        lines
            .filter_map(|line| line.strip_prefix(attribute)?.strip_prefix(": "))
            .next()
            .map(str::to_owned)
    }
}

pub fn dn(login: &str) -> String {
    format!("CN={login},{PEOPLE}")
}

fn launch(folder: &Path, address: Ipv4Addr) -> Server {
    let conf = folder.join("etc/smb.conf").display().to_string();
    let arguments = ["-s", &conf, "-i", "--model=single"].map(str::to_owned);
    Server::there("samba", &arguments, &folder.join("log"), || {
        TcpListener::bind((address, 636)).is_err().then_some(())
    })
}

/// Somewhere in 127.64.0.0/10, another for each run: two at once have servers of their own.
fn free_address() -> Ipv4Addr {
    let process = std::process::id();
    for more in 0..1000u32 {
        let [_, high, middle, low] = (process.wrapping_mul(251).wrapping_add(more)).to_be_bytes();
        let address = Ipv4Addr::new(127, 64 | (high & 63), middle, low.clamp(1, 254));
        if [389, 636]
            .iter()
            .all(|port| TcpListener::bind((address, *port)).is_ok())
        {
            return address;
        }
    }
    panic!("no loopback address with ports 389 and 636 is free; is this run as root?")
}

fn provision(folder: &Path, address: Ipv4Addr) {
    let mut provision = Command::new("samba-tool");
    provision
        .args([
            "domain",
            "provision",
            "--realm=CAMPUS.EXAMPLE",
            "--domain=CAMPUS",
            "--server-role=dc",
        ])
        .args(["--dns-backend=NONE", "--host-name=dc1"])
        .arg(format!("--host-ip={address}"))
        .arg(format!("--adminpass={ADMIN_PASSWORD}"))
        .arg(format!("--targetdir={}", folder.display()));
    succeed(&mut provision, "");
}

fn configure(folder: &Path, address: Ipv4Addr, tls: &super::certificates::Certificate) {
    // Samba takes a key that others can read for a mistake.
    succeed(Command::new("chmod").arg("600").arg(&tls.key), "");
    let path = folder.join("etc/smb.conf");
    let conf = fs::read_to_string(&path).expect("smb.conf");
    let ours = format!(
        "[global]\n\told password allowed period = 0\n\tinterfaces = {address}/8\n\tbind interfaces only = yes\n\twinbindd socket directory = {}\n\
         \tpid directory = {}\n\ttls certfile = {}\n\ttls keyfile = {}\n\ttls cafile = {}\n",
        folder.join("winbindd").display(),
        // Elsewhere two domains at once would take each other for themselves.
        folder.display(),
        tls.certificate.display(),
        tls.key.display(),
        tls.authority.display()
    );
    let services = |line: &str| match line.trim_start().starts_with("server services") {
        true => "\tserver services = ldap, cldap, winbindd\n".to_owned(),
        false => format!("{line}\n"),
    };
    let conf: String = conf.lines().map(services).collect();
    fs::write(&path, conf.replacen("[global]\n", &ours, 1)).expect("smb.conf");
}

fn ldb(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .arg("-H")
        .arg(folder.join("private/sam.ldb"))
        .arg("--option=dsdb:schema update allowed=true");
    command
}

fn fill(folder: &Path, people: &[(&str, &str, &str)]) {
    for name in ["ad-1-attributes.ldf", "ad-2-class.ldf", "ad-3-user.ldf"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("conf/schema")
            .join(name);
        let text = fs::read_to_string(path).expect("our schema");
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let text: String = lines
            .map(|line| line.replace("DC=X", "DC=campus,DC=example") + "\n")
            .collect();
        succeed(&mut ldb("ldbmodify", folder), &text);
    }
    succeed(&mut ldb("ldbmodify", folder), POLICY);
    succeed(
        &mut ldb("ldbadd", folder),
        &format!(
            "dn: {PEOPLE}\nobjectClass: organizationalUnit\n\n{}",
            user(WRITER_DN, "writer", WRITER_PASSWORD, "")
        ),
    );
    let found = succeed(
        ldb("ldbsearch", folder).args(["-b", WRITER_DN, "-s", "base", "objectSid"]),
        "",
    );
    let sid = found
        .lines()
        .find_map(|line| line.strip_prefix("objectSid: "))
        .expect("the writer's SID");
    let rights =
        format!("(OA;CIIO;CR;{RESET_PASSWORD};{USER_CLASS};{sid})(OA;CIIO;RPWP;;{USER_CLASS};{sid})");
    let mut acl = Command::new("samba-tool");
    acl.args(["dsacl", "set", "--action=allow"])
        .arg(format!("--objectdn={PEOPLE}"))
        .arg(format!("--sddl={rights}"))
        .arg("-H")
        .arg(folder.join("private/sam.ldb"))
        .arg("-s")
        .arg(folder.join("etc/smb.conf"));
    succeed(&mut acl, "");
    let people: String = people
        .iter()
        .map(|(login, password, more)| user(&dn(login), login, password, more))
        .collect();
    succeed(&mut ldb("ldbadd", folder), &people);
}

fn user(dn: &str, login: &str, password: &str, more: &str) -> String {
    let quoted: Vec<u8> = format!("\"{password}\"")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let password = BASE64.encode(&quoted);
    let control = if more.contains("userAccountControl") {
        ""
    } else {
        "userAccountControl: 512\n"
    };
    format!(
        "dn: {dn}\nobjectClass: user\nsAMAccountName: {login}\n{control}unicodePwd:: {password}\n{more}\n"
    )
}

/// No least age, a lock after five tries, and a window of half an hour (in units of 100 ns).
const POLICY: &str = "dn: DC=campus,DC=example
changetype: modify
replace: minPwdAge
minPwdAge: 0
-
replace: minPwdLength
minPwdLength: 8
-
replace: pwdHistoryLength
pwdHistoryLength: 3
-
replace: lockoutThreshold
lockoutThreshold: 5
-
replace: lockoutDuration
lockoutDuration: -18000000000
-
replace: lockOutObservationWindow
lockOutObservationWindow: -18000000000
-
";
