//! What every post does with a mail: one recipient, our headers, both parts whole, and the same id
//! when it is sent again. Read back by a MIME parser that is none of ours.

use std::sync::Arc;

use async_trait::async_trait;
use mail_parser::{HeaderValue, MessageParser, MimeHeaders};
use mereau::base::clock::Timestamp;
use mereau::base::names::{EmailAddress, Locale, RealmId};
use mereau::messages::{Composed, Content, Destination, MessageId, Post, Sender, Support};

/// A post under test and what came of it.
#[async_trait]
pub trait Place: Send + Sync {
    fn post(&self) -> Arc<dyn Post>;
    /// The mails that arrived, each as its bytes.
    async fn arrived(&self) -> Vec<Vec<u8>>;
}

/// A link as long as mail software leaves alone, and one longer.
pub const LINK: &str = "https://cas.example.org/cas/r/abcdefghijklmnopqrstuvwxyz0123456789-_ABCDEFG";
pub const LONG_LINK: &str =
    "https://authentification.universite-valmore.example/cas/r/abcdefghijklmnopqrstuvwxyz0123456789-_ABCDEFG";

pub fn address(text: &str) -> EmailAddress {
    EmailAddress::stored(text).unwrap()
}

pub fn sender() -> Sender {
    Sender {
        realm: RealmId::new("leia").unwrap(),
        institution: None,
        name: "LEIA – comptes".to_owned(),
        address: address("no-reply@leia.example"),
        reply_to: Some(address("assistance@leia.example")),
        brand: "LEIA".to_owned(),
        reset_subject: None,
        username_subject: None,
        signature: None,
        support: Support::default(),
        theme: None,
        time_zone: "Europe/Paris".to_owned(),
        host: "leia.example".to_owned(),
    }
}

/// A mail in French around `link`; its moment is 22 November 2026, 09:15:00 UTC.
pub fn mail(id: &str, link: &str) -> Composed {
    Composed {
        to: Destination::Mail(address("camille.dupont@courrier.example")),
        from: sender(),
        locale: Locale::french(),
        message_id: MessageId::of(&[id.as_bytes()]),
        written: Timestamp(1_795_338_900_000),
        content: Content::Mail {
            subject: "[LEIA] Choisir un nouveau mot de passe, été".to_owned(),
            text: format!("Bonjour Zoé,\n\nOuvrez cette adresse\u{202f}:\n\n{link}\n\n.\nMerci.\n"),
            html: format!("<p>Bonjour Zoé,</p>\n<p><a href=\"{link}\">{link}</a></p>\n"),
        },
    }
}

/// What a mail program sees.
pub struct Read {
    pub text: String,
    pub html: String,
    pub subject: String,
    pub from: (String, String),
    pub to: String,
    pub raw: String,
}

impl Read {
    pub fn of(bytes: &[u8]) -> Read {
        let message = MessageParser::default().parse(bytes).unwrap();
        let one = |list: Option<&mail_parser::Address<'_>>| {
            let all: Vec<_> = list.unwrap().iter().collect();
            assert_eq!(all.len(), 1, "one address");
            let name = all[0].name().unwrap_or_default().to_owned();
            (name, all[0].address().unwrap().to_owned())
        };
        Read {
            text: message.body_text(0).unwrap().replace("\r\n", "\n"),
            html: message.body_html(0).unwrap().replace("\r\n", "\n"),
            subject: message.subject().unwrap().to_owned(),
            from: one(message.from()),
            to: one(message.to()).1,
            raw: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    /// The only header of this name, as it was sent.
    pub fn header(&self, name: &str) -> Option<String> {
        let (head, _) = self.raw.split_once("\r\n\r\n").unwrap();
        let lines = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let found: Vec<&str> = lines
            .split("\r\n")
            .filter(|line| {
                line.to_lowercase()
                    .starts_with(&format!("{}:", name.to_lowercase()))
            })
            .collect();
        assert!(found.len() <= 1, "{found:?}");
        let (_, value) = found.first()?.split_once(':')?;
        Some(value.trim().to_owned())
    }
}

/// Runs the whole contract on one place.
pub async fn keep(place: &dyn Place) {
    a_mail_arrives_whole_with_our_headers(place).await;
    a_mail_sent_again_is_the_same(place).await;
    a_long_link_is_not_cut(place).await;
    a_hostile_name_adds_no_header_and_no_recipient(place).await;
    a_text_message_is_no_mail(place).await;
}

async fn last(place: &dyn Place) -> Read {
    Read::of(place.arrived().await.last().unwrap())
}

async fn a_mail_arrives_whole_with_our_headers(place: &dyn Place) {
    place.post().send(&mail("whole", LINK)).await.unwrap();
    let bytes = place.arrived().await.pop().unwrap();
    let read = Read::of(&bytes);
    assert_eq!(read.subject, "[LEIA] Choisir un nouveau mot de passe, été");
    assert_eq!(
        read.from,
        ("LEIA – comptes".to_owned(), "no-reply@leia.example".to_owned())
    );
    assert_eq!(read.to, "camille.dupont@courrier.example");
    assert_eq!(
        read.header("Reply-To").as_deref(),
        Some("assistance@leia.example")
    );
    assert_eq!(read.header("Auto-Submitted").as_deref(), Some("auto-generated"));
    assert_eq!(read.header("X-Auto-Response-Suppress").as_deref(), Some("All"));
    assert_eq!(read.header("Content-Language").as_deref(), Some("fr"));
    assert_eq!(
        read.header("Date").as_deref(),
        Some("Sun, 22 Nov 2026 09:15:00 +0000")
    );
    let id = read.header("Message-ID").unwrap();
    assert!(id.ends_with("@leia.example>"), "{id}");
    assert_eq!(read.header("List-Unsubscribe"), None);
    assert!(read.text.contains(&format!("\n{LINK}\n")), "{}", read.text);
    assert!(read.text.contains("\n.\nMerci."), "{}", read.text);
    assert!(
        read.html.contains(&format!("<a href=\"{LINK}\">{LINK}</a>")),
        "{}",
        read.html
    );
    // As it travels, too, the link is in one piece.
    assert!(read.raw.contains(&format!("\r\n{LINK}\r\n")), "{}", read.raw);
    assert!(read.raw.contains(&format!("href=\"{LINK}\"")), "{}", read.raw);
    let message = MessageParser::default().parse(&bytes).unwrap();
    let kinds: Vec<String> = message
        .parts
        .iter()
        .filter_map(|part| {
            let kind = part.content_type()?;
            Some(format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()))
        })
        .collect();
    assert_eq!(kinds, ["multipart/alternative", "text/plain", "text/html"]);
    let charset = message.parts[1]
        .content_type()
        .unwrap()
        .attribute("charset")
        .unwrap()
        .to_lowercase();
    assert_eq!(charset, "utf-8");
    assert!(matches!(
        message.header("Auto-Submitted"),
        Some(HeaderValue::Text(_))
    ));
}

async fn a_mail_sent_again_is_the_same(place: &dyn Place) {
    place.post().send(&mail("again", LINK)).await.unwrap();
    let first = last(place).await;
    place.post().send(&mail("again", LINK)).await.unwrap();
    assert_eq!(last(place).await.raw, first.raw);
}

async fn a_long_link_is_not_cut(place: &dyn Place) {
    assert!(LINK.len() <= 76 && LONG_LINK.len() > 76);
    place.post().send(&mail("long", LONG_LINK)).await.unwrap();
    let read = last(place).await;
    assert!(
        read.raw.contains("Content-Transfer-Encoding: base64"),
        "{}",
        read.raw
    );
    assert!(read.text.contains(&format!("\n{LONG_LINK}\n")), "{}", read.text);
    assert!(
        read.html.contains(&format!("href=\"{LONG_LINK}\"")),
        "{}",
        read.html
    );
    let mut english = mail("plain", LONG_LINK);
    if let Content::Mail { text, subject, .. } = &mut english.content {
        *text = format!("Open this address:\n\n{LONG_LINK}\n");
        *subject = "[LEIA] Choose a new password".to_owned();
    }
    place.post().send(&english).await.unwrap();
    let read = last(place).await;
    assert!(read.raw.contains(&format!("\r\n{LONG_LINK}\r\n")), "{}", read.raw);
}

async fn a_hostile_name_adds_no_header_and_no_recipient(place: &dyn Place) {
    for hostile in [
        "\r\nBcc: evil@evil.example\r\n",
        "\nX-Evil: 1",
        "a\0b",
        "a\u{2028}b",
        "%0aBcc: evil@evil.example",
        "\"<evil@evil.example>, \"",
    ] {
        let mut letter = mail(hostile, LINK);
        letter.from.name = format!("LEIA{hostile}");
        if let Content::Mail { subject, .. } = &mut letter.content {
            subject.push_str(hostile);
        }
        place.post().send(&letter).await.unwrap();
        let read = last(place).await;
        assert_eq!(read.to, "camille.dupont@courrier.example");
        assert_eq!(read.from.1, "no-reply@leia.example");
        for header in ["Bcc", "Cc", "X-Evil"] {
            assert_eq!(read.header(header), None, "{hostile:?}");
        }
        assert!(!read.subject.contains(['\r', '\n', '\0']), "{:?}", read.subject);
    }
}

async fn a_text_message_is_no_mail(place: &dyn Place) {
    let mut letter = mail("sms", LINK);
    letter.content = Content::Sms { text: "x".to_owned() };
    let before = place.arrived().await.len();
    assert!(
        place
            .post()
            .send(&letter)
            .await
            .is_err_and(|error| !error.may_pass())
    );
    assert_eq!(place.arrived().await.len(), before);
}
