//! Pages for what went wrong on the way: one sentence, one next step, the support code
//! (experience §3.13).

use serde::Serialize;

use super::Page;
use crate::base::clock::Timestamp;

#[derive(Debug, Clone, Serialize)]
pub struct Trouble {
    #[serde(flatten)]
    pub kind: TroubleKind,
    /// Where to try again, when that can help.
    pub retry: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum TroubleKind {
    /// E7: 404.
    NotFound,
    /// E6: 503, the directory or the store does not answer.
    Unavailable,
    /// 503: this node has more to do than it can; come back.
    Busy,
    /// E5: 429; `until` is shown when the wait is a minute or more, else the seconds.
    TooMany { wait_seconds: u64, until: Timestamp },
    /// The application sends the browser back as fast as it gets it (F-06).
    Looping { service: String },
    /// E8: the cookie did not come back.
    Cookies,
    /// 400: the request makes no sense.
    BadRequest,
    /// 405, 413, 414…: a request no link or form of ours makes.
    NotAllowed,
    /// E3: no institution can be chosen: none is open to the service, or there is none at all.
    NoInstitution { service: Option<String> },
    /// 410: the institution is closed; whom to ask stands below.
    Closed { institution: String },
    /// E11: the server was called by another name than its own.
    Address { seen: String },
    /// 500: the cause is in the log under the support code.
    Incident,
}

impl Trouble {
    pub fn new(kind: TroubleKind) -> Trouble {
        Trouble { kind, retry: None }
    }
}

impl Page for Trouble {
    const NAME: &'static str = "trouble";

    fn samples() -> Vec<(&'static str, Trouble)> {
        let again = |kind| Trouble {
            kind,
            retry: Some("/cas/login?service=https%3A%2F%2Fnotes.valmont.example%2F".to_owned()),
        };
        let wait = |wait_seconds| TroubleKind::TooMany {
            wait_seconds,
            until: super::SAMPLE_MOMENT,
        };
        let none = |service| TroubleKind::NoInstitution { service };
        let looping = TroubleKind::Looping {
            service: "Carnet de notes".to_owned(),
        };
        let address = TroubleKind::Address {
            seen: "10.0.0.7:8080".to_owned(),
        };
        vec![
            ("not-found", Trouble::new(TroubleKind::NotFound)),
            ("unavailable", again(TroubleKind::Unavailable)),
            ("busy", again(TroubleKind::Busy)),
            ("too-many-seconds", again(wait(20))),
            ("too-many", again(wait(300))),
            ("cookies", again(TroubleKind::Cookies)),
            ("bad-request", Trouble::new(TroubleKind::BadRequest)),
            ("not-allowed", Trouble::new(TroubleKind::NotAllowed)),
            ("no-institution", Trouble::new(none(None))),
            (
                "none-for-service",
                Trouble::new(none(Some("Carnet de notes".to_owned()))),
            ),
            (
                "closed",
                Trouble::new(TroubleKind::Closed {
                    institution: "École du Vieux-Pont".to_owned(),
                }),
            ),
            ("looping", Trouble::new(looping)),
            ("address", Trouble::new(address)),
            ("incident", again(TroubleKind::Incident)),
        ]
    }
}
