//! The ledger of logout messages on real parts: nodes that are killed, applications that hang, refuse,
//! fail and lead elsewhere, and what who runs the server sees of it.

mod page;

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use http::Method;

use crate::support::application::{Answer, Application, Asked};
use crate::support::browser::Browser;
use crate::support::redis::Redis;
use crate::support::served::{Options, Served, service};
use crate::support::slapd::{self, Slapd};
use crate::support::{ports, wait};

const LOGIN: &str = "camille.dupont";
const PASSWORD: &str = "camille-corbeau-7";

fn messages(application: &Application) -> usize {
    let asked = application.asked();
    asked
        .iter()
        .filter(|asked| asked.method == Method::POST && asked.body.starts_with("logoutRequest="))
        .count()
}

/// An application that answers people with a page, and logout messages as `told` says.
fn application(told: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Application {
    Application::start(move |asked| match asked.method {
        Method::POST => told(asked),
        _ => Answer::Page("<!DOCTYPE html><title>app</title>".to_owned()),
    })
}

/// Signs in, visits each application with a ticket that is validated, and signs out.
async fn come_and_go(served: &Served, applications: &[&Application]) {
    let mut browser = Browser::new(None);
    let page = browser.open(&served.address("/login", &[])).await;
    browser.sign_in(&page, LOGIN, PASSWORD).await;
    for application in applications {
        let url = format!("{}/app", application.url());
        let page = browser
            .open(&served.address("/login", &[("service", &url)]))
            .await;
        let ticket = page.url.query_pairs().find(|(name, _)| name == "ticket");
        let ticket = ticket.expect("a ticket").1.into_owned();
        let parameters = [("service", url.as_str()), ("ticket", ticket.as_str())];
        let answer = Browser::new(None)
            .get(&served.address("/serviceValidate", &parameters))
            .await;
        assert!(answer.reply.body.contains("authenticationSuccess"));
    }
    let page = browser.open(&served.address("/logout", &[])).await;
    assert_eq!(page.reply.status, 200, "{}", page.reply.body);
}

#[tokio::test]
async fn another_node_delivers_what_a_killed_one_had_in_hand() {
    // F-31
    let slapd = Slapd::start(&slapd::Options::default());
    let redis = Redis::start(&[]);
    let tickets = redis.url();
    let hangs = Arc::new(AtomicBool::new(true));
    let hanging = hangs.clone();
    let application = application(move |_| match hanging.load(Ordering::SeqCst) {
        true => Answer::Never,
        false => Answer::Page(String::new()),
    });
    let services = [("app", service(&application.url(), ""))];
    let options = Options {
        services: &services,
        ..Options::on(&slapd, &tickets)
    };
    let mut first = Served::start(&options);
    come_and_go(&first, &[&application]).await;
    wait::until("the message in the first node's hands", || {
        (messages(&application) == 1).then_some(())
    });
    first.kill();
    hangs.store(false, Ordering::SeqCst);
    let second = Served::beside(&first, &options);
    wait::until("the message from the second node", || {
        (messages(&application) == 2).then_some(())
    });
    wait::until("the second node's word", || {
        second.output().contains("logout delivered").then_some(())
    });
    let bodies = application.asked();
    let mut bodies = bodies.iter().filter(|asked| asked.method == Method::POST);
    assert_eq!(
        bodies.next().unwrap().body,
        bodies.next().unwrap().body,
        "the same message"
    );
}

#[tokio::test]
#[allow(clippy::too_many_lines, reason = "one application after the other")]
async fn applications_that_fail_hang_refuse_or_lead_elsewhere_cost_the_others_nothing() {
    // F-31, CAS-198, CAS-337, T-40, CAS-306
    let slapd = Slapd::start(&slapd::Options::default());
    let redis = Redis::start(&[]);
    let tickets = redis.url();
    let well = application(|_| Answer::Page(String::new()));
    let hanging = application(|_| Answer::Never);
    let failures = Arc::new(AtomicUsize::new(0));
    let failing = application(move |_| match failures.fetch_add(1, Ordering::SeqCst) {
        0 => Answer::Status(500),
        _ => Answer::Status(200),
    });
    let elsewhere = application(|_| Answer::Status(200));
    let to = format!("{}/elsewhere", elsewhere.url());
    let moved = application(move |_| Answer::Redirect(to.clone()));
    let inside = application(|_| Answer::Status(200));
    let refusing = application(|_| Answer::Status(403));
    let plain = |application: &Application| service(&application.url(), "");
    let services = [
        ("well", plain(&well)),
        ("hanging", plain(&hanging)),
        ("failing", plain(&failing)),
        ("moved", plain(&moved)),
        (
            "inside",
            service(&inside.url(), "logout = \"http://[::1]:9/slo\""),
        ),
        ("refusing", plain(&refusing)),
    ];
    let port = ports::free();
    let sections = format!(
        "deadline = \"500 ms\"\nlogout_pauses = [\"1 s\", \"1 s\"]\n\
         [admin]\nlisten = \"127.0.0.1:{port}\"\nopen = true\n"
    );
    let options = Options {
        services: &services,
        sections: &sections,
        ..Options::on(&slapd, &tickets)
    };
    let served = Served::start(&options);
    come_and_go(&served, &[&hanging, &failing, &moved, &inside, &refusing, &well]).await;
    wait::until("the well one's message", || (messages(&well) == 1).then_some(()));
    wait::until("the end of it all", || {
        let log = served.output();
        let delivered = ["well", "failing", "moved"].iter().all(|name| {
            log.lines()
                .any(|line| line.contains("logout_delivered") && line.contains(name))
        });
        let given_up = log
            .lines()
            .filter(|line| line.contains("logout_given_up"))
            .count();
        (delivered && given_up == 3).then_some(())
    });
    assert_eq!((messages(&failing), messages(&hanging)), (2, 3));
    assert_eq!(messages(&elsewhere), 0, "no redirection is followed");
    assert_eq!(messages(&inside), 0);

    let mereau = |arguments: &[&str]| {
        let made = Command::new(env!("CARGO_BIN_EXE_mereau"))
            .arg("logout")
            .args(arguments)
            .arg("--config")
            .arg(served.folder().join("server.toml"))
            .output()
            .expect("mereau");
        let text = String::from_utf8_lossy(&made.stdout).into_owned();
        (made.status.success(), text)
    };
    let (good, listed) = mereau(&["dead-letters"]);
    assert!(good, "{listed}");
    for wanted in [
        "hanging  localhost  LATE  tries 3",
        "inside  [::1]  FORBIDDEN_ADDRESS  tries 1",
        "refusing  localhost  REFUSED 403  tries 1",
    ] {
        assert!(
            listed.lines().any(|line| line.contains(wanted)),
            "{wanted}: {listed}"
        );
    }
    assert!(!listed.contains("samlp") && !listed.contains("ST-"), "{listed}");
    let (good, said) = mereau(&["retry", "--service", "refusing"]);
    assert!(good && said.contains("1 message tried again"), "{said}");
    wait::until("another try", || (messages(&refusing) == 2).then_some(()));
    assert!(!mereau(&["retry", "nothing-of-that-name"]).0);

    let page = Browser::new(None)
        .get(&format!("http://127.0.0.1:{port}/metrics"))
        .await;
    let text = page.reply.body;
    for line in [
        "slo_delivered_total{service=\"well\"} 1",
        "slo_given_up_total{service=\"hanging\",reason=\"LATE\"} 1",
        "login_total{tenant=\"campus\",result=\"signed_in\"} 1",
        "store_up 1",
    ] {
        assert!(text.lines().any(|known| known == line), "{line}: {text}");
    }
    let public = Browser::new(None).get(&served.address("/metrics", &[])).await;
    assert_eq!(public.reply.status, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_whose_settings_change_is_told_of_and_counted_while_the_server_runs() {
    // F-03
    let slapd = Slapd::start(&slapd::Options::default());
    let redis = Redis::start(&["--appendonly", "yes"]);
    let tickets = redis.url();
    let served = Served::start(&Options::on(&slapd, &tickets));
    let log = wait::until("the first look of the server itself", || {
        let log = served.output();
        log.contains("store_danger").then_some(log)
    });
    assert!(!log.contains("allkeys-lru"));
    let environment = |_: &str| None;
    let path = served.folder().join("server.toml");
    let Ok(loaded) = mereau::config::load(&path, &environment) else {
        panic!("the configuration that is served")
    };
    let server = mereau::assemble(loaded.settings, false).await.unwrap();
    let (watch, dangers) = (server.watch().unwrap(), &server.app.ports.metrics.store_dangers);
    assert_eq!(dangers.value(), None);
    assert!(watch.look().await);
    let before = dangers.value().unwrap();
    redis.cli(&["config", "set", "maxmemory-policy", "allkeys-lru"]);
    assert!(watch.look().await);
    assert_eq!(dangers.value(), Some(before + 1.0));
    redis.cli(&["config", "set", "maxmemory-policy", "noeviction"]);
    assert!(watch.look().await);
    assert_eq!(dangers.value(), Some(before));
    // The server looks by itself once a minute, and may just have done so.
    redis.cli(&["config", "set", "maxmemory-policy", "allkeys-lru"]);
    let looks_again = || served.output().contains("allkeys-lru").then_some(());
    let minute = std::time::Duration::from_secs(60);
    wait::until_within(
        minute + wait::PATIENCE,
        "the next look of the server itself",
        looks_again,
    );
}
