//! Where a person at the picker wants to go: the service on whose way they are, and the addresses
//! that keep it through every step. What can be chosen is the shelf's affair.

use super::super::account;
use super::super::login::{SWITCH, read_request, refuse_service};
use super::Shelf;
use crate::base::names::Locale;
use crate::flows::login::known;
use crate::http::answer::Answer;
use crate::http::visit::{Visit, encoded, with_query};
use crate::pages::views::picker::{Choice, Remember, Way};
use crate::pages::views::session::HiddenField;
use crate::protocol::login_request::LoginRequest;
use crate::realms::Institution;
use crate::services::Service;

/// What an institution is chosen for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// Its sign-in page, then the service.
    SignIn,
    /// Its public page (S4-17).
    Welcome,
    /// Getting back into an account of its.
    Recover,
}

/// The parameter that carries a goal through the pages of the picker.
const GOAL: &str = "to";

impl Goal {
    const ALL: [Goal; 3] = [Goal::SignIn, Goal::Welcome, Goal::Recover];

    /// Its word in addresses: a closed list, so that the picker leads nowhere else. Signing in is the
    /// usual goal and needs none.
    fn word(self) -> Option<&'static str> {
        match self {
            Goal::SignIn => None,
            Goal::Welcome => Some("welcome"),
            Goal::Recover => Some("recover"),
        }
    }

    /// The address of its first step, which `tenant` tells the institution.
    fn step(self) -> &'static str {
        match self {
            Goal::SignIn | Goal::Welcome => "login",
            Goal::Recover => "recover",
        }
    }
}

pub struct Trip<'a> {
    pub visit: &'a Visit,
    pub service: Option<&'a Service>,
    pub language: Locale,
    request: LoginRequest,
    goal: Goal,
}

impl<'a> Trip<'a> {
    pub fn new(
        visit: &'a Visit,
        request: LoginRequest,
        service: Option<&'a Service>,
        goal: Goal,
    ) -> Trip<'a> {
        Trip {
            language: visit.locale(None),
            visit,
            service,
            request,
            goal,
        }
    }

    /// Reads the request; a service that nobody registered is refused here, before a choice that
    /// would lead to nothing.
    pub fn read(visit: &'a Visit, goal: Goal) -> Result<Trip<'a>, Box<Answer>> {
        let request = read_request(visit)?;
        let asked = visit.params.first(GOAL).ok().flatten();
        let asked = asked.and_then(|word| Goal::ALL.into_iter().find(|goal| goal.word() == Some(word)));
        let goal = asked.unwrap_or(goal);
        let service = match &request.service {
            None => None,
            Some(url) => match known(&visit.catalogue.services, url, visit.now()) {
                Ok(known) => Some(known.service),
                Err(unknown) => return Err(Box::new(refuse_service(visit, &request, unknown))),
            },
        };
        Ok(Trip::new(visit, request, service, goal))
    }

    /// What can be chosen.
    pub fn shelf(&self) -> Shelf<'a> {
        Shelf::new(&self.visit.catalogue.institutions, self.service)
    }

    pub fn service_name(&self) -> Option<String> {
        let name = self.service.and_then(|service| service.name.get(&self.language));
        name.map(str::to_owned)
    }

    /// Where choosing an institution leads.
    pub fn url_of(&self, id: &str) -> String {
        let (before, after) = self.around_id();
        format!("{before}{}{after}", encoded(id))
    }

    /// Page `number` of what a search finds.
    pub fn search_url(&self, query: &str, number: usize) -> String {
        let mut pairs = self.kept();
        pairs.push(("q", query.to_owned()));
        if number > 1 {
            pairs.push(("page", number.to_string()));
        }
        with_query(&self.search(), &pairs)
    }

    /// The picker with nothing searched, or with the notice that `unknown` is no institution.
    pub fn picker_url(&self, unknown: Option<&str>) -> String {
        let mut pairs = self.kept();
        pairs.extend(unknown.map(|name| ("tenant", name.to_owned())));
        with_query(&self.search(), &pairs)
    }

    /// A step of browsing.
    pub fn browse_url(&self, steps: &[(&'static str, String)]) -> String {
        let mut pairs = self.kept();
        pairs.extend_from_slice(steps);
        with_query(&self.path("discover/departments"), &pairs)
    }

    pub fn choice(&self, institution: &Institution) -> Choice {
        let id = institution.id.as_str();
        Choice {
            id: id.to_owned(),
            name: institution.name.get(&self.language).unwrap_or(id).to_owned(),
            short: institution
                .short_names
                .first()
                .map(|short| short.as_ref().to_owned()),
            place: super::shelf::place(institution),
            kilometres: None,
            logo: self.visit.logo_of(institution),
            always: false,
            url: self.url_of(id),
        }
    }

    pub fn way(&self) -> Way {
        let (before, after) = self.around_id();
        let remembers = self.goal != Goal::Welcome;
        Way {
            search: self.search(),
            departments: self.shelf().has_departements().then(|| self.browse_url(&[])),
            suggestions: self.suggestions(),
            before,
            after,
            recovers: self.goal == Goal::Recover,
            remember: remembers.then(|| Remember {
                choose: self.path("discover/choose"),
                forget: self.path("discover/forget"),
                ticked: self.ticked(),
            }),
            fields: self
                .repeated()
                .into_iter()
                .map(|(name, value)| HiddenField {
                    name: name.to_owned(),
                    value,
                })
                .collect(),
        }
    }

    fn ticked(&self) -> bool {
        self.goal != Goal::Welcome && self.visit.params.switch("remember")
    }

    /// What every step repeats so that the sign-in asks what the first request asked.
    fn repeated(&self) -> Vec<(&'static str, String)> {
        let mut pairs = self.request.repeated();
        pairs.retain(|(name, _)| *name != "tenant");
        if self.request.gateway {
            pairs.push(("gateway", "true".to_owned()));
        }
        if let Ok(Some(lang)) = self.visit.params.first("lang") {
            pairs.push(("lang", lang.to_owned()));
        }
        if self.visit.params.switch(SWITCH) && self.goal == Goal::SignIn {
            pairs.push((SWITCH, "true".to_owned()));
        }
        if account::is_next(self.visit) && self.goal == Goal::SignIn {
            pairs.push((account::NEXT, account::WORD.to_owned()));
        }
        pairs.extend(self.goal.word().map(|word| (GOAL, word.to_owned())));
        pairs
    }

    /// The same with the ticked box, for links between pages of the picker.
    fn kept(&self) -> Vec<(&'static str, String)> {
        let mut pairs = self.repeated();
        if self.ticked() {
            pairs.push(("remember", "true".to_owned()));
        }
        pairs
    }

    fn search(&self) -> String {
        match self.goal {
            Goal::SignIn | Goal::Recover => self.path("discover"),
            Goal::Welcome => self.path("welcome"),
        }
    }

    /// The address of an institution, before and after its id.
    fn around_id(&self) -> (String, String) {
        let mut pairs = self.repeated();
        pairs.retain(|(name, _)| *name != GOAL);
        match self.goal {
            Goal::SignIn | Goal::Recover => {
                pairs.push(("tenant", String::new()));
                (with_query(&self.path(self.goal.step()), &pairs), String::new())
            }
            Goal::Welcome => (self.path("t/"), with_query("/welcome", &pairs)),
        }
    }

    fn suggestions(&self) -> String {
        let mut pairs = vec![("lang", self.language.as_str().to_owned())];
        let service = self.request.service.as_ref();
        pairs.extend(service.map(|service| ("service", service.as_str().to_owned())));
        pairs.push(("q", String::new()));
        with_query(&self.path("tenants"), &pairs)
    }

    /// Never below `/t/<institution>/`: that is what is being chosen.
    fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.visit.app.settings.base)
    }
}
