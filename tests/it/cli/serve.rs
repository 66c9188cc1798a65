//! `serve` from its start to its stop, with a reload between.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::process::Command;

use super::process::{Server, change, demo_folder, mereau, text};
use super::web::Browser;

#[test]
fn a_reload_is_all_or_nothing_and_drops_nobody() {
    // F-24
    let folder = demo_folder();
    let institutions = folder.path().join("institutions.toml");
    let (mut server, port) = Server::serve(&folder.path().join("server.toml"));
    let list = || Browser::default().get(port, "/cas/login").body;
    assert!(list().contains("Jean-Zay"));
    change(&institutions, "École Jean-Zay", "École Simone-Veil");
    change(
        &institutions,
        "realm = \"rosa-bonheur\"",
        "realm = \"rosa-bonheu\"",
    );
    server.signal("HUP");
    server.err.until_said("config_reload_failed");
    let log = server.err.so_far();
    assert!(
        log.contains("institutions.toml:10:9") && log.contains("did you mean"),
        "{log}"
    );
    assert!(list().contains("Jean-Zay"), "the old list stays");
    change(
        &institutions,
        "realm = \"rosa-bonheu\"",
        "realm = \"rosa-bonheur\"",
    );
    server.signal("HUP");
    server.err.until_said("config_reloaded");
    assert!(list().contains("Simone-Veil") && !list().contains("Jean-Zay"));
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
}

#[test]
fn a_hangup_while_the_server_starts_is_kept_and_reloads_it() {
    // F-24
    let folder = demo_folder();
    let config = folder.path().join("server.toml");
    let institutions = folder.path().join("institutions.toml");
    let text = fs::read(&institutions).unwrap();
    fs::remove_file(&institutions).unwrap();
    let made = Command::new("mkfifo").arg(&institutions).status().unwrap();
    assert!(made.success());
    let config = config.display().to_string();
    let mut server = Server::start(&["serve", "--config", &config], &[]);
    // Opens as soon as the server reads it, long before it has a port.
    let mut pipe = OpenOptions::new().write(true).open(&institutions).unwrap();
    server.signal("HUP");
    fs::remove_file(&institutions).unwrap();
    fs::write(&institutions, &text).unwrap();
    pipe.write_all(&text).unwrap();
    drop(pipe);
    server.err.until_said("config_reloaded");
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
}

#[test]
fn sixty_thousand_institutions_are_reloaded_while_everybody_is_answered() {
    // F-24
    let folder = demo_folder();
    let sheet = folder.path().join("institutions.csv");
    let write = |round: usize| {
        let row = |n: usize| {
            format!(
                "s{n};rosa-bonheur;École {round}-{n};Ville {};{:05}\n",
                n % 997,
                n % 95_000
            )
        };
        let rows: String = (0..60_000).map(row).collect();
        std::fs::write(&sheet, format!("id;realm;name;town;postcode\n{rows}")).unwrap();
    };
    write(0);
    let (mut server, port) = Server::serve(&folder.path().join("server.toml"));
    let stop = std::sync::atomic::AtomicBool::new(false);
    let asked = std::thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let mut asked = 0;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                let reply = Browser::default().get(port, "/cas/t/s59999/login");
                assert_eq!(reply.status, 200, "{}", reply.body);
                assert!(reply.body.contains("-59999"), "{}", reply.body);
                asked += 1;
            }
            asked
        });
        for round in 1..=2 {
            write(round);
            server.signal("HUP");
            server.err.until("the reload", |log| {
                (log.matches("config_reloaded").count() >= round).then_some(())
            });
            let page = Browser::default().get(port, "/cas/t/s59999/login").body;
            assert!(page.contains(&format!("École {round}-59999")), "{page}");
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        asking.join().unwrap()
    });
    assert!(asked > 2, "only {asked} requests were made meanwhile");
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
}

#[test]
fn sessions_of_the_embedded_store_outlive_a_restart() {
    let folder = demo_folder();
    let config = folder.path().join("server.toml");
    let mut browser = Browser::default();
    let (mut server, port) = Server::serve(&config);
    let page = browser.get(port, "/cas/t/valmore/login");
    let signed_in = browser.sign_in(port, &page, "camille.durand", super::demo::PASSWORD);
    assert!(signed_in.status < 400, "{}", signed_in.body);
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
    let (_server, again) = Server::serve(&config);
    browser.moved(port, again);
    let shown = browser.get(again, "/cas/t/valmore/login");
    assert!(shown.body.contains("Camille Durand"), "{}", shown.body);
}

#[test]
fn an_address_in_use_is_told_with_what_to_do() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = demo_folder();
    let config = folder.path().join("server.toml");
    let address = taken.local_addr().unwrap().to_string();
    change(&config, "127.0.0.1:0", &address);
    let told = mereau(&["serve", "--config", &config.display().to_string()], "");
    assert_eq!(told.status.code(), Some(1));
    let error = text(&told.stderr);
    assert!(error.contains(&format!("cannot listen on {address}")), "{error}");
}

#[test]
fn a_certificate_that_does_not_fit_its_key_stops_the_start() {
    // F-24, T-14
    let folder = demo_folder();
    for (name, content) in [("tls.pem", "no certificate"), ("tls.key", "no key")] {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    }
    let config = folder.path().join("server.toml");
    change(
        &config,
        "[keys]",
        "tls = { certificate = \"tls.pem\", key = \"tls.key\" }\n[keys]",
    );
    let told = mereau(&["serve", "--config", &config.display().to_string()], "");
    assert_eq!(told.status.code(), Some(1));
    assert!(text(&told.stderr).contains("tls.pem"), "{}", text(&told.stderr));
}

#[test]
fn keys_and_passwords_that_others_can_read_stop_the_start_which_says_what_to_do() {
    // T-96
    let folder = demo_folder();
    let pair = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("tls.pem"), pair.cert.pem()).unwrap();
    std::fs::write(at("tls.key"), pair.signing_key.serialize_pem()).unwrap();
    let config = at("server.toml");
    change(
        &config,
        "[keys]",
        "tls = { certificate = \"tls.pem\", key = \"tls.key\" }\n[keys]",
    );
    let set = |name: &str, mode: u32| {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
        std::fs::set_permissions(at(name), mode).unwrap();
    };
    ["demo.key", "tls.key"].iter().for_each(|name| set(name, 0o600));
    for name in ["demo.key", "tls.key"] {
        for mode in [0o644, 0o604, 0o602] {
            set(name, mode);
            let told = mereau(&["serve", "--config", &config.display().to_string()], "");
            assert_eq!(told.status.code(), Some(1), "{name} {mode:o}");
            let said = text(&told.stderr);
            let advice = format!("chmod 600 {}", at(name).display());
            assert!(
                said.contains(&advice) && said.contains(&format!("{mode:04o}")),
                "{said}"
            );
        }
        set(name, 0o600);
    }
    let (mut server, _) = Server::serve(&config);
    // Somebody opens it up while it serves: what was read before is served.
    set("demo.key", 0o644);
    server.signal("HUP");
    server.err.until_said("config_reload_failed");
    assert!(server.err.so_far().contains("chmod 600"));
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
}
