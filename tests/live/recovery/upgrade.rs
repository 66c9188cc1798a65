//! Three nodes of the version before on one Redis are replaced one by one by this one, under load, and one
//! goes back: nobody is refused, and sessions, links and waiting letters go on both ways. packaging/previous
//! names that version, tests/previous builds it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use http::StatusCode;
use tokio::net::{TcpListener, TcpStream};

use super::{CAMILLE, Mail, NEW, Plan, Town, USUAL};
use crate::figure;
use crate::service::{BINARY, get};
use crate::service_roll::Clients;
use crate::support::browser::Browser;
use crate::support::child::{Server, folder};
use crate::support::run::run;
use crate::support::{ports, wait};

const PREVIOUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/previous");

/// The program of the version before; `None` where this clone has no history, which is told.
fn previous() -> Option<String> {
    let program = Path::new(PREVIOUS).join("mereau");
    if program.exists() {
        return Some(program.display().to_string());
    }
    let why = fs::read_to_string(Path::new(PREVIOUS).join("absent"));
    let why = why.expect("tests/previous builds the version before; tests/run does it by itself");
    let told = format!(
        "upgrade from the version before: NOT TESTED, nothing of F-23 and F-32 is proven by it: {}",
        why.trim()
    );
    figure::tell("upgrade", &told);
    None
}

/// What stands in front of the nodes: a connection goes to the next of those that are in service.
struct Front {
    active: Arc<Mutex<Vec<u16>>>,
    connecting: Arc<AtomicUsize>,
}

impl Front {
    fn on(listener: TcpListener, ports: &[u16]) -> Front {
        let front = Front {
            active: Arc::new(Mutex::new(ports.to_vec())),
            connecting: Arc::default(),
        };
        let (active, connecting) = (front.active.clone(), front.connecting.clone());
        tokio::spawn(async move {
            let mut turn = 0_usize;
            while let Ok((mut client, _)) = listener.accept().await {
                turn += 1;
                connecting.fetch_add(1, Ordering::SeqCst);
                let (active, connecting) = (active.clone(), connecting.clone());
                tokio::spawn(async move {
                    let node = connect(&active, turn).await;
                    connecting.fetch_sub(1, Ordering::SeqCst);
                    if let Some(mut node) = node {
                        let _ = tokio::io::copy_bidirectional(&mut client, &mut node).await;
                    }
                });
            }
        });
        front
    }

    fn serve(&self, ports: &[u16]) {
        *self.active.lock().unwrap() = ports.to_vec();
    }

    /// Nobody is on the way to a node that has been taken out.
    async fn settled(&self) {
        wait::until_async("connections under way", || async {
            (self.connecting.load(Ordering::SeqCst) == 0).then_some(())
        })
        .await;
    }
}

async fn connect(active: &Mutex<Vec<u16>>, turn: usize) -> Option<TcpStream> {
    for try_number in 0..3 {
        let port = {
            let ports = active.lock().unwrap();
            ports[(turn + try_number) % ports.len()]
        };
        if let Ok(stream) = TcpStream::connect(("127.0.0.1", port)).await {
            return Some(stream);
        }
    }
    None
}

/// One of the nodes, whichever version it is.
struct OneNode {
    folder: PathBuf,
    port: u16,
    server: Server,
}

impl OneNode {
    /// With the configuration of the town, listening at a port of its own.
    fn start(town: &Town, program: &str) -> OneNode {
        let folder = folder("node");
        let from = town.served.folder();
        let copied = Command::new("cp")
            .arg("-rp")
            .arg(from.join("."))
            .arg(&folder)
            .status();
        assert!(copied.expect("cp").success());
        let port = ports::free();
        let path = folder.join("server.toml");
        let text = fs::read_to_string(&path).expect("server.toml");
        let public = format!("listen = \"127.0.0.1:{}\"", town.served.port());
        assert!(text.contains(&public), "{text}");
        let text = text.replace(&public, &format!("listen = \"127.0.0.1:{port}\""));
        fs::write(&path, text).expect("server.toml");
        let server = launch(program, &folder, port);
        OneNode { folder, port, server }
    }

    /// Ends it as a package would, and starts `program` in its place.
    fn replace(&mut self, program: &str) {
        // Whoever came before this is being answered.
        assert_eq!(get(self.port, "/cas/login?tenant=mirefleurs"), "HTTP/1.1 200 OK");
        self.server.signal("TERM");
        assert!(self.server.wait().success(), "{}", self.server.output());
        self.server = launch(program, &self.folder, self.port);
    }
}

fn launch(program: &str, folder: &Path, port: u16) -> Server {
    let config = folder.join("server.toml").display().to_string();
    let arguments = ["serve", "--config", &config].map(str::to_owned);
    Server::listening(port, program, &arguments, &folder.join("log"))
}

struct Cluster {
    front: Front,
    nodes: Vec<OneNode>,
}

impl Cluster {
    async fn replace(&mut self, number: usize, program: &str) {
        let others = self
            .nodes
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != number);
        let others: Vec<u16> = others.map(|(_, node)| node.port).collect();
        self.front.serve(&others);
        self.front.settled().await;
        let node = &mut self.nodes[number];
        tokio::task::block_in_place(|| node.replace(program));
        let all: Vec<u16> = self.nodes.iter().map(|node| node.port).collect();
        self.front.serve(&all);
    }
}

/// Signs in, takes a ticket and has it validated, again and again: each step at any of the nodes.
struct Visits {
    over: Arc<AtomicBool>,
    done: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<Vec<String>>,
}

impl Visits {
    fn to(town: &Town) -> Visits {
        let (login, start) = (town.at("/login"), town.start());
        let validate = town.served.address("/p3/serviceValidate", &[("service", &start)]);
        let (over, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (ends, counts) = (over.clone(), done.clone());
        let task = tokio::spawn(async move {
            let mut failed = Vec::new();
            while !ends.load(Ordering::Relaxed) {
                let mut browser = Browser::new(None);
                let page = browser.open(&login).await;
                if page.reply.status != StatusCode::OK {
                    failed.push(format!("the page: {}", page.reply.status));
                    continue;
                }
                let page = browser.sign_in(&page, CAMILLE.0, CAMILLE.1).await;
                let ticket = page.url.query_pairs().find(|(name, _)| name == "ticket");
                let Some((_, ticket)) = ticket else {
                    failed.push(format!("no ticket: {} {}", page.reply.status, page.url));
                    continue;
                };
                let answer = Browser::new(None)
                    .get(&format!("{validate}&ticket={ticket}"))
                    .await;
                match answer.reply.body.contains(CAMILLE.0) {
                    true => _ = counts.fetch_add(1, Ordering::Relaxed),
                    false => failed.push(answer.reply.body),
                }
            }
            failed
        });
        Visits { over, done, task }
    }

    async fn go_on(&self, more: usize) {
        let enough = self.done.load(Ordering::Relaxed) + more;
        wait::until_async("visits", || async {
            (self.done.load(Ordering::Relaxed) >= enough).then_some(())
        })
        .await;
    }
}

/// How many sessions are of the form with their visits within.
const LATER: &str = "
    local later = 0
    for _, name in ipairs(redis.call('KEYS', '*v1:t:*')) do
        local is_session = redis.call('TYPE', name).ok == 'string'
        if is_session and redis.call('GETRANGE', name, -1, -1) == string.char(255) then later = later + 1 end
    end
    return later";

/// Every node knows the session of a browser, and it opens the application.
async fn goes_on(browser: &mut Browser, town: &Town) {
    for _ in 0..6 {
        let page = browser
            .get(&town.served.address("/login", &[("tenant", "mirefleurs")]))
            .await;
        let asks = page.reply.body.contains("name=\"password\"");
        assert!(
            page.reply.status == StatusCode::OK && !asks,
            "{}",
            page.reply.body
        );
    }
    // One ticket only: an application that is sent many in a row is taken for one that goes in circles.
    let page = browser.get(&town.at("/login")).await;
    assert!(page.reply.location().contains("ticket="), "{}", page.reply.body);
    let answer = town.validate(&page.reply.ticket()).await;
    assert!(answer.contains(CAMILLE.0), "{answer}");
}

async fn chooses(town: &Town, link: &str, login: &str) {
    let mut browser = Browser::new(None);
    let page = browser.open(link).await;
    let answer = browser.submit(&page, &page.reply.form().with("new", NEW)).await;
    browser.follow(answer).await;
    assert!(town.binds(login, NEW), "{login}");
}

/// The next letter with a link.
async fn letter(town: &Town, of: usize) -> String {
    let mails = town.mails(of).await;
    mails
        .iter()
        .map(Mail::links)
        .rfind(|links| !links.is_empty())
        .expect("a link")
        .remove(0)
}

#[tokio::test(flavor = "multi_thread")]
#[allow(clippy::too_many_lines, reason = "one story, step by step")]
async fn nodes_of_two_versions_serve_everybody_while_they_are_replaced_one_by_one_and_back() {
    // F-23, F-32
    let Some(before) = previous() else { return };
    let mut town = Town::with(Plan {
        mail: "first_pause = \"1 s\"\n",
        ..USUAL
    })
    .await;
    let public = town.served.port();
    town.served.kill();
    let nodes: Vec<OneNode> = (0..3).map(|_| OneNode::start(&town, &before)).collect();
    let all: Vec<u16> = nodes.iter().map(|node| node.port).collect();
    let listener = TcpListener::bind(("127.0.0.1", public))
        .await
        .expect("the public port");
    let front = Front::on(listener, &all);
    let mut cluster = Cluster { front, nodes };

    // What the version before leaves: a session, a link in a mailbox, a letter that waits.
    let mut old = Browser::new(None);
    let page = old.open(&town.at("/login")).await;
    old.sign_in(&page, CAMILLE.0, CAMILLE.1).await;
    town.asks(&mut Browser::new(None), "jeanne.moreau2").await;
    let jeanne = letter(&town, 1).await;
    town.sink.kill().await;
    town.asks(&mut Browser::new(None), "tom.moreau").await;
    wait::until_async("a letter that waits", || async {
        let waits = cluster
            .nodes
            .iter()
            .any(|node| node.server.output().contains("letter_delayed"));
        waits.then_some(())
    })
    .await;

    let clients = Clients::of(&[public], "/cas/login?tenant=mirefleurs", 4);
    let visits = Visits::to(&town);
    for number in 0..3 {
        visits.go_on(3).await;
        cluster.replace(number, BINARY).await;
        goes_on(&mut old, &town).await;
    }
    town.sink.come_back().await;
    let tom = letter(&town, 2).await;
    chooses(&town, &tom, "tom.moreau").await;
    chooses(&town, &jeanne, "jeanne.moreau2").await;

    // And what this version leaves, for one that goes back.
    let mut new = Browser::new(None);
    let page = new.open(&town.at("/login")).await;
    new.sign_in(&page, CAMILLE.0, CAMILLE.1).await;
    assert_ne!(
        town.redis.cli(&["eval", LATER, "0"]),
        "0",
        "nobody writes the later form"
    );
    let so_far = town.mails(4).await.len();
    town.asks(&mut Browser::new(None), "lou.moreau").await;
    let lou = letter(&town, so_far + 1).await;
    cluster.replace(0, &before).await;
    visits.go_on(3).await;
    let back = cluster.nodes[0].port;
    cluster.front.serve(&[back]);
    goes_on(&mut old, &town).await;
    goes_on(&mut new, &town).await;
    chooses(&town, &lou, "lou.moreau").await;

    visits.over.store(true, Ordering::Relaxed);
    let failed = visits.task.await.expect("the visits");
    let load = tokio::task::block_in_place(|| clients.end());
    assert!(
        failed.is_empty() && load.failed().is_empty(),
        "{failed:?} {:?}",
        load.failed()
    );
    figure::tell(
        "upgrade",
        &format!(
            "upgrade from the version before, 3 nodes one by one and one back, under load: {} pages and {} sign-ins \
             with a validated ticket, 0 failed",
            load.answered(),
            visits.done.load(Ordering::Relaxed)
        ),
    );
}

#[test]
fn the_configuration_of_the_version_before_is_read() {
    if previous().is_none() {
        return;
    }
    let config = Path::new(PREVIOUS).join("conf/server.toml");
    let checked = run(Command::new(BINARY).arg("check").arg("--config").arg(&config), "");
    let said = String::from_utf8_lossy(&checked.stderr);
    assert!(checked.status.success(), "{}: {said}", config.display());
}
