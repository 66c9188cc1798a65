//! Ten faults planted one by one in real directories: `mereau doctor directory` names each in one line with its
//! evidence and the mend, and a healthy set-up shows none of them.
//!
//! | fault | OpenLDAP | Active Directory (Samba) | 389-ds |
//! |---|---|---|---|
//! | wrong base | yes | yes | yes |
//! | wrong rights | yes: an attribute, a branch | yes: a branch | yes: a branch |
//! | expired certificate | yes | yes | yes |
//! | closed port | yes | yes | yes |
//! | replica lag | yes: syncrepl held | yes: two copies of one domain, since a second domain controller does not join without Kerberos and DNS | yes: an agreement held |
//! | referral | yes: of a search, of a write | no: Samba answers 32, not 10, to branches of other domains, which is named as a wrong base | yes: of a search, of a write |
//! | locked service account | yes: told, and not told | yes | yes |
//! | full password history | yes | no: AD shows its history to nobody; how long it is stands in the line of the policy | yes |
//! | ambiguous login | yes | yes: by mail, since AD keeps sAMAccountName unique | yes |
//! | clear-text storing | yes | yes: reversible encryption, its only way | yes |

mod ds389;
mod samba;
mod slapd;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// Every code that names one of the ten.
const TEN: [&str; 11] = [
    "DIR_BASE_MISSING",
    "DIR_RIGHTS",
    "DIR_CERT_EXPIRED",
    "DIR_PORT_CLOSED",
    "DIR_REPLICA_LAG",
    "DIR_REFERRAL",
    "DIR_WRITE_REFERRED",
    "DIR_ACCOUNT_LOCKED",
    "DIR_HISTORY_FULL",
    "DIR_LOGIN_AMBIGUOUS",
    "DIR_CLEAR_STORED",
];

/// A realm as an operator writes it.
#[derive(Clone)]
pub struct Realm {
    pub urls: Vec<String>,
    pub ca_file: Option<String>,
    pub base: String,
    pub reader: (String, String),
    pub write_url: String,
    pub method: &'static str,
    pub writer: (String, String),
    pub logins: &'static [&'static str],
    pub subject: &'static str,
}

impl Realm {
    /// What `doctor` tells of it.
    pub fn look(&self) -> Told {
        let folder = TempDir::new().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        };
        fs::create_dir(folder.path().join("realms")).unwrap();
        write("reader.password", &self.reader.1);
        write("writer.password", &self.writer.1);
        write("1.key", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n");
        write(
            "server.toml",
            "[server]\nlisten = \"127.0.0.1:0\"\npublic_url = \"http://localhost/cas\"\n[keys]\nfiles = [\"1.key\"]\n\
             [tickets]\nurl = \"embedded:state\"\n",
        );
        write("realms/campus.toml", &self.written());
        told_of(folder.path(), &["doctor", "directory"])
    }

    fn written(&self) -> String {
        let list = |items: &[String]| {
            let quoted: Vec<String> = items.iter().map(|item| format!("\"{item}\"")).collect();
            quoted.join(", ")
        };
        let logins: Vec<String> = self.logins.iter().map(|login| (*login).to_owned()).collect();
        let ca_file = self
            .ca_file
            .as_ref()
            .map(|file| format!("ca_file = \"{file}\"\n"));
        format!(
            "name = \"Campus\"\nscope = \"campus.example\"\n[directory]\nkind = \"ldap\"\nurls = [{}]\n{}\
             base_dns = [\"{}\"]\nbind_dn = \"{}\"\nbind_password_file = \"../reader.password\"\nlock_after = 5\n\
             connect_timeout = \"20 s\"\nop_timeout = \"20 s\"\n\
             [directory.write]\nurls = [\"{}\"]\nmethod = \"{}\"\nguard = \"generation\"\nbind_dn = \"{}\"\n\
             bind_password_file = \"../writer.password\"\nop_timeout = \"20 s\"\n\
             [people]\nlogin_attributes = [{}]\nsubject_attribute = \"{}\"\n",
            list(&self.urls),
            ca_file.unwrap_or_default(),
            self.base,
            self.reader.0,
            self.write_url,
            self.method,
            self.writer.0,
            list(&logins),
            self.subject,
        )
    }
}

/// What a command says about the configuration in a folder.
pub fn told_of(folder: &Path, arguments: &[&str]) -> Told {
    let output = Command::new(env!("CARGO_BIN_EXE_mereau"))
        .args(arguments)
        .arg("--config")
        .arg(folder.join("server.toml"))
        .env_remove("RUST_LOG")
        .output()
        .unwrap();
    let told = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    Told(told)
}

/// Lines of `doctor`.
pub struct Told(pub String);

impl Told {
    /// The codes of the ten faults that are told, one for each line.
    fn faults(&self) -> Vec<&str> {
        let codes = self
            .0
            .lines()
            .filter_map(|line| line.rsplit_once(" [")?.1.strip_suffix(']'));
        codes.filter(|code| TEN.contains(code)).collect()
    }

    /// One line names the fault with this evidence and a mend, and no line names another.
    #[track_caller]
    pub fn names(&self, code: &str, evidence: &[&str]) {
        assert_eq!(self.faults(), [code], "{}", self.0);
        let line = self
            .0
            .lines()
            .find(|line| line.ends_with(&format!(" [{code}]")))
            .unwrap();
        let (fact, mend) = line.split_once(" → ").expect("a mend");
        assert!(mend.len() > 20, "{line}");
        for word in evidence {
            assert!(
                fact.contains(word) || mend.contains(word),
                "{word} is not in {line}"
            );
        }
    }

    /// No line names one of the ten, and people are found.
    #[track_caller]
    pub fn is_healthy(&self) {
        assert_eq!(self.faults(), [""; 0], "{}", self.0);
        assert!(!self.0.contains("FAIL"), "{}", self.0);
        assert!(
            self.0.contains("people can be searched") && self.0.contains("people looked at show"),
            "{}",
            self.0
        );
    }
}
