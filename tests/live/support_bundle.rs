//! `mereau support-bundle` on a server that runs: what those who help need is in it, and no secret of the
//! configuration, no ticket, no login.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::application::Application;
use crate::support::browser::Browser;
use crate::support::child::folder;
use crate::support::run::{run, succeed};
use crate::support::served::{Options, PROXY_SECRET, Served, service};
use crate::support::slapd::{self, SERVICE_PASSWORD, Slapd, WRITER_PASSWORD};
use crate::support::{ports, wait};

const BINARY: &str = env!("CARGO_BIN_EXE_mereau");
const LOGIN: &str = "camille.dupont";
const PASSWORD: &str = "camille-corbeau-7";
const TOKEN: &str = "canari-du-jeton-4711";
const VARIABLE: &str = "canari-de-la-variable-4714";

/// Everything in the bundle of a configuration, and what was printed when it was made.
fn bundle(config: &Path, log: &Path) -> (String, String) {
    let into = folder("bundle");
    let file = into.join("support.tar.gz");
    let mut command = Command::new(BINARY);
    command
        .env("MEREAU_ADMIN_TOKEN", VARIABLE)
        .arg("support-bundle")
        .arg("--into")
        .arg(&file)
        .arg("--config")
        .arg(config);
    let printed = succeed(command.arg("--log").arg(log), "");
    succeed(
        Command::new("tar").arg("-xzf").arg(&file).arg("-C").arg(&into),
        "",
    );
    let mut all = String::new();
    let mut names: Vec<_> = fs::read_dir(into.join("mereau-support"))
        .expect("the folder")
        .map(|entry| entry.expect("a file").path())
        .collect();
    names.sort();
    for name in names {
        all += &format!("== {}\n", name.display());
        all += &fs::read_to_string(&name).expect("a text");
    }
    (all, printed)
}

#[tokio::test(flavor = "multi_thread")]
#[allow(clippy::too_many_lines, reason = "one secret after the other")]
async fn who_helps_sees_everything_but_secrets_and_names() {
    // SEC-11
    let slapd = Slapd::start(&slapd::Options::default());
    let application = Application::plain();
    let services = [("application", service(&application.url(), ""))];
    let admin = ports::free();
    let sections = format!(
        "[admin]\nlisten = \"127.0.0.1:{admin}\"\ntoken_file = \"admin.token\"\n\
         # tried before: canari-du-commentaire\n"
    );
    let options = Options {
        services: &services,
        sections: &sections,
        ..Options::on(&slapd, "memory:")
    };
    let mut served = Served::written(&options, ports::free());
    let private = served.folder().join("admin.token");
    fs::write(&private, TOKEN).expect("the token");
    succeed(Command::new("chmod").arg("600").arg(&private), "");
    served.restart();

    let mut browser = Browser::new(None);
    let login = served.address("/login", &[("service", &format!("{}/app", application.url()))]);
    let page = browser.open(&login).await;
    let page = browser.sign_in(&page, LOGIN, PASSWORD).await;
    let ticket = page
        .url
        .query_pairs()
        .find(|(name, _)| name == "ticket")
        .expect("a ticket")
        .1
        .into_owned();
    wait::until("the log", || served.output().contains("signed in").then_some(()));

    let config = served.folder().join("server.toml");
    let log = served.folder().join("log");
    let (all, printed) = tokio::task::block_in_place(|| bundle(&config, &log));
    for told in [
        "mereau 0",
        "kernel",
        "script open",
        "server.public_url",
        "build_info",
        "signed in",
        "100600",
        "OK ",
    ] {
        assert!(all.contains(told), "{told} is not in {all}");
    }
    for part in ["versions", "configuration", "files", "doctor", "metrics", "log"] {
        assert!(
            printed.contains(&format!("mereau-support/{part}.txt")),
            "{printed}"
        );
    }
    assert!(!all.contains("a line with a secret was here"), "{all}");
    let key = fs::read_to_string(served.folder().join("ring.key")).expect("the key");
    let secrets = [
        SERVICE_PASSWORD,
        WRITER_PASSWORD,
        PROXY_SECRET,
        TOKEN,
        key.trim(),
        &ticket,
        PASSWORD,
        LOGIN,
        "canari-du-commentaire",
    ];
    for secret in secrets.into_iter().map(str::to_owned).chain(browser.secrets()) {
        let line = all.lines().find(|line| line.contains(&secret));
        assert!(
            line.is_none(),
            "{secret} stands in the bundle: {}",
            line.unwrap_or_default()
        );
    }

    // One that a log of somebody else's held after all is taken out.
    fs::write(&log, format!("a proxy says {TOKEN}\nand goes on\n")).expect("a log");
    let (all, _) = tokio::task::block_in_place(|| bundle(&config, &log));
    assert!(!all.contains(TOKEN) && all.contains("and goes on"), "{all}");

    // Also one that comes from the environment.
    let text = fs::read_to_string(&config).expect("server.toml");
    let text = text.replace(
        "token_file = \"admin.token\"",
        "token_env = \"MEREAU_ADMIN_TOKEN\"",
    );
    fs::write(&config, text).expect("server.toml");
    fs::write(&log, format!("a proxy says {VARIABLE}\nand goes on\n")).expect("a log");
    let (all, _) = tokio::task::block_in_place(|| bundle(&config, &log));
    assert!(!all.contains(VARIABLE) && all.contains("and goes on"), "{all}");
    assert!(all.contains("MEREAU_ADMIN_TOKEN"), "{all}");
}

#[test]
fn a_configuration_that_nobody_can_read_is_no_reason_to_get_no_help() {
    let slapd = Slapd::start(&slapd::Options::default());
    let served = Served::written(&Options::on(&slapd, "memory:"), ports::free());
    let config = served.folder().join("server.toml");
    let text = fs::read_to_string(&config).expect("server.toml");
    let admin = "[admin]\nlisten = \"127.0.0.1:1\"\ntoken_env = \"MEREAU_ADMIN_TOKEN\"\n";
    let text = format!("pasword = \"canari-4712\"\n{text}\n{admin}");
    fs::write(&config, text).expect("server.toml");
    let realm = served.folder().join("realms/campus.toml");
    fs::write(&realm, "name = \"canari-4713").expect("the realm");
    let log = served.folder().join("empty");
    fs::write(&log, format!("a proxy says {VARIABLE}\n")).expect("a log");
    let (all, printed) = bundle(&config, &log);
    assert!(all.contains("pasword") && all.contains("campus.toml:1"), "{all}");
    assert!(
        !all.contains("canari-4712") && !all.contains("canari-4713"),
        "{all}"
    );
    assert!(!all.contains(VARIABLE), "{all}");

    let again = run(
        Command::new(BINARY)
            .args(["support-bundle", "--into"])
            .arg(&config)
            .arg("--config")
            .arg(&config),
        "",
    );
    assert!(
        !again.status.success(),
        "an existing file is not replaced: {printed}"
    );
}
