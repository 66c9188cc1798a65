//! A directory that stands still: its realm is turned away and others go on, and a real browser keeps what
//! was typed until there is room.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use serde_json::json;
use tokio::task::JoinHandle;

use crate::support::application::Application;
use crate::support::browser::{Browser, Page};
use crate::support::chromium::{Chromium, Options as Window};
use crate::support::served::{Options, Served, service};
use crate::support::slapd::{self, Slapd};
use crate::support::{ports, wait};

const CAMILLE: (&str, &str) = ("camille.dupont", "camille-corbeau-7");
const AMINE: (&str, &str) = ("amine.benali", "amine-tulipe-8");

/// A login and its password.
type Who = (&'static str, &'static str);

const LYCEE: &str = "[[institution]]\nid = \"lycee\"\nrealm = \"lycee\"\nname = \"Lycée d’essai\"\n";

/// One search at a time, one that waits, and no end of patience.
const NARROW: &str = "search_connections = 1\nsearches_per_connection = 1\nbind_connections = 1\n\
                      queue_length = 1\nqueue_timeout = \"10 min\"\nop_timeout = \"10 min\"\n[people]\n";

/// Serves with these lines at the end of the campus' [directory].
fn start(options: &Options, directory: &str) -> Served {
    let mut served = Served::written(options, ports::free());
    let file = served.folder().join("realms/campus.toml");
    let realm = fs::read_to_string(&file).unwrap();
    fs::write(&file, realm.replace("[people]\n", directory)).unwrap();
    served.restart();
    served
}

/// Signs in over plain HTTP; no redirect is followed.
async fn signs_in(browser: &mut Browser, login: &str, who: Who) -> Page {
    let page = browser.get(login).await;
    let form = page.reply.form();
    let filled = form.with("username", who.0).with("password", who.1);
    browser.submit(&page, &filled).await
}

/// The same while the test goes on.
fn signing_in(served: &Served, tenant: &str, who: Who) -> JoinHandle<Page> {
    let login = served.address("/login", &[("tenant", tenant)]);
    tokio::spawn(async move { signs_in(&mut Browser::new(None), &login, who).await })
}

/// One after the other comes to the campus until it is over, and is told to come back: how many.
fn turned_away(served: &Served, over: &Arc<AtomicBool>) -> JoinHandle<usize> {
    let login = served.address("/login", &[("tenant", "campus")]);
    let over = over.clone();
    tokio::spawn(async move {
        let mut told = 0;
        while !over.load(Ordering::SeqCst) {
            let reply = signs_in(&mut Browser::new(None), &login, AMINE).await.reply;
            assert!(reply.status == 503 && reply.comes_back_in(2..=5), "{reply:?}");
            told += 1;
        }
        told
    })
}

/// So many sign in at the lycée, one after the other: each to the application, which has the ticket validated, and out.
fn lycee_goes_on(served: &Served, service: &str, who: Who, times: usize) -> JoinHandle<()> {
    let login = served.address("/login", &[("tenant", "lycee"), ("service", service)]);
    let validate = served.address("/serviceValidate", &[("service", service)]);
    let logout = served.address("/logout", &[]);
    tokio::spawn(async move {
        for _ in 0..times {
            let mut browser = Browser::new(None);
            let ticket = signs_in(&mut browser, &login, who).await.reply.ticket();
            let asked = format!("{validate}&ticket={ticket}");
            let told = Browser::new(None).get(&asked).await.reply.body;
            assert!(told.contains("authenticationSuccess"), "{told}");
            assert_eq!(browser.get(&logout).await.reply.status, 200);
        }
    })
}

async fn has_room(served: &Served, tenant: &str) -> bool {
    let room = served.address("/login/room", &[("tenant", tenant)]);
    Browser::new(None).get(&room).await.reply.body == r#"{"wait":0}"#
}

/// Freezes the directory, and sends two people in before whoever comes then.
async fn crowd(served: &Served, campus: &Slapd) -> Vec<JoinHandle<Page>> {
    // The connections are there: their making has an end of its own.
    assert_eq!(
        signing_in(served, "campus", AMINE).await.unwrap().reply.status,
        303
    );
    campus.stop();
    let before = (0..2).map(|_| signing_in(served, "campus", AMINE)).collect();
    wait::until_async("a crowd", || async {
        (!has_room(served, "campus").await).then_some(())
    })
    .await;
    before
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_directory_takes_the_places_of_its_own_realm_and_no_other() {
    // F-13
    let (campus, lycee) = (
        Slapd::start(&slapd::Options::default()),
        Slapd::start(&slapd::Options::default()),
    );
    let application = Application::plain();
    let service = format!("{}/app", application.url());
    let options = Options {
        second: Some(&lycee),
        institutions: LYCEE,
        services: &[("application", self::service(&application.url(), ""))],
        // Sixteen of each kind at once, of which a realm may have eight.
        sections: "[server.limits]\nmost_requests = 16\n",
        ..Options::on(&campus, "memory:")
    };
    let patient = "queue_timeout = \"10 min\"\nop_timeout = \"10 min\"\n[people]\n";
    let served = start(&options, patient);
    assert_eq!(
        signing_in(&served, "campus", AMINE).await.unwrap().reply.status,
        303
    );
    campus.stop();
    let mut hanging: Vec<_> = (0..9).map(|_| signing_in(&served, "campus", AMINE)).collect();
    let finished = |hanging: &[JoinHandle<Page>]| hanging.iter().position(JoinHandle::is_finished);
    let at = wait::until_async("the ninth of them", || async { finished(&hanging) }).await;
    let ninth = hanging.remove(at).await.unwrap().reply;
    assert!(ninth.status == 503 && ninth.comes_back_in(2..=5), "{ninth:?}");
    assert!(!has_room(&served, "campus").await && has_room(&served, "lycee").await);

    // Two more of the campus at a time, and six of the lycée, who are served as if there were no campus.
    let over = Arc::new(AtomicBool::new(false));
    let crowd: Vec<_> = (0..2).map(|_| turned_away(&served, &over)).collect();
    let lycee = (0..6).map(|number| {
        let who = [CAMILLE, AMINE][number % 2];
        lycee_goes_on(&served, &service, who, 8)
    });
    for all_through in join_all(lycee).await {
        all_through.unwrap();
    }
    over.store(true, Ordering::SeqCst);
    for told in crowd {
        assert!(told.await.unwrap() > 0, "the crowd came meanwhile");
    }
    assert!(
        hanging.iter().all(|hanging| !hanging.is_finished()),
        "they were not waited for"
    );
    campus.cont();
    for hanging in hanging {
        assert_eq!(hanging.await.unwrap().reply.status, 303);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chromium_keeps_what_was_typed_until_the_directory_has_room() {
    // F-13, CAS-31
    let campus = Slapd::start(&slapd::Options::default());
    let application = Application::plain();
    let start_page = format!("{}/start", application.url());
    let options = Options {
        services: &[("application", service(&application.url(), ""))],
        ..Options::on(&campus, "memory:")
    };
    let served = start(&options, NARROW);
    let before = crowd(&served, &campus).await;

    let window = Chromium::start(Window::default()).await;
    let login = served.address("/login", &[("service", &start_page)]);
    window.client.goto(&login).await.unwrap();
    window.sign_in(CAMILLE.0, CAMILLE.1).await;
    window.found("#waiting p").await;
    assert!(window.text("#waiting").await.contains("Rien n’est perdu"));
    assert_eq!(window.url().await, login, "the page is still the one it was");
    let kept = "return [document.querySelector('[name=password]').value, document.activeElement.type, \
                localStorage.length, sessionStorage.length];";
    assert_eq!(window.ask(kept).await, json!([CAMILLE.1, "submit", 0, 0]));
    assert_eq!(window.violations().await, Vec::<String>::new());
    assert_eq!(window.complaints().await, Vec::<String>::new());
    window.keep_picture("waiting-fr-1280").await;
    assert!(before.iter().all(|before| !before.is_finished()));
    campus.cont();
    window.arrive(&format!("{start_page}?ticket=ST-")).await;
    for before in before {
        assert_eq!(before.await.unwrap().reply.status, 303);
    }
    window.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_stops_waiting_has_the_form_as_it_was() {
    // CAS-31
    let campus = Slapd::start(&slapd::Options::default());
    let served = start(&Options::on(&campus, "memory:"), NARROW);
    let before = crowd(&served, &campus).await;
    let window = Chromium::start(Window {
        width: 320,
        language: "en",
        ..Window::default()
    })
    .await;
    window.client.goto(&served.address("/login", &[])).await.unwrap();
    window.sign_in(CAMILLE.0, CAMILLE.1).await;
    window.found("#waiting p").await;
    assert!(window.text("#waiting").await.contains("Nothing is lost"));
    assert!(!window.overflows().await);
    assert_eq!(window.violations().await, Vec::<String>::new());
    window.keep_picture("waiting-en-320").await;
    window.click("#stop-waiting button").await;
    let left = "return [document.querySelector('[name=password]').value, document.activeElement.name, \
                document.getElementById('waiting').childNodes.length];";
    assert_eq!(window.ask(left).await, json!([CAMILLE.1, "password", 0]));
    campus.cont();
    for before in before {
        assert_eq!(before.await.unwrap().reply.status, 303);
    }
    window.close().await;
}
