//! The addresses that programs call. They are not there unless a program is configured.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::routing::MethodFilter;
use bytes::Bytes;
use http::StatusCode;
use http_body_util::BodyExt;

use super::{Routes, Tenant, named, plain, quiet, to_its_end, wipe};
use crate::app::App;
use crate::http::answer::{Answer, text};
use crate::http::endpoints::rest::{tickets, users};
use crate::http::visit::Visit;

/// The routes below `at`.
pub(super) fn routes(routes: Routes, at: &impl Fn(&str) -> String) -> Routes {
    routes
        .route(&at("/v1/tickets"), quiet().on(MethodFilter::POST, open))
        .route(
            &at("/v1/tickets/{ticket}"),
            quiet()
                .on(MethodFilter::POST, give)
                .on(MethodFilter::GET, look)
                .on(MethodFilter::DELETE, end),
        )
        .route(&at("/v1/users"), quiet().on(MethodFilter::POST, check))
}

async fn open(State(app): State<Arc<App>>, path: Tenant, request: Request) -> Answer {
    match with_body(app, &path, request).await {
        Ok((visit, body)) => {
            let held = body.clone();
            let answer = to_its_end(async move { tickets::open(visit, body).await }).await;
            wipe(held);
            answer
        }
        Err(answer) => *answer,
    }
}

async fn give(State(app): State<Arc<App>>, path: Tenant, request: Request) -> Answer {
    let shown = ticket(&path);
    match with_body(app, &path, request).await {
        Ok((visit, body)) => {
            let held = body.clone();
            let answer = to_its_end(async move { tickets::give(visit, shown, body).await }).await;
            wipe(held);
            answer
        }
        Err(answer) => *answer,
    }
}

async fn check(State(app): State<Arc<App>>, path: Tenant, request: Request) -> Answer {
    match with_body(app, &path, request).await {
        Ok((visit, body)) => {
            let held = body.clone();
            let answer = to_its_end(async move { users::answer(visit, body).await }).await;
            wipe(held);
            answer
        }
        Err(answer) => *answer,
    }
}

async fn look(State(app): State<Arc<App>>, path: Tenant, request: Request) -> Answer {
    let shown = ticket(&path);
    tickets::look(plain(app, path, request), shown).await
}

async fn end(State(app): State<Arc<App>>, path: Tenant, request: Request) -> Answer {
    let shown = ticket(&path);
    to_its_end(tickets::end(plain(app, path, request), shown)).await
}

fn ticket(path: &Tenant) -> Option<String> {
    named(path.as_ref().ok()?, "ticket")
}

/// The visit and the form beside it: nothing of the address is taken for a field of the form.
async fn with_body(app: Arc<App>, path: &Tenant, request: Request) -> Result<(Visit, Bytes), Box<Answer>> {
    let (parts, body) = request.into_parts();
    let place = match path {
        Ok(names) => named(names, "tenant"),
        Err(_) => Some(char::REPLACEMENT_CHARACTER.to_string()),
    };
    match body.collect().await {
        Ok(body) => Ok((Visit::begin(app, parts, place, b""), body.to_bytes())),
        Err(_) => {
            let body = "the form broke off\n".to_owned();
            let kind = "text/plain;charset=UTF-8";
            Err(Box::new(text(StatusCode::BAD_REQUEST, kind, body)))
        }
    }
}
