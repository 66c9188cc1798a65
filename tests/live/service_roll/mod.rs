//! A service is replaced under load, on the socket that systemd keeps open: nobody is refused.

mod line;
mod reloaded;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use self::line::{Line, Repeats, Request, Way};
use crate::directory_replica::{Pair, pair_of};
use crate::service::BINARY;
use crate::support::child::{Server, folder};
use crate::support::cluster::Cluster;
use crate::support::reply::Reply;
use crate::support::served::{Options, Served, service};
use crate::support::slapd::{self, Slapd};
use crate::support::trio::Trio;
use crate::support::unit::Unit;
use crate::support::wait;

const PERSON: (&str, &str) = ("camille.dupont", "camille-corbeau-7");
/// Only its address is wanted: the client itself takes the tickets there.
const APPLICATION: &str = "http://localhost:9/essai";

/// What clients of a server went through.
#[derive(Default)]
pub struct Load {
    over: AtomicBool,
    pages: AtomicUsize,
    /// From the page to the application's answer.
    sign_ins: AtomicUsize,
    repeats: Repeats,
    failed: Mutex<Vec<String>>,
}

impl Load {
    /// Pages that were answered.
    pub fn answered(&self) -> usize {
        self.pages.load(Ordering::Relaxed)
    }

    pub fn failed(&self) -> Vec<String> {
        self.failed.lock().expect("the failures").clone()
    }

    /// Waits until so many more were answered; or one failed, which is told at the end.
    pub fn goes_on(&self, pages: usize, sign_ins: usize) {
        let signed_in = || self.sign_ins.load(Ordering::Relaxed);
        let (pages, sign_ins) = (self.answered() + pages, signed_in() + sign_ins);
        wait::until("answers", || {
            let enough = self.answered() >= pages && signed_in() >= sign_ins;
            (enough || !self.failed().is_empty()).then_some(())
        });
    }

    /// What happened, in which nothing failed.
    fn tell(&self, name: &str, what: &str) {
        let (failed, repeated) = (self.failed(), self.repeats.all_answered());
        let (pages, sign_ins) = (self.answered(), self.sign_ins.load(Ordering::Relaxed));
        assert!(
            failed.is_empty(),
            "{} of {pages}, {sign_ins}: {failed:?}",
            failed.len()
        );
        crate::figure::tell(
            name,
            &format!(
                "{what}: {pages} pages and {sign_ins} sign-ins answered, 0 failed; {repeated} pages asked for twice"
            ),
        );
    }

    fn during(&self, counts: &AtomicUsize, mut step: impl FnMut(usize) -> Result<(), String>) {
        for round in 0.. {
            if self.over.load(Ordering::Relaxed) {
                return;
            }
            match step(round) {
                Ok(()) => _ = counts.fetch_add(1, Ordering::Relaxed),
                Err(why) => return self.failed.lock().expect("the failures").push(why),
            }
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
    pub fn of<W: Into<Way> + Clone>(ways: &[W], path: &'static str, each: usize) -> Clients {
        let mut clients = Clients {
            load: Arc::default(),
            threads: Vec::new(),
        };
        for way in ways {
            for number in 0..each {
                let way: Way = way.clone().into();
                clients.begin(move |load| {
                    let mut line = Line::to(way, number % 2 == 1, &load.repeats);
                    load.during(&load.pages, |_| page(&mut line, path).map(drop));
                });
            }
        }
        clients
    }

    /// And as many who sign in, each at all servers in turn.
    fn with_people<W: Into<Way> + Clone>(mut self, ways: &[W], people: usize) -> Clients {
        for number in 0..people {
            let ways: Vec<Way> = ways.iter().cloned().map(W::into).collect();
            self.begin(move |load| {
                let line = |way| Line::to(way, number % 2 == 1, &load.repeats);
                let mut lines: Vec<Line> = ways.into_iter().map(line).collect();
                load.during(&load.sign_ins, |round| {
                    sign_in(&mut lines, number + round, APPLICATION)
                });
            });
        }
        self
    }

    fn begin(&mut self, client: impl FnOnce(&Load) + Send + 'static) {
        let load = self.load.clone();
        self.threads.push(thread::spawn(move || client(&load)));
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

fn page(line: &mut Line, path: &str) -> Result<Reply, String> {
    let (cookies, form) = ("", None);
    let reply = line.ask(&Request { path, cookies, form })?;
    match reply.status.as_u16() {
        200 => Ok(reply),
        status => Err(format!("GET {path}: {status}")),
    }
}

/// The page and its form at one server; the application shows the ticket to the next.
fn sign_in(lines: &mut [Line], round: usize, application: &str) -> Result<(), String> {
    let (here, next) = (round % lines.len(), (round + 1) % lines.len());
    let shown = page(&mut lines[here], &format!("/cas/login?service={application}"))?;
    let cookies = shown.headers.get_all("set-cookie").into_iter();
    let pairs = cookies.filter_map(|cookie| cookie.to_str().ok()?.split(';').next());
    let form = shown.form().with("username", PERSON.0).with("password", PERSON.1);
    let answer = lines[here].ask(&Request {
        path: &form.action,
        cookies: &pairs.collect::<Vec<_>>().join("; "),
        form: Some(&form),
    })?;
    if answer.status != 303 {
        return Err(format!("a right password: {}", answer.status));
    }
    let place = format!(
        "/cas/serviceValidate?service={application}&ticket={}",
        answer.ticket()
    );
    let told = page(&mut lines[next], &place)?.body;
    match told.contains(&format!("<cas:user>{}</cas:user>", PERSON.0)) {
        true => Ok(()),
        false => Err(format!("a ticket just given: {told}")),
    }
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
        clients.load().goes_on(150, 0);
        server.signal("TERM");
        assert!(server.wait().success(), "{}", served.output());
        server = unit.start_ready(BINARY, &config);
    }
    clients.load().goes_on(150, 0);
    clients
        .end()
        .tell("service-roll", "service replaced 3 times under 8 clients");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_nodes_on_sentinel_are_replaced_one_after_the_other_under_load_and_no_request_fails() {
    // F-23
    let pair = pair_of("", "").await;
    tokio::task::block_in_place(|| {
        let tickets = Trio::start();
        are_replaced("Sentinel", &tickets.url(), &pair);
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_nodes_on_a_cluster_are_replaced_one_after_the_other_under_load_and_no_request_fails() {
    // F-23
    let pair = pair_of("", "").await;
    tokio::task::block_in_place(|| {
        let tickets = Cluster::start_with_replicas();
        let url = format!("redis-cluster://{}", tickets.addresses().join(","));
        are_replaced("Cluster", &url, &pair);
    });
}

fn are_replaced(what: &str, tickets: &str, pair: &Pair) {
    let primary = pair.primary.url();
    let services = [("essai", service(APPLICATION, ""))];
    let options = Options {
        services: &services,
        fallbacks: &[&primary],
        ..Options::on(&pair.replica, tickets)
    };
    let mut nodes: Vec<(Unit, Served)> = Vec::new();
    for _ in 0..3 {
        let unit = Unit::new(&folder("unit"));
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
    let clients = Clients::of(&all, "/cas/login", 2).with_people(&all, 6);
    for (server, (unit, served)) in servers.iter_mut().zip(&nodes) {
        clients.load().goes_on(100, 30);
        server.signal("TERM");
        unit.hear("STOPPING=1");
        assert!(server.wait().success(), "{}", served.output());
        let said = served.output();
        assert!(said.contains("\"connections_cut\":0"), "{said}");
        *server = unit.start_ready(BINARY, &config(served));
    }
    clients.load().goes_on(100, 30);
    clients.end().tell(
        &format!("nodes-roll-{}", what.to_lowercase()),
        &format!("{what}: 3 nodes on two directories replaced one by one under 6 clients and 6 people"),
    );
}
