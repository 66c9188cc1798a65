//! What a load is to be, as a TOML file: who there is, what they do, when they come. It says nothing of
//! the server that bears it.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use anyhow::{anyhow, ensure};
use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::span::{Rate, Share, Span};

/// One seed, one state, one order of arrivals.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    pub seed: u64,
    /// Nobody comes after that.
    pub lasts: Span,
    /// Journeys under way at most; who comes meanwhile waits, and the wait counts.
    #[serde(default = "at_once")]
    pub at_once: usize,
    /// How long an answer may take before it counts as none.
    #[serde(default = "patience")]
    pub patience: Span,
    /// Whether connections are kept, as behind a proxy, or new for each request.
    #[serde(default)]
    pub connections: Connections,
    /// The port on this machine where a portal gets its proxy-granting tickets.
    #[serde(default = "callback")]
    pub callback: u16,
    pub realms: Vec<Realm>,
    pub crowds: Vec<Crowd>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Connections {
    #[default]
    Kept,
    New,
}

/// People of one directory.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Realm {
    pub id: String,
    pub people: usize,
    /// Applications that its people enter.
    #[serde(default = "services")]
    pub services: usize,
    /// What the address of the sign-in page says of it, `tenant=…`; nothing where there is one realm.
    pub tenant: Option<String>,
}

/// Who comes, from where, to do what.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crowd {
    pub name: String,
    pub realm: Spanned<String>,
    /// How many of the realm's people belong to it; all by default.
    pub people: Option<usize>,
    pub arrivals: Arrivals,
    /// What is done, and how often beside the rest.
    pub mix: Spanned<BTreeMap<Scenario, f64>>,
    /// Sign-ins with a wrong password first.
    #[serde(default)]
    pub wrong_password: Share,
    /// The one address that all come from, as X-Forwarded-For tells it; each person has one of his own
    /// without it.
    pub from: Option<IpAddr>,
    #[serde(default)]
    pub lifetimes: Lifetimes,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arrivals {
    pub shape: Shape,
    /// Journeys that begin in a second, on average.
    pub rate: Rate,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// Each as far from the next.
    Even,
    /// Independent of each other.
    Poisson,
    /// Independent, and most around the bell that rings in the middle (reliability §3.3).
    Bell,
}

/// What somebody does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scenario {
    /// Page, form, validation of the ticket.
    SignIn,
    /// One more application by an open session, and the validation.
    ReEntry,
    /// Sign-in to the realm's first application, its call-back, three applications behind it, sign-out.
    Portal,
    /// A forgotten password: form, letter, link, new password, sign-in.
    Reset,
    /// One password tried on one account after the other.
    Spray,
}

/// How long people go on after their sign-in, by weight: a minute, five, two hours as 7:2:1 at Lafayette
/// College (reliability §1.1).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lifetimes {
    pub spans: Vec<Span>,
    pub weights: Vec<f64>,
    /// Who signs out at the end.
    pub sign_out: Share,
}

impl Default for Lifetimes {
    fn default() -> Lifetimes {
        Lifetimes {
            spans: [60, 300, 7200]
                .map(|seconds| Span(Duration::from_secs(seconds)))
                .to_vec(),
            weights: vec![7.0, 2.0, 1.0],
            sign_out: Share(0.25),
        }
    }
}

fn at_once() -> usize {
    500
}

fn services() -> usize {
    10
}

fn callback() -> u16 {
    8499
}

fn patience() -> Span {
    Span(Duration::from_secs(10))
}

/// More journeys than that in one run are a mistake.
const MOST: f64 = 5e6;

impl Profile {
    /// Reads a profile; what is wrong with it is told with its line.
    pub fn parse(text: &str) -> anyhow::Result<Profile> {
        let profile: Profile = toml::from_str(text).map_err(|error| anyhow!("{error}"))?;
        let line = |at: usize| text[..at].matches('\n').count() + 1;
        ensure!(
            !profile.crowds.is_empty(),
            "a profile without [[crowds]]: nobody comes"
        );
        for crowd in &profile.crowds {
            let at = line(crowd.realm.span().start);
            let name = crowd.realm.get_ref();
            ensure!(
                profile.realms.iter().any(|realm| realm.id == *name),
                "line {at}: crowd “{}” is of realm “{name}”, which no [[realms]] is",
                crowd.name
            );
            let weights = crowd.mix.get_ref().values();
            let right = weights.clone().all(|weight| *weight >= 0.0 && weight.is_finite());
            ensure!(
                right && weights.sum::<f64>() > 0.0,
                "line {}: the mix of crowd “{}” needs a weight above 0, and none below",
                line(crowd.mix.span().start),
                crowd.name
            );
            let lifetimes = &crowd.lifetimes;
            ensure!(
                !lifetimes.spans.is_empty() && lifetimes.spans.len() == lifetimes.weights.len(),
                "crowd “{}”: as many weights as spans of lifetimes, and at least one",
                crowd.name
            );
        }
        ensure!(
            profile.journeys() <= MOST,
            "{:.0} journeys are too many: at most {MOST}",
            profile.journeys()
        );
        ensure!(
            profile
                .realms
                .iter()
                .all(|realm| realm.people > 0 && realm.services > 0),
            "a realm needs people and services"
        );
        Ok(profile)
    }

    /// Whether anybody does this.
    pub fn has(&self, scenario: Scenario) -> bool {
        let mut mixes = self.crowds.iter().map(|crowd| crowd.mix.get_ref());
        mixes.any(|mix| mix.get(&scenario).is_some_and(|weight| *weight > 0.0))
    }

    /// How many begin, on average.
    pub fn journeys(&self) -> f64 {
        let rates = self.crowds.iter().map(|crowd| crowd.arrivals.rate.0);
        rates.sum::<f64>() * self.lasts.0.as_secs_f64()
    }
}
