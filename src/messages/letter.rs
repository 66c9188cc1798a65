//! A letter before and after it is put into words. It has exactly one recipient, a sender from the
//! configuration and an id that a second sending has again.

use data_encoding::BASE32_NOPAD;
use ring::digest;
use serde::{Deserialize, Serialize};

use super::notice::Notice;
use crate::base::clock::Timestamp;
use crate::base::names::{EmailAddress, InstitutionId, Locale, PhoneNumber, RealmId, ThemeName};

/// A notice for somebody, not yet in words.
pub struct Letter<'a> {
    pub to: &'a Destination,
    pub from: &'a Sender,
    /// The language of the page that asked, else of the person's entry, else of the realm (S2-11).
    pub locale: &'a Locale,
    pub notice: &'a Notice,
    pub message_id: &'a MessageId,
    /// Its `Date`: when the notice was written, not when it leaves.
    pub written: Timestamp,
}

/// Where a letter goes: one recipient, read from the directory (SEC-40).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Destination {
    Mail(EmailAddress),
    Sms(PhoneNumber),
}

/// Who writes, as configured for a realm and an institution, in the language of the letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sender {
    pub realm: RealmId,
    pub institution: Option<InstitutionId>,
    /// Before the address in `From`: « LEIA – comptes ».
    pub name: String,
    /// `From` and the envelope's sender.
    pub address: EmailAddress,
    pub reply_to: Option<EmailAddress>,
    /// In brackets at the start of every subject.
    pub brand: String,
    /// The subject of a reset mail, when it is not the theme's (S3-13).
    pub reset_subject: Option<String>,
    /// The same for a letter with forgotten identifiers.
    #[serde(default)]
    pub username_subject: Option<String>,
    /// At the end of every text; the brand without it.
    pub signature: Option<String>,
    pub support: Support,
    pub theme: Option<ThemeName>,
    /// IANA name of the zone in which moments are told.
    pub time_zone: String,
    /// Host of the pages, for the last line of a text message with a code.
    pub host: String,
}

/// Whom people ask (S1-23).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Support {
    pub name: Option<String>,
    pub mail: Option<String>,
    /// Questions and answers: http or https.
    pub faq: Option<String>,
    pub phone: Option<String>,
}

/// What names one letter, however often it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MessageId(String);

impl MessageId {
    /// The id of what `parts` name together (the nonce of a request, what the letter is, whom it goes
    /// to): the same parts give the same id on every node, and the id tells none of them.
    pub fn of(parts: &[&[u8]]) -> MessageId {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(b"mereau message id v1");
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let whole = context.finish();
        let short = whole.as_ref().get(..20).unwrap_or_default();
        MessageId(BASE32_NOPAD.encode(short).to_ascii_lowercase())
    }

    /// The part before the @: 32 letters and digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A letter in words, ready to leave. It holds what it tells: nothing prints it.
#[derive(Clone)]
pub struct Composed {
    pub to: Destination,
    pub from: Sender,
    pub locale: Locale,
    pub message_id: MessageId,
    pub written: Timestamp,
    pub content: Content,
}

/// The words.
#[derive(Clone)]
pub enum Content {
    /// Text and HTML say the same, with the same links.
    Mail {
        subject: String,
        text: String,
        html: String,
    },
    /// At most 160 characters of the GSM alphabet.
    Sms { text: String },
}

impl Composed {
    /// `letter` in the words of `content`.
    pub fn of(letter: &Letter<'_>, content: Content) -> Composed {
        Composed {
            to: letter.to.clone(),
            from: letter.from.clone(),
            locale: letter.locale.clone(),
            message_id: letter.message_id.clone(),
            written: letter.written,
            content,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_letter_is_that_of_what_it_answers() {
        let id = |parts: &[&[u8]]| MessageId::of(parts);
        assert_eq!(id(&[b"nonce", b"a"]), id(&[b"nonce", b"a"]));
        assert_ne!(id(&[b"nonce", b"a"]), id(&[b"nonc", b"ea"]));
        let id = id(&[b"nonce"]);
        assert_eq!(id.as_str().len(), 32);
        assert!(id.as_str().chars().all(|c| c.is_ascii_alphanumeric()));
    }
}
