//! The people who ask: one kind for each way a request can go (recovery §3.2), all with names of one
//! length, and the many of a first school day.

#[path = "../sign_in/people.rs"]
mod usual;

pub use usual::Person;

use crate::support::slapd::PEOPLE;

/// Who is asked for, as the directory has him.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Exists,
    NoMail,
    Unknown,
    Disabled,
    AdminLocked,
    FailureLocked,
    Expired,
    NotActivated,
    Federated,
    Temporary,
    Protected,
    SharedMail,
    /// One account for all requests of its kind.
    OverLimit,
}

pub const KINDS: [(Kind, &str); 13] = [
    (Kind::Unknown, "unknown"),
    (Kind::Exists, "exists, mail"),
    (Kind::NoMail, "exists, no mail"),
    (Kind::Disabled, "disabled"),
    (Kind::AdminLocked, "locked by staff"),
    (Kind::FailureLocked, "locked by failures"),
    (Kind::Expired, "must change"),
    (Kind::NotActivated, "not activated"),
    (Kind::Federated, "password elsewhere"),
    (Kind::Temporary, "temporary"),
    (Kind::Protected, "protected"),
    (Kind::SharedMail, "shared mailbox"),
    (Kind::OverLimit, "over limit"),
];

/// Numbers of the first kind's people begin here, those of the next one so much further on.
const FIRST: usize = 40_000;
const APART: usize = 4_000;

/// The person of a kind whom request `number` is about.
pub fn person(kind: Kind, number: usize) -> Person {
    let place = KINDS
        .iter()
        .position(|(known, _)| *known == kind)
        .unwrap_or_default();
    let number = if kind == Kind::OverLimit {
        0
    } else {
        number % APART
    };
    Person::number(FIRST + place * APART + number)
}

/// The mail address that the person of a kind has, or would have.
pub fn mail(kind: Kind, number: usize) -> String {
    match kind {
        Kind::SharedMail => family(number),
        _ => format!("{}@campus.example", person(kind, number).login),
    }
}

/// Of two people each.
fn family(number: usize) -> String {
    format!("family{:05}@campus.example", number / 2)
}

/// The entries of `each` people of every kind.
pub fn of_every_kind(each: usize) -> String {
    let kinds = KINDS.iter().filter(|(kind, _)| *kind != Kind::Unknown);
    let all = kinds.flat_map(|(kind, _)| (0..each).map(move |number| entry(*kind, number)));
    all.collect()
}

/// The entries of `count` people with a mailbox each.
pub fn many(count: usize) -> String {
    (0..count)
        .map(|number| Person::number(number).entry(PEOPLE))
        .collect()
}

fn entry(kind: Kind, number: usize) -> String {
    if kind == Kind::OverLimit && number > 0 {
        return String::new();
    }
    let usual = person(kind, number).entry(PEOPLE);
    let with = |line: &str| format!("{}\n{line}\n\n", usual.trim_end());
    let without = |name: &str| {
        let lines = usual.trim_end().lines().filter(|line| !line.starts_with(name));
        lines.collect::<Vec<_>>().join("\n") + "\n\n"
    };
    match kind {
        Kind::NoMail => without("mail: "),
        Kind::Disabled => usual.replace("{COMPTE}A:SupannActif", "{COMPTE}I:SupannInactif"),
        Kind::AdminLocked => with("pwdAccountLockedTime: 000001010000Z"),
        Kind::FailureLocked => with("pwdAccountLockedTime: 20250101120000Z"),
        Kind::Expired => with("pwdReset: TRUE"),
        Kind::NotActivated => without("userPassword: "),
        Kind::Federated => with("employeeType: federated"),
        Kind::Temporary => with("employeeType: temporary"),
        Kind::Protected => with("employeeType: protected"),
        Kind::SharedMail => format!(
            "{}mail: {}\n\n",
            without("mail: ").trim_end().to_owned() + "\n",
            family(number)
        ),
        Kind::Exists | Kind::Unknown | Kind::OverLimit => usual,
    }
}
