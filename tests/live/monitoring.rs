//! What those who run a server see of it: alerts and dashboard as Prometheus reads them, nodes that hear of
//! each other, a stop that is told first, and a store that has lost what it acknowledged.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::application::Application;
use crate::support::browser::Browser;
use crate::support::ports;
use crate::support::redis::Redis;
use crate::support::rollback::Rollback;
use crate::support::served::{Options, Served, service};
use crate::support::slapd::{self, Slapd};
use crate::support::wait;

/// Where alerts and dashboard are.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("conf/monitoring")
}

/// Runs promtool on files of that folder; what it says when it is not content.
pub fn promtool(arguments: &[&str], input: Option<&str>) -> Result<(), String> {
    let mut command = Command::new("promtool");
    command.args(arguments).current_dir(folder());
    if let Some(input) = input {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), input).unwrap();
        command.stdin(file.reopen().unwrap());
    }
    let output = command.output().expect("promtool");
    let said = [output.stdout, output.stderr].concat();
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&said).into_owned()),
    }
}

/// The lines of a server's `[admin]`, open on this port.
pub fn admin(port: u16) -> String {
    format!("[admin]\nlisten = \"127.0.0.1:{port}\"\nopen = true\nleave_after = \"0 s\"\n")
}

/// What the admin address on this port says; status 0 when nobody is there.
pub async fn asked(port: u16, path: &str) -> (u16, String) {
    let url = format!("http://127.0.0.1:{port}{path}");
    let page = tokio::spawn(async move { Browser::new(None).get(&url).await.reply });
    match page.await {
        Ok(reply) => (reply.status.as_u16(), reply.body),
        Err(_) => (0, String::new()),
    }
}

/// The value of a sample; `None` where it is not there.
pub fn value(page: &str, sample: &str) -> Option<f64> {
    let line = page
        .lines()
        .find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '))?;
    line.parse().ok()
}

/// Names of metrics in PromQL: words that are neither called, nor labels, nor of the language.
fn names(expression: &str) -> BTreeSet<String> {
    let mut bare = String::new();
    let (mut depth, mut quiet) = (0, false);
    for symbol in expression.chars() {
        match symbol {
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            _ if depth == 0 => bare.push(symbol),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    let word = |symbol: char| symbol.is_ascii_alphanumeric() || symbol == '_';
    let mut rest = bare.as_str();
    while let Some(start) = rest.find(|symbol: char| symbol.is_ascii_alphabetic()) {
        let from = &rest[start..];
        let end = from.find(|symbol: char| !word(symbol)).unwrap_or(from.len());
        let (name, behind) = from.split_at(end);
        let behind_it = behind.trim_start();
        let called = behind_it.starts_with('(') || behind_it.starts_with("by ");
        if name == "by" {
            quiet = true;
        } else if quiet {
            // A label of by (…).
        } else if !called && name.len() > 1 {
            let ends = ["_bucket", "_sum", "_count"];
            let family = ends.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
            found.insert(family.to_owned());
        }
        if quiet && behind.trim_start().starts_with(')') {
            quiet = false;
        }
        rest = behind;
    }
    found
}

/// Names of metrics that alerts name.
pub fn names_of_alerts() -> BTreeSet<String> {
    let text = std::fs::read_to_string(folder().join("alerts.yml")).unwrap();
    let mut all = BTreeSet::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(expression) = line.trim_start().strip_prefix("expr:") else {
            continue;
        };
        let mut expression = expression.trim().trim_start_matches('|').to_owned();
        while let Some(more) = lines.next_if(|line| line.starts_with("          ")) {
            expression.push_str(more);
        }
        let found = names(&expression);
        assert!(!found.is_empty(), "{line}");
        all.extend(found);
    }
    assert!(all.len() > 15, "{all:?}");
    all
}

/// Names of metrics that the dashboard names.
pub fn names_of_dashboard() -> BTreeSet<String> {
    let text = std::fs::read_to_string(folder().join("dashboard.json")).unwrap();
    let dashboard: Value = serde_json::from_str(&text).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let ids: BTreeSet<u64> = panels.iter().filter_map(|panel| panel["id"].as_u64()).collect();
    assert_eq!(ids.len(), panels.len());
    let targets = panels
        .iter()
        .flat_map(|panel| panel["targets"].as_array().unwrap());
    targets
        .flat_map(|target| names(target["expr"].as_str().unwrap()))
        .collect()
}

#[test]
fn every_alert_is_shown_to_fire_and_not_to_fire() {
    // CAS-306
    for arguments in [
        &["check", "rules", "alerts.yml"][..],
        &["test", "rules", "alerts.test.yml"],
        &["check", "config", "--syntax-only", "prometheus.yml"],
    ] {
        assert_eq!(promtool(arguments, None), Ok(()), "{arguments:?}");
    }
    let text = |name: &str| std::fs::read_to_string(folder().join(name)).unwrap();
    let (alerts, tests) = (text("alerts.yml"), text("alerts.test.yml"));
    let alerts: Vec<&str> = alerts
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- alert: "))
        .collect();
    assert!(alerts.len() >= 14, "those of reliability §6 at least");
    for alert in &alerts {
        for outcome in ["fires", "does not fire"] {
            assert!(
                tests.contains(&format!("- name: {alert} {outcome}\n")),
                "{alert} {outcome}"
            );
        }
    }
}

#[test]
fn every_metric_that_alerts_and_dashboard_name_is_one_of_ours() {
    // CAS-306
    let known: BTreeSet<&str> = mereau::metrics::family::ALL
        .iter()
        .map(|family| family.name)
        .collect();
    let named: BTreeSet<String> = &names_of_alerts() | &names_of_dashboard();
    let unknown: Vec<&String> = named
        .iter()
        .filter(|name| !known.contains(name.as_str()))
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    // Each has its place on the dashboard but these, which the others tell as well.
    let elsewhere = ["process_virtual_memory_bytes", "process_max_fds"];
    let shown = names_of_dashboard();
    for name in known {
        assert!(
            shown.contains(name) || elsewhere.contains(&name),
            "{name} is on no panel"
        );
    }
}

async fn versions(port: u16) -> Option<Value> {
    let (status, body) = asked(port, "/versions").await;
    (status == 200).then(|| serde_json::from_str(&body).unwrap())
}

/// Waits until the node on this port knows of `count` nodes that differ in `differ`.
async fn nodes(port: u16, count: usize, differ: &[&str]) {
    wait::until_async("nodes that hear of each other", || async {
        let told = versions(port).await?;
        let same = told["differ"] == serde_json::json!(differ);
        (same && told["nodes"].as_array()?.len() == count).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_hear_of_each_other_and_name_what_they_serve_differently() {
    // F-24, F-32
    let slapd = Slapd::start(&slapd::Options::default());
    let redis = Redis::start(&["--appendonly", "yes"]);
    let tickets = redis.url();
    let (first, second, front) = (ports::free(), ports::free(), ports::free());
    let (here, there) = (admin(first), admin(second));
    let options = |sections| Options {
        sections,
        front: Some(front),
        ..Options::on(&slapd, &tickets)
    };
    let one = Served::start(&options(&here));
    let mut two = Served::beside(&one, &options(&there));
    nodes(first, 2, &[]).await;
    nodes(second, 2, &[]).await;

    let added = two.folder().join("services/more.toml");
    std::fs::create_dir_all(added.parent().unwrap()).unwrap();
    std::fs::write(&added, service("https://more.example.org", "")).unwrap();
    two.server().signal("HUP");
    nodes(second, 2, &["registry"]).await;
    nodes(first, 2, &["registry"]).await;
    std::fs::write(&added, "urls = [").unwrap();
    two.server().signal("HUP");
    wait::until_async("a reload that fails", || async {
        let (_, page) = asked(second, "/metrics").await;
        (value(&page, "config_reload_failed") == Some(1.0)).then_some(())
    })
    .await;
    let told = versions(second).await.unwrap();
    assert_eq!(told["node"]["last_reload"]["result"], "failed");
    assert_eq!(
        told["differ"],
        serde_json::json!(["registry"]),
        "what was good is served"
    );
    std::fs::remove_file(&added).unwrap();
    two.server().signal("HUP");
    nodes(first, 2, &[]).await;

    assert!(two.terminate().success());
    nodes(first, 1, &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_is_told_before_the_public_address_closes() {
    // F-23
    let slapd = Slapd::start(&slapd::Options::default());
    let port = ports::free();
    let sections = admin(port).replace("0 s", "1 h");
    let mut served = Served::start(&Options {
        sections: &sections,
        ..Options::on(&slapd, "memory:")
    });
    wait::until_async("a ready node", || async {
        (asked(port, "/readyz").await.0 == 200).then_some(())
    })
    .await;
    served.server().signal("TERM");
    let told = wait::until_async("the word", || async {
        let (status, told) = asked(port, "/readyz").await;
        (status == 503).then_some(told)
    })
    .await;
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["stopping"], true);
    assert_eq!(asked(port, "/livez").await, (200, "alive\n".to_owned()));
    let page = Browser::new(None).get(&served.address("/login", &[])).await;
    assert_eq!(page.reply.status, 200, "who comes is served all the same");
    // A second word ends it at once.
    served.server().signal("TERM");
    assert_eq!(served.server().wait().code(), Some(130));
}

/// An application that people sign in to, on a store at `tickets`.
struct Desk {
    application: Application,
    slapd: Slapd,
    served: Served,
    port: u16,
}

impl Desk {
    fn open(tickets: &str) -> Desk {
        let (slapd, application) = (Slapd::start(&slapd::Options::default()), Application::plain());
        let port = ports::free();
        let services = [(
            "application",
            service(&application.url(), "ticket_lifetime = \"5 min\""),
        )];
        let served = Served::start(&Options {
            services: &services,
            sections: &admin(port),
            ..Options::on(&slapd, tickets)
        });
        Desk {
            application,
            slapd,
            served,
            port,
        }
    }

    /// Another node, on another store.
    fn beside(&self, tickets: &str) -> Served {
        let services = [(
            "application",
            service(&self.application.url(), "ticket_lifetime = \"5 min\""),
        )];
        Served::beside(
            &self.served,
            &Options {
                services: &services,
                ..Options::on(&self.slapd, tickets)
            },
        )
    }

    fn start(&self) -> String {
        format!("{}/start", self.application.url())
    }

    /// A ticket that nobody has validated: the application is left out.
    async fn ticket(&self) -> String {
        let mut browser = Browser::new(None);
        let page = browser
            .open(&self.served.address("/login", &[("service", &self.start())]))
            .await;
        let form = page.reply.form().with("username", "camille.dupont");
        let answer = browser
            .submit(&page, &form.with("password", "camille-corbeau-7"))
            .await;
        let to = answer.reply.headers["location"].to_str().unwrap().to_owned();
        to.split_once("ticket=").expect("a ticket").1.to_owned()
    }

    async fn validate(&self, served: &Served, ticket: &str) -> String {
        let start = self.start();
        let url = served.address("/p3/serviceValidate", &[("service", &start), ("ticket", ticket)]);
        Browser::new(None).get(&url).await.reply.body
    }

    /// Asks until the store answers.
    async fn answered(&self, ticket: &str) -> String {
        wait::until_async("the store", || async {
            let told = self.validate(&self.served, ticket).await;
            (!told.contains("INTERNAL_ERROR")).then_some(told)
        })
        .await
    }

    async fn lost(&self, what: &str) -> Option<f64> {
        let (_, page) = asked(self.port, "/metrics").await;
        value(&page, &format!("store_rollback_total{{what=\"{what}\"}}"))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_spent_ticket_that_a_failover_brings_back_is_refused_and_counted() {
    // F-04
    let mut servers = Rollback::start();
    let desk = Desk::open(&servers.url());
    let ticket = desk.ticket().await;
    servers.cut();
    assert!(desk.validate(&desk.served, &ticket).await.contains("<cas:user>"));
    assert_eq!(desk.lost("returned").await, Some(0.0));
    servers.fail_over();
    let again = desk.answered(&ticket).await;
    assert!(again.contains("INVALID_TICKET"), "{again}");
    assert_eq!(desk.lost("returned").await, Some(1.0));
    assert!(desk.served.output().contains("store_rollback"));
    // The new primary knows it as spent now; what it has never heard of is another thing.
    let fresh = desk.ticket().await;
    assert!(desk.validate(&desk.served, &fresh).await.contains("<cas:user>"));
    servers.replica().cli(&["flushall"]);
    let again = desk.answered(&fresh).await;
    assert!(again.contains("INVALID_TICKET"), "{again}");
    assert_eq!(
        (desk.lost("returned").await, desk.lost("forgotten").await),
        (Some(1.0), Some(1.0))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_validated_on_the_new_primary_is_not_good_on_the_old_one() {
    // F-03
    let options = ["--min-replicas-to-write", "1", "--min-replicas-max-lag", "2"];
    let servers = Rollback::start_with(&options);
    let desk = Desk::open(&servers.url());
    let astray = desk.beside(&servers.primary().url());
    let ticket = wait::until_async("a primary that writes", || async {
        let (status, _) = asked(desk.port, "/readyz").await;
        (status == 200).then_some(())?;
        Some(desk.ticket().await)
    })
    .await;
    servers.split();
    servers.alone();
    // The new primary has no replica either: it writes when it is told to.
    servers
        .replica()
        .cli(&["config", "set", "min-replicas-to-write", "0"]);
    let told = desk.answered(&ticket).await;
    assert!(told.contains("<cas:user>"), "{told}");
    let again = desk.validate(&astray, &ticket).await;
    assert!(!again.contains("<cas:user>"), "{again}");
}
