//! The addresses of recovery: of asking, of mailed links, of choosing a password, of the help hub.

use std::pin::Pin;
use std::sync::Arc;

use axum::extract::{Request, State};

use super::{Routes, Tenant, get_and_post, get_only, named, plain, to_its_end, with_form};
use crate::app::App;
use crate::flows::recovery::Wants;
use crate::http::answer::{Answer, redirect};
use crate::http::endpoints::demo;
use crate::http::endpoints::recover::{self, code, help, link, new, not_me, who};
use crate::http::visit::Visit;

type Answering = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// The routes below `at`.
pub(super) fn routes(routes: Routes, at: &impl Fn(&str) -> String) -> Routes {
    let ask = |wants: Wants| {
        get_and_post(
            shown(move |visit| recover::show(visit, wants)),
            taken(move |visit| recover::submit(visit, wants)),
        )
    };
    routes
        .route(&at("/recover"), ask(Wants::Password))
        .route(&at("/recover/username"), ask(Wants::Username))
        .route(
            &at("/recover/who"),
            get_and_post(shown(who::show), taken(who::submit)),
        )
        .route(
            &at("/recover/start"),
            get_and_post(shown(back_to_form), taken(recover::start)),
        )
        .route(&at("/recover/sent"), get_only(shown(recover::sent)))
        .route(
            &at("/recover/again"),
            get_and_post(shown(back_to_form), taken(recover::again)),
        )
        .route(
            &at("/recover/code"),
            get_and_post(shown(code::show), taken(code::submit)),
        )
        .route(&at("/r/{token}"), get_only(by_link(link::show)))
        .route(
            &at("/x/{token}"),
            get_and_post(by_link(link::show_revoke), by_form(link::revoke)),
        )
        .route(
            &at("/n/{token}"),
            get_and_post(by_link(not_me::show), by_form(not_me::submit)),
        )
        .route(
            &at("/recover/new"),
            get_and_post(shown(new::show), taken(new::submit)),
        )
        .route(
            &at("/recover/revoke"),
            get_and_post(shown(back_to_form), taken(new::revoke)),
        )
        .route(&at("/recover/done"), get_only(shown(new::done)))
        .route(&at("/help"), get_only(shown(help::show)))
        .route(&at("/demo/outbox"), get_only(shown(demo::outbox)))
}

/// A reload of what a form answered.
async fn back_to_form(visit: Visit) -> Answer {
    let to = visit.endpoint("recover");
    redirect(false, &to).unwrap_or_default()
}

pub(super) fn shown<H, F>(handler: H) -> impl Fn(State<Arc<App>>, Tenant, Request) -> Answering + Clone
where
    H: Fn(Visit) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Answer> + Send + 'static,
{
    move |State(app), path, request| {
        let answering = handler(plain(app, path, request));
        Box::pin(answering)
    }
}

pub(super) fn taken<H, F>(handler: H) -> impl Fn(State<Arc<App>>, Tenant, Request) -> Answering + Clone
where
    H: Fn(Visit) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Answer> + Send + 'static,
{
    move |State(app), path, request| {
        let handler = handler.clone();
        Box::pin(async move {
            match with_form(app, path, request).await {
                Ok(visit) => to_its_end(handler(visit)).await,
                Err(answer) => answer,
            }
        })
    }
}

pub(super) fn by_link<H, F>(handler: H) -> impl Fn(State<Arc<App>>, Tenant, Request) -> Answering + Clone
where
    H: Fn(Visit, Option<String>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Answer> + Send + 'static,
{
    move |State(app), path, request| {
        let token = token_of(&path);
        Box::pin(handler(plain(app, path, request), token))
    }
}

pub(super) fn by_form<H, F>(handler: H) -> impl Fn(State<Arc<App>>, Tenant, Request) -> Answering + Clone
where
    H: Fn(Visit, Option<String>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Answer> + Send + 'static,
{
    move |State(app), path, request| {
        let handler = handler.clone();
        let token = token_of(&path);
        Box::pin(async move {
            match with_form(app, path, request).await {
                Ok(visit) => to_its_end(handler(visit, token)).await,
                Err(answer) => answer,
            }
        })
    }
}

/// A token that cannot be read is none.
fn token_of(path: &Tenant) -> Option<String> {
    path.as_ref().ok().and_then(|names| named(names, "token"))
}
