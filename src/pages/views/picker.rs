//! The picker “which school or university are you from?” (experience §3.1): remembered choices, the
//! search and what it found. Browsing has pages of its own.

use serde::Serialize;

use super::Page;
use super::session::HiddenField;
use crate::pages::frame::SAMPLE_LOGO;

/// What every page of the picker needs to go on: its addresses and what they repeat.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Way {
    /// The search, by GET; it adds `q` and [`Self::fields`].
    pub search: String,
    /// The first page of browsing, by GET, with everything it repeats; `None` where no institution
    /// has a département.
    pub departments: Option<String>,
    /// What the script asks for suggestions, up to the typed text: `/cas/tenants?lang=fr&q=`.
    pub suggestions: String,
    /// An institution's address is its id, percent-encoded, between these two.
    pub before: String,
    pub after: String,
    /// The institution is looked for to get back into an account.
    pub recovers: bool,
    /// Where choices are remembered and forgotten, by POST; `None` where nothing is remembered.
    pub remember: Option<Remember>,
    /// What every form repeats: the service and how its ticket travels, the language.
    pub fields: Vec<HiddenField>,
}

/// The addresses of the remembered choices.
#[derive(Debug, Clone, Serialize)]
pub struct Remember {
    pub choose: String,
    pub forget: String,
    /// The box was ticked on the page before.
    pub ticked: bool,
}

/// An institution to be chosen. Names repeat by the thousand: the place tells them apart.
#[derive(Debug, Clone, Serialize)]
pub struct Choice {
    pub id: String,
    pub name: String,
    /// Acronym.
    pub short: Option<String>,
    /// Postcode and town, UAI code: what there is of it.
    pub place: Vec<String>,
    /// Whole kilometres from where the person is, when they asked what is near.
    pub kilometres: Option<u64>,
    /// Address of its picture, to be seen beside its name.
    pub logo: Option<String>,
    /// Remembered as the one that is used without asking.
    pub always: bool,
    pub url: String,
}

/// What a search by GET found, or the nearest ones.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    pub kind: OutcomeKind,
    pub total: u64,
    /// Numbers of the first and last shown, from 1.
    pub first: u64,
    pub last: u64,
    pub choices: Vec<Choice>,
    pub previous: Option<String>,
    pub next: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutcomeKind {
    Found,
    /// Nothing holds every word; these come near.
    NearMiss,
    /// Around the place the browser told, nearest first.
    Around,
}

#[derive(Debug, Clone, Serialize)]
pub struct Picker {
    /// The application the person is on the way to, when it is registered.
    pub service_name: Option<String>,
    /// The link named an institution that does not exist.
    pub unknown_asked: bool,
    pub way: Way,
    /// Choices this browser was asked to remember.
    pub recent: Vec<Choice>,
    /// What was searched, an e-mail address cut to what follows the @.
    pub query: String,
    pub outcome: Option<Outcome>,
    /// All institutions, when they are few enough to be shown at once.
    pub few: Vec<Choice>,
}

impl Way {
    pub(super) fn sample(ticked: bool) -> Way {
        let fields = [("service", super::SAMPLE_SERVICE), ("renew", "true")];
        Way {
            search: "/cas/discover".to_owned(),
            departments: Some("/cas/discover/departments?renew=true".to_owned()),
            suggestions: "/cas/tenants?lang=fr&q=".to_owned(),
            before: "/cas/login?renew=true&tenant=".to_owned(),
            after: String::new(),
            recovers: false,
            remember: Some(Remember {
                choose: "/cas/discover/choose".to_owned(),
                forget: "/cas/discover/forget".to_owned(),
                ticked,
            }),
            fields: fields
                .map(|(name, value)| HiddenField {
                    name: name.to_owned(),
                    value: value.to_owned(),
                })
                .into(),
        }
    }
}

impl Choice {
    pub(super) fn sample(name: &str, place: &[&str]) -> Choice {
        let id = place.last().unwrap_or(&"sans-code").to_lowercase();
        Choice {
            name: name.to_owned(),
            short: name.starts_with("Université").then(|| "UVB".to_owned()),
            place: place.iter().map(ToString::to_string).collect(),
            kilometres: None,
            logo: name.starts_with("Université").then(|| SAMPLE_LOGO.to_owned()),
            always: false,
            url: format!("/cas/login?tenant={id}"),
            id,
        }
    }

    pub(super) fn samples() -> Vec<Choice> {
        [
            (
                "Université de Valmont-sur-Brenne",
                &["77990 Valmont-sur-Brenne", "0779123A"][..],
            ),
            ("École primaire publique", &["77990 Autelles", "0779021B"]),
            ("École primaire publique", &["77991 Mirefleurs", "0779022C"]),
            ("Collège « L’Orme » <b>1</b> \u{202e}gauche", &["0779023D"]),
            ("Campus connecté", &[]),
        ]
        .map(|(name, place)| Choice::sample(name, place))
        .into()
    }
}

impl Outcome {
    pub(super) fn sample(kind: OutcomeKind, total: u64, choices: Vec<Choice>) -> Outcome {
        let page = |number: u64| (total > 5).then(|| format!("/cas/discover?q=ecole&page={number}"));
        Outcome {
            kind,
            total,
            first: 1,
            last: choices.len() as u64,
            choices,
            previous: page(1),
            next: page(3),
        }
    }
}

impl Page for Picker {
    const NAME: &'static str = "picker";

    fn samples() -> Vec<(&'static str, Picker)> {
        let empty = Picker {
            service_name: None,
            unknown_asked: false,
            way: Way::sample(false),
            recent: Vec::new(),
            query: String::new(),
            outcome: None,
            few: Vec::new(),
        };
        let found = |kind, total, ticked| {
            let choices = if total == 0 { Vec::new() } else { Choice::samples() };
            Picker {
                way: Way::sample(ticked),
                query: "École \"<b>".to_owned(),
                outcome: Some(Outcome::sample(kind, total, choices)),
                ..empty.clone()
            }
        };
        let mut recent = Picker {
            service_name: Some("Carnet de notes".to_owned()),
            recent: Choice::samples().into_iter().take(2).collect(),
            ..empty.clone()
        };
        recent
            .recent
            .iter_mut()
            .take(1)
            .for_each(|choice| choice.always = true);
        let unknown = Picker {
            unknown_asked: true,
            few: Choice::samples(),
            ..empty.clone()
        };
        let mut around = found(OutcomeKind::Around, 5, false);
        let near = around.outcome.iter_mut().flat_map(|outcome| &mut outcome.choices);
        (0..)
            .zip(near)
            .for_each(|(km, choice)| choice.kilometres = Some(km));
        let mut forgetful = found(OutcomeKind::Found, 5, false);
        forgetful.way.remember = None;
        forgetful.way.departments = None;
        forgetful.way.recovers = true;
        vec![
            ("empty", empty.clone()),
            ("recent", recent),
            ("unknown", unknown),
            ("found", found(OutcomeKind::Found, 5, false)),
            ("many", found(OutcomeKind::Found, 1903, true)),
            ("near-miss", found(OutcomeKind::NearMiss, 5, false)),
            ("around", around),
            ("around-nothing", found(OutcomeKind::Around, 0, false)),
            ("nothing", found(OutcomeKind::Found, 0, true)),
            ("forgetful", forgetful),
        ]
    }

    fn passing(&mut self) -> Option<Vec<&mut String>> {
        // What somebody looks for, or where from, is seldom what others do.
        let is_common = self.recent.is_empty() && self.query.is_empty() && self.outcome.is_none();
        is_common.then(Vec::new)
    }
}
