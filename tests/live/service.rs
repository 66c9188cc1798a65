//! The server as a service of systemd: its units are sound and expose little, and what systemd gives it —
//! sockets, secrets, a watch — is taken as systemd means it. There is no running systemd here: the test
//! plays it.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::child::{Server, folder};
use crate::support::run::run;
use crate::support::served::{Options, Served, service};
use crate::support::slapd::{self, Slapd};
use crate::support::unit::Unit;
use crate::support::{ports, wait};

pub const BINARY: &str = env!("CARGO_BIN_EXE_mereau");
const UNITS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/systemd");

/// The units with the program that was built in the place of the installed one.
fn units() -> PathBuf {
    let to = folder("units");
    for from in [
        Path::new(UNITS).to_owned(),
        Path::new(UNITS).join("mereau.service.d"),
    ] {
        let to = to.join(from.strip_prefix(UNITS).expect("a folder of the units"));
        fs::create_dir_all(&to).expect("a folder");
        for entry in fs::read_dir(from)
            .expect("the units")
            .map(|entry| entry.expect("a unit"))
        {
            if entry.path().is_file() {
                let text = fs::read_to_string(entry.path()).expect("a unit");
                let text = text.replace("/usr/bin/mereau", BINARY);
                fs::write(to.join(entry.file_name()), text).expect("a unit");
            }
        }
    }
    to
}

fn analyze(arguments: &[&str], files: &[PathBuf]) -> (bool, String) {
    let mut command = Command::new("systemd-analyze");
    // Whatever this machine has of its own.
    command.env("SYSTEMD_LOG_LEVEL", "warning").env("NO_COLOR", "1");
    let Output {
        status,
        stdout,
        stderr,
    } = run(command.args(arguments).args(files), "");
    let said = [stdout, stderr].concat();
    (status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn the_units_are_sound_and_expose_next_to_nothing() {
    // T-98
    let units = units();
    let files: Vec<PathBuf> = [
        "mereau.service",
        "mereau.socket",
        "mereau-plain.socket",
        "mereau-admin.socket",
    ]
    .map(|name| units.join(name))
    .to_vec();
    let (sound, said) = analyze(&["verify", "--man=no"], &files);
    assert!(sound && said.is_empty(), "{said}");

    let threshold = ["security", "--offline=true", "--threshold=15"];
    let (safe, said) = analyze(&threshold, &files[..1]);
    assert!(safe, "{said}");
    assert!(
        said.contains("Overall exposure level for mereau.service"),
        "{said}"
    );

    // What the figure rests on is seen.
    let text = fs::read_to_string(&files[0]).expect("the service");
    let open = text
        .replace("PrivateUsers=yes", "")
        .replace("SystemCallFilter=", "#");
    fs::write(&files[0], open).expect("the service");
    assert!(!analyze(&threshold, &files[..1]).0);
}

/// A configuration, and a unit whose socket has the public port of it.
fn campus() -> (Unit, Served) {
    let unit = Unit::new(&folder("unit"));
    let served = written("", unit.port());
    (unit.in_folder(served.folder()), served)
}

fn written(sections: &str, port: u16) -> Served {
    let slapd = Slapd::start(&slapd::Options::default());
    let options = Options {
        sections,
        ..Options::on(&slapd, "memory:")
    };
    Served::written(&options, port)
}

fn config(served: &Served) -> PathBuf {
    served.folder().join("server.toml")
}

/// The first line of the answer to a GET.
pub fn get(port: u16, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("the request");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("the answer");
    let answer = String::from_utf8_lossy(&answer).into_owned();
    answer.lines().next().unwrap_or_default().to_owned()
}

/// Whether a child of the server would have its file descriptor, by what the kernel says.
fn is_inherited(server: &Server, descriptor: u32) -> bool {
    let path = format!("/proc/{}/fdinfo/{descriptor}", server.id());
    let told = fs::read_to_string(path).expect("an open file");
    let flags = told
        .lines()
        .find_map(|line| line.strip_prefix("flags:"))
        .expect("its flags");
    let flags = u32::from_str_radix(flags.trim(), 8).expect("an octal number");
    const CLOSE_ON_EXEC: u32 = 0o2_000_000;
    flags & CLOSE_ON_EXEC == 0
}

#[test]
fn a_connection_may_come_before_the_server_does_and_its_socket_stays_its_own() {
    // F-23
    let (unit, served) = campus();
    let mut early = TcpStream::connect(("127.0.0.1", unit.port())).expect("the socket is open already");
    early
        .write_all(b"GET /cas/login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .expect("the request");
    let server = unit.start_ready(BINARY, &config(&served));
    let mut answer = String::new();
    early.read_to_string(&mut answer).expect("the answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(!is_inherited(&server, 3));
}

#[test]
fn a_socket_of_a_name_that_nobody_knows_is_no_start() {
    let (unit, served) = campus();
    let unit = unit.with("LISTEN_FDNAMES=metrics".to_owned());
    let mut server = unit.start(BINARY, &config(&served));
    assert!(!server.wait().success());
    let said = served.output();
    assert!(
        said.contains("“metrics”") && said.contains("FileDescriptorName=public"),
        "{said}"
    );
}

#[test]
fn a_socket_for_those_who_run_it_needs_somebody_who_is_let_in() {
    let (unit, served) = campus();
    let unit = unit.with("LISTEN_FDNAMES=admin".to_owned());
    let mut server = unit.start(BINARY, &config(&served));
    assert!(!server.wait().success());
    assert!(served.output().contains("[admin]"), "{}", served.output());

    // The public address is its own affair then.
    let served = written("[admin]\nlisten = \"127.0.0.1:1\"\nopen = true\n", ports::free());
    let unit = unit.in_folder(served.folder());
    let _server = unit.start_ready(BINARY, &config(&served));
    assert_eq!(get(unit.port(), "/metrics"), "HTTP/1.1 200 OK");
}

#[test]
fn systemd_hears_how_the_server_is_from_its_start_to_its_end() {
    // F-24
    let (unit, served) = campus();
    let unit = unit.with("WATCHDOG_USEC=100000".to_owned());
    let mut server = unit.start(BINARY, &config(&served));
    let ready = unit.hear("READY=1");
    assert!(
        ready.contains(&format!("STATUS=Serving {}", served.url())),
        "{ready}"
    );
    for _ in 0..3 {
        unit.hear("WATCHDOG=1");
    }

    let reload = |server: &Server| {
        server.signal("HUP");
        unit.hear("RELOADING=1");
        unit.hear("READY=1")
    };
    assert!(reload(&server).contains("was read again"));
    let realm = served.folder().join("realms/campus.toml");
    let good = fs::read_to_string(&realm).expect("the realm");
    fs::write(&realm, format!("nonsense = 1\n{good}")).expect("the realm");
    let kept = reload(&server);
    assert!(
        kept.contains("STATUS=Reload refused, serving what was read before") && kept.contains("nonsense"),
        "{kept}"
    );
    assert_eq!(get(unit.port(), "/cas/login"), "HTTP/1.1 200 OK");
    // `mereau check` finds nothing wrong with what the kernel would refuse: the status tells.
    fs::write(&realm, good).expect("the realm");
    let more = served.folder().join("services/more.toml");
    fs::create_dir_all(more.parent().expect("a folder")).expect("a folder");
    fs::write(&more, service("https://more.example:8447", "")).expect("a service");
    let refused = reload(&server);
    assert!(
        refused.contains("STATUS=Reload refused, serving what was read before: this takes a restart")
            && refused.contains("port 8447"),
        "{refused}"
    );
    fs::remove_file(&more).expect("the service");
    assert!(reload(&server).contains("STATUS=Serving what was read again"));

    server.signal("TERM");
    unit.hear("STOPPING=1");
    assert!(server.wait().success(), "{}", served.output());
}

/// What `systemctl reload` does: the unit's own lines, one after the other as long as each succeeds.
pub fn systemctl_reload(server: &Server, config: &Path) -> Result<(), String> {
    let unit = fs::read_to_string(Path::new(UNITS).join("mereau.service")).expect("the service");
    let lines: Vec<&str> = unit
        .lines()
        .filter_map(|line| line.strip_prefix("ExecReload="))
        .collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    for line in lines {
        let line = line
            .replace("/usr/bin/mereau", BINARY)
            .replace("/etc/mereau/server.toml", &config.display().to_string())
            .replace("$MAINPID", &server.id().to_string());
        let mut words = line.split(' ');
        let mut command = Command::new(words.next().expect("a program"));
        let output = run(command.args(words), "");
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
    }
    Ok(())
}

#[test]
fn a_reload_of_a_bad_configuration_fails_and_the_server_goes_on_with_the_old_one() {
    // F-24
    let (unit, served) = campus();
    let config = config(&served);
    let server = unit.start_ready(BINARY, &config);
    systemctl_reload(&server, &config).expect("nothing is wrong");
    unit.hear("READY=1");

    let realm = served.folder().join("realms/campus.toml");
    let good = fs::read_to_string(&realm).expect("the realm");
    fs::write(&realm, format!("nonsense = 1\n{good}")).expect("the realm");
    let said = systemctl_reload(&server, &config).expect_err("the reload fails");
    assert!(
        said.contains("campus.toml:1") && said.contains("nonsense"),
        "{said}"
    );
    assert_eq!(get(unit.port(), "/cas/login"), "HTTP/1.1 200 OK");

    fs::write(&realm, good).expect("the realm");
    systemctl_reload(&server, &config).expect("nothing is wrong any more");
    // Two in all: the bad one never reached the server.
    let again = unit.next();
    assert!(again.contains("RELOADING=1"), "{again}");
    unit.hear("READY=1");
    wait::until("the log", || {
        let heard = served.output().matches("config_reloaded").count();
        (heard == 2).then_some(())
    });
    assert!(
        !served.output().contains("config_reload_failed"),
        "{}",
        served.output()
    );
}

#[test]
fn secrets_are_read_from_what_systemd_hands_over() {
    let (unit, served) = campus();
    let given = served.folder().join("credentials");
    fs::create_dir(&given).expect("a folder");
    let rename = |name: &str| {
        let to = given.join(format!("secrets_{name}"));
        fs::rename(served.folder().join(name), &to).expect("a secret");
        // As an access list for the service's user looks.
        fs::set_permissions(&to, fs::Permissions::from_mode(0o440)).expect("its mode");
    };
    rename("ring.key");
    rename("ldap.password");
    for (file, from, to) in [
        ("server.toml", "\"ring.key\"", "\"secrets/ring.key\""),
        (
            "realms/campus.toml",
            "../ldap.password",
            "../secrets/ldap.password",
        ),
    ] {
        let path = served.folder().join(file);
        let text = fs::read_to_string(&path).expect("a file of the configuration");
        assert!(text.contains(from), "{text}");
        fs::write(&path, text.replace(from, to)).expect("a file of the configuration");
    }
    let unit = unit.with(format!("CREDENTIALS_DIRECTORY={}", given.display()));
    let _server = unit.start_ready(BINARY, &config(&served));
    assert_eq!(get(unit.port(), "/cas/login"), "HTTP/1.1 200 OK");
}
