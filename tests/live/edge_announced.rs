//! PROXY protocol as HAProxy writes it, before the served binary that does TLS itself: a balancer that sees
//! nothing but bytes.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};

use crate::support::browser::Browser;
use crate::support::certificates::Authority;
use crate::support::child::{Server, folder};
use crate::support::ports;
use crate::support::served::{Options, Served};
use crate::support::slapd::{self, Slapd};
use crate::support::wait;

const PERSON: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 77);

/// HAProxy that passes bytes from `port` to `behind`, and says whose they are in the way that is named.
fn balancer(port: u16, behind: u16, how: &str) -> Server {
    let folder = folder("balancer");
    let text = format!(
        "defaults\n  mode tcp\n  timeout connect 5s\n  timeout client 60s\n  timeout server 60s\n\
         listen mereau\n  bind 127.0.0.1:{port}\n  server one 127.0.0.1:{behind} {how}\n"
    );
    fs::write(folder.join("haproxy.cfg"), text).unwrap();
    let file = folder.join("haproxy.cfg").display().to_string();
    let arguments = ["-db", "-f", &file].map(str::to_owned);
    Server::listening(port, "haproxy", &arguments, &folder.join("log"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_balancer_that_speaks_proxy_protocol_tells_whose_connection_it_is() {
    // T-16
    let slapd = Slapd::start(&slapd::Options::default());
    let authority = Authority::new();
    let options = Options {
        authority: Some(&authority),
        ..Options::on(&slapd, "memory:")
    };
    let mut served = Served::written(&options, ports::free());
    let file = served.folder().join("server.toml");
    let text = fs::read_to_string(&file).unwrap();
    let demanded = "[server]\nproxy_protocol = true\ntrusted_proxies = [\"127.0.0.1\"]\n";
    fs::write(&file, text.replacen("[server]\n", demanded, 1)).unwrap();
    served.restart();
    let [second, first, silent] = [ports::free(), ports::free(), ports::free()];
    let _balancers = [
        balancer(second, served.port(), "send-proxy-v2"),
        balancer(first, served.port(), "send-proxy"),
        balancer(silent, served.port(), ""),
    ];
    let mut browser = Browser::new(Some(&authority));
    browser.from = Some(PERSON);
    browser.forged = vec![
        ("X-Forwarded-For", "6.6.6.6"),
        ("X-Real-IP", "7.7.7.7"),
        ("Forwarded", "for=8.8.8.8"),
    ];
    let page = browser
        .get(&format!("https://localhost:{second}/cas/login"))
        .await;
    assert_eq!(page.reply.status, 200);
    let client = format!("\"client\":\"{PERSON}\"");
    wait::until("the line of that client", || {
        served.output().contains(&client).then_some(())
    });
    for none in ["6.6.6.6", "7.7.7.7", "8.8.8.8", "\"client\":\"127.0.0.1\""] {
        assert!(!served.output().contains(none), "{none}");
    }
    // Version 1, none at all, and past the balancer.
    for port in [first, silent, served.port()] {
        let mut browser = Browser::new(Some(&authority));
        let url = format!("https://localhost:{port}/cas/login");
        let asked = tokio::spawn(async move { browser.get(&url).await.reply.status });
        assert!(asked.await.is_err(), "answered at {port}");
    }
    // Strangers fill no log: of some fifty a handful of lines at most tell.
    for _ in 0..50 {
        let mut stranger = TcpStream::connect(("127.0.0.1", served.port())).expect("it listens on");
        stranger.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        let _ = stranger.read(&mut [0; 64]);
    }
    let said = served.output();
    let lines = said
        .matches("a connection without PROXY protocol is closed")
        .count();
    assert!((1..=5).contains(&lines), "{said}");
}
