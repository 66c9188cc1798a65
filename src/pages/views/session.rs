//! Pages about the session: signed in, signing out, signed out, and the halt before an application
//! opens (experience §3.2; CAS-16, CAS-49 to CAS-51, CAS-66, CAS-71, CAS-184 to CAS-186).

use serde::Serialize;

use super::Page;

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
}

#[derive(Debug, Clone, Serialize)]
pub struct ServiceLink {
    pub name: String,
    pub url: String,
}

/// “You are signed out.”
#[derive(Debug, Clone, Serialize)]
pub struct SignedOut {
    /// Applications that were told.
    pub services_told: u64,
    /// Only an address the registry knows (CAS-186).
    pub continue_to: Option<ServiceLink>,
    /// Other servers by whose word the session was opened, and where one signs out there.
    pub elsewhere: Vec<ServiceLink>,
    pub sign_in: String,
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
        vec![("plain", plain), ("services", services)]
    }
}

impl Page for SignedOut {
    const NAME: &'static str = "signed_out";

    fn samples() -> Vec<(&'static str, SignedOut)> {
        let plain = SignedOut {
            services_told: 0,
            continue_to: None,
            elsewhere: Vec::new(),
            sign_in: "/cas/login".to_owned(),
        };
        let told = SignedOut {
            services_told: 3,
            continue_to: Some(ServiceLink {
                name: "Carnet de notes".to_owned(),
                url: "https://notes.valmont.example/".to_owned(),
            }),
            ..plain.clone()
        };
        let one = SignedOut {
            services_told: 1,
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
            ("told", told),
            ("one-told", one),
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
