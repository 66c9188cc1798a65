//! Picture and sound of a challenge, and what a page shows of it. They spend nothing and tell nobody
//! anything who does not hold the challenge; judging an answer is the business of the form's endpoint.

use axum::body::Body;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};

use crate::guard::captcha::{Challenge, Given, HEIGHT, Medium, Shown, WIDTH};
use crate::http::answer::{Answer, trouble};
use crate::http::later;
use crate::http::visit::Visit;
use crate::pages::views::captcha::{Captcha, Outcome, Proof};
use crate::pages::views::trouble::TroubleKind;

/// The picture or the sound of the challenge that the path names.
pub async fn show(visit: Visit, id: Option<String>, medium: Medium) -> Answer {
    let captcha = &visit.app.ports.captcha;
    match captcha.show(id.as_deref().unwrap_or_default(), medium).await {
        Shown::Made(bytes) => {
            let (kind, name) = match medium {
                Medium::Picture => ("image/png", "inline"),
                // Opened by the link beside the player, it is played, not saved under our id.
                Medium::Sound => ("audio/wav", "inline; filename=\"captcha.wav\""),
            };
            let mut answer = Response::new(Body::from(bytes));
            let headers = answer.headers_mut();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static(name));
            answer
        }
        Shown::Gone => trouble(&visit, StatusCode::NOT_FOUND, TroubleKind::NotFound, None),
        Shown::Busy => {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            let mut answer = trouble(&visit, status, TroubleKind::Unavailable, None);
            later::retry_after(&mut answer, later::soon(visit.app.ports.entropy.as_ref()));
            answer
        }
    }
}

/// What the form brought of the challenge it showed.
pub fn given(visit: &Visit) -> Given<'_> {
    let text = |name| visit.params.first(name).ok().flatten().unwrap_or_default();
    Given {
        id: text("captcha"),
        typed: text("captcha-answer"),
        work: text("captcha-work"),
    }
}

/// Whether the person asked for another picture by the form's button: the form is shown again with
/// what was typed and a fresh challenge, and nothing is judged.
pub fn another(visit: &Visit) -> bool {
    matches!(visit.params.first("captcha-other"), Ok(Some(_)))
}

/// The challenge as the component `components/captcha.html` shows it.
pub fn shown(visit: &Visit, challenge: Challenge, outcome: Outcome) -> Captcha {
    let at = |what: &str| visit.endpoint(&format!("captcha/{}/{what}", challenge.id));
    Captcha {
        picture: at("picture"),
        sound: at("sound"),
        width: WIDTH,
        height: HEIGHT,
        proof: challenge.work.map(|work| Proof {
            salt: work.salt,
            bits: work.bits,
        }),
        id: challenge.id,
        outcome,
    }
}
