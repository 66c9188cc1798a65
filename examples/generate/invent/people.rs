//! Invented people, one after the other, however many: pupils with their parents, teachers, staff,
//! students. Nobody real; whoever shares a name with one does so by chance.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use mereau::base::fold::folded;

use super::chance::{Chance, Weighted};
use super::given_names::{FAMILY, FIRST, ODD_FAMILY, OTHER_SCRIPTS};
use super::standing::{Case, Standings};

/// What somebody is in a school.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Profile {
    Pupil,
    Parent,
    Teacher,
    Staff,
    Student,
}

#[derive(Debug, Clone)]
pub struct Person {
    /// From 1; the password and the key follow from it.
    pub number: usize,
    pub first: String,
    pub family: String,
    pub display: String,
    pub profile: Profile,
    pub login: String,
    pub alias: Option<String>,
    /// May be the other parent's too.
    pub mail: Option<String>,
    /// Where they are reached without this realm: where links of recovery go. May be shared, too.
    pub own_mail: Option<String>,
    pub mobile: Option<String>,
    /// Places of their schools.
    pub schools: Vec<usize>,
    /// Numbers of a pupil's parents.
    pub parents: Vec<usize>,
    pub case: &'static Case,
}

impl Person {
    /// Everybody's password is known by this formula.
    pub fn password(&self) -> String {
        format!("Pw-{}-été!", self.number)
    }

    /// Year, month and day.
    pub fn born(&self) -> (usize, usize, usize) {
        let spread = |of: usize| self.number / 7 % of;
        let year = match self.profile {
            Profile::Pupil => 2008 + spread(12),
            Profile::Student => 1998 + spread(10),
            Profile::Parent | Profile::Teacher | Profile::Staff => 1962 + spread(38),
        };
        (year, 1 + self.number % 12, 1 + self.number % 28)
    }

    /// Where they sign in by themselves; those of `{SASL}` are elsewhere.
    pub fn scheme(&self) -> Scheme {
        match self.number % 100 {
            7 | 57 => Scheme::Crypt,
            17 => Scheme::Argon2,
            27 => Scheme::Sasl,
            even if even % 5 < 2 => Scheme::Ssha512,
            _ => Scheme::Ssha,
        }
    }
}

/// How a password is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scheme {
    Ssha,
    Ssha512,
    Crypt,
    Argon2,
    Sasl,
}

/// All people of one realm, an endless stream.
pub struct People {
    chance: Chance,
    realm: &'static str,
    schools: usize,
    firsts: Weighted,
    families: Weighted,
    /// How often each login was wanted, by its hash: few names serve millions of people. What meets by
    /// chance only skips a number.
    wanted: HashMap<u64, u32>,
    standings: Standings,
    number: usize,
    waiting: Vec<Person>,
    /// Logins that another realm has too, those still to be given away and all of them.
    shared: Vec<String>,
    kept: HashSet<String>,
}

impl People {
    /// `realm` is the domain of their addresses, `shared` logins to give away again, one to every
    /// fiftieth person.
    pub fn new(seed: u64, realm: &'static str, schools: usize, shared: Vec<String>) -> People {
        People {
            chance: Chance::new(seed, realm),
            realm,
            schools,
            firsts: Weighted::zipf(FIRST.len(), 0.5),
            families: Weighted::zipf(FAMILY.len(), 0.5),
            wanted: HashMap::new(),
            standings: Standings::default(),
            number: 0,
            waiting: Vec::new(),
            kept: shared.iter().cloned().collect(),
            shared,
        }
    }

    /// Somebody's household, or somebody alone.
    fn draw(&mut self) {
        match self.chance.below(404) {
            0..254 => self.household(),
            254..334 => self.one(Profile::Teacher),
            334..364 => self.one(Profile::Staff),
            _ => self.one(Profile::Student),
        }
    }

    fn one(&mut self, profile: Profile) {
        let family = self.family();
        let mut person = self.person(profile, family);
        if profile == Profile::Teacher && self.chance.percent(25) {
            person.schools.push(self.chance.below(self.schools));
        }
        self.waiting.push(person);
    }

    /// One to four children and one or two parents, who may share a mailbox.
    fn household(&mut self) {
        let family = self.family();
        let children = [1, 1, 1, 1, 2, 2, 2, 2, 3, 4][self.chance.below(10)];
        let mut schools = Vec::new();
        let pupils = self.waiting.len();
        for _ in 0..children {
            let child = self.person(Profile::Pupil, family.clone());
            schools.extend(child.schools.clone());
            self.waiting.push(child);
        }
        let parents = if self.chance.percent(57) { 2 } else { 1 };
        let one_mailbox = self.chance.percent(30);
        let mut mailbox = None;
        for _ in 0..parents {
            let family = if self.chance.percent(70) {
                family.clone()
            } else {
                self.family()
            };
            let mut parent = self.person(Profile::Parent, family);
            parent.schools = schools.clone();
            match (&mailbox, one_mailbox) {
                (Some(shared), true) => (parent.mail, parent.own_mail) = Clone::clone(shared),
                _ => mailbox = Some((parent.mail.clone(), parent.own_mail.clone())),
            }
            for child in &mut self.waiting[pupils..pupils + children] {
                child.parents.push(parent.number);
            }
            self.waiting.push(parent);
        }
    }

    fn family(&mut self) -> String {
        if self.chance.below(400) == 0 {
            return self.chance.pick(&ODD_FAMILY).to_owned();
        }
        let family = FAMILY[self.families.draw(&mut self.chance)];
        match self.chance.below(100) {
            0..6 => family.to_uppercase(),
            6..10 => format!("{family}-{}", FAMILY[self.families.draw(&mut self.chance)]),
            _ => family.to_owned(),
        }
    }

    fn person(&mut self, profile: Profile, family: String) -> Person {
        self.number += 1;
        let first = FIRST[self.firsts.draw(&mut self.chance)].to_owned();
        let display = match self.chance.below(200) {
            0 => self.chance.pick(&OTHER_SCRIPTS).to_owned(),
            _ => format!("{first} {family}"),
        };
        let login = self.login(profile, &first, &family);
        let alias = self
            .chance
            .percent(5)
            .then(|| self.free(format!("{}{}", initial(&first), plain(&family))));
        let mail = (!self.chance.percent(8)).then(|| format!("{login}@{}", self.realm));
        let mail = mail.map(|mail| if login.contains('@') { login.clone() } else { mail });
        let provider = ["example.org", "boite.test", "courriel.test"][self.chance.below(3)];
        let own_mail = (!self.chance.percent(8)).then(|| match login.split_once('@') {
            Some((name, _)) => format!("{name}.{}@{provider}", self.number),
            None => format!("{login}@{provider}"),
        });
        // Numbers that the regulator keeps for films.
        let mobile =
            (!self.chance.percent(12)).then(|| format!("+33639{:06}", 980_000 + self.chance.below(20_000)));
        Person {
            number: self.number,
            schools: vec![self.chance.below(self.schools)],
            case: self.standings.next(&mut self.chance),
            first,
            family,
            display,
            profile,
            login,
            alias,
            mail,
            own_mail,
            mobile,
            parents: Vec::new(),
        }
    }

    fn login(&mut self, profile: Profile, first: &str, family: &str) -> String {
        if self.number.is_multiple_of(50)
            && let Some(shared) = self.shared.pop()
        {
            return shared;
        }
        let (whole, family) = (plain(first), plain(family));
        let wanted = match (profile, self.chance.below(100)) {
            (Profile::Pupil, 0..12) => format!(
                "{:010}{}",
                self.number,
                "abcdefghjk".as_bytes()[self.number % 10] as char
            ),
            (Profile::Student, 0..60) => format!("n{:07}", self.number),
            (Profile::Parent, 0..10) => format!("{whole}.{family}@familles.{}", self.realm),
            (_, 0..25) => format!("{}.{family}", initial(first)),
            _ => format!("{whole}.{family}"),
        };
        self.free(wanted)
    }

    /// As wanted, or with the next number for a homonym. No name ends in a digit, so that only a login of
    /// the other realm can be in the way of a numbered one.
    fn free(&mut self, wanted: String) -> String {
        let mut hasher = DefaultHasher::new();
        wanted.hash(&mut hasher);
        let taken = self.wanted.entry(hasher.finish()).or_default();
        loop {
            *taken += 1;
            let login = numbered(&wanted, *taken);
            if !self.kept.contains(&login) {
                return login;
            }
        }
    }
}

fn numbered(wanted: &str, number: u32) -> String {
    match (number, wanted.split_once('@')) {
        (1, _) => wanted.to_owned(),
        (_, Some((name, domain))) => format!("{name}{number}@{domain}"),
        _ => format!("{wanted}{number}"),
    }
}

impl Iterator for People {
    type Item = Person;

    fn next(&mut self) -> Option<Person> {
        if self.waiting.is_empty() {
            self.draw();
            self.waiting.reverse();
        }
        self.waiting.pop()
    }
}

/// Letters and hyphens only, as logins are made of names.
fn plain(name: &str) -> String {
    let letters = |c: char| match c {
        'ı' => Some('i'),
        'đ' => Some('d'),
        ' ' => Some('-'),
        c => (c.is_ascii_alphanumeric() || c == '-').then_some(c),
    };
    folded(name).chars().filter_map(letters).collect()
}

fn initial(first: &str) -> String {
    plain(first).chars().take(1).collect()
}
