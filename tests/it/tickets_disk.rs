//! The ticket store's contract on disk, with a clock moved by hand, and what only a file can do.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use mereau::base::clock::{Clock, HandClock, Timestamp};
use mereau::base::entropy::OsEntropy;
use mereau::base::keys::KeyRing;
use mereau::tickets::embedded::EmbeddedStore;
use mereau::tickets::{
    Budgets, Challenges, Farewells, Marks, Nodes, ProxyTickets, Requests, ResetTickets, StoreError, Throttle,
    TicketStore, UpstreamSessions,
};

use crate::tickets::{
    self, APP, Place, World, anne, budgets, challenges, epochs, farewells, indexed, is_whole, mints, nodes,
    proxy, queue, reset, throttle, upstream, visits,
};

/// A file in a folder of its own, gone with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "tickets-{}-{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("tickets.redb")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[derive(Clone)]
struct Disk(Arc<Shared>);

struct Shared {
    clock: Arc<HandClock>,
    store: Mutex<Option<Arc<EmbeddedStore>>>,
    keys: KeyRing,
    folder: Folder,
}

impl Disk {
    fn new() -> Disk {
        let clock = Arc::new(HandClock::at(Timestamp(1_795_000_000_000)));
        let disk = Disk(Arc::new(Shared {
            clock,
            store: Mutex::default(),
            keys: KeyRing::ephemeral(&OsEntropy),
            folder: Folder::new(),
        }));
        disk.reopen();
        disk
    }

    fn reopen(&self) {
        let mut slot = self.0.store.lock().unwrap();
        *slot = None;
        let store = EmbeddedStore::on_disk(&self.0.folder.file(), self.0.clock.clone());
        *slot = Some(Arc::new(store.unwrap()));
    }

    fn store(&self) -> Arc<EmbeddedStore> {
        self.0.store.lock().unwrap().clone().unwrap()
    }
}

#[async_trait]
impl Place for Disk {
    fn tickets(&self) -> Arc<dyn TicketStore> {
        self.store()
    }

    fn throttle(&self) -> Arc<dyn Throttle> {
        self.store()
    }

    fn proxies(&self) -> Arc<dyn ProxyTickets> {
        self.store()
    }

    fn upstreams(&self) -> Arc<dyn UpstreamSessions> {
        self.store()
    }

    fn resets(&self) -> Arc<dyn ResetTickets> {
        self.store()
    }

    fn requests(&self) -> Arc<dyn Requests> {
        self.store()
    }

    fn farewells(&self) -> Arc<dyn Farewells> {
        self.store()
    }

    fn budgets(&self) -> Arc<dyn Budgets> {
        self.store()
    }

    fn marks(&self) -> Arc<dyn Marks> {
        self.store()
    }

    fn nodes(&self) -> Arc<dyn Nodes> {
        self.store()
    }

    fn challenges(&self) -> Arc<dyn Challenges> {
        self.store()
    }

    fn keys(&self) -> KeyRing {
        self.0.keys.clone()
    }

    fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    async fn pass(&self, span: Duration) {
        self.0.clock.advance(span);
    }

    async fn back(&self, span: Duration) {
        self.0.clock.set_back(span);
    }

    async fn moment(&self) {
        self.0.clock.advance(Duration::from_millis(10));
    }
}

crate::contract!(Disk::new());

fn words(outcome: Result<EmbeddedStore, StoreError>) -> String {
    match outcome {
        Ok(_) => panic!("the file was opened"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn a_restart_keeps_sessions_tickets_and_what_is_spent() {
    // CAS-115
    let disk = Disk::new();
    let world = World::on(disk.clone());
    let tgt = world.open(&anne()).await;
    let (spent, unused) = (
        world.grant(&tgt, &anne(), APP).await,
        world.grant(&tgt, &anne(), APP).await,
    );
    assert!(is_whole(&world.take(&spent, APP).await));
    disk.reopen();
    assert!(world.view(&tgt).await.is_some());
    assert!(!is_whole(&world.take(&spent, APP).await));
    assert!(is_whole(&world.take(&unused, APP).await));
    assert_eq!(world.end(&tgt).await.unwrap().visits.len(), 2);
    disk.reopen();
    assert_eq!(world.view(&tgt).await, None);
}

#[tokio::test]
async fn a_file_in_use_is_refused_with_what_to_do() {
    // CAS-115
    let disk = Disk::new();
    let second = EmbeddedStore::on_disk(&disk.0.folder.file(), disk.0.clock.clone());
    let said = words(second);
    assert!(said.contains("another server runs on it"), "{said}");
    disk.store().ping().await.unwrap();
}

#[tokio::test]
async fn a_damaged_file_is_refused_and_left_alone() {
    // CAS-115
    let folder = Folder::new();
    let clock = Arc::new(HandClock::at(Timestamp(1)));
    let whole = {
        let store = EmbeddedStore::on_disk(&folder.file(), clock.clone()).unwrap();
        store.spend_mark(&[1; 16], Duration::from_secs(60)).await.unwrap();
        drop(store);
        fs::read(folder.file()).unwrap()
    };
    let text = b"#!/bin/sh\necho this is no ticket file at all, somebody mixed up two paths\n".repeat(100);
    let cut = whole[..whole.len() / 3].to_vec();
    let mut scratched = whole;
    scratched[..4096].iter_mut().for_each(|byte| *byte ^= 0x55);
    for damaged in [text, cut, scratched] {
        fs::write(folder.file(), &damaged).unwrap();
        let said = words(EmbeddedStore::on_disk(&folder.file(), clock.clone()));
        assert!(
            said.contains("damaged") && said.contains("move it away"),
            "{said}"
        );
        assert!(
            fs::read(folder.file()).unwrap() == damaged,
            "the evidence is changed"
        );
    }
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_told() {
    // CAS-115
    let clock = Arc::new(HandClock::at(Timestamp(1)));
    let said = words(EmbeddedStore::on_disk(
        Path::new("/nowhere/at/all/tickets"),
        clock,
    ));
    assert!(
        said.contains("/nowhere/at/all/tickets cannot be opened"),
        "{said}"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_may_read_the_file() {
    // CAS-114
    use std::os::unix::fs::PermissionsExt;
    let disk = Disk::new();
    let mode = fs::metadata(disk.0.folder.file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_writers_at_once_are_all_acknowledged_and_all_kept() {
    // CAS-115
    let disk = Disk::new();
    let writers: Vec<_> = (0..500u128)
        .map(|n| {
            let store = disk.store();
            let mark = n.to_be_bytes();
            tokio::spawn(async move { store.spend_mark(&mark, Duration::from_secs(60)).await.unwrap() })
        })
        .collect();
    for writer in writers {
        assert!(writer.await.unwrap());
    }
    disk.reopen();
    let store = disk.store();
    for n in 0..500u128 {
        let mark = n.to_be_bytes();
        let again = store.spend_mark(&mark, Duration::from_secs(60)).await;
        assert!(!again.unwrap(), "mark {n} was lost");
    }
}
