//! The picker: `/discover`, its pages of results, browsing, suggestions and remembered choices; and
//! the same picker inside `/login` when no institution is known (experience §3.1).

mod browse;
mod remember;
mod shelf;
mod suggest;
mod trip;

use http::StatusCode;

pub use self::browse::show as browse;
pub use self::remember::{choose, forget};
pub(super) use self::shelf::place;
use self::shelf::{Shelf, searched};
pub use self::suggest::show as suggest;
pub(super) use self::trip::{Goal, Trip};
use crate::http::answer::{Answer, known_login_page, redirect, trouble};
use crate::http::layers::MayLocate;
use crate::http::visit::Visit;
use crate::pages::views::picker::{Choice, Outcome, OutcomeKind, Picker};
use crate::pages::views::trouble::TroubleKind;
use crate::protocol::login_request::LoginRequest;
use crate::realms::{Coordinates, Institution};
use crate::services::Service;

/// Institutions on one page of results.
const PAGE: usize = 50;
/// Institutions shown around a place.
const AROUND: usize = 20;
/// Up to this many in all, they are shown without a search.
const FEW: usize = 12;

/// `GET /discover`: the search, or what it found.
pub async fn show(visit: Visit) -> Answer {
    let trip = match Trip::read(&visit, Goal::SignIn) {
        Ok(trip) => trip,
        Err(answer) => return *answer,
    };
    match looked_up(&trip).await {
        Lookup::Elsewhere(url) => go(&visit, false, &url),
        Lookup::Nothing => picker(&trip, unknown_named(&visit)),
        Lookup::Found(query, outcome) => answer(&trip, &query, outcome),
    }
}

/// A form of the picker asked for by GET: back to the picker.
pub fn again(visit: &Visit) -> Answer {
    match Trip::read(visit, Goal::SignIn) {
        Ok(trip) => go(visit, false, &trip.picker_url(None)),
        Err(answer) => *answer,
    }
}

/// The picker inside `/login`.
pub(super) fn list(
    visit: &Visit,
    request: &LoginRequest,
    service: Option<&Service>,
    unknown_asked: bool,
) -> Answer {
    picker(
        &Trip::new(visit, request.clone(), service, Goal::SignIn),
        unknown_asked,
    )
}

/// What the query of a page asks of the search.
pub(super) enum Lookup {
    Nothing,
    /// The same with what stood before the @ cut off, so that no address bar keeps it.
    Elsewhere(String),
    Found(String, Outcome),
}

pub(super) async fn looked_up(trip: &Trip<'_>) -> Lookup {
    let first = |name| trip.visit.params.first(name).ok().flatten();
    if let Some(place) = place_of(trip.visit) {
        trip.visit.searchable().await;
        return Lookup::Found(String::new(), around(trip, place));
    }
    let Some(typed) = first("q") else {
        return Lookup::Nothing;
    };
    let query = searched(typed);
    if typed.contains('@') && typed.trim() != query {
        return Lookup::Elsewhere(trip.search_url(&query, 1));
    }
    if query.is_empty() {
        return Lookup::Nothing;
    }
    trip.visit.searchable().await;
    let outcome = search(trip, &query, page_number(trip.visit));
    Lookup::Found(query, outcome)
}

/// Where the browser says it is, to a hundredth of a degree however exactly it says it.
fn place_of(visit: &Visit) -> Option<Coordinates> {
    let degrees = |name| {
        let text = visit.params.first(name).ok().flatten()?;
        let degrees = text.parse::<f64>().ok()?;
        Some((degrees * 100.0).round() / 100.0)
    };
    Coordinates::new(degrees("lat")?, degrees("lon")?)
}

fn around(trip: &Trip<'_>, place: Coordinates) -> Outcome {
    let near = trip.shelf().around(place, AROUND);
    let choices: Vec<Choice> = near
        .into_iter()
        .map(|(kilometres, institution)| Choice {
            // No further than half round the Earth, and never negative.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            kilometres: Some(kilometres.round() as u64),
            ..trip.choice(institution)
        })
        .collect();
    Outcome {
        kind: OutcomeKind::Around,
        total: choices.len() as u64,
        first: 1,
        last: choices.len() as u64,
        choices,
        previous: None,
        next: None,
    }
}

fn search(trip: &Trip<'_>, query: &str, number: usize) -> Outcome {
    let remembered = trip.visit.recent();
    let span = ((number - 1) * PAGE, PAGE);
    let found = trip.shelf().search(query, span, remembered.ids());
    let kind = if found.near_miss {
        OutcomeKind::NearMiss
    } else {
        OutcomeKind::Found
    };
    let url = |number| trip.search_url(query, number);
    leaf(trip, kind, (found.total, number), &found.institutions, url)
}

/// From 1; nobody leafs through more than a hundred pages.
fn page_number(visit: &Visit) -> usize {
    let asked = visit.params.first("page").ok().flatten();
    asked
        .and_then(|text| text.parse().ok())
        .unwrap_or(1)
        .clamp(1, 100)
}

/// One page of a list: `shown` is what stands on page `number` of `total`.
fn leaf(
    trip: &Trip<'_>,
    kind: OutcomeKind,
    (total, number): (usize, usize),
    shown: &[&Institution],
    url: impl Fn(usize) -> String,
) -> Outcome {
    let choices: Vec<Choice> = shown.iter().map(|institution| trip.choice(institution)).collect();
    let before = (number - 1) * PAGE;
    let last = before + choices.len();
    Outcome {
        kind,
        total: total as u64,
        first: before as u64 + 1,
        last: last as u64,
        previous: (number > 1).then(|| url(number - 1)),
        next: (last < total && !choices.is_empty()).then(|| url(number + 1)),
        choices,
    }
}

/// The picker before anything was searched; skipped when there is nothing to choose.
fn picker(trip: &Trip<'_>, unknown_asked: bool) -> Answer {
    let few: Vec<&Institution> = trip.shelf().open().take(FEW + 1).collect();
    match few.as_slice() {
        [] => none(trip),
        [only] if !unknown_asked => go(trip.visit, false, &trip.url_of(only.id.as_str())),
        _ => {
            let content = Picker {
                unknown_asked,
                recent: recent(trip),
                few: few_choices(trip, few),
                ..blank(trip)
            };
            shown(trip, content)
        }
    }
}

/// Every institution, by name, when they are few enough to be shown at once.
pub(super) fn few(trip: &Trip<'_>) -> Vec<Choice> {
    few_choices(trip, trip.shelf().open().take(FEW + 1).collect())
}

fn few_choices(trip: &Trip<'_>, all: Vec<&Institution>) -> Vec<Choice> {
    if all.len() > FEW {
        return Vec::new();
    }
    let sorted = shelf::by_name(all, &trip.language);
    sorted
        .into_iter()
        .map(|institution| trip.choice(institution))
        .collect()
}

fn answer(trip: &Trip<'_>, query: &str, outcome: Outcome) -> Answer {
    let content = Picker {
        query: query.to_owned(),
        outcome: Some(outcome),
        ..blank(trip)
    };
    shown(trip, content)
}

fn blank(trip: &Trip<'_>) -> Picker {
    Picker {
        service_name: trip.service_name(),
        unknown_asked: false,
        way: trip.way(),
        recent: Vec::new(),
        query: String::new(),
        outcome: None,
        few: Vec::new(),
    }
}

/// Choosing may end at an application at once, also inside a pop-up: the page is one of the sign-in.
fn shown(trip: &Trip<'_>, content: Picker) -> Answer {
    let mut answer = known_login_page(trip.visit, StatusCode::OK, content, trip.visit.frame(None));
    answer.extensions_mut().insert(MayLocate);
    super::login_form::keep_language(trip.visit, &mut answer);
    answer
}

/// E3: nobody could be chosen.
fn none(trip: &Trip<'_>) -> Answer {
    let service = trip.service_name();
    tracing::info!(
        reason = "NO_INSTITUTION",
        service,
        "there is no institution to choose"
    );
    let kind = TroubleKind::NoInstitution { service };
    trouble(trip.visit, StatusCode::NOT_FOUND, kind, None)
}

/// The choices this browser was asked to remember, those that still can be made.
fn recent(trip: &Trip<'_>) -> Vec<Choice> {
    let recent = trip.visit.recent();
    let known = recent
        .ids()
        .iter()
        .filter_map(|id| trip.shelf().named(id.as_str()));
    known
        .map(|institution| Choice {
            always: recent.always() == Some(&institution.id),
            ..trip.choice(institution)
        })
        .collect()
}

fn unknown_named(visit: &Visit) -> bool {
    let asked = visit.params.first("tenant").ok().flatten();
    asked.is_some_and(|name| visit.catalogue.institutions.named(name).is_none())
}

/// A redirect, or a page when the address cannot stand in a header.
pub(super) fn go(visit: &Visit, after_post: bool, to: &str) -> Answer {
    redirect(after_post, to)
        .unwrap_or_else(|| trouble(visit, StatusCode::BAD_REQUEST, TroubleKind::BadRequest, None))
}
