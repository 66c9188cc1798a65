//! From a page that wants an identifier to those that find it, and back (S3-08): `back` in the address says
//! which page it was, and the letter's link leads there with the identifier in its field.

use super::desk::{Desk, flow_of, keep, opened};
use super::link::{kept, new_url};
use crate::flows::recovery::{Among, Back, Flow, Stage, Start, new_id};
use crate::http::answer::Answer;
use crate::http::cookies::is_flow_id;
use crate::http::endpoints::login::go;
use crate::http::visit::{Visit, with_query};

/// The page that a request says it came from.
pub fn of(visit: &Visit) -> Back {
    match visit.params.hint("back") {
        Some("code") => Back::Code,
        Some("sign-in") => Back::SignIn,
        Some("new") => match visit.params.hint("of") {
            Some(id) if is_flow_id(id) => Back::New(id.to_owned()),
            _ => Back::Recover,
        },
        _ => Back::Recover,
    }
}

/// What an address that keeps it repeats.
pub fn pairs(back: &Back) -> Vec<(&'static str, String)> {
    let word = |word: &str| vec![("back", word.to_owned())];
    match back {
        Back::Recover => Vec::new(),
        Back::Code => word("code"),
        Back::SignIn => word("sign-in"),
        Back::New(id) => [word("new"), vec![("of", id.clone())]].concat(),
    }
}

/// One of the pages that find an identifier, which then leads back.
pub fn finding(desk: &Desk<'_>, name: &str, back: &Back) -> String {
    let url = desk.url(name, desk.flow_id().filter(|_| *back == Back::Recover));
    with_query_more(&url, &pairs(back))
}

/// The same from a page without a desk.
pub fn finding_from(visit: &Visit, flow: &Flow, id: &str) -> String {
    let mut all = kept(visit, Some(flow));
    all.extend(pairs(&Back::New(id.to_owned())));
    with_query(&visit.endpoint("recover/username"), &all)
}

pub fn with_query_more(url: &str, pairs: &[(&'static str, String)]) -> String {
    let more = with_query("", pairs);
    match (url.contains('?'), more.strip_prefix('?')) {
        (true, Some(more)) => format!("{url}&{more}"),
        _ => format!("{url}{more}"),
    }
}

/// The address of the page that wants the identifier.
pub fn address(desk: &Desk<'_>, back: &Back) -> String {
    match back {
        Back::Recover => desk.url("recover", None),
        Back::Code => desk.url("recover/code", None),
        Back::SignIn => desk.sign_in(),
        Back::New(id) => desk.url("recover/new", Some(id)),
    }
}

/// By the letter's link: the page, with the identifier that was found. What it held before stays as it is.
pub fn arrive(visit: &Visit, flow: Box<Flow>, to: &Back) -> Answer {
    let Stage::Start(start) = &flow.stage else {
        return go(visit, true, &visit.endpoint("recover"));
    };
    if let Back::New(id) = to
        && let Some(held) = held(visit, id)
    {
        return arrive_at_new(visit, id, &held, start);
    }
    let id = new_id(&visit.app.ports);
    let mut pairs = kept(visit, Some(&flow));
    pairs.push(("flow", id.clone()));
    let name = match to {
        Back::Recover | Back::New(_) => "recover",
        Back::Code => "recover/code",
        Back::SignIn => "login",
    };
    let mut answer = go(visit, true, &with_query(&visit.endpoint(name), &pairs));
    keep(visit, &mut answer, &id, &flow);
    answer
}

/// The flow of a new password, when this browser is the one that has it.
fn held(visit: &Visit, id: &str) -> Option<Flow> {
    let cookies = visit.cookies();
    let flow = opened(visit, id, cookies.flow(id)?)?;
    matches!(flow.stage, Stage::Among(_) | Stage::Holding(_)).then_some(flow)
}

fn arrive_at_new(visit: &Visit, id: &str, held: &Flow, start: &Start) -> Answer {
    let mut answer = go(visit, true, &new_url(visit, held, id));
    if let Stage::Among(among) = &held.stage {
        let stage = Stage::Among(Among {
            username: start.identifier.clone(),
            ..among.clone()
        });
        let filled = Flow {
            stage,
            ..held.clone()
        };
        keep(visit, &mut answer, id, &filled);
    }
    answer
}

/// The identifier that came along to a page.
pub fn brought(visit: &Visit) -> Option<String> {
    match flow_of(visit)?.stage {
        Stage::Start(start) => Some(start.identifier),
        _ => None,
    }
}
