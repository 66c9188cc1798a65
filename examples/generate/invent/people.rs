//! Invented people, one after the other, however many: pupils with their parents, teachers, staff,
//! students. Nobody real; whoever shares a name with one does so by chance.

use std::collections::HashMap;

use mereau::base::fold::folded;

use super::chance::{Chance, Weighted};
use super::given_names::{ARABIC, FAMILY, FIRST, ODD_FAMILY};
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
    pub mobile: Option<String>,
    /// Places of their schools.
    pub schools: Vec<usize>,
    pub case: &'static Case,
}

impl Person {
    /// Everybody's password is known by this formula.
    pub fn password(&self) -> String {
        format!("Pw-{}-été!", self.number)
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
    logins: HashMap<String, u32>,
    standings: Standings,
    number: usize,
    waiting: Vec<Person>,
    /// Logins that another realm has too.
    shared: Vec<String>,
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
            logins: HashMap::new(),
            standings: Standings::default(),
            number: 0,
            waiting: Vec::new(),
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
                (Some(shared), true) => parent.mail = Clone::clone(shared),
                _ => mailbox = Some(parent.mail.clone()),
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
            0 => self.chance.pick(&ARABIC).to_owned(),
            _ => format!("{first} {family}"),
        };
        let login = self.login(profile, &first, &family);
        let alias = self
            .chance
            .percent(5)
            .then(|| self.free(format!("{}{}", initial(&first), plain(&family))));
        let mail = (!self.chance.percent(8)).then(|| format!("{login}@{}", self.realm));
        let mail = mail.map(|mail| if login.contains('@') { login.clone() } else { mail });
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
            mobile,
        }
    }

    fn login(&mut self, profile: Profile, first: &str, family: &str) -> String {
        if self.number.is_multiple_of(50)
            && let Some(shared) = self.shared.pop()
        {
            return self.free(shared);
        }
        let (whole, family) = (plain(first), plain(family));
        let wanted = match (profile, self.chance.below(100)) {
            (Profile::Pupil, 0..12) => format!(
                "{:010}{}",
                self.number,
                "abcdefghjk".as_bytes()[self.number % 10] as char
            ),
            (Profile::Student, 0..60) => format!("n{:07}", self.number),
            (Profile::Parent, 0..10) => format!("{whole}.{family}@{}", self.realm),
            (_, 0..25) => format!("{}.{family}", initial(first)),
            _ => format!("{whole}.{family}"),
        };
        self.free(wanted)
    }

    /// As wanted, or with the next number for a homonym.
    fn free(&mut self, wanted: String) -> String {
        let taken = self.logins.entry(wanted.clone()).or_default();
        *taken += 1;
        if *taken == 1 {
            return wanted;
        }
        let numbered = match wanted.split_once('@') {
            Some((name, domain)) => format!("{name}{taken}@{domain}"),
            None => format!("{wanted}{taken}"),
        };
        self.free(numbered)
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
