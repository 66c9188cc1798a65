//! Pages about the session: signed in, signing out, signed out, and the halt before an application
//! opens (experience §3.2; CAS-16, CAS-49 to CAS-51, CAS-66, CAS-71, CAS-184 to CAS-186).

use serde::Serialize;

use super::{Page, SAMPLE_MOMENT};
use crate::base::clock::Timestamp;

/// “You are signed in as …”: no service was asked for.
#[derive(Debug, Clone, Serialize)]
pub struct SignedIn {
    pub username: String,
    /// Name for people, when the directory has one.
    pub display_name: Option<String>,
    /// Applications that may be opened from here.
    pub services: Vec<ServiceLink>,
    /// Where the sign-out form posts to.
    pub sign_out: String,
    /// Goes with the form as `csrf`.
    pub csrf: Option<String>,
    /// The form in which somebody else signs in; this session ends when they have.
    pub switch: Option<String>,
    /// “My account”.
    pub account: Option<String>,
    /// The password must be another one soon.
    pub ends: Option<PasswordEnds>,
}

/// When a password ends, and where another is chosen.
#[derive(Debug, Clone, Serialize)]
pub struct PasswordEnds {
    pub at: Timestamp,
    /// Whole days until then; 0 on the last one.
    pub days: u64,
    /// `None` where that cannot be done now.
    pub change: Option<String>,
}

/// “Your password ends soon”: told before one goes on (S5-09).
#[derive(Debug, Clone, Serialize)]
pub struct PasswordEnding {
    pub username: String,
    pub ends: PasswordEnds,
    pub service_name: Option<String>,
    pub go_on: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct ServiceLink {
    pub name: String,
    pub url: String,
}

/// “You are signed out.”
#[derive(Debug, Clone, Serialize)]
pub struct SignedOut {
    /// Applications that the person had opened, and whether they have been told.
    pub applications: Vec<Application>,
    /// Whether one of them could not be told.
    pub one_stays: bool,
    /// Some are still being told: where to look again. That page ends nothing.
    pub look_again: Option<String>,
    /// Addresses that this browser loads unseen, each once, to tell an application.
    pub frames: Vec<String>,
    /// Only an address the registry knows (CAS-186).
    pub continue_to: Option<ServiceLink>,
    /// Other servers by whose word the session was opened, and where one signs out there.
    pub elsewhere: Vec<ServiceLink>,
    pub sign_in: String,
}

/// An application by its name; its address stands on no page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Application {
    pub name: String,
    pub told: ApplicationTold,
}

/// How far the news has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApplicationTold {
    Underway,
    Yes,
    No,
    /// By this browser, which hears no answer.
    ByBrowser,
}

/// “Do you want to sign out?”, where an institution asks first.
#[derive(Debug, Clone, Serialize)]
pub struct SignOut {
    pub username: String,
    pub action: String,
    pub csrf: Option<String>,
    /// Repeated exactly as asked.
    pub service: Option<String>,
    pub cancel: String,
}

/// The halt before an application opens, for those who asked to be warned.
#[derive(Debug, Clone, Serialize)]
pub struct Warning {
    pub username: String,
    /// Host of the service, as text.
    pub host: String,
    pub service_name: Option<String>,
    pub go_on: GoOn,
    pub cancel: String,
}

/// The way to an application that wants its ticket posted (CAS-26). It has no `Debug`: it holds one.
#[derive(Clone, Serialize)]
pub struct Delivery {
    pub service_name: String,
    /// The application's address; a post goes there, by the script or by the button.
    pub action: String,
    /// `ticket` or `SAMLart`.
    pub parameter: &'static str,
    pub ticket: String,
}

/// How the person goes on.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum GoOn {
    Link {
        url: String,
    },
    /// A POST to `action`; `may_stop` adds the box `stop_warning=true`.
    Form {
        action: String,
        fields: Vec<HiddenField>,
        may_stop: bool,
    },
}

#[derive(Debug, Clone, Serialize)]
pub struct HiddenField {
    pub name: String,
    pub value: String,
}

impl Page for SignedIn {
    const NAME: &'static str = "signed_in";

    fn samples() -> Vec<(&'static str, SignedIn)> {
        let link = |name: &str, url: &str| ServiceLink {
            name: name.to_owned(),
            url: url.to_owned(),
        };
        let plain = SignedIn {
            username: "camille.dupont".to_owned(),
            display_name: None,
            services: Vec::new(),
            sign_out: "/cas/logout".to_owned(),
            csrf: None,
            switch: None,
            account: None,
            ends: None,
        };
        let services = SignedIn {
            display_name: Some("Camille Dupont".to_owned()),
            services: vec![
                link("Carnet de notes", "https://notes.valmont.example/"),
                link("Bibliothèque", "https://biblio.valmont.example/"),
                link("Messagerie", "javascript:alert(1)"),
            ],
            csrf: Some("c0ffee".to_owned()),
            switch: Some("/cas/login?switch=true".to_owned()),
            account: Some("/cas/account".to_owned()),
            ..plain.clone()
        };
        let ending = |days| SignedIn {
            ends: Some(PasswordEnds::sample(days)),
            ..services.clone()
        };
        let (today, soon) = (ending(0), ending(9));
        vec![
            ("plain", plain),
            ("services", services),
            ("ends-today", today),
            ("ends", soon),
        ]
    }
}

impl Page for SignedOut {
    const NAME: &'static str = "signed_out";

    fn samples() -> Vec<(&'static str, SignedOut)> {
        let plain = SignedOut {
            applications: Vec::new(),
            one_stays: false,
            look_again: None,
            frames: Vec::new(),
            continue_to: None,
            elsewhere: Vec::new(),
            sign_in: "/cas/login".to_owned(),
        };
        let application = |name: &str, told| Application {
            name: name.to_owned(),
            told,
        };
        let underway = SignedOut {
            applications: vec![
                application("Carnet de notes", ApplicationTold::Yes),
                application("Bibliothèque", ApplicationTold::Underway),
                application("Messagerie", ApplicationTold::Underway),
            ],
            look_again: Some("/cas/logout/told".to_owned()),
            ..plain.clone()
        };
        let told = SignedOut {
            applications: vec![
                application("Carnet de notes", ApplicationTold::Yes),
                application("Bibliothèque", ApplicationTold::ByBrowser),
            ],
            continue_to: Some(ServiceLink {
                name: "Carnet de notes".to_owned(),
                url: "https://notes.valmont.example/".to_owned(),
            }),
            ..plain.clone()
        };
        let failed = SignedOut {
            applications: vec![
                application("Carnet de notes", ApplicationTold::Yes),
                application("Messagerie", ApplicationTold::No),
            ],
            one_stays: true,
            ..plain.clone()
        };
        let elsewhere = SignedOut {
            elsewhere: vec![ServiceLink {
                name: "SSO CAS".to_owned(),
                url: "https://cas.valmont.example/logout".to_owned(),
            }],
            ..plain.clone()
        };
        vec![
            ("plain", plain),
            ("underway", underway),
            ("told", told),
            ("failed", failed),
            ("elsewhere", elsewhere),
        ]
    }
}

impl Page for SignOut {
    const NAME: &'static str = "sign_out";

    fn samples() -> Vec<(&'static str, SignOut)> {
        let plain = SignOut {
            username: "camille.dupont".to_owned(),
            action: "/cas/logout".to_owned(),
            csrf: None,
            service: None,
            cancel: "/cas/login".to_owned(),
        };
        let service = SignOut {
            csrf: Some("c0ffee".to_owned()),
            service: Some(super::SAMPLE_SERVICE.to_owned()),
            ..plain.clone()
        };
        vec![("plain", plain), ("service", service)]
    }
}

impl Page for Delivery {
    const NAME: &'static str = "delivery";

    fn samples() -> Vec<(&'static str, Delivery)> {
        let plain = Delivery {
            service_name: "Carnet de notes".to_owned(),
            // A gallery is looked at: its page sends nothing.
            action: "#main".to_owned(),
            parameter: "ticket",
            ticket: "ST-sample".to_owned(),
        };
        vec![("plain", plain)]
    }
}

impl Page for Warning {
    const NAME: &'static str = "warning";

    fn samples() -> Vec<(&'static str, Warning)> {
        let link = Warning {
            username: "camille.dupont".to_owned(),
            host: "notes.valmont.example".to_owned(),
            service_name: Some("Carnet de notes".to_owned()),
            go_on: GoOn::Link {
                url: "/cas/login?service=https%3A%2F%2Fnotes.valmont.example%2F&confirmed=1".to_owned(),
            },
            cancel: "/cas/login".to_owned(),
        };
        let form = |may_stop| Warning {
            service_name: None,
            go_on: GoOn::Form {
                action: "/cas/login".to_owned(),
                fields: vec![HiddenField {
                    name: "service".to_owned(),
                    value: super::SAMPLE_SERVICE.to_owned(),
                }],
                may_stop,
            },
            ..link.clone()
        };
        vec![("form", form(false)), ("may-stop", form(true)), ("link", link)]
    }
}

impl PasswordEnds {
    fn sample(days: u64) -> PasswordEnds {
        PasswordEnds {
            at: SAMPLE_MOMENT,
            days,
            change: Some("/cas/login/change".to_owned()),
        }
    }
}

impl Page for PasswordEnding {
    const NAME: &'static str = "password_ending";

    fn samples() -> Vec<(&'static str, PasswordEnding)> {
        let soon = PasswordEnding {
            username: "camille.dupont".to_owned(),
            ends: PasswordEnds::sample(9),
            service_name: Some("Carnet de notes".to_owned()),
            go_on: "/cas/login".to_owned(),
        };
        let with = |ends| PasswordEnding {
            ends,
            service_name: None,
            ..soon.clone()
        };
        let stuck = PasswordEnds {
            change: None,
            ..PasswordEnds::sample(3)
        };
        vec![
            ("tomorrow", with(PasswordEnds::sample(1))),
            ("today", with(PasswordEnds::sample(0))),
            ("stuck", with(stuck)),
            ("soon", soon),
        ]
    }
}
