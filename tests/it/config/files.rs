//! A folder of configuration files that is good until a test spoils it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use mereau::config::{Loaded, Problem, load};
use tempfile::TempDir;

pub const SERVER: &str = r#"[server]
listen = "127.0.0.1:8080"
public_url = "https://cas.univ-valmore.example/cas"

[keys]
files = ["keys/1.key"]

[tickets]
url = "redis://127.0.0.1:6379/0"
"#;

pub const REALM: &str = r#"name = { fr = "Université de Valmoré", en = "University of Valmoré" }
scope = "univ-valmore.example"

[directory]
kind = "ldap"
urls = ["ldaps://ldap.univ-valmore.example"]
base_dns = ["ou=people,dc=univ-valmore,dc=example"]

[contact]
name = "Assistance"
mail = "assistance@univ-valmore.example"
"#;

pub const INSTITUTIONS: &str = r#"[[institution]]
id = "valmore"
realm = "univ"
name = "Université de Valmoré"
hosts = ["cas.univ-valmore.example"]

[[institution]]
id = "antenne"
realm = "univ"
name = "Antenne de Saint-Amé"
aliases = ["0999999X"]
"#;

pub const SERVICE: &str = r#"name = "Moodle"
urls = ["https://moodle.univ-valmore.example/**"]
attributes = ["displayName", "mail"]
"#;

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";

/// The folder, gone when the test ends.
pub struct Folder(TempDir);

impl Folder {
    pub fn good() -> Folder {
        let folder = Folder(TempDir::new().unwrap());
        folder.write("server.toml", SERVER);
        folder.write("realms/univ.toml", REALM);
        folder.write("institutions.toml", INSTITUTIONS);
        folder.write("services/moodle.toml", SERVICE);
        folder.write("keys/1.key", KEY);
        folder
    }

    pub fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    /// Writes a file that only its owner may read.
    pub fn write(&self, file: &str, content: impl AsRef<[u8]>) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        self.mode(file, 0o600);
    }

    pub fn mode(&self, file: &str, mode: u32) {
        fs::set_permissions(self.path(file), fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Puts `to` where `from` stands in a file.
    pub fn change(&self, file: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(file)).unwrap();
        assert!(text.contains(from), "{file} has no {from}");
        self.write(file, text.replacen(from, to, 1));
    }

    pub fn remove(&self, file: &str) {
        fs::remove_file(self.path(file)).unwrap();
    }

    pub fn load(&self) -> Result<Loaded, Vec<Problem>> {
        let environment = |name: &str| (name == "MEREAU_TEST_PASSWORD").then(|| "canary-7Hq2".to_owned());
        load(&self.path("server.toml"), &environment)
    }

    /// What a folder that is good comes to.
    pub fn loaded(&self) -> Loaded {
        match self.load() {
            Ok(loaded) => loaded,
            Err(_) => panic!("{}", self.problems()),
        }
    }

    /// What is wrong, as it is printed, with paths from this folder on.
    pub fn problems(&self) -> String {
        let Err(problems) = self.load() else {
            return "nothing is wrong".to_owned();
        };
        let printed: Vec<String> = problems.iter().map(Problem::to_string).collect();
        self.local(&printed.join("\n\n"))
    }

    pub fn local(&self, text: &str) -> String {
        let folder: &Path = self.0.path();
        text.replace(&format!("{}/", folder.display()), "")
            .replace(&folder.display().to_string(), "the folder")
    }
}
