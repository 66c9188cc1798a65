//! A composed mail as the bytes that travel (RFC 5322): headers of our own, text first, and a transfer
//! encoding that leaves links whole. It sends nothing.

use std::time::{Duration, UNIX_EPOCH};

use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, Message, MultiPart, SinglePart};

use super::letter::{Composed, Content, Destination, Sender};
use super::link::LONGEST_UNFOLDED;
use super::post::PostError;
use crate::base::names::EmailAddress;

/// The longest line that may travel as it is (RFC 5321 §4.5.3.1.6, less CR LF).
const LONGEST_LINE: usize = 998;

/// Characters of a name or a subject. A word longer than a line cannot be folded, and some servers refuse
/// the mail (RFC 5322 §2.1.1).
const LONGEST_WORDS: usize = 250;

/// The mail, ASCII throughout. A letter that is no mail, or that holds what no header may, is
/// refused for good.
pub fn bytes(composed: &Composed) -> Result<Vec<u8>, PostError> {
    let (Destination::Mail(to), Content::Mail { subject, text, html }) = (&composed.to, &composed.content)
    else {
        return Err(PostError::Refused("not a mail".to_owned()));
    };
    let from = &composed.from;
    let mut builder = Message::builder()
        .date(UNIX_EPOCH + Duration::from_millis(composed.written.0))
        .message_id(Some(format!(
            "<{}@{}>",
            composed.message_id.as_str(),
            from.address.domain()
        )))
        .from(named(from)?)
        .to(mailbox(None, to)?)
        .subject(one_line(subject));
    if let Some(reply_to) = &from.reply_to {
        builder = builder.reply_to(mailbox(None, reply_to)?);
    }
    for (name, value) in [
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "All"),
        ("Content-Language", composed.locale.as_str()),
    ] {
        builder = builder.raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str(name),
            value.to_owned(),
        ));
    }
    let html = ascii_html(html);
    let parts = MultiPart::alternative()
        .boundary(format!("=_{}", composed.message_id.as_str()))
        .singlepart(part(ContentType::TEXT_PLAIN, text))
        .singlepart(part(ContentType::TEXT_HTML, &html));
    let message = builder.multipart(parts);
    let message = message.map_err(|_| PostError::Refused("a header is missing".to_owned()))?;
    Ok(message.formatted())
}

fn named(from: &Sender) -> Result<Mailbox, PostError> {
    mailbox(Some(one_line(&from.name)), &from.address)
}

fn mailbox(name: Option<String>, address: &EmailAddress) -> Result<Mailbox, PostError> {
    let address = address.envelope().parse();
    let address = address.map_err(|_| PostError::Refused("an address is not one".to_owned()))?;
    Ok(Mailbox::new(name.filter(|name| !name.is_empty()), address))
}

/// Without anything that could end a header (SEC-39), and no longer than a line may be without a blank.
fn one_line(text: &str) -> String {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let text = text.chars().take(LONGEST_WORDS);
    let spaced: String = text.map(|c| if breaks(c) { ' ' } else { c }).collect();
    spaced
        .split(' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
        // Readers would decode it, line ends and all (RFC 2047 §2).
        .replace("=?", "= ?")
}

fn part(kind: ContentType, text: &str) -> SinglePart {
    let encoding = encoding(text);
    let body = if encoding == ContentTransferEncoding::SevenBit {
        // As it is: lettre would encode lines of more than 76 characters, and cut links.
        let lines: String = text.lines().map(|line| format!("{line}\r\n")).collect();
        Body::dangerous_pre_encoded(lines.into_bytes(), encoding)
    } else {
        let body = Body::new_with_encoding(text.to_owned(), encoding);
        body.unwrap_or_else(|_| Body::new(text.to_owned()))
    };
    SinglePart::builder().content_type(kind).body(body)
}

/// 7bit where the text is ASCII; quoted-printable where no line with a link would be cut by it, since
/// some software reads links before it decodes (SEC-34); else base64, which every reader must decode.
fn encoding(text: &str) -> ContentTransferEncoding {
    let plain = |c: char| c.is_ascii_graphic() || matches!(c, ' ' | '\t' | '\n');
    if text.chars().all(plain) && text.lines().all(|line| line.len() <= LONGEST_LINE) {
        return ContentTransferEncoding::SevenBit;
    }
    let links = text.lines().filter(|line| line.contains("://"));
    if links.into_iter().all(|line| line.len() <= LONGEST_UNFOLDED) {
        ContentTransferEncoding::QuotedPrintable
    } else {
        ContentTransferEncoding::Base64
    }
}

/// HTML that says the same in ASCII: other characters by their numbers, so that it travels as it is.
fn ascii_html(html: &str) -> String {
    let mut ascii = String::with_capacity(html.len() + 64);
    for c in html.chars() {
        if c.is_ascii() {
            ascii.push(c);
        } else {
            ascii.push_str(&format!("&#{};", u32::from(c)));
        }
    }
    ascii
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_is_the_first_that_leaves_links_whole() {
        // SEC-34
        let link = |length: usize| format!("https://{}", "a".repeat(length - 8));
        let french = |length| format!("Ouvrez l’adresse\u{202f}:\n\n{}\n", link(length));
        assert_eq!(
            encoding(&format!("Open\n{}\n", link(120))),
            ContentTransferEncoding::SevenBit
        );
        assert_eq!(encoding(&french(76)), ContentTransferEncoding::QuotedPrintable);
        assert_eq!(encoding(&french(77)), ContentTransferEncoding::Base64);
        let body = Body::new_with_encoding(french(76), encoding(&french(76))).unwrap();
        let sent = String::from_utf8(body.into_vec()).unwrap();
        assert!(sent.lines().any(|line| line == link(76)), "{sent}");
    }

    #[test]
    fn a_header_value_is_one_line() {
        // SEC-39
        assert_eq!(one_line("a\r\nBcc: b\0c\u{2028}d"), "a Bcc: b c d");
    }

    #[test]
    fn html_travels_in_ascii() {
        assert_eq!(ascii_html("<p>d’été</p>"), "<p>d&#8217;&#233;t&#233;</p>");
    }
}
