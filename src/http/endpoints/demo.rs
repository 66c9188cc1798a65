//! `/demo/outbox`: what a demonstration would have mailed. No other server has this page.

use http::StatusCode;

use crate::http::answer::{Answer, page, trouble};
use crate::http::visit::Visit;
use crate::messages::{Composed, Content, Destination};
use crate::pages::views::outbox::{DemoOutbox, KeptLetter, Line};
use crate::pages::views::trouble::TroubleKind;

/// `GET /demo/outbox`.
pub async fn outbox(visit: Visit) -> Answer {
    let Some(kept) = visit.app.ports.recovery.kept.clone() else {
        return trouble(&visit, StatusCode::NOT_FOUND, TroubleKind::NotFound, None);
    };
    let letters = kept.letters();
    let content = DemoOutbox {
        letters: letters.iter().map(|letter| shown(letter)).collect(),
        back: visit.endpoint("login"),
    };
    page(&visit, StatusCode::OK, &content, &visit.frame(None))
}

fn shown(letter: &Composed) -> KeptLetter {
    let to = match &letter.to {
        Destination::Mail(address) => address.as_stored().to_owned(),
        Destination::Sms(number) => number.international().to_owned(),
    };
    let (subject, text) = match &letter.content {
        Content::Mail { subject, text, .. } => (subject.clone(), text),
        Content::Sms { text } => (String::new(), text),
    };
    let lines = text.lines().map(|line| Line {
        text: line.to_owned(),
        is_link: (line.starts_with("https://") || line.starts_with("http://")) && !line.contains(' '),
    });
    KeptLetter {
        to,
        subject,
        lines: lines.collect(),
    }
}
