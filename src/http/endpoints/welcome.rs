//! The public page (S4-15 to S4-17). `/welcome` finds an institution by its name or town and opens
//! its own page, `/t/<institution>/welcome`: sign in, trouble with that, guides by audience.

use http::StatusCode;

use super::discover::{Goal, Lookup, Trip, few, go, looked_up, place};
use crate::base::names::Locale;
use crate::http::answer::{Answer, page, trouble};
use crate::http::layers::MayLocate;
use crate::http::visit::Visit;
use crate::pages::views::trouble::TroubleKind;
use crate::pages::views::welcome::{Audience, AudienceKind, Link, Search, Welcome};
use crate::realms::{self, Guide, Institution};

/// Where every page says whom to ask.
const ASK: &str = "#help";

pub async fn show(visit: Visit) -> Answer {
    match &visit.path_tenant {
        None => of_server(&visit).await,
        Some(name) => match visit.catalogue.institutions.named(name) {
            Some(institution) if institution.is_usable() => of_institution(&visit, institution),
            _ => trouble(&visit, StatusCode::NOT_FOUND, TroubleKind::NotFound, None),
        },
    }
}

fn of_institution(visit: &Visit, institution: &Institution) -> Answer {
    let frame = visit.frame(Some(institution));
    let language = &frame.language;
    let realm = visit.catalogue.realms.get(&institution.realm);
    let help = realm.and_then(|realm| institution.contact(realm).url.clone());
    let content = Welcome {
        institution: institution.name.get(language).map(str::to_owned),
        place: place(institution),
        sign_in: visit.endpoint("login"),
        trouble: Some(help.unwrap_or_else(|| ASK.to_owned())),
        audiences: by_audience(realm.into_iter().flat_map(|realm| &realm.guides), language),
        search: None,
    };
    page(visit, StatusCode::OK, &content, &frame)
}

async fn of_server(visit: &Visit) -> Answer {
    let trip = match Trip::read(visit, Goal::Welcome) {
        Ok(trip) => trip,
        Err(answer) => return *answer,
    };
    let (query, outcome) = match looked_up(&trip).await {
        Lookup::Elsewhere(url) => return go(visit, false, &url),
        Lookup::Nothing => (String::new(), None),
        Lookup::Found(query, outcome) => (query, Some(outcome)),
    };
    let content = Welcome {
        institution: None,
        place: Vec::new(),
        sign_in: visit.endpoint("login"),
        trouble: Some(ASK.to_owned()),
        audiences: by_audience(everybodys_guides(visit), &trip.language),
        search: Some(Search {
            way: trip.way(),
            query,
            few: if outcome.is_none() { few(&trip) } else { Vec::new() },
            outcome,
        }),
    };
    let mut answer = page(visit, StatusCode::OK, &content, &visit.frame(None));
    answer.extensions_mut().insert(MayLocate);
    answer
}

/// The guides that all realms have: what one alone has is on the pages of its institutions.
fn everybodys_guides(visit: &Visit) -> impl Iterator<Item = &Guide> {
    let realms = &visit.catalogue.realms;
    let guides = realms.values().next().into_iter().flat_map(|realm| &realm.guides);
    guides.filter(move |guide| realms.values().all(|realm| realm.guides.contains(guide)))
}

/// Groups in the order of [`realms::Audience`], links as they were written.
fn by_audience<'a>(guides: impl Iterator<Item = &'a Guide>, language: &Locale) -> Vec<Audience> {
    let mut guides: Vec<&Guide> = guides.collect();
    guides.sort_by_key(|guide| guide.audience);
    let groups = guides.chunk_by(|one, next| one.audience == next.audience);
    let link = |guide: &&Guide| Link {
        name: guide.name.get(language).unwrap_or(&guide.url).to_owned(),
        url: guide.url.clone(),
    };
    let group = |guides: &[&Guide]| Audience {
        kind: guides
            .first()
            .map_or(AudienceKind::Everybody, |guide| kind(guide.audience)),
        links: guides.iter().map(link).collect(),
    };
    groups.map(group).collect()
}

fn kind(audience: realms::Audience) -> AudienceKind {
    match audience {
        realms::Audience::Everybody => AudienceKind::Everybody,
        realms::Audience::Pupils => AudienceKind::Pupils,
        realms::Audience::Parents => AudienceKind::Parents,
        realms::Audience::Students => AudienceKind::Students,
        realms::Audience::Teachers => AudienceKind::Teachers,
        realms::Audience::Staff => AudienceKind::Staff,
    }
}
