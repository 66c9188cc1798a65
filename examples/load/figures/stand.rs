//! The servers of a figure: slapd with its people, Redis, and nodes of the built program that share both.

use std::sync::Arc;

use mereau::base::entropy::SeededEntropy;
use mereau::passwords::hashes::argon2id_costing;
use mereau::tls::Roots;

use super::client::Address;
use super::people::Person;
use super::process::pin;
use crate::engine::site::Site;
use crate::engine::state::{Population, State};
use crate::support::redis::Redis;
use crate::support::served::{Options, Served};
use crate::support::slapd::{self, Slapd};

/// The port of the public URL: a proxy would stand there.
const FRONT: u16 = 8443;

pub struct Stand {
    pub slapd: Slapd,
    pub redis: Redis,
    pub people: Arc<[Person]>,
    pub nodes: Vec<Served>,
}

/// No sign-in reads the directory again, however long a run takes.
pub const RECORDS: &str = "[lifetimes]\nrecord = \"1 h\"\n";

const SERVICE: &str = "name = { fr = \"Espace de cours\", en = \"Courses\" }\n\
                       urls = [\"https://application.example/**\", \"https://*.campus.example/**\"]\n\
                       attributes = [\"displayName\", \"mail\", \"eduPersonAffiliation\", \"supannEtablissement\"]\n\
                       ticket_lifetime = \"5 min\"\nlogout = \"off\"\n";

/// Forgotten passwords: no challenge, and one machine may ask for everybody.
pub const RESETS: &str = "[captcha]\nmode = \"off\"\n\
                          [recovery]\nforms_an_hour = 1000000\nrequests_an_hour = 10000000\n\
                          letters_an_hour = 100\nletters_a_day = 100\n\
                          [[recovery.addresses]]\nattribute = \"mail\"\ntrust = \"institution\"\n\
                          [recovery.sender]\naddress = \"no-reply@campus.example\"\n";

/// How new passwords are written.
pub fn writer(slapd: &Slapd) -> String {
    format!(
        "[directory.write]\nurls = [\"{}\"]\nmethod = \"exop\"\nguard = \"generation\"\n\
         bind_dn = \"{}\"\nbind_password_file = \"../writer.password\"\n",
        slapd.url(),
        slapd::WRITER_DN
    )
}

/// The applications of a stand.
pub fn services() -> [(&'static str, String); 1] {
    [("application", SERVICE.to_owned())]
}

/// People with {SSHA} passwords.
pub fn people(count: usize) -> Arc<[Person]> {
    (0..count).map(Person::number).collect()
}

/// A slapd that holds them.
pub fn directory(people: &[Person]) -> Slapd {
    let entries: String = people.iter().map(|person| person.entry(slapd::PEOPLE)).collect();
    Slapd::start(&slapd::Options {
        entries: &entries,
        settings: "sizelimit unlimited\ntimelimit unlimited",
        ..slapd::Options::default()
    })
}

/// The same with argon2 at the cost of Debian's module: 4 MiB, three passes.
pub fn slow_directory(people: &[Person]) -> Slapd {
    let entries = people.iter().enumerate().map(|(number, person)| {
        let entropy = SeededEntropy::new(number as u64);
        let hash = argon2id_costing(person.password.as_bytes(), &entropy, 4 * 1024, 3);
        let entry = person.entry(slapd::PEOPLE);
        let others = entry
            .lines()
            .map(|line| match line.starts_with("userPassword: ") {
                true => format!(
                    "userPassword: {}\n",
                    hash.as_deref().expect("costs that argon2 allows")
                ),
                false => format!("{line}\n"),
            });
        others.collect::<String>()
    });
    Slapd::start(&slapd::Options {
        entries: &entries.collect::<String>(),
        settings: "sizelimit unlimited\ntimelimit unlimited",
        ..slapd::Options::default()
    })
}

/// What a node is served with, as behind a proxy on this machine.
pub fn options<'a>(slapd: &'a Slapd, tickets: &'a str, services: &'a [(&'a str, String)]) -> Options<'a> {
    Options {
        front: Some(FRONT),
        services,
        realm: RECORDS,
        ..Options::on(slapd, tickets)
    }
}

impl Stand {
    pub fn start(accounts: usize, nodes: usize) -> Stand {
        Stand::with(directory, accounts, nodes)
    }

    /// With a directory of another kind.
    pub fn with(directory: fn(&[Person]) -> Slapd, accounts: usize, nodes: usize) -> Stand {
        let people = people(accounts);
        let slapd = directory(&people);
        let redis = Redis::start(&[]);
        let (tickets, services) = (redis.url(), services());
        let served = nodes_of(&options(&slapd, &tickets, &services), nodes);
        Stand {
            slapd,
            redis,
            people,
            nodes: served,
        }
    }

    /// The first node.
    pub fn address(&self) -> Address {
        Address::plain(self.nodes[0].port())
    }

    /// The directory has the first core for itself; everything else, this process too, shares the second.
    pub fn give_the_directory_a_core(&self) -> anyhow::Result<()> {
        let nodes = self.nodes.iter().map(Served::id);
        let others = [std::process::id(), self.redis.id()].into_iter().chain(nodes);
        pin(&others.collect::<Vec<_>>(), "1")?;
        pin(&[self.slapd.id()], "0")
    }

    /// All servers share the first core; this process, which plays the crowd, has the second.
    pub fn give_the_crowd_a_core(&self) -> anyhow::Result<()> {
        let nodes = self.nodes.iter().map(Served::id);
        let servers = [self.slapd.id(), self.redis.id()].into_iter().chain(nodes);
        pin(&servers.collect::<Vec<_>>(), "0")?;
        pin(&[std::process::id()], "1")
    }

    /// The people and what they enter, for the engine.
    pub fn state(&self) -> State {
        self.state_with("https://portal.campus.example/")
    }

    /// With another portal.
    pub fn state_with(&self, portal: &str) -> State {
        let services = ["courses", "mail", "library", "notes"];
        let services = services.map(|name| format!("https://{name}.campus.example/"));
        let services = [portal.to_owned()].into_iter().chain(services);
        let population = Population::of(self.people.to_vec(), services.collect(), None);
        State::of([("campus".to_owned(), population)])
    }

    pub fn id(&self) -> u32 {
        self.nodes[0].id()
    }
}

/// So many nodes with one key.
pub fn nodes_of(options: &Options, count: usize) -> Vec<Served> {
    let mut nodes: Vec<Served> = Vec::new();
    while nodes.len() < count {
        let node = match nodes.first() {
            Some(first) => Served::beside(first, options),
            None => Served::start(options),
        };
        nodes.push(node);
    }
    nodes
}

/// All of them, for the engine.
pub async fn site(nodes: &[Served]) -> anyhow::Result<Site> {
    let urls = nodes
        .iter()
        .map(|node| format!("http://127.0.0.1:{}/cas", node.port()));
    Site::at(&urls.collect::<Vec<_>>(), false, &Roots::System).await
}
