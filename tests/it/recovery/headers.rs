//! What would break out of a header of a letter, from every side and through a mail server: there is one
//! mail, to one person, with the headers that every mail has.

use std::time::Duration;

use data_encoding::BASE64;
use mereau::base::names::{InstitutionId, RealmId};
use mereau::base::texts::Texts;
use mereau::messages::Post;
use mereau::messages::smtp::{Security, Smtp, SmtpSettings};
use mereau::realms::{Institution, Letterhead};
use mereau::tls::Roots;

use super::{asks, entry, recovering, with_people};
use crate::house::recovery::{Kept, usual_recovery};
use crate::house::{CAMILLE, House, Plan, build};
use crate::mail_sink::{Protection, Received, Sink};
use crate::post::Read;

/// Ends of lines as they are and in the ways that something on the way might decode.
const HOSTILE: [&str; 16] = [
    "\r\nBcc: x@evil.example\r\n",
    "\r\n\r\nX-Evil: 1",
    "\r\n.\r\nMAIL FROM:<x@evil.example>\r\nRCPT TO:<y@evil.example>\r\n",
    "\nBcc: x@evil.example",
    "\rBcc: x@evil.example",
    "\0Bcc: x@evil.example",
    "\u{2028}Bcc: x@evil.example",
    "\u{2029}Bcc: x@evil.example",
    "\u{85}Bcc: x@evil.example",
    "%0aBcc: x@evil.example",
    "%0d%0aBcc: x@evil.example",
    "%250aBcc: x@evil.example",
    "=0D=0ABcc: x@evil.example",
    "&#13;&#10;Bcc: x@evil.example",
    "=?utf-8?q?=0ABcc:_x=40evil.example?=",
    "\\r\\nBcc: x@evil.example>, <y@evil.example",
];

/// Sends letters by SMTP and reads what came.
async fn delivered(letters: Vec<Kept>) -> Vec<Received> {
    let folder = tempfile::tempdir().unwrap();
    let sink = Sink::start(Protection::None, folder.path()).await;
    let post = Smtp::new(SmtpSettings {
        host: "localhost".to_owned(),
        port: sink.port,
        security: Security::Plain,
        user: None,
        hello: "sso.example.org".to_owned(),
        roots: Roots::System,
        deadline: Duration::from_secs(20),
        kept: 1,
        idle: Duration::from_secs(60),
    })
    .unwrap();
    for letter in letters {
        post.send(&letter.words()).await.unwrap();
    }
    sink.take()
}

/// The names of the headers, in order.
fn headers(mail: &Received) -> Vec<String> {
    let text = String::from_utf8(mail.data.clone()).unwrap();
    let (head, _) = text.split_once("\r\n\r\n").unwrap();
    assert!(!head.replace("\r\n", "").contains(['\r', '\n', '\0']), "{head:?}");
    let lines = head.split("\r\n").filter(|line| !line.starts_with([' ', '\t']));
    lines
        .map(|line| line.split_once(':').expect(line).0.to_owned())
        .collect()
}

/// One mail, one recipient, and nothing in its head that `plain` has not.
fn is_as_plain(mail: &[Received], to: &str, plain: &[String], what: &str) {
    let [mail] = mail else {
        panic!("{} mails of {what:?}", mail.len())
    };
    assert_eq!(mail.to, [to], "{what:?}");
    assert_eq!(mail.from, "ne-pas-repondre@campus.example", "{what:?}");
    assert_eq!(headers(mail), plain, "{what:?}");
    let read = Read::of(&mail.data);
    assert_eq!(
        (read.to.as_str(), read.from.1.as_str()),
        (to, "ne-pas-repondre@campus.example"),
        "{what:?}"
    );
    let ends = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    // An encoded word ends no line of the head, which is what counts; what it says is a reader's to show.
    let encoded = what.starts_with("=?");
    assert!(encoded || !read.subject.contains(ends), "{:?}", read.subject);
    assert!(encoded || !read.from.0.contains(ends), "{:?}", read.from.0);
}

async fn asked(house: &House, path: &str, field: &str, typed: &str) -> Vec<Received> {
    let mut browser = house.browser();
    let form = browser.get(path).await.form().without("captcha-other");
    let reply = browser.submit(&form.with(field, typed)).await;
    assert!(
        matches!(reply.status.as_u16(), 303 | 400),
        "{typed:?}: {}",
        reply.status
    );
    house.work().await;
    delivered(house.letters.take()).await
}

const LINK: (&str, &str) = ("/cas/recover", "identifier");
const NAMES: (&str, &str) = ("/cas/recover/username", "email");

#[tokio::test]
async fn what_is_typed_brings_no_mail_or_the_only_one_it_may() {
    // SEC-39
    let house = recovering().await;
    let mail = "camille.dupont@campus.example";
    for (path, field, name) in [(LINK.0, LINK.1, CAMILLE.0), (NAMES.0, NAMES.1, mail)] {
        for hostile in HOSTILE {
            for typed in [
                format!("{name}{hostile}x"),
                format!("x@evil.example{hostile}{name}"),
            ] {
                let sent = asked(&house, path, field, &typed).await;
                assert!(sent.is_empty(), "{typed:?}");
            }
        }
        // They spoiled nothing: the name alone still brings its mail, to one person.
        let sent = asked(&house, path, field, name).await;
        assert_eq!(sent.len(), 1);
        assert_eq!(sent[0].to, [mail]);
    }
}

#[tokio::test]
async fn a_display_name_in_the_directory_ends_no_header() {
    // SEC-39
    let mut more = entry(1, "plain", "plain@campus.example", "");
    for (at, hostile) in HOSTILE.iter().enumerate() {
        let uid = format!("h{at}");
        let name = BASE64.encode(format!("Zoé{hostile}Dupont").as_bytes());
        let own = entry(
            u32::try_from(at).unwrap() + 10,
            &uid,
            &format!("{uid}@campus.example"),
            "",
        );
        more += "\n";
        more += &own.replace(
            &format!("displayName: {uid}\n"),
            &format!("displayName:: {name}\n"),
        );
    }
    let house = with_people(&more).await;
    let plain = asked(&house, LINK.0, LINK.1, "plain").await;
    let (link, names) = (
        headers(&plain[0]),
        headers(&asked(&house, NAMES.0, NAMES.1, "plain@campus.example").await[0]),
    );
    for (at, hostile) in HOSTILE.iter().enumerate() {
        let mail = format!("h{at}@campus.example");
        let sent = asked(&house, LINK.0, LINK.1, &format!("h{at}")).await;
        is_as_plain(&sent, &mail, &link, hostile);
        let sent = asked(&house, NAMES.0, NAMES.1, &mail).await;
        is_as_plain(&sent, &mail, &names, hostile);
    }
}

/// The house of one institution, whose name stands wherever a name can stand in a letter's head.
async fn called(name: &str) -> House {
    let mut settings = usual_recovery();
    settings.sender.letterhead = Letterhead {
        name: Some(Texts::same("Support {institution}")),
        subject: Some(Texts::same("Mot de passe {institution}")),
        ..Letterhead::default()
    };
    let id = InstitutionId::new("iut").unwrap();
    let one = Institution::new(id, RealmId::new("campus").unwrap(), Texts::same(name));
    build(Plan {
        institutions: Some(vec![one]),
        recovery: Some(settings),
        ..Plan::default()
    })
    .await
}

#[tokio::test]
async fn an_institution_s_name_ends_no_header() {
    // SEC-39
    let mail = "camille.dupont@campus.example";
    let plain = asked(&called("IUT").await, LINK.0, LINK.1, CAMILLE.0).await;
    let plain = headers(&plain[0]);
    for hostile in HOSTILE {
        let house = called(&format!("IUT{hostile}X")).await;
        let mut browser = house.browser();
        assert_eq!(asks(&mut browser, CAMILLE.0).await.status, 303, "{hostile:?}");
        house.work().await;
        is_as_plain(&delivered(house.letters.take()).await, mail, &plain, hostile);
    }
}
