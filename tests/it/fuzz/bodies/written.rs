//! What is written around the words of strangers: pages and mails. Words stay words.

use std::sync::OnceLock;

use mereau::base::clock::Timestamp;
use mereau::base::names::{EmailAddress, Locale, RealmId};
use mereau::messages::mime;
use mereau::messages::{Composed, Content, Destination, MessageId, Sender, Support};
use mereau::pages::views::login::{Confirm, Login};
use mereau::pages::{Banner, Contact, Frame, Page, Themes};

use super::parts;

/// Lines: what was typed as the username, the name of the service, the name of the place, an announcement,
/// a service URL, a link. Whatever they are, the page has the same tags with the same attributes, and one from
/// memory is the one that would be made.
pub fn template(data: &[u8]) {
    static PLAIN: OnceLock<Vec<String>> = OnceLock::new();
    let plain = PLAIN.get_or_init(|| skeleton(&page(&["a"; 6])));
    let mut words: Vec<&str> = parts(data).take(6).collect();
    words.resize(6, "a");
    // Nothing at all is another page.
    words
        .iter_mut()
        .filter(|word| word.trim().is_empty())
        .for_each(|word| *word = "a");
    assert_eq!(skeleton(&page(words.as_slice().try_into().unwrap())), *plain);
    remembered(words[0], words[4], words[5]);
}

fn themes() -> &'static Themes {
    static THEMES: OnceLock<Themes> = OnceLock::new();
    THEMES.get_or_init(|| Themes::built_in().unwrap())
}

/// Only what passes differs: from the third time on the page comes from memory.
fn remembered(typed: &str, service: &str, code: &str) {
    let pages = themes().of(None);
    let (_, sample) = Login::samples().remove(0);
    let french = Locale::french();
    let (_, frame) = Frame::samples(&french, std::slice::from_ref(&french)).remove(0);
    for typed in ["a", "b", typed] {
        let (mut login, mut frame) = (sample.clone(), frame.clone());
        typed.clone_into(&mut login.username);
        code.clone_into(&mut frame.support_code);
        login.service = Some(service.to_owned());
        let made = pages.render(&login, &frame).expect("a page");
        let shown = pages.render_known(&mut login, &mut frame).expect("a page");
        assert_eq!(shown, made);
    }
}

fn page(words: &[&str; 6]) -> String {
    let [typed, service_name, place, banner, service, link] = words.map(str::to_owned);
    let (_, login) = Login::samples()
        .into_iter()
        .find(|(state, _)| *state == "links")
        .unwrap();
    let login = Login {
        username: typed.clone(),
        service: Some(service.clone()),
        service_name: Some(service_name),
        username_hint: Some(typed.clone()),
        confirm: Some(Confirm {
            username: typed,
            not_me: link,
        }),
        ..login
    };
    let french = Locale::french();
    let (_, frame) = Frame::samples(&french, std::slice::from_ref(&french)).remove(0);
    let frame = Frame {
        place: place.clone(),
        banner: Some(Banner {
            text: banner,
            until: None,
        }),
        contact: Some(Contact {
            name: place,
            ..Contact::default()
        }),
        ..frame
    };
    themes().of(None).render(&login, &frame).expect("a page")
}

/// The tags of a page with the names of their attributes. Fails where a browser would see something else:
/// an attribute that is not quoted, a comment, a tag that does not end.
fn skeleton(html: &str) -> Vec<String> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some((_, after)) = rest.split_once('<') {
        let mut tag = String::new();
        let mut quote = None;
        let mut end = None;
        for (at, c) in after.char_indices() {
            match (quote, c) {
                (Some(open), c) if c == open => quote = None,
                (Some(_), _) => {}
                (None, '"' | '\'') => quote = Some(c),
                (None, '>') => {
                    end = Some(at);
                    break;
                }
                (None, c) => tag.push(c),
            }
        }
        rest = &after[end.expect("a tag ends") + 1..];
        tags.push(tag);
    }
    tags
}

/// Lines: the sender's name, the subject, the text, the HTML. Whatever they are, the mail has the headers
/// that it has to have, each once, and one recipient (SEC-39).
#[allow(clippy::too_many_lines, reason = "one letter and what it must keep")]
pub fn mail_headers(data: &[u8]) {
    let mut lines = parts(data).map(|line| line.replace('\u{b6}', "\n"));
    let mut next = || lines.next().unwrap_or_default();
    let (name, subject, text, html) = (next(), next(), next(), next());
    let address = |text: &str| EmailAddress::stored(text).unwrap();
    let composed = Composed {
        to: Destination::Mail(address("anne@campus.example")),
        from: Sender {
            realm: RealmId::new("campus").unwrap(),
            institution: None,
            name,
            address: address("ne-pas-repondre@campus.example"),
            reply_to: Some(address("aide@campus.example")),
            brand: String::new(),
            reset_subject: None,
            username_subject: None,
            signature: None,
            support: Support::default(),
            theme: None,
            time_zone: "Europe/Paris".to_owned(),
            host: "sso.example.org".to_owned(),
        },
        locale: Locale::french(),
        message_id: MessageId::of(&[b"fuzz"]),
        written: Timestamp(1_795_000_000_000),
        content: Content::Mail { subject, text, html },
    };
    let bytes = mime::bytes(&composed).expect("a mail");
    let mail = String::from_utf8(bytes).expect("ASCII");
    assert!(mail.is_ascii());
    let (head, _) = mail.split_once("\r\n\r\n").expect("headers end");
    let bare = mail.replace("\r\n", "");
    assert!(!bare.contains(['\r', '\n']), "a bare line end");
    let names: Vec<&str> = head
        .split("\r\n")
        .filter(|line| !line.starts_with([' ', '\t']))
        .map(|line| line.split_once(':').expect("a header").0)
        .collect();
    let expected = [
        "Date",
        "Message-ID",
        "From",
        "To",
        "Subject",
        "Reply-To",
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
        "Content-Language",
        "MIME-Version",
        "Content-Type",
    ];
    let sorted = |mut names: Vec<&str>| {
        names.sort_unstable();
        names.join(" ")
    };
    assert_eq!(sorted(names), sorted(expected.to_vec()), "{head}");
    let to = head.split("\r\n").find(|line| line.starts_with("To:"));
    assert_eq!(to, Some("To: anne@campus.example"));
    let longest = head.split("\r\n").map(str::len).max();
    assert!(longest <= Some(998), "{longest:?}");
    let boundary = format!("--=_{}", composed.message_id.as_str());
    let parts = mail.matches(&boundary).count();
    assert!(parts >= 3, "two parts and an end");
}
