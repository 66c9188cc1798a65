//! Who and what a profile stands for, made from its seed, and what has happened since: a reset leaves a
//! person with another password, which the next run has to know.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use anyhow::{Context, ensure};
use serde_json::json;

use super::chance::Chance;
use super::people::Person;
use super::profile::{Profile, Realm};

pub struct State {
    pub realms: BTreeMap<String, Arc<Population>>,
}

/// The people of a realm and the applications they enter.
pub struct Population {
    pub tenant: Option<String>,
    pub people: Vec<Person>,
    pub services: Vec<String>,
    happened: Mutex<Happened>,
    sessions: Mutex<Vec<Open>>,
}

/// Somebody who is signed in.
#[derive(Clone)]
pub struct Open {
    pub number: usize,
    pub cookies: String,
    pub until: Instant,
}

/// What a run did that lasts.
#[derive(Default)]
struct Happened {
    /// New passwords, by the number of the person.
    passwords: BTreeMap<usize, String>,
    counts: BTreeMap<&'static str, u64>,
}

impl State {
    /// The same for the same profile, on every machine.
    pub fn invent(profile: &Profile) -> State {
        let realms = profile.realms.iter().map(|realm| {
            let population = Population::invent(profile.seed, realm);
            (realm.id.clone(), Arc::new(population))
        });
        State {
            realms: realms.collect(),
        }
    }

    /// Of people and applications that there are already.
    pub fn of(populations: impl IntoIterator<Item = (String, Population)>) -> State {
        let realms = populations.into_iter().map(|(id, one)| (id, Arc::new(one)));
        State {
            realms: realms.collect(),
        }
    }

    /// What [`State::write`] wrote, or somebody who has accounts of his own: `people/REALM.csv` with a
    /// `login;password` on each line, and `applications/REALM.txt` with a URL on each line, the portal's first.
    pub fn read(profile: &Profile, folder: &Path) -> anyhow::Result<State> {
        let read = |name: String| {
            let path = folder.join(name);
            let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            anyhow::Ok((path, text))
        };
        let mut realms = BTreeMap::new();
        for realm in &profile.realms {
            let (path, text) = read(format!("people/{}.csv", realm.id))?;
            let (applications, services) = read(format!("applications/{}.txt", realm.id))?;
            let people = (text.lines().enumerate())
                .map(|(line, text)| person(text).with_context(|| format!("{}:{}", path.display(), line + 1)));
            let people = people.collect::<anyhow::Result<_>>()?;
            let services = services.lines().map(str::to_owned).collect();
            let population = Population::of(people, services, realm.tenant.clone());
            ensure!(!population.people.is_empty(), "{}: nobody", path.display());
            let some = !population.services.is_empty();
            ensure!(some, "{}: no application", applications.display());
            realms.insert(realm.id.clone(), Arc::new(population));
        }
        Ok(State { realms })
    }

    /// Writes everything a directory and a server need, with the passwords as they are now; `callbacks` are
    /// lines of the service file of each realm's portal.
    pub fn write(&self, folder: &Path, base: &str, callbacks: &str) -> anyhow::Result<()> {
        for name in ["people", "ldif", "services", "applications"] {
            fs::create_dir_all(folder.join(name))?;
        }
        for (id, population) in &self.realms {
            let entries = population.now().map(|person| person.entry(base));
            fs::write(
                folder.join(format!("ldif/{id}.ldif")),
                entries.collect::<String>(),
            )?;
            let applications = population.services.join("\n") + "\n";
            fs::write(folder.join(format!("applications/{id}.txt")), applications)?;
            for (number, service) in population.services.iter().enumerate() {
                // The first one is the portal.
                let more = if number == 0 { callbacks } else { "" };
                let name = format!("name = {{ fr = \"Application {id} {number}\" }}");
                let text = format!("{name}\nurls = [\"{service}**\"]\n{more}");
                fs::write(folder.join(format!("services/{id}-{number}.toml")), text)?;
            }
        }
        self.write_passwords(folder)
    }

    /// The passwords as they are now, and what was done so far.
    pub fn write_passwords(&self, folder: &Path) -> anyhow::Result<()> {
        let mut told = BTreeMap::new();
        for (id, population) in &self.realms {
            let lines = population
                .now()
                .map(|person| format!("{};{}\n", person.login, person.password));
            fs::write(folder.join(format!("people/{id}.csv")), lines.collect::<String>())?;
            let happened = population.happened();
            let changed = happened.passwords.len();
            told.insert(
                id,
                json!({ "done": happened.counts, "passwords_changed": changed }),
            );
        }
        Ok(fs::write(
            folder.join("happened.json"),
            serde_json::to_vec_pretty(&told)?,
        )?)
    }
}

fn person(line: &str) -> anyhow::Result<Person> {
    let (login, password) = line.split_once(';').context("no login;password")?;
    Ok(Person {
        login: login.to_owned(),
        password: password.to_owned(),
    })
}

impl Population {
    pub fn of(people: Vec<Person>, services: Vec<String>, tenant: Option<String>) -> Population {
        Population {
            people,
            services,
            tenant,
            happened: Mutex::default(),
            sessions: Mutex::default(),
        }
    }

    fn invent(seed: u64, realm: &Realm) -> Population {
        let mut chance = Chance::new(seed, &format!("people {}", realm.id));
        let people = (0..realm.people).map(|number| Person {
            login: format!("{}{number:06}", realm.id),
            password: format!("correct-horse-{:012x}", chance.next() >> 16),
        });
        let services = (0..realm.services).map(|number| format!("https://a{number}.{}.example/", realm.id));
        Population::of(people.collect(), services.collect(), realm.tenant.clone())
    }

    /// Where a person's letters go.
    pub fn mail(&self, number: usize) -> String {
        let login = self.people.get(number).map_or("", |person| person.login.as_str());
        format!("{login}@campus.example")
    }

    /// Everybody with the password of now.
    pub fn now(&self) -> impl Iterator<Item = Person> + '_ {
        (0..self.people.len()).filter_map(|number| self.person(number))
    }

    /// A person with the password of now.
    pub fn person(&self, number: usize) -> Option<Person> {
        let person = self.people.get(number)?;
        let password = self.happened().passwords.get(&number).cloned();
        Some(Person {
            login: person.login.clone(),
            password: password.unwrap_or_else(|| person.password.clone()),
        })
    }

    pub fn changed_password(&self, number: usize, password: &str) {
        self.happened().passwords.insert(number, password.to_owned());
    }

    /// Whose password was changed.
    pub fn changed(&self) -> Vec<usize> {
        self.happened().passwords.keys().copied().collect()
    }

    pub fn count(&self, what: &'static str) {
        *self.happened().counts.entry(what).or_default() += 1;
    }

    /// Those of this run and the ones before it on the same state.
    pub fn sessions(&self) -> MutexGuard<'_, Vec<Open>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn happened(&self) -> MutexGuard<'_, Happened> {
        self.happened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
