//! What tests and trials may expect of each invented person and of the mailbox that links of recovery
//! go to, and a morning of sign-ins.

use std::io::{self, Write};

use super::chance::Chance;
use super::people::{Person, Scheme};

/// Seconds of the morning after 7:50; the bell rings in their middle.
const MORNING: usize = 1_200;

pub const COLUMNS: &str = "login;password;scheme;standing;may_sign_in;profile";

/// One line of `expected.csv`: who may sign in with which password, and why not.
pub fn line(person: &Person, out: &mut dyn Write) -> io::Result<()> {
    let may = match (person.scheme(), person.case.may_sign_in) {
        (_, Some(false)) => "no",
        (Scheme::Sasl, _) => "by SASL alone",
        (_, Some(true)) => "yes",
        (_, None) => "as the directory counts",
    };
    writeln!(
        out,
        "{};{};{:?};{:?};{may};{:?}",
        person.login,
        person.password(),
        person.scheme(),
        person.case.standing,
        person.profile
    )
}

pub const MAILBOX_COLUMNS: &str = "address;answer";

/// One line of `mailboxes.csv`: what a mail server says to a letter for this person, who may share the
/// address with the person `before`. In ninety of a hundred boxes it arrives.
pub fn mailbox(person: &Person, before: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    let Some(address) = person.own_mail.as_deref().filter(|own| Some(*own) != before) else {
        return Ok(());
    };
    let answer = match person.number % 100 {
        3 | 33 | 63 => "550 no such user",
        13 | 43 => "452 mailbox full",
        23 | 53 | 83 => "451 greylisted, then delivered",
        73 => "delivered after a minute",
        93 => "554 refused as spam",
        _ => "delivered",
    };
    writeln!(out, "{address};{answer}")
}

/// `second;typed` of sign-ins around the bell, in order; one in fifty types a blank too many.
pub fn morning(seed: u64, logins: &[String], out: &mut dyn Write) -> io::Result<()> {
    let mut chance = Chance::new(seed, "morning");
    let mut arrivals: Vec<(usize, String)> = (0..logins.len())
        .map(|_| {
            // Twelve draws together are nearly a bell curve.
            let bell: f64 = (0..12).map(|_| chance.unit()).sum::<f64>() / 12.0;
            let login = &logins[chance.below(logins.len())];
            let blank = if chance.percent(2) { " " } else { "" };
            ((bell * MORNING as f64) as usize, format!("{login}{blank}"))
        })
        .collect();
    arrivals.sort();
    writeln!(out, "second;typed")?;
    for (second, typed) in arrivals {
        writeln!(out, "{second};{typed}")?;
    }
    Ok(())
}
