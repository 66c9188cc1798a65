//! A service is replaced under load, on the socket that systemd keeps open: nobody is refused.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::service::BINARY;
use crate::support::child::{Server, folder};
use crate::support::redis::Redis;
use crate::support::served::{Options, Served};
use crate::support::slapd::{self, Slapd};
use crate::support::unit::Unit;
use crate::support::wait;

/// What clients of a server went through.
#[derive(Default)]
pub struct Load {
    over: AtomicBool,
    answered: AtomicUsize,
    /// Kept connections that the server had closed when they were to be used again; the request went out
    /// once more on a new one, as browsers do.
    renewed: AtomicUsize,
    failed: Mutex<Vec<String>>,
}

impl Load {
    pub fn answered(&self) -> usize {
        self.answered.load(Ordering::Relaxed)
    }

    pub fn failed(&self) -> Vec<String> {
        self.failed.lock().expect("the failures").clone()
    }

    /// Waits until so many more were answered.
    pub fn goes_on(&self, more: usize) {
        let enough = self.answered() + more;
        wait::until("answers", || (self.answered() >= enough).then_some(()));
    }

    fn count(&self, outcome: Result<(), String>) {
        match outcome {
            Ok(()) => _ = self.answered.fetch_add(1, Ordering::Relaxed),
            Err(why) => self.failed.lock().expect("the failures").push(why),
        }
    }
}

/// Clients that ask one after the other until the load is dropped: half of them on a new connection each
/// time, half on one they keep.
pub struct Clients {
    load: Arc<Load>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Clients {
    pub fn of(ports: &[u16], path: &'static str, each: usize) -> Clients {
        let load = Arc::new(Load::default());
        let mut threads = Vec::new();
        for port in ports {
            for number in 0..each {
                let (load, port) = (load.clone(), *port);
                threads.push(thread::spawn(move || match number % 2 {
                    0 => fresh(&load, port, path),
                    _ => kept(&load, port, path),
                }));
            }
        }
        Clients { load, threads }
    }

    pub fn load(&self) -> &Load {
        &self.load
    }

    /// Lets them finish what they are at.
    pub fn end(self) -> Arc<Load> {
        self.load.over.store(true, Ordering::Relaxed);
        for thread in self.threads {
            thread.join().expect("a client");
        }
        self.load
    }
}

fn fresh(load: &Load, port: u16, path: &str) {
    while !load.over.load(Ordering::Relaxed) {
        let asked = connect(port).and_then(|mut line| ask(&mut line, port, path, "close"));
        load.count(asked.map(drop));
    }
}

fn kept(load: &Load, port: u16, path: &str) {
    let mut line: Option<BufReader<TcpStream>> = None;
    while !load.over.load(Ordering::Relaxed) {
        let again = line.is_some();
        let asked = match line.take() {
            Some(line) => Ok(line),
            None => connect(port),
        };
        let asked = asked.and_then(|mut line| Ok((ask(&mut line, port, path, "keep-alive")?, line)));
        match asked {
            Ok((stays, kept)) => {
                line = stays.then_some(kept);
                load.count(Ok(()));
            }
            Err(why) if again && why.starts_with(CLOSED) => _ = load.renewed.fetch_add(1, Ordering::Relaxed),
            Err(why) => load.count(Err(why)),
        }
    }
}

/// Before anything was answered.
const CLOSED: &str = "closed: ";

fn connect(port: u16) -> Result<BufReader<TcpStream>, String> {
    let stream = TcpStream::connect(("127.0.0.1", port)).map_err(|error| format!("connect: {error}"))?;
    stream.set_nodelay(true).expect("an option");
    stream.set_read_timeout(Some(wait::PATIENCE)).expect("an option");
    Ok(BufReader::new(stream))
}

/// Asks once; whether the connection may be used again.
fn ask(line: &mut BufReader<TcpStream>, port: u16, path: &str, connection: &str) -> Result<bool, String> {
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: {connection}\r\n\r\n");
    let sent = line.get_mut().write_all(request.as_bytes());
    sent.map_err(|error| format!("{CLOSED}{error}"))?;
    let mut head = String::new();
    let first = line.read_line(&mut head);
    match first {
        Ok(0) => return Err(format!("{CLOSED}no answer")),
        Err(error) if head.is_empty() => return Err(format!("{CLOSED}{error}")),
        first => _ = first.map_err(|error| error.to_string())?,
    }
    while !head.ends_with("\r\n\r\n") {
        let read = line.read_line(&mut head).map_err(|error| error.to_string())?;
        if read == 0 {
            return Err(format!("half an answer: {head}"));
        }
    }
    let head = head.to_ascii_lowercase();
    let field = |name: &str| {
        head.lines()
            .find_map(|line| line.strip_prefix(name))
            .map(str::trim)
    };
    let length = field("content-length:").and_then(|length| length.parse::<usize>().ok());
    let mut body = vec![0; length.ok_or("no length")?];
    line.read_exact(&mut body)
        .map_err(|error| format!("half a body: {error}"))?;
    if !head.starts_with("http/1.1 200") {
        return Err(head.lines().next().unwrap_or_default().to_owned());
    }
    Ok(field("connection:") != Some("close"))
}

#[test]
fn no_request_fails_while_the_service_is_replaced_under_load() {
    // F-23
    let slapd = Slapd::start(&slapd::Options::default());
    let unit = Unit::new(&folder("unit"));
    let served = Served::written(&Options::on(&slapd, "memory:"), unit.port());
    let unit = unit.in_folder(served.folder());
    let config = served.folder().join("server.toml");
    let mut server = unit.start_ready(BINARY, &config);
    let clients = Clients::of(&[unit.port()], "/cas/login", 8);
    for _ in 0..3 {
        clients.load().goes_on(150);
        server.signal("TERM");
        assert!(server.wait().success(), "{}", served.output());
        server = unit.start_ready(BINARY, &config);
    }
    clients.load().goes_on(150);
    let load = clients.end();
    assert!(
        load.failed().is_empty(),
        "{} of {}: {:?}",
        load.failed().len(),
        load.answered(),
        load.failed()
    );
    crate::figure::tell(
        "service-roll",
        &format!(
            "service replaced 3 times under 8 clients: {} requests answered, 0 failed, {} kept connections renewed",
            load.answered(),
            load.renewed.load(Ordering::Relaxed)
        ),
    );
}

#[test]
fn three_nodes_are_replaced_one_after_the_other_under_load_and_no_request_fails() {
    // F-23
    let slapd = Slapd::start(&slapd::Options::default());
    let redis = Redis::start(&["--appendonly", "yes"]);
    let tickets = redis.url();
    let mut nodes: Vec<(Unit, Served)> = Vec::new();
    for _ in 0..3 {
        let unit = Unit::new(&folder("unit"));
        let options = Options::on(&slapd, &tickets);
        let served = Served::written(&options, unit.port());
        if let Some((_, first)) = nodes.first() {
            let key = first.folder().join("ring.key");
            std::fs::copy(key, served.folder().join("ring.key")).expect("the key of all");
        }
        nodes.push((unit.in_folder(served.folder()), served));
    }
    let config = |served: &Served| served.folder().join("server.toml");
    let mut servers: Vec<Server> = nodes
        .iter()
        .map(|(unit, served)| unit.start_ready(BINARY, &config(served)))
        .collect();
    let all: Vec<u16> = nodes.iter().map(|(unit, _)| unit.port()).collect();
    let clients = Clients::of(&all, "/cas/login", 4);
    for (server, (unit, served)) in servers.iter_mut().zip(&nodes) {
        clients.load().goes_on(100);
        server.signal("TERM");
        unit.hear("STOPPING=1");
        assert!(server.wait().success(), "{}", served.output());
        let said = served.output();
        assert!(said.contains("\"connections_cut\":0"), "{said}");
        *server = unit.start_ready(BINARY, &config(served));
    }
    clients.load().goes_on(100);
    let load = clients.end();
    assert!(load.failed().is_empty(), "{:?}", load.failed());
    crate::figure::tell(
        "nodes-roll",
        &format!(
            "3 nodes on one Redis replaced one by one under 12 clients: {} requests answered, 0 failed, {} kept \
             connections renewed",
            load.answered(),
            load.renewed.load(Ordering::Relaxed)
        ),
    );
}
