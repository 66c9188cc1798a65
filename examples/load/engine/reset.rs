//! A forgotten password, from the form to the sign-in with the new one. The letter goes to this program's
//! own mail server; a challenge is answered by computing, where the realm allows that.

use std::time::Duration;

use data_encoding::HEXLOWER;
use http::header::LOCATION;
use ring::digest::{SHA256, digest};

use super::client::Reply;
use super::course::{Course, Judged, failed};
use super::form::{between, encoded, filled};
use super::journeys;
use super::record::{Stop, Verdict};

/// How long a letter may take.
const LETTER: Duration = Duration::from_secs(120);

/// Numbers that are tried for a challenge.
const MOST_WORK: u64 = 1 << 24;

pub async fn walk(course: &mut Course, service: &str) -> Judged<()> {
    let page = forgotten(course).await;
    let page = course.ended("forgotten page", page)?;
    let asked = ask(course, &page).await;
    course.ended("forgotten form", asked)?;
    let link = letter(course).await;
    let link = course.ended("letter", link)?;
    let page = open(course, &link).await;
    let page = course.ended("link", page)?;
    let password = format!("maree-{}-haute", HEXLOWER.encode(&course.chance.bytes::<6>()));
    let saved = save(course, &page, &password).await;
    course.ended("new password", saved)?;
    course.population.changed_password(course.number, &password);
    course.person.password = password;
    course.cookies.clear();
    journeys::sign_in(course, service, false).await
}

async fn forgotten(course: &mut Course) -> Judged<Reply> {
    let mut target = format!("{}/recover", course.site.context);
    if let Some(tenant) = &course.population.tenant {
        target.push_str(&format!("?tenant={}", encoded(tenant)));
    }
    let page = course.ask(&target, None).await?;
    match page.status == 200 {
        true => Ok(page),
        false => Err(failed(format!("the page: {}", page.status))),
    }
}

/// Sends the form; the server says that a letter is on its way, whoever that is.
async fn ask(course: &mut Course, page: &Reply) -> Judged<()> {
    let text = page.text();
    let login = course.person.login.clone();
    let work = match between(text, "data-salt=\"", "\"") {
        Some(salt) => {
            let bits = between(text, "data-bits=\"", "\"").and_then(|bits| bits.parse().ok());
            worked(salt, bits.unwrap_or(0)).ok_or_else(|| failed("a challenge that takes too long"))?
        }
        None if text.contains("name=\"captcha\"") => {
            return Err(Stop(
                Verdict::Challenged,
                "a challenge for eyes and ears".to_owned(),
            ));
        }
        None => String::new(),
    };
    let mut typed = vec![("identifier", login.as_str())];
    if !work.is_empty() {
        typed.push(("captcha-work", work.as_str()));
    }
    let (action, form) = filled(text, &typed)?;
    let reply = course.ask(&action, Some(form)).await?;
    match reply
        .headers
        .get(LOCATION)
        .and_then(|location| location.to_str().ok())
    {
        Some(location) if location.contains("recover/sent") => Ok(()),
        _ => Err(failed(format!("the form: {}", reply.status))),
    }
}

/// A number that, written behind the salt, gives a SHA-256 beginning with so many zero bits.
fn worked(salt: &str, bits: u32) -> Option<String> {
    (0..MOST_WORK).map(|number| number.to_string()).find(|number| {
        let hash = digest(&SHA256, format!("{salt}{number}").as_bytes());
        let first = hash
            .as_ref()
            .first_chunk::<4>()
            .map(|word| u32::from_be_bytes(*word));
        first.is_some_and(|word| word.leading_zeros() >= bits)
    })
}

async fn letter(course: &Course) -> Judged<String> {
    let mailbox = course.aids.mailbox.clone();
    let mailbox = mailbox.ok_or_else(|| failed("a reset needs a mail server: --letters PORT"))?;
    let address = course.population.mail(course.number);
    let link = mailbox.link(&address, LETTER).await;
    link.ok_or_else(|| failed(format!("no letter to {address}")))
}

/// Follows the link to the form of the new password.
async fn open(course: &mut Course, link: &str) -> Judged<Reply> {
    let mut target = path(link);
    for _ in 0..3 {
        let reply = course.ask(&target, None).await?;
        let next = reply
            .headers
            .get(LOCATION)
            .and_then(|location| location.to_str().ok());
        match next {
            Some(next) => target = path(next),
            None if reply.text().contains("name=\"new\"") => return Ok(reply),
            None => return Err(failed(format!("the link: {}", reply.status))),
        }
    }
    Err(failed("a link that leads round and round"))
}

/// What stands behind the host.
fn path(url: &str) -> String {
    let behind = url.split_once("://").and_then(|(_, rest)| rest.split_once('/'));
    behind.map_or_else(|| url.to_owned(), |(_, path)| format!("/{path}"))
}

async fn save(course: &mut Course, page: &Reply, password: &str) -> Judged<()> {
    let mut typed = vec![("new", password)];
    if page.text().contains("name=\"confirm\"") {
        typed.push(("confirm", password));
    }
    let (action, form) = filled(page.text(), &typed)?;
    let reply = course.ask(&action, Some(form)).await?;
    match reply.status.as_u16() < 400 && !reply.text().contains("name=\"new\"") {
        true => Ok(()),
        false => Err(failed(format!("the new password: {}", reply.status))),
    }
}
