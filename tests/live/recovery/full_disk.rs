//! The disk of the audit is full: nobody gets a new password that it would not tell of, people sign in all the
//! same unless the operator wants otherwise, and nothing that happened is missing when there is room again.

use std::fs::{self, File};
use std::io::{BufReader, Write as _};
use std::path::{Path, PathBuf};

use http::Method;
use mereau::audit::verify::Walk;
use mereau::base::key_file;
use mereau::base::keys::KeyRing;

use super::{CAMILLE, NEW, Plan, Town, USUAL};
use crate::monitoring::{admin, asked, value};
use crate::support::browser::{Browser, Page};
use crate::support::child::folder;
use crate::support::{ports, wait};

/// Sessions are for who shows a token.
const TOKEN: (&str, &str) = ("authorization", "Bearer 5b1f0c7e9a3d4e6f8a2b1c0d9e8f7a6b");
const TOKEN_WORD: &str = "MEREAU_ADMIN_TOKEN=5b1f0c7e9a3d4e6f8a2b1c0d9e8f7a6b";

/// The server with a small disk of its own at `$0`, which only it sees and which ends with it.
const SMALL: &str = "mount -t tmpfs -o size=128k,mode=700 none \"$0\" && exec \"$@\"";

struct Disk {
    at: PathBuf,
    /// As it is seen from here.
    seen: PathBuf,
}

impl Disk {
    /// Fills it up to the last byte that it takes.
    fn fill(&self) {
        let mut filler = File::create(self.seen.join("filler")).expect("the small disk");
        for size in [4096, 1] {
            while filler.write_all(&vec![b'x'; size]).is_ok() {}
        }
    }

    fn make_room(&self) {
        fs::remove_file(self.seen.join("filler")).expect("the filler");
    }
}

/// A town whose audit lies on a small disk, and its admin's port.
async fn town(lines: &str) -> (Town, Disk, u16) {
    let at = folder("small-disk");
    let port = ports::free();
    let shown = at.display().to_string();
    let town = Town::with(Plan {
        by: &["env", TOKEN_WORD, "unshare", "-m", "sh", "-c", SMALL, &shown],
        audit: &format!("file = \"{shown}/audit.jsonl\"\n{lines}"),
        mail: &admin(port).replace("open = true", "token_env = \"MEREAU_ADMIN_TOKEN\""),
        ..USUAL
    })
    .await;
    let root = PathBuf::from(format!("/proc/{}/root", town.served.id()));
    let seen = root.join(at.strip_prefix("/").expect("an absolute path"));
    // The address is open before the files are read.
    wait::until("the audit", || seen.join("audit.jsonl").exists().then_some(()));
    (town, Disk { at, seen }, port)
}

/// Who runs the server, with the token.
fn operator() -> Browser {
    let mut operator = Browser::new(None);
    operator.forged = vec![TOKEN];
    operator
}

async fn number(port: u16, name: &str) -> f64 {
    let url = format!("http://127.0.0.1:{port}/metrics");
    let page = operator().get(&url).await.reply.body;
    value(&page, name).expect("a number")
}

async fn waiting(port: u16) -> f64 {
    number(port, "audit_waiting").await
}

/// Somebody else than who waits with a link: a sign-in ends those.
async fn signs_in(town: &Town) -> Page {
    let mut browser = Browser::new(None);
    let page = browser.open(&town.at("/login")).await;
    let form = page.reply.form().with("username", "tom.moreau");
    browser.submit(&page, &form.with("password", CAMILLE.1)).await
}

async fn ends_sessions(port: u16) -> u16 {
    let url = format!("http://127.0.0.1:{port}/sessions")
        .parse()
        .expect("a URL");
    let form = format!("person={}&reason=lost+device", CAMILLE.0);
    let page = operator().send(Method::POST, url, Some(form)).await;
    page.reply.status.as_u16()
}

/// Events of this name, of a file that is whole.
fn events(town: &Town, file: &Path, name: &str) -> usize {
    let key = fs::read(town.served.folder().join("ring.key")).expect("the key");
    let keys = KeyRing::new(key_file::parse(&key).expect("a key"), Vec::new());
    let open = BufReader::new(File::open(file).expect("the audit"));
    let findings = Walk::new(&keys).file(open, |_| {}).expect("the audit");
    let broken: Vec<_> = findings.iter().filter(|finding| finding.broken).collect();
    assert!(broken.is_empty(), "{broken:?}");
    let text = fs::read_to_string(file).expect("the audit");
    text.matches(&format!("\"event\":\"{name}\"")).count()
}

#[tokio::test]
async fn nobody_gets_a_new_password_while_it_could_not_be_told_and_everybody_signs_in() {
    // F-26
    let (town, disk, port) = town("").await;
    town.asks(&mut Browser::new(None), CAMILLE.0).await;
    let link = town.mails(1).await[0].link();
    let mut browser = Browser::new(None);
    let page = browser.open(&link).await;
    let form = page.reply.form().with("new", NEW);
    assert_eq!(waiting(port).await, 0.0);

    disk.fill();
    let refused = browser.submit(&page, &form).await.reply;
    assert_eq!(refused.status, 503, "{}", refused.body);
    assert!(refused.headers.contains_key("retry-after"));
    assert!(town.binds(CAMILLE.0, CAMILLE.1) && !town.binds(CAMILLE.0, NEW));
    assert_eq!(ends_sessions(port).await, 503);
    // What is left of the last page of the file takes some events.
    let mut signed_in = 0;
    while waiting(port).await == 0.0 {
        assert!(signs_in(&town).await.reply.location().contains("ticket="));
        signed_in += 1;
        assert!(signed_in < 200, "the disk is not full");
    }
    for _ in 0..3 {
        assert!(signs_in(&town).await.reply.location().contains("ticket="));
        signed_in += 1;
    }
    assert_eq!(ends_sessions(port).await, 503);
    assert_eq!(browser.submit(&page, &form).await.reply.status, 503);
    assert!(town.served.output().contains("events wait in memory"));

    disk.make_room();
    let answer = browser.submit(&page, &form).await;
    assert_eq!(answer.reply.status, 303, "{}", answer.reply.body);
    browser.follow(answer).await;
    assert!(town.binds(CAMILLE.0, NEW));
    assert_eq!(ends_sessions(port).await, 200);
    wait::until_async("everything to be written", || async {
        (waiting(port).await == 0.0).then_some(())
    })
    .await;
    assert_eq!(number(port, "audit_lost_total").await, 0.0);
    let file = disk.seen.join("audit.jsonl");
    // The one who chose a new password is signed in by it, too.
    let told = wait::until("the last event", || {
        let told = events(&town, &file, "signed-in");
        (told >= signed_in).then_some(told)
    });
    assert!(
        (signed_in..=signed_in + 1).contains(&told),
        "{told} of {signed_in}"
    );
    assert_eq!(events(&town, &file, "password-written"), 1);
    assert!(
        disk.at.join("audit.jsonl").metadata().is_err(),
        "it lies on no other disk"
    );
}

#[tokio::test]
async fn who_wants_every_sign_in_told_has_nobody_sign_in_meanwhile() {
    // F-26
    let (town, disk, port) = town("unrecorded_sign_ins = false\n").await;
    assert!(signs_in(&town).await.reply.location().contains("ticket="));
    disk.fill();
    // A line that was written a moment ago speaks for the next one.
    let refused = wait::until_async("a refusal", || async {
        let reply = signs_in(&town).await.reply;
        (reply.status == 503).then_some(reply)
    })
    .await;
    assert!(refused.headers.contains_key("retry-after"));
    assert_eq!(asked(port, "/livez").await.0, 200);
    disk.make_room();
    assert!(signs_in(&town).await.reply.location().contains("ticket="));
}
