//! Browsing instead of searching (experience §2.3): départements, the towns of one, the institutions
//! of a town. Plain pages of links.

use serde::Serialize;

use super::Page;
use super::picker::{Choice, Outcome, OutcomeKind, Way};

#[derive(Debug, Clone, Serialize)]
pub struct Browse {
    pub service_name: Option<String>,
    pub way: Way,
    /// Back to the search.
    pub picker: String,
    /// The département that was chosen: its name and the list of its towns.
    pub department: Option<Step>,
    /// The town that was chosen.
    pub town: Option<Step>,
    /// Départements or towns, in groups.
    pub groups: Vec<Group>,
    /// The institutions of a town.
    pub outcome: Option<Outcome>,
}

/// A step back on the way. A name that is missing stands for institutions that tell no such place.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    pub name: Option<String>,
    pub url: String,
}

/// Links under one heading, which a short list does without.
#[derive(Debug, Clone, Serialize)]
pub struct Group {
    pub heading: Option<String>,
    pub places: Vec<Place>,
}

/// A département or a town and how many institutions it has.
#[derive(Debug, Clone, Serialize)]
pub struct Place {
    /// `77`; towns have none.
    pub code: Option<String>,
    pub name: Option<String>,
    pub count: u64,
    pub url: String,
}

impl Place {
    fn sample(code: Option<&str>, name: &str, count: u64) -> Place {
        Place {
            code: code.map(str::to_owned),
            name: (!name.is_empty()).then(|| name.to_owned()),
            count,
            url: "/cas/discover/departments?department=77".to_owned(),
        }
    }
}

impl Page for Browse {
    const NAME: &'static str = "browse";

    fn samples() -> Vec<(&'static str, Browse)> {
        let step = |name: &str| {
            Some(Step {
                name: (!name.is_empty()).then(|| name.to_owned()),
                url: "/cas/discover/departments?department=77".to_owned(),
            })
        };
        let group = |heading: Option<&str>, places| Group {
            heading: heading.map(str::to_owned),
            places,
        };
        let departments = vec![
            Place::sample(Some("01"), "Ain", 1),
            Place::sample(Some("77"), "Seine-et-Marne", 912),
            Place::sample(Some("2A"), "Corse-du-Sud", 88),
            Place::sample(None, "", 3),
        ];
        let towns = vec![
            group(Some("A"), vec![Place::sample(None, "Autelles", 12)]),
            group(Some("V"), vec![Place::sample(None, "Valmont-sur-Brenne <b>", 1)]),
        ];
        let start = Browse {
            service_name: Some("Carnet de notes".to_owned()),
            way: Way::sample(false),
            picker: "/cas/discover".to_owned(),
            department: None,
            town: None,
            groups: vec![group(None, departments)],
            outcome: None,
        };
        let in_department = Browse {
            service_name: None,
            department: step("Seine-et-Marne"),
            groups: towns,
            ..start.clone()
        };
        let in_town = Browse {
            town: step("Autelles"),
            groups: Vec::new(),
            outcome: Some(Outcome::sample(OutcomeKind::Found, 5, Choice::samples())),
            ..in_department.clone()
        };
        let elsewhere = Browse {
            department: step(""),
            town: step(""),
            ..in_town.clone()
        };
        let nowhere = Browse {
            groups: Vec::new(),
            ..start.clone()
        };
        vec![
            ("departments", start),
            ("towns", in_department),
            ("institutions", in_town),
            ("elsewhere", elsewhere),
            ("nothing", nowhere),
        ]
    }
}
