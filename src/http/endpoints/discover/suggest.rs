//! `GET /tenants?q=&lang=&service=`: what the script shows while one types, as JSON. The answer
//! depends on the address alone, so that anybody may keep it for a minute; no cookie is read or set,
//! and what was typed is logged nowhere.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use http::header::{self, HeaderValue};
use http::{HeaderMap, StatusCode};
use serde::Serialize;

use super::shelf::{self, Found, Shelf};
use crate::base::names::Locale;
use crate::flows::login::known;
use crate::http::answer::{Answer, text};
use crate::http::later::retry_after;
use crate::http::visit::Visit;
use crate::protocol::login_request::LoginRequest;
use crate::realms::Institution;

/// Suggestions in one answer.
const MOST: usize = 10;
/// Characters of a name; a longer one is read on its own pages.
const LONGEST_NAME: usize = 200;

#[derive(Serialize)]
struct Suggestions<'a> {
    total: usize,
    /// The same in words, for people.
    said: String,
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    short: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    town: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cp: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uai: Option<&'a str>,
    kind: &'static str,
    /// Address of its picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    logo: Option<String>,
}

pub async fn show(visit: Visit) -> Answer {
    if let Err(wait) = visit.app.pace.take(visit.client, visit.app.ports.clock.now()) {
        let mut answer = json(StatusCode::TOO_MANY_REQUESTS, "{}".to_owned());
        retry_after(&mut answer, wait.as_secs() + 1);
        return answer;
    }
    visit.searchable().await;
    let body = serde_json::to_string(&suggestions(&visit)).unwrap_or_default();
    let tag = etag(&body);
    let mut answer = if holds(&visit.headers, &tag) {
        let mut answer = Answer::default();
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
        answer
    } else {
        json(StatusCode::OK, body)
    };
    let headers = answer.headers_mut();
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=60"),
    );
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    answer
}

fn suggestions(visit: &Visit) -> Suggestions<'_> {
    let language = language(visit);
    let typed = visit.params.first("q").ok().flatten().unwrap_or_default();
    let found = match shelf(visit) {
        Some(shelf) => shelf.search(&shelf::searched(typed), (0, MOST), &[]),
        None => Found::default(),
    };
    let items: Vec<Item<'_>> = found
        .institutions
        .iter()
        .take(MOST)
        .map(|institution| item(visit, institution, &language))
        .collect();
    Suggestions {
        total: found.total,
        said: visit
            .themes
            .of(None)
            .say_found(&language, found.total, items.len(), found.near_miss),
        items,
    }
}

/// `None` when the service is none that anybody may use.
fn shelf(visit: &Visit) -> Option<Shelf<'_>> {
    let request = LoginRequest::read(&visit.params).ok()?;
    let service = match &request.service {
        None => None,
        Some(url) => Some(known(&visit.catalogue.services, url, visit.now()).ok()?.service),
    };
    Some(Shelf::new(&visit.catalogue.institutions, service))
}

/// `?lang=` when it is offered, else the first: the browser's own wishes would be in no cache's key.
fn language(visit: &Visit) -> Locale {
    let offered = visit.themes.of(None).languages();
    let asked = visit.params.first("lang").ok().flatten().and_then(Locale::new);
    let known = asked.filter(|asked| offered.contains(asked));
    known
        .or_else(|| offered.first().cloned())
        .unwrap_or_else(Locale::french)
}

fn item<'a>(visit: &Visit, institution: &'a Institution, language: &Locale) -> Item<'a> {
    let id = institution.id.as_str();
    let name = institution.name.get(language).unwrap_or(id);
    Item {
        id,
        name: name.chars().take(LONGEST_NAME).collect(),
        short: institution.short_names.first().map(|short| &**short),
        town: institution.town.as_deref(),
        cp: institution.postcode.as_deref(),
        uai: institution.uai.first().map(|uai| uai.as_str()),
        kind: shelf::kind(institution),
        logo: visit.logo_of(institution),
    }
}

fn json(status: StatusCode, body: String) -> Answer {
    text(status, "application/json", body)
}

/// The same bytes have the same tag on every node of one build.
fn etag(body: &str) -> String {
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    format!("\"{:016x}\"", hasher.finish())
}

/// Whether the client has this very answer. Its list may hold weak tags, compared as the others
/// (RFC 9110 §13.1.2).
fn holds(headers: &HeaderMap, tag: &str) -> bool {
    let lists = headers.get_all(header::IF_NONE_MATCH).iter();
    let mut tags = lists
        .filter_map(|list| list.to_str().ok())
        .flat_map(|list| list.split(','));
    tags.any(|known| {
        let known = known.trim();
        known == "*" || known.trim_start_matches("W/") == tag
    })
}
