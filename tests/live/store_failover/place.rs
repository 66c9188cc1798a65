//! The place of the story: three served nodes on a pair of directories, people who sign in, come back, choose
//! new passwords and ask for links, and the book of what everybody was told.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};

use tokio::time::Instant;

use crate::directory_replica::{Pair, pair_of};
use crate::mail_sink::{Protection, Sink};
use crate::support::application::Application;
use crate::support::browser::{Browser, Page};
use crate::support::reply::Reply;
use crate::support::served::{Options, Served, service};
use crate::support::slapd::{self, Slapd, WRITER_DN};
use crate::support::wait;

pub const NODES: usize = 3;
/// People who come back again and again.
pub const WORKERS: usize = 6;
/// People who choose a new password, and as many who ask for a link, while servers die.
pub const RESETS: usize = 6;
pub const PASSWORD: &str = "camille-corbeau-7";
pub const NEW: &str = "quatre chevaux dans la brume";

/// A directory of the pair.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Where passwords are written.
    Primary,
    Replica,
}

/// What became of a ticket.
pub struct Record {
    /// Who got it; [`WORKERS`] when it came with a sign-in.
    pub worker: usize,
    pub ticket: String,
    pub service: String,
    pub at: Instant,
    pub successes: usize,
}

#[derive(Default)]
pub struct Ledger {
    pub tickets: Mutex<Vec<Record>>,
    /// Pages that said 503, validations that said INTERNAL_ERROR.
    pub pages: AtomicUsize,
    pub validations: AtomicUsize,
    /// What nobody should ever see.
    pub strange: Mutex<Vec<String>>,
    pub deaths: Mutex<Vec<Instant>>,
    pub over: AtomicBool,
    /// Tickets since the latest death, by worker; the last place counts sign-ins.
    since: [AtomicUsize; WORKERS + 1],
}

impl Ledger {
    fn strange(&self, what: String) {
        self.strange.lock().unwrap().push(what);
    }

    fn good(&self, place: usize) {
        self.since[place].fetch_add(1, Ordering::SeqCst);
    }

    /// A server dies now: what follows is counted anew.
    pub fn dies(&self) {
        self.deaths.lock().unwrap().push(Instant::now());
        self.since
            .iter()
            .for_each(|count| count.store(0, Ordering::SeqCst));
    }

    /// Pages and validations.
    pub fn told_to_come_back(&self) -> [usize; 2] {
        [&self.pages, &self.validations].map(|count| count.load(Ordering::SeqCst))
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

pub struct Place {
    nodes: Vec<Served>,
    application: Application,
    sink: Sink,
    pair: Mutex<Pair>,
    /// The directory that all nodes ask first.
    pub first: Side,
    pub ledger: Ledger,
    _folder: tempfile::TempDir,
}

impl Place {
    pub async fn open(tickets: &str, first: Side) -> Place {
        let folder = tempfile::tempdir().unwrap();
        let sink = Sink::start(Protection::StartTls, folder.path()).await;
        let mut pair = pair_of(&people(), "").await;
        let second = pair.side(other(first)).url();
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
            pair.primary.url()
        );
        let options = Options {
            services: &services,
            sections: &mail,
            realm: &realm,
            fallbacks: &[&second],
            ..Options::on(pair.side(first), tickets)
        };
        let mut nodes = vec![Served::start(&options)];
        for _ in 1..NODES {
            nodes.push(Served::beside(&nodes[0], &options));
        }
        Place {
            nodes,
            application,
            sink,
            pair: Mutex::new(pair),
            first,
            ledger: Ledger::default(),
            _folder: folder,
        }
    }

    fn node(&self, number: usize) -> &Served {
        &self.nodes[number % NODES]
    }

    pub fn pair(&self) -> MutexGuard<'_, Pair> {
        self.pair.lock().unwrap()
    }

    /// A browser that is in, and its ticket.
    pub async fn sign_in(&self, node: usize, login: &str, service: &str) -> Result<(Browser, String), Reply> {
        let mut browser = Browser::new(None);
        let place = self.node(node).address("/login", &[("service", service)]);
        let page = browser.open(&place).await;
        let form = page.reply.form();
        let form = form.with("username", login).with("password", PASSWORD);
        let answer = browser.submit(&page, &form).await.reply;
        match answer.status.as_u16() {
            303 => Ok((browser, answer.ticket())),
            _ => Err(answer),
        }
    }

    /// The address of the application that nobody else has.
    pub fn service(&self, worker: usize, round: usize) -> String {
        format!("{}/{worker}/{round}", self.application.url())
    }

    /// The answer of one node about a ticket: whether it was taken for good.
    pub async fn validate(&self, node: usize, service: &str, ticket: &str) -> bool {
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
    pub async fn comes_back(&self, worker: usize, mut browser: Browser) {
        let ledger = &self.ledger;
        for round in 0.. {
            if ledger.is_over() {
                return;
            }
            let node = worker + round;
            let service = self.service(worker, round);
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
            self.shows((worker, node), service, reply.ticket()).await;
            wait::pause_async().await;
        }
    }

    /// Shows a ticket of one node to the two others at once.
    async fn shows(&self, (worker, node): (usize, usize), service: String, ticket: String) {
        let at = Instant::now();
        let (one, two) = tokio::join!(
            self.validate(node + 1, &service, &ticket),
            self.validate(node + 2, &service, &ticket)
        );
        let successes = usize::from(one) + usize::from(two);
        if successes > 0 {
            self.ledger.good(worker);
        }
        self.ledger.tickets.lock().unwrap().push(Record {
            worker,
            ticket,
            service,
            at,
            successes,
        });
    }

    /// Signs in by the password, one browser after the other.
    pub async fn signs_in(&self) {
        for round in 0.. {
            if self.ledger.is_over() {
                return;
            }
            let service = self.service(WORKERS, round);
            match self.sign_in(round, "w00", &service).await {
                Ok((_, ticket)) => self.shows((WORKERS, round), service, ticket).await,
                Err(reply) if reply.status == 503 => self.ledger.away(&reply),
                Err(reply) => self.ledger.strange(format!("a right password: {}", reply.status)),
            }
            wait::pause_async().await;
        }
    }

    /// Asks for a link until somebody says that it is on its way.
    pub async fn asks(&self, node: usize, login: &str) {
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
    pub async fn link_of(&self, login: &str) -> String {
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
    pub async fn chooses(&self, form: &Form) {
        let status = || async {
            let status = self.sends(form).await;
            if status == 500 {
                self.ledger.strange("a new password: 500".to_owned());
            }
            // Gone: an earlier try whose answer did not come has done it.
            matches!(status, 303 | 410).then_some(())
        };
        wait::until_async("a new password", status).await;
    }

    /// Sends it once.
    pub async fn sends(&self, (browser, page): &Form) -> u16 {
        let form = page.reply.form().with("new", NEW).with("confirm", NEW);
        browser.clone().submit(page, &form).await.reply.status.as_u16()
    }

    /// Waits until everybody has been served ten times since the latest death.
    pub async fn goes_on(&self) {
        let since = &self.ledger.since;
        let served = || since.iter().all(|count| count.load(Ordering::SeqCst) >= 10);
        wait::until_async("everybody to be served again", || async {
            served().then_some(())
        })
        .await;
    }
}

/// The page of a link, in its browser.
pub type Form = (Browser, Page);

pub fn other(side: Side) -> Side {
    match side {
        Side::Primary => Side::Replica,
        Side::Replica => Side::Primary,
    }
}

impl Pair {
    pub fn side(&mut self, side: Side) -> &mut Slapd {
        match side {
            Side::Primary => &mut self.primary,
            Side::Replica => &mut self.replica,
        }
    }
}

/// Whether a directory itself takes the password.
pub fn binds(directory: &Slapd, login: &str, password: &str) -> bool {
    let mut command = std::process::Command::new("ldapwhoami");
    let dn = format!("uid={login},{}", slapd::PEOPLE);
    command.args(["-x", "-H", &directory.url(), "-D", &dn, "-w", password]);
    command.output().expect("ldapwhoami").status.success()
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
