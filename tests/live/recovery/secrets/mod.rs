//! That nothing secret stays behind: not in the log, not in Redis, not in the audit, not on a page. All
//! ways of recovery are gone with the log at its loudest, then everything is searched.

mod search;
mod watch;
mod ways;

use super::{Plan, Town, USUAL};
use crate::support::application::{Answer, Application};
use crate::support::child::{Server, folder};
use crate::support::slapd;
use crate::support::wait;
use watch::Watch;

/// Secrets that pages show by their nature: proofs of a form stand in it.
const FORM: &str = "form";

const ADDRESSES: &str = "[[recovery.addresses]]\nattribute = \"mereauRecoveryMail\"\ntrust = \"validated\"\n\
     [[recovery.addresses]]\nattribute = \"mereauRecoveryMailPending\"\ntrust = \"unvalidated\"\n\
     [[recovery.addresses]]\nattribute = \"mobile\"\ntrust = \"validated\"\nkind = \"sms\"\n";

/// Everything that was ever said to a Redis, as its MONITOR tells it.
fn listener(port: u16) -> Server {
    let log = folder("monitor").join("log");
    let arguments = ["-p", &port.to_string(), "monitor"].map(str::to_owned);
    let server = Server::start("redis-cli", &arguments, &log);
    wait::until("the monitor", || server.output().contains("OK").then_some(()));
    server
}

/// A person without a mailbox, and what they have.
pub fn telephone(login: &str, number: &str, password: &str) -> String {
    format!(
        "dn: uid={login},{}\nobjectClass: inetOrgPerson\nobjectClass: exampleSupannPerson\n\
         entryUUID: 5a1e7000-0000-4000-8000-000000000801\nuid: {login}\ncn: {login}\nsn: {login}\n\
         mobile: {number}\nsupannRessourceEtat: {{COMPTE}}A:SupannActif\nuserPassword: {password}\n\n",
        slapd::PEOPLE
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_secret_of_any_way_back_in_stays_in_logs_store_audit_or_pages() {
    // SEC-10, SEC-11, T-79, CAS-310, CAS-311
    let gateway = Application::start(|_| Answer::Page(String::new()));
    let sms = format!("[sms]\nurl = \"{}/send\"\n", gateway.url());
    let mut town = Town::with(Plan {
        log: "trace",
        entries: &telephone("sms.seul", "+33 6 99 00 01 01", "sms-seul-mot-1"),
        mail: &sms,
        realm: ADDRESSES,
        ..USUAL
    })
    .await;
    let heard = listener(town.redis.port());
    let mut watch = Watch::default();
    watch.secrets.add("password", slapd::SERVICE_PASSWORD);
    watch.secrets.add("password", slapd::WRITER_PASSWORD);
    let mut dumps = Vec::new();

    ways::by_link(&town, &mut watch).await;
    dumps.push(town.redis.snapshot());
    ways::by_code(&town, &mut watch).await;
    ways::by_code_as_password(&town, &mut watch).await;
    ways::by_text_message(&town, &gateway, &mut watch).await;
    dumps.push(town.redis.snapshot());
    ways::forced(&town, &mut watch).await;
    ways::own_account(&town, &mut watch).await;
    ways::called_off(&town, &mut watch).await;
    let agent = ways::by_agent(&town, &mut watch).await;
    dumps.push(town.redis.snapshot());
    ways::in_trouble(&mut town, &mut watch).await;

    let log = town.served.output();
    for line in ["mereau::access", "letter_sent", "letter_delayed"] {
        assert!(log.contains(line), "{line} is not in the log: was it heard?");
    }
    let audit = std::fs::read(town.served.folder().join("audit.jsonl")).unwrap();
    let monitor = heard.output();
    for word in ["EVALSHA", "j:{"] {
        assert!(monitor.contains(word), "{word}");
    }
    let all = watch.secrets.needles(|_| true);
    let mut found = Vec::new();
    let places = [
        ("log", log.as_bytes()),
        ("log of the agent's command", agent.as_bytes()),
        ("audit", audit.as_slice()),
        ("what Redis was told", monitor.as_bytes()),
    ];
    let dumped = dumps.iter().map(|dump| ("Redis", dump.as_slice()));
    for (place, text) in places.into_iter().chain(dumped) {
        found.extend(all.in_(text).into_iter().map(|one| format!("{place}: {one}")));
    }
    found.extend(on_pages(&watch));
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert_counts(&watch);
}

/// What pages show that they must not.
fn on_pages(watch: &Watch) -> Vec<String> {
    let kept = watch.secrets.needles(|what| what != FORM);
    let mut found = Vec::new();
    for (way, status, body) in &watch.pages {
        // The form behind a mailed link is sent to that link; errors have no form.
        let own = ["/cas/c/", "/cas/x/", "/cas/u/"]
            .iter()
            .find(|door| way.starts_with(**door));
        let shown = match own {
            Some(_) if *status < 500 => body.replace(super::token(way), ""),
            _ => body.clone(),
        };
        found.extend(
            kept.in_(shown.as_bytes())
                .into_iter()
                .map(|one| format!("{status} {way}: {one}")),
        );
    }
    found
}

/// That there was something to be found.
fn assert_counts(watch: &Watch) {
    for (what, least) in [
        ("typed", 20),
        ("link", 10),
        ("code", 5),
        ("cookie", 20),
        ("ticket", 3),
        ("form", 30),
    ] {
        let count = watch.secrets.of(what).len();
        assert!(count >= least, "{what}: {count}");
    }
    let mut statuses: Vec<u16> = watch.pages.iter().map(|(_, status, _)| *status).collect();
    statuses.sort_unstable();
    statuses.dedup();
    for status in [200, 303, 400, 401, 404, 410, 422, 503] {
        assert!(statuses.contains(&status), "no page was a {status}: {statuses:?}");
    }
}
