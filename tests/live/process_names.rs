//! Nobody answers for names any more, while directories are reached by theirs: a resolver of the test's own in
//! a file system of the server's own.

use std::fs;
use std::net::{Ipv4Addr, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use http::StatusCode;

use crate::service::BINARY;
use crate::support::browser::{Browser, Page};
use crate::support::child::{Server, folder};
use crate::support::served::{Options, Served};
use crate::support::slapd::{self, Slapd};
use crate::support::{ports, wait};

/// The name of a directory that this resolver alone knows.
const NAME: &str = "ldap.campus.test";

/// What the server is started by: its own idea of who answers for names.
const OWN: &str = "mount --bind \"$0/resolv.conf\" /etc/resolv.conf && \
                   mount --bind \"$0/nsswitch.conf\" /etc/nsswitch.conf && exec \"$@\"";

/// Answers for every name with this machine, or takes questions and says nothing.
struct Resolver {
    address: Ipv4Addr,
    mute: Arc<AtomicBool>,
    /// Questions that got no answer.
    unanswered: Arc<AtomicUsize>,
}

impl Resolver {
    fn start() -> Resolver {
        // Questions go to port 53 and nowhere else; every address of 127/8 is this machine's.
        let (socket, address) = wait::until("a free address", || {
            let [_, a, b, _] = std::process::id().to_be_bytes();
            let last = ports::free().to_be_bytes()[1].clamp(2, 250);
            let address = Ipv4Addr::new(127, a.max(77), b, last);
            UdpSocket::bind((address, 53))
                .ok()
                .map(|socket| (socket, address))
        });
        let (mute, unanswered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (is_mute, counts) = (mute.clone(), unanswered.clone());
        std::thread::spawn(move || {
            let mut question = [0; 1500];
            while let Ok((length, from)) = socket.recv_from(&mut question) {
                if is_mute.load(Ordering::SeqCst) {
                    counts.fetch_add(1, Ordering::SeqCst);
                } else {
                    let _ = socket.send_to(&answer(&question[..length]), from);
                }
            }
        });
        Resolver {
            address,
            mute,
            unanswered,
        }
    }

    fn is_mute(&self, mute: bool) {
        self.mute.store(mute, Ordering::SeqCst);
    }
}

/// RFC 1035 §4.1: the question again, with 127.0.0.1 where an IPv4 address was asked for.
fn answer(question: &[u8]) -> Vec<u8> {
    let end = 12 + question[12..].iter().position(|byte| *byte == 0).expect("a name") + 5;
    let asked = &question[12..end];
    let is_a = asked[asked.len() - 4..] == [0, 1, 0, 1];
    let mut answer = question[..2].to_vec();
    answer.extend([0x81, 0x80, 0, 1, 0, u8::from(is_a), 0, 0, 0, 0]);
    answer.extend(asked);
    if is_a {
        answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
    }
    answer
}

fn launch(served: &Served, own: &Path, port: u16) -> Server {
    let config = served.folder().join("server.toml").display().to_string();
    let own = own.display().to_string();
    let words = ["-m", "sh", "-c", OWN, &own, "env", "RUST_LOG=info", BINARY];
    let mut arguments = words.map(str::to_owned).to_vec();
    arguments.extend(["serve", "--config", &config].map(str::to_owned));
    Server::listening(port, "unshare", &arguments, &served.folder().join("log"))
}

fn surroundings(resolver: &Resolver) -> PathBuf {
    let own = folder("names");
    let write = |name: &str, text: &str| fs::write(own.join(name), text).expect("a file");
    write("resolv.conf", &format!("nameserver {}\n", resolver.address));
    write("nsswitch.conf", "hosts: files dns\n");
    own
}

async fn signs_in(served: &Served) -> Page {
    let mut browser = Browser::new(None);
    let page = browser.open(&served.address("/login", &[])).await;
    assert_eq!(page.reply.status, StatusCode::OK, "{}", page.reply.body);
    browser
        .sign_in(&page, "camille.dupont", "camille-corbeau-7")
        .await
}

async fn signs_in_again(served: &Served) {
    wait::until_async("a sign-in", || async {
        (signs_in(served).await.reply.status == StatusCode::OK).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_directory_is_reached_by_its_name_when_nobody_answers_for_names_any_more() {
    // F-29
    let resolver = Resolver::start();
    let own = surroundings(&resolver);
    let mut slapd = Slapd::start(&slapd::Options::default());
    let url = format!("ldap://{NAME}:{}", slapd.port());
    let options = Options {
        directory: Some(&url),
        ..Options::on(&slapd, "memory:")
    };
    let port = ports::free();
    let served = Served::written(&options, port);
    let realm = served.folder().join("realms/campus.toml");
    let text = fs::read_to_string(&realm).expect("the realm");
    let text = text.replace("kind = \"ldap\"", "kind = \"ldap\"\nallow_clear = true");
    fs::write(&realm, text).expect("the realm");
    let server = launch(&served, &own, port);
    signs_in_again(&served).await;

    // All connections are lost, and the name is needed for new ones.
    resolver.is_mute(true);
    slapd.kill();
    wait::until_async("somebody who misses it", || async {
        let told = signs_in(&served).await.reply.status;
        (told == StatusCode::SERVICE_UNAVAILABLE).then_some(())
    })
    .await;
    wait::until("a question without an answer", || {
        (resolver.unanswered.load(Ordering::SeqCst) > 0).then_some(())
    });
    wait::until("the operator to be told", || {
        served.output().contains("name_unknown").then_some(())
    });
    slapd.restart();
    signs_in_again(&served).await;
    drop(server);

    // Who starts now knows no address: pages are there, and people come in once the name is known.
    let _server = launch(&served, &own, port);
    assert_eq!(
        signs_in(&served).await.reply.status,
        StatusCode::SERVICE_UNAVAILABLE
    );
    resolver.is_mute(false);
    signs_in_again(&served).await;
}
