//! What every directory does when it is written to, whatever keeps it: one success per guard, clear
//! refusals, whole changes or none. Each case has a person of its own, so that one server serves all:
//! `directory_writes_contract!(place)`.
#![allow(dead_code, reason = "a suite may run a part of the cases")]

use std::any::Any;
use std::sync::Arc;

use mereau::base::names::PersonKey;
use mereau::base::secret::Password;
use mereau::directory::{
    Bound, Demanded, Directory, FenceKind, Filter, Listing, Manner, PasswordRefusal, PasswordWrite, Person,
    Rewrite, Settled, Standing, Writable, Written, Wrote,
};

use crate::directory::{password, person};

/// Everybody begins with this password; it and the ones below please Active Directory's usual rules.
pub const FIRST: &str = "Premier-Sesame-41";

/// Who must be there, each with the password [`FIRST`].
pub const PEOPLE: [&str; 13] = [
    "w.once",
    "w.race",
    "w.replay",
    "w.elsewhere",
    "w.weak",
    "w.change",
    "w.unicode",
    "w.attributes",
    "w.locked",
    "w.settle",
    "w.free",
    "w.none",
    "w.demand",
];

/// Locked by staff, and like everybody otherwise.
pub const LOCKED: &str = "w.locked";

/// A directory under test.
pub struct WriteWorld {
    pub directory: Arc<dyn Directory>,
    /// Whether it refuses weak passwords.
    pub has_policy: bool,
    /// Whether a reset is held to the history.
    pub has_history: bool,
    /// An attribute that takes several texts, and one that takes one.
    pub several: &'static str,
    pub single: &'static str,
    pub alive: Box<dyn Any + Send + Sync>,
}

impl WriteWorld {
    async fn person(&self, login: &str) -> Person {
        person(&*self.directory, login).await
    }

    async fn writable(&self, login: &str) -> Writable {
        let key = self.person(login).await.key;
        let read = self.directory.read_for_write(&key).await.unwrap();
        read.unwrap_or_else(|| panic!("{login} cannot be written"))
    }

    async fn bind(&self, login: &str, typed: &str) -> Bound {
        let person = self.person(login).await;
        self.directory.bind(&person, &password(typed)).await.unwrap()
    }

    async fn reset(&self, read: &Writable, new: &str) -> Wrote {
        write(&*self.directory, read, &password(new)).await
    }
}

async fn write(directory: &dyn Directory, read: &Writable, new: &Password) -> Wrote {
    let write = PasswordWrite {
        key: &read.person.key,
        new,
        guard: read.guard.as_ref(),
        manner: Manner::Reset,
    };
    directory.write_password(&write).await.unwrap()
}

fn accepted(bound: &Bound) -> bool {
    *bound == Bound::Accepted(None)
}

pub async fn a_new_password_works_at_once_and_the_old_one_no_longer(world: WriteWorld) {
    // SEC-79
    let before = world.writable("w.once").await;
    assert!(accepted(&world.bind("w.once", FIRST).await));
    assert_eq!(world.reset(&before, "Deuxieme-Sesame-42").await, Wrote::Done);
    // Without a word of changing again.
    let bound = world.bind("w.once", "Deuxieme-Sesame-42").await;
    assert!(accepted(&bound), "{bound:?}");
    assert_eq!(world.bind("w.once", FIRST).await, Bound::WrongPassword);
    let after = world.writable("w.once").await;
    assert_ne!(before.guard, after.guard);
    assert_eq!(after.person.state.standing, Standing::Active);
    assert_eq!(before.person.key, after.person.key);
}

pub async fn of_twenty_writers_with_one_guard_exactly_one_succeeds(world: WriteWorld) {
    // I1
    let read = Arc::new(world.writable("w.race").await);
    assert!(read.guard.is_some());
    assert!(matches!(
        world.directory.fence(),
        FenceKind::Compare | FenceKind::Assertion | FenceKind::Generation
    ));
    let start = Arc::new(tokio::sync::Barrier::new(20));
    let mut writers = tokio::task::JoinSet::new();
    for number in 0..20 {
        let (directory, read, start) = (world.directory.clone(), read.clone(), start.clone());
        writers.spawn(async move {
            let new = format!("Concurrent-Sesame-{number}");
            start.wait().await;
            (new.clone(), write(&*directory, &read, &password(&new)).await)
        });
    }
    let outcomes = writers.join_all().await;
    let done: Vec<&String> = outcomes
        .iter()
        .filter(|(_, wrote)| *wrote == Wrote::Done)
        .map(|(new, _)| new)
        .collect();
    let moved = outcomes
        .iter()
        .filter(|(_, wrote)| *wrote == Wrote::Moved)
        .count();
    assert_eq!((done.len(), moved), (1, 19), "{outcomes:?}");
    // Only a bind proves whose password it is. Few tries, so that no lock comes into it.
    assert!(accepted(&world.bind("w.race", done[0]).await));
    assert_eq!(world.bind("w.race", FIRST).await, Bound::WrongPassword);
    let loser = outcomes.iter().find(|(_, wrote)| *wrote != Wrote::Done).unwrap();
    assert_eq!(world.bind("w.race", &loser.0).await, Bound::WrongPassword);
}

pub async fn a_guard_is_good_for_one_write_however_often_it_comes_back(world: WriteWorld) {
    // I2
    let read = world.writable("w.replay").await;
    assert_eq!(world.reset(&read, "Rejoue-Sesame-43").await, Wrote::Done);
    for _ in 0..3 {
        assert_eq!(world.reset(&read, "Rejoue-Sesame-44").await, Wrote::Moved);
    }
    assert!(accepted(&world.bind("w.replay", "Rejoue-Sesame-43").await));
    let again = world.writable("w.replay").await;
    assert_eq!(world.reset(&again, "Rejoue-Sesame-45").await, Wrote::Done);
    assert_eq!(world.reset(&again, "Rejoue-Sesame-46").await, Wrote::Moved);
    assert!(accepted(&world.bind("w.replay", "Rejoue-Sesame-45").await));
}

pub async fn a_write_without_a_guard_makes_every_guard_from_before_worthless(world: WriteWorld) {
    // I2
    let read = world.writable("w.elsewhere").await;
    let unguarded = Writable {
        guard: None,
        ..read.clone()
    };
    assert_eq!(world.reset(&unguarded, "Ailleurs-Sesame-47").await, Wrote::Done);
    assert_eq!(world.reset(&read, "Ailleurs-Sesame-48").await, Wrote::Moved);
    assert!(accepted(&world.bind("w.elsewhere", "Ailleurs-Sesame-47").await));
}

pub async fn a_refused_password_leaves_the_old_one_and_a_guard_that_is_still_good(world: WriteWorld) {
    // SEC-77
    if !world.has_policy {
        return;
    }
    let mut read = world.writable("w.weak").await;
    match world.reset(&read, "court").await {
        Wrote::Refused(PasswordRefusal::TooShort | PasswordRefusal::Quality, guard) => {
            read.guard = guard.or(read.guard);
        }
        other => panic!("{other:?}"),
    }
    assert!(accepted(&world.bind("w.weak", FIRST).await));
    assert_eq!(world.writable("w.weak").await.guard, read.guard);
    if world.has_history {
        match world.reset(&read, FIRST).await {
            Wrote::Refused(PasswordRefusal::InHistory, guard) => read.guard = guard.or(read.guard),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(world.reset(&read, "Meilleur-Sesame-49").await, Wrote::Done);
    assert!(accepted(&world.bind("w.weak", "Meilleur-Sesame-49").await));
}

pub async fn a_change_takes_the_password_in_force(world: WriteWorld) {
    let read = world.writable("w.change").await;
    let (wrong, right) = (password("Inconnu-Sesame-50"), password(FIRST));
    let new = password("Neuf-Sesame-51");
    let attempt = |current| PasswordWrite {
        key: &read.person.key,
        new: &new,
        guard: read.guard.as_ref(),
        manner: Manner::Change { current },
    };
    let refused = world.directory.write_password(&attempt(&wrong)).await.unwrap();
    assert_eq!(refused, Wrote::Refused(PasswordRefusal::WrongCurrent, None));
    assert!(accepted(&world.bind("w.change", FIRST).await));
    let wrote = world.directory.write_password(&attempt(&right)).await.unwrap();
    assert_eq!(wrote, Wrote::Done);
    let bound = world.bind("w.change", "Neuf-Sesame-51").await;
    assert!(accepted(&bound), "{bound:?}");
    assert_eq!(world.bind("w.change", FIRST).await, Bound::WrongPassword);
}

pub async fn a_password_is_written_verbatim(world: WriteWorld) {
    // T-62
    let new =
        "Élise a 2 🙂, « été » & \"quotes\" — très longue phrase de passe de plus de soixante-quatre signes";
    let read = world.writable("w.unicode").await;
    assert_eq!(world.reset(&read, new).await, Wrote::Done);
    assert!(accepted(&world.bind("w.unicode", new).await));
    assert_eq!(world.bind("w.unicode", &new[..64]).await, Bound::WrongPassword);
}

pub async fn attributes_change_all_together_or_not_at_all(world: WriteWorld) {
    let key = world.person("w.attributes").await.key;
    let (several, single) = (world.several.to_owned(), world.single.to_owned());
    let texts = |values: &[&str]| {
        values
            .iter()
            .map(|value| (*value).to_owned())
            .collect::<Vec<String>>()
    };
    let change =
        async |changes: &[(String, Rewrite)]| world.directory.write_attributes(&key, changes).await.unwrap();
    let read = async |name: &str| {
        let person = world
            .directory
            .read_for_write(&key)
            .await
            .unwrap()
            .unwrap()
            .person;
        let mut values: Vec<String> = person.attributes.texts(name).map(str::to_owned).collect();
        values.sort();
        values
    };
    let both = [
        (
            several.clone(),
            Rewrite::Add(texts(&["un@exemple.fr", "deux@exemple.fr"])),
        ),
        (single.clone(), Rewrite::Replace(texts(&["+33199000001"]))),
    ];
    assert_eq!(change(&both).await, Written::Done);
    assert_eq!(read(&several).await, ["deux@exemple.fr", "un@exemple.fr"]);
    assert_eq!(read(&single).await, ["+33199000001"]);
    let half = [
        (single.clone(), Rewrite::Replace(texts(&["+33199000002"]))),
        (several.clone(), Rewrite::Remove(texts(&["jamais@exemple.fr"]))),
    ];
    assert_eq!(change(&half).await, Written::Moved);
    assert_eq!(read(&single).await, ["+33199000001"], "nothing of it was done");
    assert_eq!(
        change(&[(several.clone(), Rewrite::Remove(texts(&["un@exemple.fr"])))]).await,
        Written::Done
    );
    assert_eq!(read(&several).await, ["deux@exemple.fr"]);
    assert_eq!(
        change(&[(several.clone(), Rewrite::Add(texts(&["deux@exemple.fr"])))]).await,
        Written::Moved
    );
    assert_eq!(
        change(&[(several.clone(), Rewrite::Replace(Vec::new()))]).await,
        Written::Done
    );
    assert!(read(&several).await.is_empty());
    let password = [("userPassword".to_owned(), Rewrite::Replace(texts(&["x"])))];
    assert_eq!(change(&password).await, Written::NotAllowed);
}

pub async fn who_is_locked_by_staff_stays_locked(world: WriteWorld) {
    // SEC-48, SEC-49
    let read = world.writable(LOCKED).await;
    let refused = world.reset(&read, "Verrou-Sesame-52").await;
    assert_eq!(refused, Wrote::Refused(PasswordRefusal::NotAllowed, None));
    world.directory.lift_failure_lock(&read.person.key).await.unwrap();
    let again = world.writable(LOCKED).await;
    assert_eq!(again.person.state, read.person.state);
    assert_eq!(world.reset(&again, "Verrou-Sesame-52").await, refused);
    assert!(!again.person.state.may_sign_in);
    let new = world.bind(LOCKED, "Verrou-Sesame-52").await;
    assert!(!matches!(new, Bound::Accepted(_)), "{new:?}");
}

pub async fn who_is_gone_cannot_be_written(world: WriteWorld) {
    let known = world.writable("w.none").await;
    for key in ["5a1e7000-0000-4000-8000-ffffffffffff", "*", "x)(uid=*"] {
        let key = PersonKey(key.to_owned());
        assert!(world.directory.read_for_write(&key).await.unwrap().is_none());
        let gone = Writable {
            person: Person {
                key: key.clone(),
                ..known.person.clone()
            },
            guard: known.guard.clone(),
        };
        assert_eq!(world.reset(&gone, "Absent-Sesame-53").await, Wrote::Gone);
        let written = world.directory.write_attributes(&key, &[]).await.unwrap();
        assert_eq!(written, Written::Gone);
    }
}

pub async fn an_unknown_outcome_is_settled_by_looking_again(world: WriteWorld) {
    // F-20
    let read = world.writable("w.settle").await;
    let (new, other) = (password("Doute-Sesame-54"), password("Doute-Sesame-55"));
    let attempt = |new| PasswordWrite {
        key: &read.person.key,
        new,
        guard: read.guard.as_ref(),
        manner: Manner::Reset,
    };
    assert_eq!(
        world.directory.settle(&attempt(&new)).await.unwrap(),
        Settled::Untouched
    );
    assert_eq!(world.reset(&read, "Doute-Sesame-54").await, Wrote::Done);
    assert_eq!(
        world.directory.settle(&attempt(&new)).await.unwrap(),
        Settled::Written
    );
    assert_eq!(
        world.directory.settle(&attempt(&other)).await.unwrap(),
        Settled::Spent
    );
}

pub async fn asking_for_a_write_changes_nothing(world: WriteWorld) {
    let first = world.writable("w.free").await;
    for _ in 0..20 {
        assert_eq!(world.writable("w.free").await.guard, first.guard);
    }
    assert!(accepted(&world.bind("w.free", FIRST).await));
}

pub async fn a_demand_to_change_is_set_taken_back_and_met_by_a_new_password(world: WriteWorld) {
    // SEC-79
    let directory = &world.directory;
    let key = world.person("w.demand").await.key;
    let standing = async || world.writable("w.demand").await.person.state.standing;
    assert_eq!(standing().await, Standing::Active);
    let demand = directory.demand().expect("a way to demand it");
    assert_eq!(directory.demand_change(&key).await.unwrap(), Demanded::Done);
    assert_eq!(standing().await, Standing::MustChange, "{demand:?}");
    assert_eq!(directory.demand_change(&key).await.unwrap(), Demanded::Already);
    let bound = world.bind("w.demand", FIRST).await;
    assert_ne!(
        bound,
        Bound::WrongPassword,
        "the password in force is good for the change"
    );
    assert_eq!(directory.lift_demand(&key, &[]).await.unwrap(), Written::Done);
    assert_eq!(directory.lift_demand(&key, &[]).await.unwrap(), Written::Moved);
    assert_eq!(standing().await, Standing::Active);
    assert!(accepted(&world.bind("w.demand", FIRST).await));
    assert_eq!(directory.demand_change(&key).await.unwrap(), Demanded::Done);
    let read = world.writable("w.demand").await;
    assert_eq!(world.reset(&read, "Nouveau-Sesame-77").await, Wrote::Done);
    assert_eq!(standing().await, Standing::Active);
    assert_eq!(directory.lift_demand(&key, &[]).await.unwrap(), Written::Moved);
    let nobody = PersonKey("00000000-0000-4000-8000-00000000dead".to_owned());
    assert_eq!(directory.demand_change(&nobody).await.unwrap(), Demanded::Gone);
    assert_eq!(directory.lift_demand(&nobody, &[]).await.unwrap(), Written::Gone);
}

pub async fn everybody_is_listed_once_and_a_filter_finds_its_own(world: WriteWorld) {
    let listed = async |filter: Option<&str>| {
        let wish = Listing {
            filter: filter.map(|text| Filter::parse(text).unwrap()),
            more: vec!["cn".to_owned()],
        };
        let (into, mut found) = tokio::sync::mpsc::channel::<Person>(1);
        let taking = async {
            let mut logins = Vec::new();
            while let Some(person) = found.recv().await {
                logins.push(person.login);
            }
            logins
        };
        let (done, mut logins) = tokio::join!(world.directory.list(&wish, into), taking);
        done.unwrap();
        logins.sort();
        logins
    };
    let all = listed(None).await;
    for login in PEOPLE {
        let times = all.iter().filter(|one| *one == login).count();
        assert_eq!(times, 1, "{login}");
    }
    let some = "(|(uid=w.demand)(sAMAccountName=w.demand)(uid=w.once)(sAMAccountName=w.once))";
    assert_eq!(listed(Some(some)).await, ["w.demand", "w.once"]);
    assert!(listed(Some("(cn=nobody at all)")).await.is_empty());
}

#[macro_export]
macro_rules! directory_writes_contract {
    ($place:expr; $($case:ident),* $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                $crate::directory_writes::$case($place.await).await;
            }
        )*
    };
    ($place:expr) => {
        $crate::directory_writes_contract!($place;
            a_new_password_works_at_once_and_the_old_one_no_longer,
            of_twenty_writers_with_one_guard_exactly_one_succeeds,
            a_guard_is_good_for_one_write_however_often_it_comes_back,
            a_write_without_a_guard_makes_every_guard_from_before_worthless,
            a_refused_password_leaves_the_old_one_and_a_guard_that_is_still_good,
            a_change_takes_the_password_in_force,
            a_password_is_written_verbatim,
            attributes_change_all_together_or_not_at_all,
            who_is_locked_by_staff_stays_locked,
            who_is_gone_cannot_be_written,
            an_unknown_outcome_is_settled_by_looking_again,
            asking_for_a_write_changes_nothing,
            a_demand_to_change_is_set_taken_back_and_met_by_a_new_password,
            everybody_is_listed_once_and_a_filter_finds_its_own,
        );
    };
}
