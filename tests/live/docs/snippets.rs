//! What the book writes for other programs is read by those programs: Apache, nginx, HAProxy, PHP.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::book::{self, Block};
use crate::support::certificates::Authority;
use crate::support::run::run;

/// What an example may load, besides what Debian's Apache always has.
const MODULES: [&str; 16] = [
    "mpm_event",
    "authz_core",
    "authn_core",
    "authz_user",
    "authz_host",
    "alias",
    "dir",
    "env",
    "headers",
    "rewrite",
    "setenvif",
    "ssl",
    "proxy",
    "proxy_http",
    "auth_cas",
    "socache_shmcb",
];

fn blocks(language: &str) -> Vec<(String, Block)> {
    let mut all = Vec::new();
    for chapter in book::chapters() {
        for block in chapter.blocks() {
            if block.language() == language && !block.is("elsewhere") {
                all.push((format!("docs/{}:{}", chapter.name, block.line), block));
            }
        }
    }
    all
}

/// Certificates and folders that examples name are made, and named instead.
fn with_files(text: &str, folder: &Path) -> String {
    let authority = Authority::new();
    authority.issue_into(folder, &["localhost"]);
    let at = |name: &str| folder.join(name).display().to_string();
    fs::create_dir_all(folder.join("cache")).unwrap();
    text.replace(
        "/etc/letsencrypt/live/cas.example.org/fullchain.pem",
        &at("server.pem"),
    )
    .replace(
        "/etc/letsencrypt/live/cas.example.org/privkey.pem",
        &at("server.key"),
    )
    .replace(
        "/etc/letsencrypt/live/app.univ.example/fullchain.pem",
        &at("server.pem"),
    )
    .replace(
        "/etc/letsencrypt/live/app.univ.example/privkey.pem",
        &at("server.key"),
    )
    .replace("/etc/ssl/people-ca.pem", &at("ca.pem"))
    .replace("/etc/ssl/certs/ca-certificates.crt", &at("ca.pem"))
    .replace("/var/cache/apache2/mod_auth_cas/", &at("cache/"))
    .replace("/var/log/nginx/", &format!("{}/", folder.display()))
}

fn accepted(place: &str, command: &mut Command) {
    let output = run(command, "");
    let told = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{place}: {}{}",
        told(&output.stdout),
        told(&output.stderr)
    );
}

#[test]
fn apache_takes_every_example_for_it() {
    let all = blocks("apache");
    assert!(all.len() >= 2);
    for (place, block) in all {
        let folder = TempDir::new().unwrap();
        let modules: String = MODULES
            .iter()
            .map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"))
            .collect();
        let text = format!(
            "{modules}ServerRoot {0}\nServerName localhost\nPidFile {0}/pid\nErrorLog {0}/error.log\nMutex file:{0}\n\
             Listen 127.0.0.1:1\n{1}",
            folder.path().display(),
            with_files(&block.text, folder.path())
        );
        let path = folder.path().join("httpd.conf");
        fs::write(&path, text).unwrap();
        accepted(
            &place,
            Command::new("/usr/sbin/apache2").arg("-t").arg("-f").arg(path),
        );
    }
}

#[test]
fn nginx_takes_every_example_for_it() {
    let all = blocks("nginx");
    assert!(!all.is_empty());
    for (place, block) in all {
        let folder = TempDir::new().unwrap();
        let at = folder.path().display();
        let text = with_files(&block.text, folder.path());
        let text = match block.is("location") {
            true => format!("server {{ listen 127.0.0.1:1;\n{text}\n}}"),
            false => text,
        };
        let whole = format!(
            "pid {at}/pid;\nerror_log {at}/error.log;\nevents {{}}\nhttp {{\naccess_log off;\nclient_body_temp_path {at}/b;\n\
             proxy_temp_path {at}/p;\nfastcgi_temp_path {at}/f;\nuwsgi_temp_path {at}/u;\nscgi_temp_path {at}/s;\n{text}\n}}\n"
        );
        // No port below 1024 and nobody else's: the syntax is asked, not the machine.
        let path = folder.path().join("nginx.conf");
        fs::write(&path, whole).unwrap();
        accepted(
            &place,
            Command::new("/usr/sbin/nginx").arg("-t").arg("-c").arg(path),
        );
    }
}

#[test]
fn php_takes_every_example_for_it() {
    let all = blocks("php");
    assert!(all.len() >= 2);
    for (place, block) in all {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("example.php");
        let open = if block.text.starts_with("<?php") {
            ""
        } else {
            "<?php\n"
        };
        fs::write(&path, format!("{open}{}", block.text)).unwrap();
        accepted(&place, Command::new("php").arg("-l").arg(path));
    }
}
