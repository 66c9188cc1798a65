//! The embedded ticket store in a process of its own: killed, doubled, short of room.

use std::fs;
use std::io::{BufRead, BufReader, Write as _, stdin, stdout};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mereau::base::clock::{Clock, SystemClock, Timestamp};
use mereau::base::entropy::OsEntropy;
use mereau::base::keys::KeyRing;
use mereau::protocol::ticket_id::{TicketId, TicketKind};
use mereau::tickets::embedded::EmbeddedStore;
use mereau::tickets::{
    Budgets, Challenges, Farewells, Marks, Nodes, ProxyTickets, Requests, ResetTickets, StoreError, Throttle,
    TicketStore, UpstreamSessions,
};

use crate::support::child::folder;
use crate::tickets::{Place, World, account, record};

/// Names the file to a child that a test makes of itself.
const FILE: &str = "MEREAU_TEST_TICKET_FILE";

struct OnDisk(Arc<EmbeddedStore>);

#[async_trait]
impl Place for OnDisk {
    fn tickets(&self) -> Arc<dyn TicketStore> {
        self.0.clone()
    }

    fn throttle(&self) -> Arc<dyn Throttle> {
        self.0.clone()
    }

    fn proxies(&self) -> Arc<dyn ProxyTickets> {
        self.0.clone()
    }

    fn upstreams(&self) -> Arc<dyn UpstreamSessions> {
        self.0.clone()
    }

    fn resets(&self) -> Arc<dyn ResetTickets> {
        self.0.clone()
    }

    fn requests(&self) -> Arc<dyn Requests> {
        self.0.clone()
    }

    fn farewells(&self) -> Arc<dyn Farewells> {
        self.0.clone()
    }

    fn budgets(&self) -> Arc<dyn Budgets> {
        self.0.clone()
    }

    fn marks(&self) -> Arc<dyn Marks> {
        self.0.clone()
    }

    fn nodes(&self) -> Arc<dyn Nodes> {
        self.0.clone()
    }

    fn challenges(&self) -> Arc<dyn Challenges> {
        self.0.clone()
    }

    fn keys(&self) -> KeyRing {
        KeyRing::ephemeral(&OsEntropy)
    }

    fn now(&self) -> Timestamp {
        SystemClock.now()
    }

    async fn pass(&self, _: Duration) {
        unreachable!("nothing expires in these tests")
    }

    async fn back(&self, _: Duration) {
        unreachable!("its clock is the machine's")
    }

    async fn moment(&self) {}
}

fn open(file: &Path) -> Result<EmbeddedStore, StoreError> {
    EmbeddedStore::on_disk(file, Arc::new(SystemClock))
}

/// This very test as a child process on `file`, by way of `wrapper`.
struct Writer {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Writer {
    fn start(test: &str, file: &Path, wrapper: &str) -> Writer {
        let binary = std::env::current_exe().unwrap();
        let line = format!("{wrapper} exec \"$@\"");
        let mut child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "--", "sh", "-c", &line, "sh"])
            .arg(binary)
            .args([&format!("tickets_killed::{test}"), "--exact", "--nocapture"])
            .env(FILE, file)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Writer { child, input, output }
    }

    /// The next line that begins with `word`, without it; the test harness prints others.
    fn line(&mut self, word: &str) -> String {
        loop {
            let mut line = String::new();
            let read = self.output.read_line(&mut line).unwrap();
            assert!(read > 0, "the child ended before it said “{word}”");
            if let Some(at) = line.find(word) {
                return line[at + word.len()..].trim().to_owned();
            }
        }
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn as_child() -> Option<PathBuf> {
    std::env::var_os(FILE).map(PathBuf::from)
}

fn say(words: &str) {
    // Past the test harness, which would keep it back.
    let mut out = stdout().lock();
    out.write_all(format!("{words}\n").as_bytes()).unwrap();
    out.flush().unwrap();
}

/// Opens sessions from several tasks, and names each when it is acknowledged.
async fn write_sessions(file: &Path) {
    let store = Arc::new(open(file).unwrap());
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let world = World::on(OnDisk(store.clone()));
            tokio::spawn(async move {
                for n in 0..100_000 {
                    let tgt = world.open(&account("univ", &format!("{task}-{n}"))).await;
                    say(&format!("acknowledged {}", tgt.expose()));
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_at_any_moment_loses_no_acknowledged_session() {
    // F-22, CAS-115
    const TEST: &str = "a_server_killed_at_any_moment_loses_no_acknowledged_session";
    if let Some(file) = as_child() {
        return write_sessions(&file).await;
    }
    let file = folder("killed").join("tickets.redb");
    let mut acknowledged = Vec::new();
    for round in 1..=3 {
        let mut writer = Writer::start(TEST, &file, "");
        for _ in 0..200 * round {
            acknowledged.push(writer.line("acknowledged "));
        }
        writer.kill();
        let store = open(&file).unwrap();
        for tgt in &acknowledged {
            let tgt = TicketId::parse(TicketKind::TicketGranting, tgt).expect("a whole line");
            let found = store.session(&tgt).await.unwrap();
            assert!(found.is_some(), "round {round}: an acknowledged session is lost");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_server_on_the_same_file_is_refused() {
    // CAS-115
    const TEST: &str = "a_second_server_on_the_same_file_is_refused";
    if let Some(file) = as_child() {
        return write_sessions(&file).await;
    }
    let file = folder("doubled").join("tickets.redb");
    let mut writer = Writer::start(TEST, &file, "");
    writer.line("acknowledged ");
    let said = open(&file).err().expect("the file is in use").to_string();
    assert!(said.contains("another server runs on it"), "{said}");
    writer.line("acknowledged ");
    writer.kill();
    assert!(open(&file).is_ok(), "the lock dies with its holder");
}

/// Fills the file until it is full, reads, and goes on when there is room again.
async fn fill(file: &Path) {
    let store = Arc::new(open(file).unwrap());
    let world = World::on(OnDisk(store.clone()));
    let first = world.open(&account("univ", "first")).await;
    let mut refused = None;
    let mut room = record("another");
    room.attributes = vec![("photo".to_owned(), vec!["x".repeat(100_000)])];
    for n in 0..1000 {
        let account = account("univ", &n.to_string());
        let (tgt, session) = (world.tgt(&account), world.session(&account));
        refused = store.open(&tgt, session, &room, None).await.err();
        if refused.is_some() {
            break;
        }
    }
    assert!(matches!(refused, Some(StoreError::Full)), "{refused:?}");
    let read = store.session(&first).await;
    assert!(matches!(read, Ok(Some(_))), "{read:?}");
    say("now it is full");
    stdin().lines().next().unwrap().unwrap();
    let anew = world.open(&account("univ", "anew")).await;
    say(&format!("recovered {}", anew.expose()));
    stdin().lines().next();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_new_sessions_keeps_the_old_and_recovers() {
    const TEST: &str = "a_full_disk_refuses_new_sessions_keeps_the_old_and_recovers";
    if let Some(file) = as_child() {
        return fill(&file).await;
    }
    let file = folder("full").join("tickets.redb");
    // A bound on the size of files, in blocks of 512 bytes, that the child may lift.
    let mut writer = Writer::start(TEST, &file, "trap '' XFSZ; ulimit -S -f 6000;");
    writer.line("now it is full");
    let id = writer.child.id().to_string();
    let lifted = Command::new("prlimit")
        .args(["--pid", &id, "--fsize=unlimited"])
        .status();
    assert!(lifted.unwrap().success());
    writeln!(writer.input, "go on").unwrap();
    let anew = writer.line("recovered ");
    writer.kill();
    let store = open(&file).unwrap();
    let anew = TicketId::parse(TicketKind::TicketGranting, &anew).unwrap();
    assert!(store.session(&anew).await.unwrap().is_some());
    assert!(fs::metadata(&file).unwrap().len() > 0);
}
