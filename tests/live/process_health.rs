//! `mereau health` where the server listens on an address of the network that a proxy on another machine
//! calls: in a network of the test's own.

use std::fs;
use std::process::{Command, Output};

use crate::service::BINARY;
use crate::support::child::Server;
use crate::support::ports;
use crate::support::served::{Options, Served};
use crate::support::slapd::{self, Slapd};
use crate::support::wait;

const ADDRESS: &str = "192.0.2.1";

/// What the server is started by.
const OWN: &str = "ip link set lo up && ip address add \"$0/32\" dev lo && exec \"$@\"";

/// A server on that address, with these lines in `[server]`.
fn launch(slapd: &Slapd, lines: &str) -> (Served, Server) {
    let options = Options {
        front: Some(ports::free()),
        ..Options::on(slapd, "memory:")
    };
    let served = Served::written(&options, ports::free());
    let file = served.folder().join("server.toml");
    let text = fs::read_to_string(&file).unwrap();
    let text = text.replacen("listen = \"127.0.0.1", &format!("listen = \"{ADDRESS}"), 1);
    let listed = text.replacen("proxies = [\"127.0.0.1\"]", "proxies = [\"192.0.2.9\"]", 1);
    assert_ne!(listed, text, "the proxy is elsewhere");
    fs::write(
        &file,
        listed.replacen("[server]\n", &format!("[server]\n{lines}"), 1),
    )
    .unwrap();
    let config = file.display().to_string();
    let words = [
        "-n", "sh", "-c", OWN, ADDRESS, BINARY, "serve", "--config", &config,
    ];
    let server = Server::start("unshare", &words.map(str::to_owned), &served.folder().join("log"));
    (served, server)
}

/// What a command says in the network of `server`.
fn beside(server: &Server, words: &[&str]) -> Output {
    let target = server.id().to_string();
    let mut command = Command::new("nsenter");
    command.args(["--net", "--target", &target, "--"]).args(words);
    command.output().expect("nsenter")
}

#[test]
fn health_asks_from_the_loopback_whatever_address_the_server_listens_on() {
    // T-15, T-16
    let slapd = Slapd::start(&slapd::Options::default());
    // 403, or closed without an answer.
    for (lines, refused) in [("", "403"), ("proxy_protocol = true\n", "000")] {
        let (served, mut server) = launch(&slapd, lines);
        let config = served.folder().join("server.toml").display().to_string();
        let said = wait::until("a healthy server", || {
            assert!(server.has_ended().is_none(), "{}", server.output());
            let asked = beside(&server, &[BINARY, "health", "--config", &config]);
            asked.status.success().then_some(asked.stdout)
        });
        let said = String::from_utf8_lossy(&said).into_owned();
        assert!(said.contains("answers 200"), "{said}");
        // A forwarder of a container comes from that very address, whoever it brings.
        let url = format!("http://{ADDRESS}:{}/cas/login", served.port());
        let asked = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", &url];
        let status = String::from_utf8_lossy(&beside(&server, &asked).stdout).into_owned();
        assert_eq!(status, refused, "{lines}");
    }
}
