//! The public page (S4-15 to S4-17): sign in, find one's institution, help and guides for each
//! audience. The page of the whole server searches; that of an institution leads to its sign-in.

use serde::Serialize;

use super::Page;
use super::picker::{Choice, Outcome, Picker, Way};

#[derive(Debug, Clone, Serialize)]
pub struct Welcome {
    /// Name of the institution; `None` on the page of the whole server.
    pub institution: Option<String>,
    /// Postcode and town, UAI code: what there is of it.
    pub place: Vec<String>,
    /// The sign-in page, or the picker before it.
    pub sign_in: String,
    /// Help with signing in, when there is a page for it.
    pub trouble: Option<String>,
    /// Guides and other links, by audience, in the order of the configuration.
    pub audiences: Vec<Audience>,
    /// The search for an institution; `None` on an institution's own page.
    pub search: Option<Search>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Search {
    pub way: Way,
    pub query: String,
    pub outcome: Option<Outcome>,
    pub few: Vec<Choice>,
}

/// Links for one kind of people.
#[derive(Debug, Clone, Serialize)]
pub struct Audience {
    pub kind: AudienceKind,
    pub links: Vec<Link>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AudienceKind {
    Everybody,
    Pupils,
    Parents,
    Students,
    Teachers,
    Staff,
}

#[derive(Debug, Clone, Serialize)]
pub struct Link {
    pub name: String,
    pub url: String,
}

impl Page for Welcome {
    const NAME: &'static str = "welcome";

    fn samples() -> Vec<(&'static str, Welcome)> {
        let link = |name: &str| Link {
            name: name.to_owned(),
            url: "https://aide.valmont.example/guide.pdf".to_owned(),
        };
        let audience = |kind| Audience {
            kind,
            links: vec![link("Guide de première connexion"), link("Questions fréquentes")],
        };
        let search = |page: Picker| Search {
            way: Way {
                remember: None,
                fields: Vec::new(),
                ..page.way
            },
            query: page.query,
            outcome: page.outcome,
            few: page.few,
        };
        let picker = |state: &str| {
            let mut samples = Picker::samples().into_iter();
            samples
                .find(|(name, _)| *name == state)
                .map(|(_, page)| search(page))
        };
        let start = Welcome {
            institution: None,
            place: Vec::new(),
            sign_in: "/cas/login".to_owned(),
            trouble: None,
            audiences: vec![audience(AudienceKind::Everybody)],
            search: picker("empty"),
        };
        let few = Welcome {
            search: picker("unknown"),
            audiences: Vec::new(),
            ..start.clone()
        };
        let found = Welcome {
            search: picker("found"),
            ..start.clone()
        };
        let own = Welcome {
            institution: Some("Collège Sophie-Germain".to_owned()),
            place: vec!["77990 Mirefleurs".to_owned(), "0779023D".to_owned()],
            sign_in: "/cas/t/college-germain/login".to_owned(),
            trouble: Some("https://aide.valmont.example/connexion".to_owned()),
            audiences: vec![
                audience(AudienceKind::Pupils),
                audience(AudienceKind::Parents),
                audience(AudienceKind::Students),
                audience(AudienceKind::Teachers),
                audience(AudienceKind::Staff),
            ],
            search: None,
        };
        vec![("start", start), ("few", few), ("found", found), ("own", own)]
    }
}
