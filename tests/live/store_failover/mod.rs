//! Three served nodes on a Redis whose primary is killed under load: an oracle counts what became of every
//! ticket, every new password and every request for a link that somebody was told of.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::Instant;

use crate::figure;
use crate::mail_sink::{Protection, Sink};
use crate::support::application::Application;
use crate::support::browser::{Browser, Page};
use crate::support::cluster::Cluster;
use crate::support::redis::Redis;
use crate::support::reply::Reply;
use crate::support::served::{Options, Served, service};
use crate::support::slapd::{self, Slapd, WRITER_DN};
use crate::support::trio::Trio;
use crate::support::wait;

const NODES: usize = 3;
/// People who come back again and again.
const WORKERS: usize = 6;
/// People who choose a new password, and as many who ask for a link, while the primary dies.
const RESETS: usize = 6;
const PASSWORD: &str = "camille-corbeau-7";
const NEW: &str = "quatre chevaux dans la brume";

/// What became of a ticket.
struct Record {
    worker: usize,
    ticket: String,
    service: String,
    at: Instant,
    successes: usize,
}

#[derive(Default)]
struct Ledger {
    tickets: Mutex<Vec<Record>>,
    /// Pages that said 503, validations that said INTERNAL_ERROR.
    pages: AtomicUsize,
    validations: AtomicUsize,
    /// What nobody should ever see.
    strange: Mutex<Vec<String>>,
    dead: AtomicBool,
    over: AtomicBool,
    /// Tickets since the death, by worker; the last place counts sign-ins.
    since: [AtomicUsize; WORKERS + 1],
}

impl Ledger {
    fn strange(&self, what: String) {
        self.strange.lock().unwrap().push(what);
    }

    fn good(&self, place: usize) {
        if self.dead.load(Ordering::SeqCst) {
            self.since[place].fetch_add(1, Ordering::SeqCst);
        }
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }

    /// A 503 as it should be.
    fn away(&self, reply: &Reply) {
        let seconds = reply.header("retry-after").parse::<u64>();
        if !matches!(seconds, Ok(2..=5)) {
            self.strange(format!("503 with Retry-After {seconds:?}"));
        }
        self.pages.fetch_add(1, Ordering::SeqCst);
    }
}

struct Place {
    nodes: Vec<Served>,
    application: Application,
    sink: Sink,
    slapd: Slapd,
    ledger: Ledger,
    _folder: tempfile::TempDir,
}

impl Place {
    async fn open(tickets: &str) -> Place {
        let folder = tempfile::tempdir().unwrap();
        let sink = Sink::start(Protection::StartTls, folder.path()).await;
        let slapd = Slapd::start(&slapd::Options {
            entries: &people(),
            ..slapd::Options::default()
        });
        let application = Application::plain();
        let services = [("application", service(&application.url(), ""))];
        let mail = format!(
            "[mail]\nurl = \"smtp://localhost:{}\"\nca_file = \"{}\"\n",
            sink.port,
            folder.path().join("ca.pem").display()
        );
        let realm = format!(
            "[captcha]\nmode = \"off\"\n[directory.write]\nurls = [\"{}\"]\nmethod = \"exop\"\n\
             guard = \"generation\"\nbind_dn = \"{WRITER_DN}\"\nbind_password_file = \"../writer.password\"\n\
             [recovery]\nforms_an_hour = 1000\n[recovery.sender]\naddress = \"ne-pas-repondre@campus.example\"\n\
             [[recovery.addresses]]\nattribute = \"mail\"\ntrust = \"validated\"\n",
            slapd.url()
        );
        let options = Options {
            services: &services,
            sections: &mail,
            realm: &realm,
            ..Options::on(&slapd, tickets)
        };
        let mut nodes = vec![Served::start(&options)];
        for _ in 1..NODES {
            nodes.push(Served::beside(&nodes[0], &options));
        }
        Place {
            nodes,
            application,
            sink,
            slapd,
            ledger: Ledger::default(),
            _folder: folder,
        }
    }

    fn node(&self, number: usize) -> &Served {
        &self.nodes[number % NODES]
    }

    /// A browser that is in.
    async fn sign_in(&self, node: usize, login: &str) -> Result<Browser, Reply> {
        let mut browser = Browser::new(None);
        let page = browser.open(&self.node(node).address("/login", &[])).await;
        let form = page.reply.form();
        let form = form.with("username", login).with("password", PASSWORD);
        let answer = browser.submit(&page, &form).await.reply;
        match answer.status.as_u16() {
            303 => Ok(browser),
            _ => Err(answer),
        }
    }

    /// The answer of one node about a ticket: whether it was taken for good.
    async fn validate(&self, node: usize, service: &str, ticket: &str) -> bool {
        let asked = [("service", service), ("ticket", ticket)];
        let url = self.node(node).address("/serviceValidate", &asked);
        let reply = Browser::new(None).get(&url).await.reply;
        let ledger = &self.ledger;
        match reply.body {
            _ if reply.status != 200 => ledger.strange(format!("validation: {}", reply.status)),
            body if body.contains("authenticationSuccess") => return true,
            body if body.contains("INTERNAL_ERROR") => _ = ledger.validations.fetch_add(1, Ordering::SeqCst),
            body if body.contains("INVALID_TICKET") => {}
            body => ledger.strange(format!("validation: {body}")),
        }
        false
    }

    /// Comes back for ticket after ticket, each shown to two nodes at once.
    async fn comes_back(&self, worker: usize, mut browser: Browser) {
        let ledger = &self.ledger;
        for round in 0.. {
            if ledger.is_over() {
                return;
            }
            let node = worker + round;
            let service = format!("{}/{worker}/{round}", self.application.url());
            let reply = browser
                .get(&self.node(node).address("/login", &[("service", &service)]))
                .await
                .reply;
            match reply.status.as_u16() {
                302 => {}
                503 => {
                    ledger.away(&reply);
                    continue;
                }
                status => {
                    ledger.strange(format!("a session came to {status}: {}", reply.text_of("h1")));
                    continue;
                }
            }
            let (ticket, at) = (reply.ticket(), Instant::now());
            let (one, two) = tokio::join!(
                self.validate(node + 1, &service, &ticket),
                self.validate(node + 2, &service, &ticket)
            );
            let successes = usize::from(one) + usize::from(two);
            if successes > 0 {
                ledger.good(worker);
            }
            ledger.tickets.lock().unwrap().push(Record {
                worker,
                ticket,
                service,
                at,
                successes,
            });
            wait::pause_async().await;
        }
    }

    /// Signs in by the password, one browser after the other.
    async fn signs_in(&self) {
        for round in 0.. {
            if self.ledger.is_over() {
                return;
            }
            match self.sign_in(round, "w00").await {
                Ok(_) => self.ledger.good(WORKERS),
                Err(reply) if reply.status == 503 => self.ledger.away(&reply),
                Err(reply) => self.ledger.strange(format!("a right password: {}", reply.status)),
            }
            wait::pause_async().await;
        }
    }

    /// Asks for a link until somebody says that it is on its way.
    async fn asks(&self, node: usize, login: &str) {
        wait::until_async("a request that is taken", || async {
            let mut browser = Browser::new(None);
            let page = browser.open(&self.node(node).address("/recover", &[])).await;
            if page.reply.status == 503 {
                return None;
            }
            let form = page.reply.form().with("identifier", login);
            let reply = browser.submit(&page, &form).await.reply;
            if reply.status.is_server_error() && reply.status != 503 {
                self.ledger
                    .strange(format!("a request for a link: {}", reply.status));
            }
            (reply.status == 303).then_some(())
        })
        .await;
    }

    /// The first link in the mails to an address, once it has come.
    async fn link_of(&self, login: &str) -> String {
        let to = format!("{login}@maison.example");
        wait::until_async("a letter", || async {
            let mails = self.sink.received();
            let mut letters = mails.iter().filter(|mail| mail.to.contains(&to));
            letters.find_map(|mail| {
                let message = mail_parser::MessageParser::default().parse(&mail.data)?;
                let text = message.body_text(0)?.into_owned();
                let mut lines = text.lines().map(str::trim);
                let link = lines.find(|line| line.starts_with("http") && line.contains("/r/"))?;
                Some(link.to_owned())
            })
        })
        .await
    }

    /// Sends the form of the new password until somebody says what became of it.
    async fn chooses(&self, (browser, page): (Browser, Page)) {
        wait::until_async("a new password", || {
            let form = page.reply.form().with("new", NEW).with("confirm", NEW);
            let (mut sender, page) = (browser.clone(), &page);
            async move {
                let reply = sender.submit(page, &form).await.reply;
                let status = reply.status.as_u16();
                if status == 500 {
                    self.ledger.strange("a new password: 500".to_owned());
                }
                // Gone: an earlier try whose answer did not come has done it.
                matches!(status, 303 | 410).then_some(())
            }
        })
        .await;
    }

    fn binds(&self, login: &str, password: &str) -> bool {
        let mut command = std::process::Command::new("ldapwhoami");
        let dn = format!("uid={login},{}", slapd::PEOPLE);
        command.args(["-x", "-H", &self.slapd.url(), "-D", &dn, "-w", password]);
        command.output().expect("ldapwhoami").status.success()
    }

    /// Whether everybody has been served so often since the death.
    fn goes_on(&self, often: usize) -> bool {
        let since = &self.ledger.since;
        since.iter().all(|count| count.load(Ordering::SeqCst) >= often)
    }
}

fn people() -> String {
    let one = |login: String, number: usize| {
        format!(
            "dn: uid={login},{}\nobjectClass: inetOrgPerson\nobjectClass: exampleSupannPerson\n\
             entryUUID: 5a1e7000-0000-4000-8000-0000000009{number:02}\nuid: {login}\ncn: P\nsn: P\n\
             displayName: P\nmail: {login}@maison.example\n\
             supannRessourceEtat: {{COMPTE}}A:SupannActif\nuserPassword: {PASSWORD}\n\n",
            slapd::PEOPLE
        )
    };
    let kinds = [("w", WORKERS), ("p", RESETS), ("q", RESETS)];
    let all = kinds.into_iter().enumerate().flat_map(|(kind, (letter, count))| {
        (0..count).map(move |number| (format!("{letter}{number:02}"), 10 * kind + number))
    });
    all.map(|(login, number)| one(login, number)).collect()
}

/// What happens to the servers behind, under load.
enum Fate {
    /// They forget every script.
    Forgetting,
    /// A primary dies.
    Death,
}

/// `meets` does it to them; everything that was promised holds.
#[allow(
    clippy::too_many_lines,
    reason = "one story, from the first link to the last ticket"
)]
async fn survives(what: &str, tickets: &str, mut meets: impl FnMut(Fate)) {
    let place = Arc::new(Place::open(tickets).await);
    let mut forms = Vec::new();
    for number in 0..RESETS {
        let login = format!("p{number:02}");
        place.asks(number, &login).await;
        let link = place.link_of(&login).await;
        let mut browser = Browser::new(None);
        let page = browser.open(&link).await;
        assert!(page.reply.has_form_for_new(), "{}", page.reply.body);
        forms.push((link, (browser, page)));
    }
    let mut load = tokio::task::JoinSet::new();
    for worker in 0..WORKERS {
        let signed_in = place.sign_in(worker, &format!("w{worker:02}")).await;
        let browser = signed_in.unwrap_or_else(|reply| panic!("{}", reply.body));
        let place = place.clone();
        load.spawn(async move { place.comes_back(worker, browser).await });
    }
    let signing = place.clone();
    load.spawn(async move { signing.signs_in().await });
    wait::until_async("load", || async {
        (place.ledger.tickets.lock().unwrap().len() > 100).then_some(())
    })
    .await;
    meets(Fate::Forgetting);
    let links: Vec<String> = forms.iter().map(|(link, _)| link.clone()).collect();
    let (first, rest) = {
        let mut forms: Vec<_> = forms.into_iter().map(|(_, form)| form).collect();
        let rest = forms.split_off(2);
        (forms, rest)
    };
    for form in first {
        place.chooses(form).await;
    }
    place.ledger.dead.store(true, Ordering::SeqCst);
    let death = Instant::now();
    let busy = place.clone();
    let choosing = tokio::spawn(async move {
        for form in rest {
            busy.chooses(form).await;
        }
    });
    let busy = place.clone();
    let asking = tokio::spawn(async move {
        for number in 0..RESETS {
            busy.asks(number, &format!("q{number:02}")).await;
        }
    });
    meets(Fate::Death);
    choosing.await.unwrap();
    asking.await.unwrap();
    wait::until_async("everybody to be served again", || async {
        place.goes_on(10).then_some(())
    })
    .await;
    place.ledger.over.store(true, Ordering::SeqCst);
    while let Some(ended) = load.join_next().await {
        ended.unwrap();
    }
    judge(what, &place, death, &links).await;
}

async fn judge(what: &str, place: &Place, death: Instant, links: &[String]) {
    let ledger = &place.ledger;
    assert_eq!(*ledger.strange.lock().unwrap(), [""; 0]);
    let mut tickets = std::mem::take(&mut *ledger.tickets.lock().unwrap());
    // Those around the death once more, on every node.
    let close = |record: &&mut Record| {
        let distance = match record.at > death {
            true => record.at - death,
            false => death - record.at,
        };
        distance < Duration::from_secs(8)
    };
    let mut near: Vec<&mut Record> = tickets.iter_mut().filter(close).collect();
    near.sort_by_key(|record| record.at);
    for record in near {
        for node in 0..NODES {
            record.successes += usize::from(place.validate(node, &record.service, &record.ticket).await);
        }
    }
    let twice = tickets.iter().filter(|record| record.successes > 1).count();
    assert_eq!(twice, 0, "of {} tickets", tickets.len());
    for number in 0..RESETS {
        let login = format!("p{number:02}");
        assert!(
            place.binds(&login, NEW) && !place.binds(&login, PASSWORD),
            "{login}"
        );
        place.link_of(&format!("q{number:02}")).await;
    }
    for link in links {
        let page = Browser::new(None).open(link).await;
        assert!(
            !page.reply.has_form_for_new(),
            "a link that was used opens nothing"
        );
    }
    // The longest that anybody went without, from shortly before the death.
    let waited = (0..WORKERS).filter_map(|worker| {
        let good = tickets
            .iter()
            .filter(|record| record.successes > 0 && record.worker == worker);
        let times: Vec<Instant> = good.map(|record| record.at).collect();
        let around = times.windows(2).filter(|pair| pair[1] > death);
        around.map(|pair| pair[1] - pair[0]).max()
    });
    let outage = waited.max().unwrap_or_default();
    let pages = ledger.pages.load(Ordering::SeqCst);
    let validations = ledger.validations.load(Ordering::SeqCst);
    figure::tell(
        &format!("store-failover-{}", what.to_lowercase()),
        &format!(
            "{what}, {NODES} nodes, primary killed under load: {} tickets, none accepted twice; longest that anybody \
             went without a ticket {:.2} s; told to come back: {pages} pages, {validations} validations",
            tickets.len(),
            outage.as_secs_f64(),
        ),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_nodes_outlive_the_primary_that_sentinels_watch() {
    // F-01, F-11
    let mut servers = tokio::task::block_in_place(Trio::start);
    let url = servers.url();
    survives("Sentinel", &url, |fate| match fate {
        Fate::Forgetting => forget(&servers.servers),
        Fate::Death => servers.primary().kill(),
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_nodes_outlive_a_primary_of_a_cluster() {
    // F-02, F-11
    let mut servers = tokio::task::block_in_place(Cluster::start_with_replicas);
    let url = format!("redis-cluster://{}", servers.addresses().join(","));
    survives("Cluster", &url, |fate| match fate {
        Fate::Forgetting => forget(&servers.nodes),
        Fate::Death => {
            let sessions = |redis: &Redis| redis.cli(&["keys", "*v1:t:*"]).lines().count();
            let busiest = servers.nodes[..3].iter_mut().max_by_key(|node| sessions(node));
            busiest.expect("a primary").kill();
        }
    })
    .await;
}

fn forget(servers: &[Redis]) {
    for server in servers {
        assert_eq!(server.cli(&["script", "flush"]), "OK");
    }
}
