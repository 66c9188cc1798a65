//! Pages around signing in by another server's word: its buttons, the choice among accounts, and why
//! it did not come about (experience §3.2, §3.13 E9).

use serde::Serialize;

use super::Page;
use crate::flows::delegation::Step;

/// Other servers to sign in with, as the login page shows them.
#[derive(Debug, Clone, Default, Serialize)]
pub struct OtherWays {
    /// Above the form.
    pub first: Vec<WayGroup>,
    /// Below it.
    pub after: Vec<WayGroup>,
    /// There is no form: everything stands in `first`.
    pub only: bool,
}

/// Those for the same people.
#[derive(Debug, Clone, Serialize)]
pub struct WayGroup {
    pub audience: WayAudience,
    pub ways: Vec<Way>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WayAudience {
    Families,
    Staff,
    Everybody,
}

#[derive(Debug, Clone, Serialize)]
pub struct Way {
    pub name: String,
    pub url: String,
}

impl OtherWays {
    /// One for everybody.
    pub(super) fn sample_one() -> Vec<WayGroup> {
        vec![WayGroup {
            audience: WayAudience::Everybody,
            ways: vec![Way {
                name: "SSO CAS".to_owned(),
                url: "/cas/login/with/sso".to_owned(),
            }],
        }]
    }

    /// One for each audience.
    pub(super) fn sample_groups() -> Vec<WayGroup> {
        let group = |audience, name: &str, url: &str| WayGroup {
            audience,
            ways: vec![Way {
                name: name.to_owned(),
                url: url.to_owned(),
            }],
        };
        vec![
            group(WayAudience::Families, "ÉduGuichet", "/cas/login/with/guichet"),
            group(WayAudience::Staff, "l’académie", "javascript:alert(1)"),
        ]
    }
}

/// E9: which step of it failed. Nothing on it goes anywhere by itself.
#[derive(Debug, Clone, Serialize)]
pub struct DelegationFailed {
    /// What people call the other server.
    pub name: String,
    pub step: Step,
    /// The reason in the log.
    pub code: String,
    /// Where to go there again, for who wants to.
    pub again: Option<String>,
    /// The login page, where there is another way in.
    pub otherwise: Option<String>,
    /// The name under which the browser keeps the part of the address after #.
    pub fragment: Option<String>,
}

/// The last step of a sign-in elsewhere for a browser that kept the part of the address after #: its
/// script puts it behind the application's address and goes there. Only a script can have kept one.
#[derive(Debug, Clone, Serialize)]
pub struct Onward {
    pub service_name: String,
    /// The application, with the ticket.
    pub url: String,
    /// The name under which it is kept.
    pub fragment: String,
}

/// Every step, with the name that the template knows it by.
const STEPS: [(Step, &str); 11] = [
    (Step::Foreign, "foreign"),
    (Step::Late, "late"),
    (Step::Again, "again"),
    (Step::GivenUp, "given-up"),
    (Step::Withdrawn, "withdrawn"),
    (Step::Silent, "silent"),
    (Step::Unreadable, "unreadable"),
    (Step::Refused, "refused"),
    (Step::Nameless, "nameless"),
    (Step::Unknown, "unknown"),
    (Step::TooMany, "too-many"),
];

/// Several accounts are the person's.
#[derive(Debug, Clone, Serialize)]
pub struct ChooseAccount {
    /// What people call the other server.
    pub name: String,
    pub service_name: Option<String>,
    pub action: String,
    /// The flow's id, repeated by the form.
    pub flow: String,
    pub accounts: Vec<AccountChoice>,
}

#[derive(Debug, Clone, Serialize)]
pub struct AccountChoice {
    pub number: usize,
    pub login: String,
    pub display_name: String,
}

impl Page for DelegationFailed {
    const NAME: &'static str = "delegation_failed";

    fn samples() -> Vec<(&'static str, DelegationFailed)> {
        let samples = STEPS.into_iter().map(|(step, state)| {
            let page = DelegationFailed {
                name: "SSO CAS".to_owned(),
                step,
                code: "DELEGATION_SAMPLE".to_owned(),
                again: (step != Step::Withdrawn).then(|| "/cas/login/with/sso".to_owned()),
                otherwise: (step != Step::Late).then(|| "/cas/login".to_owned()),
                fragment: (step == Step::GivenUp).then(|| "sample".to_owned()),
            };
            (state, page)
        });
        samples.collect()
    }
}

impl Page for Onward {
    const NAME: &'static str = "onward";

    fn samples() -> Vec<(&'static str, Onward)> {
        let plain = Onward {
            service_name: "Carnet de notes".to_owned(),
            // A gallery is looked at: its page goes nowhere.
            url: "#main".to_owned(),
            fragment: "sample".to_owned(),
        };
        vec![("plain", plain)]
    }
}

impl Page for ChooseAccount {
    const NAME: &'static str = "choose_account";

    fn samples() -> Vec<(&'static str, ChooseAccount)> {
        let account = |number, login: &str, display_name: &str| AccountChoice {
            number,
            login: login.to_owned(),
            display_name: display_name.to_owned(),
        };
        let plain = ChooseAccount {
            name: "SSO CAS".to_owned(),
            service_name: None,
            action: "/cas/login/from/valmont/sso/account".to_owned(),
            flow: "sample".to_owned(),
            accounts: vec![
                account(0, "camille.dupont", "Camille Dupont"),
                account(1, "camille.dupont.parent", "<b>Camille Dupont</b>"),
            ],
        };
        let service = ChooseAccount {
            service_name: Some("Carnet de notes".to_owned()),
            ..plain.clone()
        };
        vec![("plain", plain), ("service", service)]
    }
}
